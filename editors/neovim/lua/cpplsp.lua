-- For Neovim before 0.11: `require('cpplsp').setup()` starts cpplsp for C and C++ buffers, once for each project.
local M = {}

local markers = { 'compile_commands.json', 'build/compile_commands.json', 'compile_flags.txt', '.git' }
local filetypes = { c = true, cpp = true, objc = true, objcpp = true, cuda = true }
local clients = {}

-- The nearest folder above a file that holds a marker; the file's own folder if none does.
local function root_of(path)
  local folder = vim.fn.fnamemodify(path, ':p:h')
  local at = folder
  while true do
    for _, marker in ipairs(markers) do
      if vim.loop.fs_stat(at .. '/' .. marker) then
        return at
      end
    end
    local above = vim.fn.fnamemodify(at, ':h')
    if above == at then
      return folder
    end
    at = above
  end
end

-- options.cmd: the command, as a list; options.settings: what docs/configuration.md calls editor settings;
-- options.on_attach: called with client and buffer.
function M.setup(options)
  options = options or {}
  local function attach(buffer)
    local path = vim.api.nvim_buf_get_name(buffer)
    if path == '' or not filetypes[vim.bo[buffer].filetype] then
      return
    end
    local root = root_of(path)
    if not clients[root] then
      clients[root] = vim.lsp.start_client({
        name = 'cpplsp',
        cmd = options.cmd or { 'cpplsp' },
        root_dir = root,
        init_options = options.settings,
        workspace_folders = { { uri = vim.uri_from_fname(root), name = root } },
        on_attach = options.on_attach,
        on_exit = function()
          clients[root] = nil
        end,
      })
    end
    if clients[root] then
      vim.lsp.buf_attach_client(buffer, clients[root])
    end
  end
  vim.api.nvim_create_autocmd('FileType', {
    pattern = vim.tbl_keys(filetypes),
    callback = function(event)
      attach(event.buf)
    end,
  })
  attach(vim.api.nvim_get_current_buf())
end

return M
