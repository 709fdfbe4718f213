"""Real editors, without a screen, with the files under ``editors/``. An editor that is not installed is skipped."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support.editor import Project, command

EDITORS = Path(__file__).parents[2] / "editors"

CODE = """\
int other;
// file: lib.h
int answer();
// file: lib.cc
#include "lib.h"
int [[answer]]() { return 42; }
// file: main.cc
#include "lib.h"
int main() { return ^answer(); }
"""

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
local answers = vim.lsp.buf_request_sync(0, 'textDocument/definition', params, 20000)
local _, answer = next(answers)
io.stdout:write(vim.fn.json_encode(answer.result))
vim.cmd('qa!')
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
(dolist (found (xref-backend-definitions 'eglot (xref-backend-identifier-at-point 'eglot)))
  (let ((place (xref-item-location found)))
    (princ (format "%s:%s:%s" (xref-file-location-file place) (xref-file-location-line place)
                   (xref-file-location-column place)))))
"""


def fill(template: str, made: Project, editor: str) -> str:
    """A script that asks for the definition at the cursor."""
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


@pytest.mark.skipif(not shutil.which("nvim"), reason="Neovim is not installed")
def test_neovim_goes_to_a_definition(indexed: Callable[[str], Project], tmp_path: Path) -> None:
    made = indexed(CODE)
    script = tmp_path / "script.lua"
    script.write_text(fill(_NEOVIM, made, "neovim"))
    [target] = json.loads(
        run(made, "nvim", "--headless", "-u", "NONE", "-i", "NONE", "-c", f"luafile {script}")
    )
    assert target["targetUri"] == (made.folder / "lib.cc").as_uri()
    assert target["targetSelectionRange"]["start"] == {"line": 1, "character": 4}


@pytest.mark.skipif(not shutil.which("emacs"), reason="Emacs is not installed")
def test_emacs_goes_to_a_definition(indexed: Callable[[str], Project], tmp_path: Path) -> None:
    made = indexed(CODE)
    script = tmp_path / "script.el"
    script.write_text(fill(_EMACS, made, "emacs"))
    assert run(made, "emacs", "--batch", "-l", str(script)) == f"{made.folder / 'lib.cc'}:2:4"
