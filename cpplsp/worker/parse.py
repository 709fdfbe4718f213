"""Having libclang index one file: the session's action, and which arguments libclang refuses."""

import contextlib
import ctypes
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence

from cpplsp.paths import Roots, real_path
from cpplsp.worker import libclang as c

_UNIT_OPTIONS = c.UNIT_KEEP_GOING | c.UNIT_PREPROCESSING_RECORD
_OPTIONS = c.OPT_LOCALS | c.OPT_SUPPRESS_WARNINGS | c.OPT_SKIP_PARSED_BODIES
# Flags that say what to read, and cost as much.
_READS_FILES = ("-include", "-imacros")
# Flags whose value may begin with a dash.
_PASSED_ON = ("-Xclang", "-Xpreprocessor", "-Xassembler", "-Xlinker", "-mllvm")


class Action:
    """A ``CXIndexAction``: it remembers which bodies in headers it has parsed, and skips them in later units."""

    def __init__(self, libclang: c.Libclang):
        self._lib = libclang.lib
        self._open()

    def _open(self) -> None:
        self._index = self._lib.clang_createIndex(0, 0)
        self._action = self._lib.clang_IndexAction_create(self._index)

    def close(self) -> None:
        """Dispose of it."""
        self._lib.clang_IndexAction_dispose(self._action)
        self._lib.clang_disposeIndex(self._index)

    def renew(self) -> None:
        """Forget which bodies were parsed."""
        self.close()
        self._open()

    def run(
        self, path: str, arguments: Sequence[str], callbacks: c.IndexerCallbacks
    ) -> tuple[int, int | None]:
        """Index a file: libclang's error code, and the unit, which is the caller's to dispose of."""
        words, unit = _words(arguments), ctypes.c_void_p()
        code = self._lib.clang_indexSourceFile(
            self._action,
            None,
            ctypes.byref(callbacks),
            ctypes.sizeof(callbacks),
            _OPTIONS,
            os.fsencode(path),
            words,
            len(words),
            None,
            0,
            ctypes.byref(unit),
            _UNIT_OPTIONS,
        )
        return code, unit.value

    def accepts(self, path: str, arguments: Sequence[str]) -> bool:
        """Whether libclang makes a unit of a file with these arguments."""
        code, unit = self.run(path, arguments, c.IndexerCallbacks())
        if unit:
            self._lib.clang_disposeTranslationUnit(unit)
        return not code


class Skimming(Action):
    """An :class:`Action` that skips the bodies of functions, but for those by which clang knows what is declared.

    A precompiled header for a unit of which only the main file is asked takes half the time so.
    """

    def run(
        self, path: str, arguments: Sequence[str], callbacks: c.IndexerCallbacks
    ) -> tuple[int, int | None]:
        """Parse a file, then tell of it: libclang's error code, and the unit, which is the caller's to dispose of."""
        words, unit = _words(arguments), ctypes.c_void_p()
        code = self._lib.clang_parseTranslationUnit2(
            self._index,
            os.fsencode(path),
            words,
            len(words),
            None,
            0,
            _UNIT_OPTIONS | c.UNIT_SKIP_BODIES,
            ctypes.byref(unit),
        )
        if not code:
            code = self._lib.clang_indexTranslationUnit(
                self._action, None, ctypes.byref(callbacks), ctypes.sizeof(callbacks), _OPTIONS, unit
            )
        return code, unit.value


def _words(arguments: Sequence[str]) -> ctypes.Array[ctypes.c_char_p]:
    """Arguments as libclang takes them."""
    return (ctypes.c_char_p * len(arguments))(*map(os.fsencode, arguments))


def with_own_headers(arguments: Sequence[str], directory: str, roots: Roots) -> list[str]:
    """The arguments, with the project's own ``-isystem`` folders as ``-I``, which are searched right before those.

    libclang skips the bodies of functions in a system's headers: those of a project's vendored headers would be
    known or not by the chance of which unit comes first.
    """
    kept: list[str] = []
    own: list[str] = []
    at = 0
    while at < len(arguments):
        value = "".join(arguments[at + 1 : at + 2])
        is_system = arguments[at] == "-isystem" and value
        if is_system and roots.is_project(real_path(os.path.join(directory, value))):
            own += ["-I", value]
            at += 2
        elif arguments[at] in _PASSED_ON:
            kept += arguments[at : at + 2]
            at += 2
        else:
            kept.append(arguments[at])
            at += 1
    return [*kept, *own]


@contextlib.contextmanager
def unsaved_texts(texts: Mapping[str, str]) -> Iterator[list[str]]:
    """The arguments by which clang reads files from elsewhere, by its virtual file system; they bear their own names.

    ``texts``: path of each file and of what holds its text. Not as unsaved files, which ``clang_indexSourceFile`` of
    libclang 18 frees twice.
    """
    if not texts:
        yield []
        return
    files = [
        {"name": path, "type": "file", "external-contents": text, "use-external-name": False}
        for path, text in texts.items()
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as overlay:
        json.dump({"version": 0, "case-sensitive": "true", "roots": files}, overlay)  # JSON is YAML
        overlay.flush()
        yield ["-ivfsoverlay", overlay.name]


def refused_arguments(libclang: c.Libclang, path: str, arguments: Sequence[str]) -> set[int]:
    """Indices of the arguments without which libclang reads such a file; none when they are not to blame.

    libclang does not say what it refuses, so each is tried on an empty file: a real one, since libclang 18 frees the
    unsaved text of an indexed file twice.
    """
    action = Action(libclang)
    taken: list[int] = []
    refused: set[int] = set()
    with tempfile.NamedTemporaryFile(suffix=os.path.splitext(path)[1]) as empty:
        for group in _groups(arguments):
            chosen = [*taken, *group]
            is_slow = arguments[group[0]] in _READS_FILES
            if is_slow or action.accepts(empty.name, [arguments[at] for at in chosen]):
                taken = chosen
            else:
                refused.update(group)
    action.close()
    return refused


def _groups(arguments: Sequence[str]) -> Iterator[list[int]]:
    """Indices of each flag with its value, where that is an argument of its own."""
    at = 0
    while at < len(arguments):
        flag, value = arguments[at], arguments[at + 1 : at + 2]
        has_value = flag.startswith("-") and value and (not value[0].startswith("-") or flag in _PASSED_ON)
        yield [at, at + 1] if has_value else [at]
        at += 2 if has_value else 1
