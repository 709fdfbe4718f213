-- For Neovim 0.11 and later: with this folder on the runtime path, `vim.lsp.enable('cpplsp')` is all it takes.
return {
  cmd = { 'cpplsp' },
  filetypes = { 'c', 'cpp', 'objc', 'objcpp', 'cuda' },
  root_markers = { 'compile_commands.json', 'build/compile_commands.json', 'compile_flags.txt', '.git' },
}
