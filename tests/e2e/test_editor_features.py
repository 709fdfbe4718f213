"""What editors do with the server, feature by feature: set up as docs/editors.md says, and no other way."""

import json
import os
import re
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from support.editor import Project, command, only_with
from support.emacs import has, run_emacs
from support.neovim import neovims, run_neovim
from support.snippets import ROOT, snippets
from support.speaking import announced, spoken_to

CODE = """\
// file: lib.h
#pragma once
struct Number {
  virtual ~Number() = default;
  virtual int value() const;
};
struct Big : Number {
  int value() const override;
};
/// What it *all* is about.
Number answer();
// file: lib.cc
#include "lib.h"
int Number::value() const { return 1; }
int Big::value() const { return 2; }
Number answer() { return Number(); }
// file: main.cc
#include "lib.h"
int main() {
  ^answer();
  return answer().value();
}
"""
ANSWER = ["lib.cc", 4, 8]
DECLARED = ["lib.h", 10, 8]
USES = [["main.cc", 3, 3], ["main.cc", 4, 10]]

NAVIGATION = """\
told.definition = landed('definition', vim.lsp.buf.definition)
go('main.cc', 3, 3)
told.declaration = landed('declaration', vim.lsp.buf.declaration)
go('main.cc', 3, 3)
told.type = landed('type definition', vim.lsp.buf.type_definition)
go('main.cc', 4, 19)
told.implementation = landed('implementation', vim.lsp.buf.implementation)
go('main.cc', 3, 3)
told.references = listed('references', function() vim.lsp.buf.references() end)
go('main.cc', 3, 3)
told.workspace = listed('workspace symbols', function() vim.lsp.buf.workspace_symbol('answ') end)
go('lib.h', 1, 1)
told.document = listed('document symbols', function() vim.lsp.buf.document_symbol() end)
go('lib.cc', 4, 8)
told.callers = listed('incoming calls', vim.lsp.buf.incoming_calls)
go('lib.cc', 1, 1)
told.counterpart = landed('switching', function() vim.cmd('CpplspSwitchSourceHeader') end)
"""
HIGHLIGHTS = """\
vim.lsp.buf.document_highlight()
local function highlights()
  local found = {}
  for _, space in pairs(vim.api.nvim_get_namespaces()) do
    for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, space, 0, -1, { details = true })) do
      if (mark[4].hl_group or ''):find('^LspReference') then
        table.insert(found, { 'main.cc', mark[2] + 1, mark[3] + 1 })
      end
    end
  end
  return found
end
wait('highlights', function() return #highlights() > 0 end)
told.highlights = highlights()
"""
NEWER = """\
go('lib.h', 2, 8)
told.subtypes = listed('subtypes', function() vim.lsp.buf.typehierarchy('subtypes') end)
go('lib.h', 2, 8)
local function token() return vim.lsp.semantic_tokens.get_at_pos(0, 1, 7) end
wait('semantic tokens', function() return #(token() or {}) > 0 end)
told.token = token()[1].type
vim.wo.foldmethod, vim.wo.foldexpr = 'expr', 'v:lua.vim.lsp.foldexpr()'
wait('folds', function()
  vim.cmd('normal! zx')
  return vim.fn.foldlevel(3) > 0
end)
told.folded = { vim.fn.foldlevel(1), vim.fn.foldlevel(3), vim.fn.foldlevel(10) }
"""


RENAMES = """\
vim.lsp.buf.hover()
local function shown()
  for _, each in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(each).relative ~= '' then
      return vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(each), 0, -1, false)
    end
  end
end
wait('hover', shown)
told.hover = shown()
go('main.cc', 3, 3)
vim.lsp.buf.rename('outcome')
wait('renaming', function() return vim.fn.getline('.'):find('outcome') end)
vim.cmd('silent wall')
"""


def needs(name: str) -> pytest.MarkDecorator:
    return only_with(f"a Neovim of the age of {name}", name in neovims())


