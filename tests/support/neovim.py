"""Neovim without a screen: does things in it as a person would, and tells where they lead."""

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from support.editor import Project, command
from support.snippets import snippets

_SCRIPT = """\
vim.o.swapfile = false
vim.cmd('filetype on')
{snippet}
local file, line, character = {file}, {line}, {character}
vim.cmd('edit ' .. file)
local clients = vim.lsp.get_clients or vim.lsp.get_active_clients

local function wait(what, condition)
  assert(vim.wait(20000, condition, 20), 'nothing came of ' .. what)
end
wait('starting', function()
  local client = clients()[1]
  return client and client.server_capabilities and client.server_capabilities.definitionProvider
end)
local window = vim.api.nvim_get_current_win()

local function base(name)
  return vim.fn.fnamemodify(name, ':t')
end
local function here()
  local cursor = vim.api.nvim_win_get_cursor(0)
  return {{ base(vim.api.nvim_buf_get_name(0)), cursor[1], cursor[2] + 1 }}
end
local function go(name, at_line, at_character)
  vim.api.nvim_set_current_win(window)
  vim.cmd('silent! only | edit ' .. vim.fn.fnamemodify(file, ':h') .. '/' .. name)
  vim.api.nvim_win_set_cursor(0, {{ at_line, at_character - 1 }})
end
-- Where a command takes the cursor.
local function landed(what, ask)
  local from = vim.inspect(here())
  ask()
  wait(what, function()
    return vim.inspect(here()) ~= from
  end)
  return here()
end
-- What a command puts into the quickfix list, or into the window's.
local function listed(what, ask)
  vim.fn.setqflist({{}}, 'r')
  vim.fn.setloclist(window, {{}}, 'r')
  local function list()
    local found = vim.fn.getqflist()
    return #found > 0 and found or vim.fn.getloclist(window)
  end
  ask()
  wait(what, function()
    return #list() > 0
  end)
  local found = {{}}
  for _, item in ipairs(list()) do
    table.insert(found, {{ base(vim.api.nvim_buf_get_name(item.bufnr)), item.lnum, item.col }})
  end
  return found
end
local told = {{}}
go('main.cc', line + 1, character + 1)
{what}
vim.fn.writefile({{ vim.fn.json_encode(told) }}, {answer})
vim.cmd('qa!')
"""


@cache
def neovims() -> dict[str, str]:
    """The Neovims there are, by the name of the snippet that is for them: the system's, and one named for tests."""
    found = {}
    for path in (shutil.which("nvim"), os.environ.get("CPPLSP_TEST_NEOVIM")):
        if path:
            done = subprocess.run([path, "--version"], capture_output=True, text=True, check=True)
            minor = int(done.stdout.split()[1].split(".")[1])
            found["neovim-0.11" if minor >= 11 else "neovim-0.7"] = path
    return found


def run_neovim(made: Project, name: str, folder: Path, what: str) -> Any:
    """Do something (Lua, with the helpers above) in a Neovim set up by the snippet; what it notes in ``told``."""
    _, position = made.cursor()
    answer = folder / "answer.json"
    script = folder / "script.lua"
    script.write_text(
        _SCRIPT.format(
            snippet=snippets()[name],
            file=json.dumps(str(made.folder / "main.cc")),
            line=position.line,
            character=position.character,
            what=what,
            answer=json.dumps(str(answer)),
        )
    )
    path = os.pathsep.join((os.path.dirname(command()), made.environment["PATH"]))
    done = subprocess.run(
        [
            neovims()[name],
            "--headless",
            "-u",
            "NONE",
            "-i",
            "NONE",
            "-c",
            f"luafile {script}",
            "-c",
            "cquit!",
        ],
        env={**made.environment, "PATH": path},
        cwd=made.folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(answer.read_text())
