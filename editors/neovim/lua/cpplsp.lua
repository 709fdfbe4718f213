-- cpplsp for Neovim 0.7 to 0.10: `require('cpplsp').setup()` starts it for C and C++ buffers, once for each project.
-- 0.11 and later have `vim.lsp.config`: ../lsp/cpplsp.lua.
local M = {}

local markers = { '.cpplsp.toml', 'compile_commands.json', 'build/compile_commands.json', 'compile_flags.txt', '.git' }
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

-- Go from a source to its header and back; clangd's method.
local function switch_source_header()
  local buffer = vim.api.nvim_get_current_buf()
  local document = { uri = vim.uri_from_bufnr(buffer) }
  vim.lsp.buf_request(buffer, 'textDocument/switchSourceHeader', document, function(failure, uri)
    if failure then
      vim.notify('cpplsp: ' .. failure.message, vim.log.levels.ERROR)
    elseif not uri then
      vim.notify('cpplsp: no counterpart of this file is known', vim.log.levels.INFO)
    else
      vim.cmd('edit ' .. vim.fn.fnameescape(vim.uri_to_fname(uri)))
    end
  end)
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
      vim.api.nvim_buf_create_user_command(buffer, 'CpplspSwitchSourceHeader', switch_source_header, {
        desc = 'Go from a source to its header and back',
      })
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