each_neovim = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=needs(name)) for name in ("neovim-0.7", "neovim-0.11")]
)


@each_neovim
def test_neovim_finds_and_goes_there(indexed: Callable[[str], Project], tmp_path: Path, name: str) -> None:
    told = run_neovim(indexed(CODE), name, tmp_path, NAVIGATION)
    assert told["definition"] == ANSWER
    assert told["declaration"] == DECLARED
    assert told["type"] == ["lib.h", 2, 8]
    assert told["implementation"] == ["lib.cc", 3, 10]
    assert sorted(told["references"]) == [ANSWER, DECLARED, *USES]
    assert told["workspace"][0] in (ANSWER, DECLARED)
    assert ["lib.h", 6, 8] in told["document"]
    assert sorted(told["callers"]) == USES
    assert told["counterpart"][0] == "lib.h"


@each_neovim
def test_neovim_highlights_what_is_under_the_cursor(
    indexed: Callable[[str], Project], tmp_path: Path, name: str
) -> None:
    told = run_neovim(indexed(CODE), name, tmp_path, HIGHLIGHTS)
    assert sorted(told["highlights"]) == USES


@needs("neovim-0.11")
def test_a_newer_neovim_shows_and_renames(project: Callable[[str], Project], tmp_path: Path) -> None:
    made = project(CODE)
    made.index()
    told = run_neovim(made, "neovim-0.11", tmp_path, RENAMES)
    assert "Number answer()" in told["hover"]
    assert all("outcome()" in made.text(name) for name in ("lib.h", "lib.cc", "main.cc"))
    assert not any("answer()" in made.text(name) for name in ("lib.h", "lib.cc", "main.cc"))


@needs("neovim-0.11")
def test_a_newer_neovim_colours_folds_and_shows_subtypes(
    indexed: Callable[[str], Project], tmp_path: Path
) -> None:
    told = run_neovim(indexed(CODE), "neovim-0.11", tmp_path, NEWER)
    assert [one[0] for one in told["subtypes"]] == ["lib.h"]
    assert told["token"] == "class"
    assert told["folded"][0] == 0
    assert told["folded"][1] >= 1
    assert told["folded"][2] == 0


EGLOT = """\
(setq xref-show-xrefs-function #'xref-show-definitions-buffer) ; one place is gone to, and not listed
(call-interactively #'xref-find-definitions)
(note 'definition (here))
(go "main.cc" 3 3) (eglot-find-declaration) (note 'declaration (here))
(go "main.cc" 3 3) (eglot-find-typeDefinition) (note 'type (here))
(go "main.cc" 4 19) (eglot-find-implementation) (note 'implementation (here))
(go "main.cc" 3 3)
(note 'references (places (xref-backend-references 'eglot (xref-backend-identifier-at-point 'eglot))))
(note 'workspace (places (xref-backend-apropos 'eglot "answ")))
(note 'document (format "%S" (eglot-imenu)))
(note 'hover (substring-no-properties
              (eglot--hover-info (plist-get (jsonrpc-request (eglot-current-server) :textDocument/hover
                                                             (eglot--TextDocumentPositionParams)) :contents))))
(eglot-hover-eldoc-function #'ignore)
(until "highlights" (lambda () eglot--highlights))
(note 'highlights (vconcat (mapcar (lambda (one) (goto-char (overlay-start one)) (here)) eglot--highlights)))
(go "lib.cc" 1 1) (cpplsp-switch-source-header) (note 'counterpart (here))
"""
LSP_MODE = """\
(lsp-find-definition) (note 'definition (here))
(go "main.cc" 3 3) (lsp-find-declaration) (note 'declaration (here))
(go "main.cc" 3 3) (lsp-find-type-definition) (note 'type (here))
(go "main.cc" 4 19) (lsp-find-implementation) (note 'implementation (here))
(go "main.cc" 3 3)
(note 'references (places (xref-backend-references 'xref-lsp (xref-backend-identifier-at-point 'xref-lsp))))
(note 'workspace (places (xref-backend-apropos 'xref-lsp "answ")))
(note 'document (format "%S" (lsp--imenu-create-index)))
(note 'hover (lsp--render-on-hover-content
              (lsp:hover-contents (lsp-request "textDocument/hover" (lsp--text-document-position-params))) t))
(lsp-document-highlight)
(defun highlights () (seq-filter (lambda (one) (overlay-get one 'lsp-highlight)) (overlays-in (point-min) (point-max))))
(until "highlights" #'highlights)
(note 'highlights (vconcat (mapcar (lambda (one) (goto-char (overlay-start one)) (here)) (highlights))))
(go "lib.cc" 1 1) (cpplsp-switch-source-header) (note 'counterpart (here))
"""


