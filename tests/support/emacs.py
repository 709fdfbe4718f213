"""Emacs without a screen: does things in it through eglot or lsp-mode, and tells where they lead."""

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
(package-initialize)
(setq make-backup-files nil auto-save-default nil create-lockfiles nil
      lsp-session-file (expand-file-name "lsp-session" {folder}) lsp-auto-guess-root t
      lsp-enable-dap-auto-configure nil lsp-warn-no-matched-clients nil
      lsp-diagnostics-provider :none lsp-enable-snippet nil lsp-modeline-code-actions-enable nil)
{snippet}
(require 'json)
(defvar told nil)
(defun note (name what) (push (cons name what) told))
(defun here () (vector (buffer-name) (line-number-at-pos) (1+ (current-column))))
(defun go (name line column)
  (switch-to-buffer (find-file-noselect (expand-file-name name {project})))
  (goto-char (point-min))
  (forward-line (1- line))
  (forward-char (1- column)))
(defun until (what condition)
  (let ((most (+ (float-time) 20)))
    (while (not (funcall condition))
      (when (> (float-time) most) (error "Nothing came of %s" what))
      (accept-process-output nil 0.02))))
(defun places (items)
  (vconcat (mapcar (lambda (item)
                     (let ((at (xref-item-location item)))
                       (vector (file-name-nondirectory (xref-location-group at)) (xref-location-line at)
                               (1+ (xref-file-location-column at)))))
                   items)))
(defun tell ()
  (with-temp-file {answer} (insert (json-encode told)))
  (kill-emacs 0))
(run-hooks 'after-init-hook)
"""
_EGLOT = """\
(remove-hook 'c-mode-common-hook #'eglot-ensure) ; it waits for a command to be over, and there are none here
(setq eglot-sync-connect t)
(go "main.cc" {line} {column})
(call-interactively #'eglot)
"""
_LSP_MODE = """\
(require 'lsp-mode)
(lsp-workspace-folders-add {project})
(go "main.cc" {line} {column})
(until "starting" (lambda () (lsp-feature? "textDocument/definition")))
"""


@cache
def has(package: str) -> bool:
    """Whether there is an Emacs that has a package."""
    if not shutil.which("emacs"):
        return False
    test = f'(progn (package-initialize) (kill-emacs (if (locate-library "{package}") 0 1)))'
    return (
        subprocess.run(["emacs", "--batch", "--eval", test], capture_output=True, check=False).returncode == 0
    )


def run_emacs(made: Project, client: str, folder: Path, what: str) -> Any:
    """Do something (Lisp, with the helpers above) in an Emacs set up by the snippet; what it notes."""
    _, position = made.cursor()
    answer = folder / "answer.json"
    script = folder / "script.el"
    start = {"eglot": _EGLOT, "lsp-mode": _LSP_MODE}[client]
    fields = {
        "snippet": snippets()[client],
        "project": json.dumps(str(made.folder)),
        "folder": json.dumps(str(folder)),
        "answer": json.dumps(str(answer)),
        "line": position.line + 1,
        "column": position.character + 1,
    }
    script.write_text(f"{_SCRIPT.format(**fields)}{start.format(**fields)}{what}(tell)\n")
    path = os.pathsep.join((os.path.dirname(command()), made.environment["PATH"]))
    done = subprocess.run(
        ["emacs", "--batch", "-l", str(script)],
        env={**made.environment, "PATH": path},
        cwd=made.folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.exists(), done.stderr
    return json.loads(answer.read_text())
