"""Finding a project's compile database, and streaming the commands in it.

It is looked for as clangd does: in a folder, then in its ``build/``, then in the folder above, and so on; a
``compile_flags.txt`` in a folder counts after the two. One is read entry by entry and never held: 8,389 entries
of 5 kB cost no more memory than ten.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from cpplsp.paths import RealPaths, is_text, real_path
from cpplsp.project.commands import CompileCommand, Notes
from cpplsp.project.entries import BrokenArrayError, array_entries
from cpplsp.project.language import file_language, is_cxx, is_foreign
from cpplsp.project.shell import split_command
from cpplsp.project.sources import SourceWalk

COMMANDS = "compile_commands.json"
FLAGS = "compile_flags.txt"

_MOST_FLAGS_BYTES = 1 << 20
_WRITE_ANEW = "have the build system write it anew"
_MAKE_READABLE = "look at its owner and mode"


@dataclass(frozen=True, slots=True)
class Found:
    """A database. ``folder``: what it speaks of – the folder where it was found, or whose ``build/`` has it."""

    path: str
    folder: str

    @property
    def is_flags(self) -> bool:
        """Whether it is a ``compile_flags.txt``."""
        return os.path.basename(self.path) == FLAGS


def find_database(root: str) -> Found | None:
    """The database of the nearest of a folder (a real path) and those above it; None where there is none."""
    folder = root
    while True:
        for name in (COMMANDS, os.path.join("build", COMMANDS), FLAGS):
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                return Found(path, folder)
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


def database_in(folder: str) -> Found | None:
    """The database that a person named by its folder, or by the file itself."""
    folder = os.path.realpath(folder)
    if os.path.basename(folder) in (COMMANDS, FLAGS) and os.path.isfile(folder):
        return Found(folder, os.path.dirname(folder))
    for name in (COMMANDS, FLAGS):
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return Found(path, folder)
    return None


class JsonDatabase:
    """A ``compile_commands.json``. ``complete``, after :meth:`commands`: it could be read to its end."""

    def __init__(self, path: str, notes: Notes):
        self._path = path
        self._notes = notes
        # Relative directories count from where the file really lies: it is often a link into a build tree.
        self._base = os.path.dirname(real_path(path))
        self.complete = False

    def commands(self) -> Iterator[CompileCommand]:
        """Every command once. What is wrong is noted, named by its place, and costs only itself."""
        self.complete = False
        try:
            with open(self._path, "rb") as stream:
                yield from self._commands(array_entries(stream))
            self.complete = True
        except BrokenArrayError as error:
            self._notes.add(
                f"{self._path}:{error.line}:{error.column}: not valid JSON: {error.reason}. The entries before "
                "this place are used; what was indexed of others stays",
                _WRITE_ANEW,
            )
        except OSError as error:
            self._notes.add(f"{self._path}: cannot be read: {error.strerror}", _MAKE_READABLE)

    def _commands(self, entries: Iterator[object]) -> Iterator[CompileCommand]:
        real_paths = RealPaths()
        folder_path = lru_cache(maxsize=1 << 12)(real_path)
        seen: set[int] = set()
        foreign, an_example, number = 0, "", 0
        for number, entry in enumerate(entries, 1):
            try:
                directory, file, words = _fields(entry)
            except ValueError as error:
                self._notes.add(f"{self._path}: entry {number} is left out: {error}", _WRITE_ANEW)
                continue
            # Identical entries are known by their hash: to hold them would be to hold the database.
            identity = hash((directory, file, words))
            if identity in seen:
                continue
            seen.add(identity)
            if is_foreign(file):
                foreign += 1
                an_example = an_example or file
                continue
            directory = folder_path(directory, self._base)
            path = real_paths.of(file, directory)
            if not (is_text(directory) and is_text(path)):
                what = f"{self._path}: entry {number} is left out: {path!a} is no path in UTF-8"
                self._notes.add(what, "rename it")
                continue
            arguments = split_command(words) if isinstance(words, str) else words
            yield CompileCommand(directory, path, tuple(arguments))
        if not number:
            self._notes.add(
                f"{self._path}: it is empty, so there is nothing to index",
                "configure the project's build again, or name the folder of another one with --compile-commands-dir",
            )
        if foreign:
            self._notes.add(
                f"{self._path}: {foreign} entries are left out: they are in other languages than C and C++ "
                f"(like {an_example})"
            )


def _fields(entry: object) -> tuple[str, str, str | tuple[str, ...]]:
    """Directory, file, and command (or arguments) of an entry. Raises ValueError, in words for a person."""
    if not isinstance(entry, dict):
        raise ValueError("it is not an object")
    directory, file = entry.get("directory", "."), entry.get("file")
    if not isinstance(file, str) or not file:
        raise ValueError('it has no "file"' if file is None or file == "" else 'its "file" is not text')
    if not isinstance(directory, str):
        raise ValueError(f'the "directory" of {file} is not text')
    arguments, command = entry.get("arguments"), entry.get("command")
    words: str | tuple[str, ...]
    if isinstance(arguments, list) and all(isinstance(one, str) for one in arguments):
        words = tuple(arguments)
    elif arguments is not None:
        raise ValueError(f'the "arguments" of {file} are not a list of texts')
    elif isinstance(command, str):
        words = command
    else:
        raise ValueError(f'{file} has neither a "command" nor "arguments"')
    return _clean(directory), _path_text(file), _clean(words) if isinstance(words, str) else _clean_all(words)


def _clean(text: str) -> str:
    r"""Text that can be a path and be encoded: no NUL (it would end a C string), no half a character (``\ud800``)."""
    if text.isascii():
        return text.replace("\x00", "\ufffd") if "\x00" in text else text
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")


def _clean_all(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_clean(text) for text in texts)


def _path_text(file: str) -> str:
    if "\x00" in file:
        raise ValueError("there is a NUL character in its file's name")
    return _clean(file)


class FlagsDatabase:
    """A ``compile_flags.txt``, or no database at all (``flags`` None): the sources below a folder, all alike."""

    complete = True

    def __init__(self, root: str, flags: Found | None, notes: Notes):
        self._root = root
        self._flags = flags
        self._notes = notes

    def commands(self) -> Iterator[CompileCommand]:
        """A command for every source file below the root."""
        directory = self._flags.folder if self._flags else self._root
        flags = self._read(self._flags.path) if self._flags else ()
        walk = SourceWalk(self._root)
        # A source file may be linked to from beside it.
        unwritable, an_example = 0, ""
        for path in dict.fromkeys(map(RealPaths().of, walk)):
            if not is_text(path):
                unwritable, an_example = unwritable + 1, an_example or path
                continue
            compiler = "c++" if is_cxx(file_language(path, is_cxx_driver=False)) else "cc"
            yield CompileCommand(directory, path, (compiler, *flags))
        if self._flags is None:
            self._notes.add(
                f"no {COMMANDS} was found for {self._root}: its source files are read with default flags, and "
                "headers may be missed",
                "CMake writes one with -DCMAKE_EXPORT_COMPILE_COMMANDS=ON; for make "
                f"use `bear -- make`; or put flags into a {FLAGS}, one a line",
            )
        if unwritable:
            self._notes.add(
                f"{unwritable} source files are left out: their paths are not UTF-8 (like {an_example!a})",
                "rename them",
            )
        if walk.cut:
            self._notes.add(
                f"{self._root} has too many files to look at without a {COMMANDS}: "
                "only the first are indexed",
                "have the build system write one",
            )

    def _read(self, path: str) -> tuple[str, ...]:
        try:
            with open(path, "rb") as stream:
                text = stream.read(_MOST_FLAGS_BYTES).decode("utf-8-sig", "replace")
        except OSError as error:
            self._notes.add(f"{path}: cannot be read: {error.strerror}", _MAKE_READABLE)
            return ()
        lines = (_clean(line.strip()) for line in text.splitlines())
        return tuple(line for line in lines if line and not line.startswith("#"))