@pytest.mark.parametrize(
    ("client", "what"),
    [
        pytest.param(client, what, marks=only_with(client, has(client)))
        for client, what in (("eglot", EGLOT), ("lsp-mode", LSP_MODE))
    ],
)
def test_emacs_finds_and_goes_there(
    indexed: Callable[[str], Project], tmp_path: Path, client: str, what: str
) -> None:
    told = run_emacs(indexed(CODE), client, tmp_path, what)
    assert told["definition"] == ANSWER
    assert told["declaration"] == DECLARED
    assert told["type"] == ["lib.h", 2, 8]
    assert told["implementation"] == ["lib.cc", 3, 10]
    # lsp-mode asks for uses only.
    assert sorted(told["references"]) == ([ANSWER, DECLARED] if client == "eglot" else []) + USES
    # lsp-mode 8.0.0 takes lines that count from 0 for lines that count from 1.
    name, line, column = told["workspace"][0]
    assert [name, line + (client == "lsp-mode"), column] in (ANSWER, DECLARED)
    assert "answer" in told["document"] or "main" in told["document"]
    assert "Number answer()" in told["hover"]
    assert sorted(told["highlights"]) == USES
    assert told["counterpart"][0] == "lib.h"


VIM = """\
set nocompatible noswapfile
set runtimepath^=/usr/share/vim-ale
{snippet}
let g:ale_set_signs = 0
filetype plugin on
runtime plugin/ale.vim
let s:told = {{}}
function! s:Here() abort
  return [expand('%:t'), line('.'), col('.')]
endfunction
function! s:Until(condition) abort
  let l:left = 1000
  while !eval(a:condition)
    let l:left -= 1
    if l:left < 0
      call writefile(['nothing came of ' . a:condition, execute('messages'), execute('ALEInfo')], {answer})
      cquit!
    endif
    sleep 20m
  endwhile
endfunction
function! s:Go() abort
  silent! only
  execute 'edit ' . {file}
  call cursor({line}, {column})
endfunction
call s:Go()
ALEGoToDefinition
call s:Until("expand('%:t') is# 'lib.cc'")
let s:told.definition = s:Here()
call s:Go()
ALEGoToTypeDefinition
call s:Until("expand('%:t') is# 'lib.h'")
let s:told.type = s:Here()
call s:Go()
call setqflist([])
ALEFindReferences -quickfix
call s:Until('len(getqflist())')
let s:told.references = map(getqflist(), {{_, one -> [fnamemodify(bufname(one.bufnr), ':t'), one.lnum, one.col]}})
call s:Go()
ALESymbolSearch answ
call s:Until("&filetype is# 'ale-preview-selection'")
let s:told.workspace = getline(1, '$')
call s:Go()
let g:ale_hover_to_preview = 1
ALEHover
call s:Until("join(getbufline('ALEPreviewWindow', 1, '$')) =~# 'Number answer()'")
let s:told.hover = join(getbufline('ALEPreviewWindow', 1, '$'))
call writefile([json_encode(s:told)], {answer})
qall!
"""


