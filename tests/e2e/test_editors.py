"""Real editors, without a screen, with the files under ``editors/``. One that is missing is skipped, but in CI."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.editor import Project, command, only_with

EDITORS = Path(__file__).parents[2] / "editors"

CODE = """\
int other;
// file: lib.h
struct Number {};
/// What it *all* is about.
Number answer();
// file: lib.cc
#include "lib.h"
Number [[answer]]() { return Number(); }
// file: main.cc
#include "lib.h"
int main() { ^answer(); }
"""
RENAMED = {
    "lib.cc": '#include "lib.h"\nNumber outcome() { return Number(); }\n',
    "lib.h": "struct Number {};\n/// What it *all* is about.\nNumber outcome();\n",
    "main.cc": '#include "lib.h"\nint main() { outcome(); }\n',
}

_NEOVIM = """\
vim.opt.runtimepath:append({editors})
vim.cmd('filetype on')
require('cpplsp').setup({{ cmd = {{ {command} }} }})
vim.cmd('edit ' .. {file})
assert(vim.wait(20000, function()
  local client = vim.lsp.get_active_clients()[1]
  return client and client.server_capabilities and client.server_capabilities.definitionProvider
end, 20))
local document, position = {{ uri = vim.uri_from_bufnr(0) }}, {{ line = {line}, character = {character} }}
local params = {{ textDocument = document, position = position }}
local function ask(method)
  local answers = vim.lsp.buf_request_sync(0, method, params, 20000)
  local _, answer = next(answers)
  return answer.result
end
local function told(result)
  io.stdout:write(vim.fn.json_encode(result))
  vim.cmd('qa!')
end
vim.api.nvim_win_set_cursor(0, {{ {line} + 1, {character} }})
"""
_NEOVIM_GOES = """\
told({ ask('textDocument/definition')[1], ask('textDocument/typeDefinition')[1] })
"""
_NEOVIM_HOVERS = """\
local shown
vim.lsp.buf.hover()
assert(vim.wait(20000, function()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      shown = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false)
    end
  end
  return shown
end, 20))
told(shown)
"""
_NEOVIM_RENAMES = """\
vim.lsp.buf.rename('outcome')
assert(vim.wait(20000, function() return vim.fn.getline('.'):find('outcome') end, 20))
vim.cmd('wall')
told({})
"""

_EMACS = """\
(package-initialize)
(add-to-list 'load-path {editors})
(require 'cpplsp)
(setq cpplsp-command '({command}) eglot-sync-connect t)
(find-file {file})
(call-interactively 'eglot)
(forward-line {line})
(forward-char {character})
"""
_EMACS_GOES = """\
(defun tell (found)
  (let ((place (xref-item-location found)))
    (princ (format "%s:%s:%s\\n" (xref-file-location-file place) (xref-file-location-line place)
                   (xref-file-location-column place)))))
(mapc #'tell (xref-backend-definitions 'eglot (xref-backend-identifier-at-point 'eglot)))
(mapc #'tell (eglot--lsp-xrefs-for-method :textDocument/typeDefinition))
"""
_EMACS_HOVERS = """\
(let ((hover (jsonrpc-request (eglot--current-server-or-lose) :textDocument/hover
                              (eglot--TextDocumentPositionParams))))
  (princ (substring-no-properties (eglot--hover-info (plist-get hover :contents)))))
"""
_EMACS_RENAMES = """\
(fset 'y-or-n-p (lambda (&rest _) t))
(eglot-rename "outcome")
(save-some-buffers t)
"""


def fill(template: str, made: Project, editor: str) -> str:
    """The beginning of a script: the file is open, and the cursor in it."""
    _, position = made.cursor()
    quoted = {"editors": str(EDITORS / editor), "command": command(), "file": str(made.folder / "main.cc")}
    return template.format(
        **{name: json.dumps(text) for name, text in quoted.items()},
        line=position.line,
        character=position.character,
    )


def run(made: Project, *arguments: str) -> str:
    done = subprocess.run(
        arguments,
        env=made.environment,
        cwd=made.folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_neovim(made: Project, script: Path, what: str) -> Any:
    """Do something in Neovim; what it tells."""
    script.write_text(fill(_NEOVIM, made, "neovim") + what)
    return json.loads(run(made, "nvim", "--headless", "-u", "NONE", "-i", "NONE", "-c", f"luafile {script}"))


def run_emacs(made: Project, script: Path, what: str) -> str:
    """Do something in Emacs; what it tells."""
    script.write_text(fill(_EMACS, made, "emacs") + what)
    return run(made, "emacs", "--batch", "-l", str(script))


with_neovim = only_with("Neovim", shutil.which("nvim") is not None)
with_emacs = only_with("Emacs", shutil.which("emacs") is not None)


@with_neovim
def test_neovim_goes_to_a_definition_and_to_a_type(indexed: Callable[[str], Project], tmp_path: Path) -> None:
    made = indexed(CODE)
    target, kind = run_neovim(made, tmp_path / "script.lua", _NEOVIM_GOES)
    assert target["targetUri"] == made.uri("lib.cc")
    assert target["targetSelectionRange"]["start"] == {"line": 1, "character": 7}
    assert kind.get("targetUri", kind.get("uri")) == made.uri("lib.h")


@with_neovim
def test_neovim_shows_what_is_under_the_cursor(indexed: Callable[[str], Project], tmp_path: Path) -> None:
    shown = run_neovim(indexed(CODE), tmp_path / "script.lua", _NEOVIM_HOVERS)
    assert shown[0] == "Number answer()"
    assert r"What it \*all\* is about." in shown


@with_neovim
def test_neovim_renames_in_all_files(project: Callable[[str], Project], tmp_path: Path) -> None:
    made = project(CODE)
    made.index()
    run_neovim(made, tmp_path / "script.lua", _NEOVIM_RENAMES)
    assert {name: made.text(name) for name in RENAMED} == RENAMED


@with_emacs
def test_emacs_goes_to_a_definition_and_to_a_type(indexed: Callable[[str], Project], tmp_path: Path) -> None:
    made = indexed(CODE)
    told = run_emacs(made, tmp_path / "script.el", _EMACS_GOES).splitlines()
    assert told == [f"{made.folder / 'lib.cc'}:2:7", f"{made.folder / 'lib.h'}:1:7"]


@with_emacs
def test_emacs_shows_what_is_under_the_cursor(indexed: Callable[[str], Project], tmp_path: Path) -> None:
    shown = run_emacs(indexed(CODE), tmp_path / "script.el", _EMACS_HOVERS)
    assert "Number answer()" in shown
    assert "all" in shown


@with_emacs
def test_emacs_renames_in_all_files(project: Callable[[str], Project], tmp_path: Path) -> None:
    made = project(CODE)
    made.index()
    run_emacs(made, tmp_path / "script.el", _EMACS_RENAMES)
    assert {name: made.text(name) for name in RENAMED} == RENAMED
