-- cpplsp for Neovim 0.11 and later: with this folder's parent on the runtime path, or this file in
-- ~/.config/nvim/lsp/, `vim.lsp.enable('cpplsp')` is all it takes. What you want otherwise, say with
-- `vim.lsp.config('cpplsp', { settings = { cpplsp = { memoryBudget = '4G' } } })`.
-- For 0.7 to 0.10: ../lua/cpplsp.lua.

-- Go from a source to its header and back; clangd's method.
local function switch_source_header(client, buffer)
  local document = { uri = vim.uri_from_bufnr(buffer) }
  client:request('textDocument/switchSourceHeader', document, function(failure, uri)
    if failure then
      vim.notify('cpplsp: ' .. failure.message, vim.log.levels.ERROR)
    elseif not uri then
      vim.notify('cpplsp: no counterpart of this file is known', vim.log.levels.INFO)
    else
      vim.cmd.edit(vim.fn.fnameescape(vim.uri_to_fname(uri)))
    end
  end, buffer)
end

---@type vim.lsp.Config
return {
  cmd = { 'cpplsp' },
  filetypes = { 'c', 'cpp', 'objc', 'objcpp', 'cuda' },
  root_markers = { '.cpplsp.toml', 'compile_commands.json', 'build/compile_commands.json', 'compile_flags.txt', '.git' },
  on_attach = function(client, buffer)
    vim.api.nvim_buf_create_user_command(buffer, 'CpplspSwitchSourceHeader', function()
      switch_source_header(client, buffer)
    end, { desc = 'Go from a source to its header and back' })
  end,
}