@only_with("Vim's ALE", os.path.exists("/usr/share/vim-ale"))
def test_vim_finds_and_goes_there(indexed: Callable[[str], Project], tmp_path: Path) -> None:
    made = indexed(CODE)
    _, position = made.cursor()
    script, answer = tmp_path / "script.vim", tmp_path / "answer.json"
    script.write_text(
        VIM.format(
            snippet=snippets()["vim"],
            file=json.dumps(str(made.folder / "main.cc")),
            line=position.line + 1,
            column=position.character + 1,
            answer=json.dumps(str(answer)),
        )
    )
    path = os.pathsep.join((os.path.dirname(command()), made.environment["PATH"]))
    done = subprocess.run(
        ["vim", "-N", "-u", script, "-i", "NONE", "-es"],
        env={**made.environment, "PATH": path},
        cwd=made.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, answer.read_text()
    told = json.loads(answer.read_text())
    assert told["definition"] == ANSWER
    assert told["type"] == ["lib.h", 2, 8]
    assert sorted(told["references"]) == USES
    assert any("answer" in line for line in told["workspace"])
    assert "Number answer()" in told["hover"]


def _helix(text: str) -> tuple[list[str], object]:
    found = tomllib.loads(text)
    server = found["language-server"]["cpplsp"]
    assert {one["name"]: one["language-servers"] for one in found["language"]} == {
        "c": ["cpplsp"],
        "cpp": ["cpplsp"],
    }
    return [server["command"]], server["config"]


def _sublime(text: str) -> tuple[list[str], object]:
    client = json.loads(text)["clients"]["cpplsp"]
    return client["command"], client["initializationOptions"]


def _kate(text: str) -> tuple[list[str], object]:
    servers = json.loads(text)["servers"]
    assert re.match(servers["cpp"]["highlightingModeRegex"], "C++")
    assert re.match(servers["c"]["highlightingModeRegex"], "C")
    return servers["c"]["command"], servers["c"]["initializationOptions"]


def _zed(text: str) -> tuple[list[str], object]:
    server = json.loads(text)["lsp"]["clangd"]
    path = server["binary"]["path"].replace("/path/to/cpplsp", "cpplsp")
    return [path, *server["binary"]["arguments"]], server["initialization_options"]


@pytest.mark.parametrize(
    ("name", "read"), [("helix", _helix), ("sublime", _sublime), ("kate", _kate), ("zed", _zed)]
)
async def test_what_other_editors_are_told_to_start_answers(
    indexed: Callable[[str], Project], name: str, read: Callable[[str], tuple[list[str], dict[str, object]]]
) -> None:
    made = indexed(CODE)
    argv, settings = read(snippets()[name])
    assert argv[0] == "cpplsp"
    answer, _ = await spoken_to(made, [command(), *argv[1:]], settings)
    assert [one["uri"] for one in answer] == [made.uri("lib.cc")]


_ROWS = {
    "declarationProvider": "declaration",
    "definitionProvider": "definition",
    "typeDefinitionProvider": "type definition",
    "implementationProvider": "implementation",
    "referencesProvider": "references",
    "documentSymbolProvider": "document symbols",
    "workspaceSymbolProvider": "workspace symbols",
    "documentHighlightProvider": "highlights",
    "hoverProvider": "hover",
    "renameProvider": "rename",
    "callHierarchyProvider": "call hierarchy",
    "typeHierarchyProvider": "type hierarchy",
    "semanticTokensProvider": "semantic tokens",
    "foldingRangeProvider": "folding",
    "selectionRangeProvider": "selection range",
    "documentLinkProvider": "document links",
    "memoryUsageProvider": "memory usage",
    "executeCommandProvider": "commands",
}


async def test_the_page_about_editors_has_a_row_for_all_that_the_server_announces(
    project: Callable[[str], Project],
) -> None:
    page = (ROOT / "docs" / "editors.md").read_text("utf-8")
    rows = set(re.findall(r"^\| ([^|]+?) +\|", page, re.MULTILINE))
    can = await announced(project("int x;"))
    features = [name for name in can if name.endswith("Provider")]
    assert {_ROWS[name] for name in features} <= rows
    assert set(features) == set(_ROWS), "what is announced no longer has no row either"
