"""A project: its root, its compile commands, and what libclang is given for each."""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cpplsp.config import Settings
from cpplsp.paths import Roots, is_text, is_within, real_path
from cpplsp.project import processor
from cpplsp.project.arguments import ArgumentTable, Translation, spelled
from cpplsp.project.commands import CompileCommand, Note, Notes
from cpplsp.project.database import (
    COMMANDS,
    FLAGS,
    FlagsDatabase,
    Found,
    JsonDatabase,
    database_in,
    find_database,
)
from cpplsp.project.drivers import Drivers, Toolchain, is_builtin
from cpplsp.project.language import file_language, is_cxx
from cpplsp.project.looks import Looks
from cpplsp.project.resource import CLANG_VERSION, find_resource_dir, is_resource_dir
from cpplsp.project.response import ResponseFiles
from cpplsp.project.sources import SourceWalk
from cpplsp.project.standards import at_least_cxx20, fitting_standard
from cpplsp.project.trust import TrustedCompilers
from cpplsp.project.wrappers import compiler_index, is_cxx_compiler

# No warning is wanted, and clang's errors that are warnings by nature (narrowing, say) are none in gcc's code.
# No limit on errors: libclang goes on behind it anyway (CXTranslationUnit_KeepGoing), so that it only hides how many
# there are; 40,000 of them cost 8 MB. Correcting spelling costs a search of all names for each error, and reports
# uses of what was not written.
_QUIET = ("-Wno-everything", "-ferror-limit=0", "-fno-spell-checking")


_BUILDS_SHARED = re.compile(r"-D\w+_EXPORTS(=1?)?|-f(no-)?(pic|PIC|pie|PIE)")
"""What sets a shared library's commands apart from a static one's: how symbols are exported and code is placed, not
what it means (``__PIC__`` is asked for in assembler). CMake has both for one file in many projects."""


class ProjectError(Exception):
    """A project that cannot be indexed at all; the text is for the person, and has all that ``note`` says."""

    def __init__(self, found: str, advice: str = ""):
        self.note = Note(found, advice)
        super().__init__(str(self.note))


@dataclass(frozen=True, slots=True)
class Invocation:
    """What libclang gets for one command.

    ``arguments``: without compiler and main file; relative paths in them count from ``directory``. ``context``: a
    digest of the way of reading (language, standard, target, macros and flags that change meaning; not include
    paths): headers are claimed by it. ``dropped``: arguments left out for trust. ``hash``: of directory and
    arguments, BLAKE2b-16; a project that was moved as a whole keeps it, and the context.
    """

    arguments: tuple[str, ...]
    directory: str
    context: str
    dropped: tuple[str, ...]
    hash: bytes


class Project:
    """An opened project. ``root``: real path. ``source``: path of its database, '' when there is none.

    ``roots``: what counts as the project's own. Where the database stands above the root, all that it stands
    above does.
    """

    def __init__(self, root: str, found: Found | None, resource: str, settings: Settings):
        self.root = root
        self.source = found.path if found else ""
        self.roots = Roots(root, _database_root(root, found), resource)
        self._database_notes = Notes()
        self._driver_notes = Notes()
        self._database: JsonDatabase | FlagsDatabase
        if found and not found.is_flags:
            self._database = JsonDatabase(found.path, self._database_notes)
        else:
            self._database = FlagsDatabase(root, found, self._database_notes)
        self._resource = resource
        self._include = os.path.join(resource, "include")
        self._table = ArgumentTable()
        readable = [root, *([os.path.dirname(real_path(found.path))] if found else [])]
        self._settings = settings
        self._looks = Looks()
        """Of what the commands were made from when they were last read."""
        self._responses = ResponseFiles(readable, self._looks.note)
        trusted = TrustedCompilers(settings.query_driver, root)
        self._drivers = Drivers(trusted, self._include, self._driver_notes)
        self._outside = lru_cache(maxsize=1 << 15)(self._find_outside)

    @classmethod
    def open(cls, root: str, settings: Settings) -> "Project":
        """Find the database of a project. Raises :class:`ProjectError`."""
        root = real_path(root)
        if not os.path.isdir(root):
            raise ProjectError(f"{root} is not a folder", "name the project's folder")
        if not is_text(root):
            raise ProjectError(
                f"the path of {root!a} is not UTF-8", "rename the folder, or work through a copy"
            )
        resource = _resource_dir(settings.resource_dir)
        if settings.compile_commands_dir:
            found = database_in(settings.compile_commands_dir)
            if found is None:
                raise ProjectError(
                    f"there is no {COMMANDS} (and no {FLAGS}) in {settings.compile_commands_dir}, which "
                    "--compile-commands-dir (or compile_commands_dir in a settings file) names",
                    "name the folder that has it, or leave the option out to have it looked for; CMake writes "
                    f"{COMMANDS} into its build folder with -DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
                )
        else:
            found = find_database(root)
        if (found is None or found.is_flags) and next(iter(SourceWalk(root)), None) is None:
            raise ProjectError(
                f"there is nothing to index in {root}: no {COMMANDS} in it, above it or in a build/ folder, and no "
                "C or C++ source file below it",
                "name the folder of the compile database with --compile-commands-dir",
            )
        return cls(root, found, resource, settings)

    @property
    def notes(self) -> list[str]:
        """What a person should be told, so far: each thing once, in a bounded number."""
        return [*self._database_notes.texts(), *self._driver_notes.texts()]

    @property
    def noted(self) -> list[Note]:
        """The same, with what was found apart from what to do."""
        return [*self._database_notes.all(), *self._driver_notes.all()]

    @property
    def complete(self) -> bool:
        """Whether the last :meth:`commands`, run to its end, saw all there are."""
        return self._database.complete

    def is_current(self) -> bool:
        """Whether reading the database again, now that it was read once, would give the same commands.

        So it is while the database, the response files that it names and the compilers that were asked look as they
        did. Without a database only reading tells: the commands depend on the files there are.
        """
        return (
            isinstance(self._database, JsonDatabase)
            and self.complete
            and not self._looks.have_changed()
            and not self._drivers.have_changed()
        )

    def has_changed(self) -> bool:
        """Whether its commands are other ones by now, as far as that can be told by looking at a few files."""
        is_read = isinstance(self._database, JsonDatabase) and self.complete
        return (is_read and not self.is_current()) or self.is_superseded()

    def is_superseded(self) -> bool:
        """Whether opening the project again would find another database: one that has come nearer, say."""
        if self._settings.compile_commands_dir:
            return False
        found = find_database(self.root)
        return found is not None and found.path != self.source

    def commands(self) -> Iterator[CompileCommand]:
        """Every compile command, streamed. Bad data raises nothing: see :attr:`notes`."""
        self._database_notes.clear()
        self._looks.clear()
        self._looks.note(self.source)
        self._drivers.refresh()
        return self._database.commands()

    def invocation(self, command: CompileCommand) -> Invocation:
        """What libclang is given for a command. May run a compiler, once for each that is asked."""
        refused: list[str] = []
        words = self._responses.expand(command.arguments, command.directory, refused)
        at = compiler_index(words)
        compiler = words[at] if at >= 0 else ""
        done = self._table.translate(words[at + 1 :])
        language = done.language or file_language(command.file, is_cxx_compiler(compiler))
        asked = tuple(_absolute(one, command.directory) for one in done.asked)
        toolchain = self._drivers.ask(compiler, command.directory, language, asked)
        target = processor.known_target(done.target or toolchain.target)
        meaning = [
            "-x",
            language,
            *_standard(done, language, toolchain),
            *([f"--target={target}"] if target else ()),
            *processor.machine_flags(done.machine, target),
            *([done.optimised] if done.optimised else ()),
            *done.meaning,
            *(part for path in done.forced for part in ("-Xclang", "-include", "-Xclang", path)),
        ]
        arguments = (
            *meaning,
            *done.other,
            *spelled(self._folders(done, command.directory, toolchain)),
            *_QUIET,
            "-resource-dir",
            self._resource,
            "-nostdinc",
            "-nostdinc++",
            *(part for folder in toolchain.folders for part in ("-isystem", folder)),
            *_behind(done, toolchain),
        )
        return Invocation(
            arguments,
            command.directory,
            self._digest([word for word in meaning if not _BUILDS_SHARED.fullmatch(word)]).hex(),
            (*refused, *done.dropped),
            self._digest((command.directory, *arguments)),
        )

    def _digest(self, words: Sequence[str]) -> bytes:
        text = self.roots.generalise("\x01".join(words))
        return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).digest()

    def _folders(self, done: Translation, directory: str, toolchain: Toolchain) -> list[tuple[str, str]]:
        """A command's include paths without those that are the compiler's anyway.

        gcc ignores such a repetition; clang would take it, and ``#include_next`` in the headers there leads nowhere.
        Another compiler's builtin headers are replaced by libclang's.
        """
        outside = self._outside
        kept = []
        for option, folder in done.folders:
            real = outside(directory, folder)
            if not real:
                kept.append((option, folder))
            elif is_builtin(real):
                if self._include not in toolchain.folders and ("-isystem", self._include) not in kept:
                    kept.append(("-isystem", self._include))
            elif real not in toolchain.folders:
                kept.append((option, folder))
        return kept

    def _find_outside(self, directory: str, folder: str) -> str:
        """The real path of an include path; '' when it is the project's own."""
        path = real_path(folder, directory)
        return "" if is_within(path, self.root) else path


def _standard(done: Translation, language: str, toolchain: Toolchain) -> list[str]:
    standard = fitting_standard(done.standard, language) or toolchain.standard
    if done.needs_cxx20 and is_cxx(language):
        standard = at_least_cxx20(standard)
    return [f"-std={standard}"] if standard else []


def _behind(done: Translation, toolchain: Toolchain) -> list[str]:
    """The compiler's builtin headers behind all others, for ``omp.h``: libclang's have none.

    Only then: clang's ``stdatomic.h`` would include the next of that name, which clang cannot read.
    """
    return ["-idirafter", toolchain.builtin] if toolchain.builtin and "-fopenmp" in done.meaning else []


def _absolute(flag: str, directory: str) -> str:
    """A flag for the compiler, which is run elsewhere: with the path in it made absolute."""
    for option in ("--sysroot=", "-isysroot", "--gcc-toolchain=", "--gcc-install-dir="):
        if flag.startswith(option):
            return option + os.path.join(directory, flag.removeprefix(option))
    return flag


def _database_root(root: str, found: Found | None) -> str | None:
    """The folder outside the root that a database makes the project's own, too."""
    if found is None:
        return None
    folder = found.folder if not is_within(found.folder, root) else os.path.dirname(real_path(found.path))
    return None if folder == "/" or is_within(folder, root) else folder


def _resource_dir(configured: str | None) -> str:
    if configured:
        if not is_resource_dir(configured):
            raise ProjectError(
                f"{configured} holds no builtin headers of clang (no include/stddef.h)",
                f"let --resource-dir name a folder like /usr/lib/llvm-{CLANG_VERSION}/lib/clang/{CLANG_VERSION}",
            )
        return real_path(configured)
    found = find_resource_dir()
    if found is None:
        raise ProjectError(
            f"clang {CLANG_VERSION}'s builtin headers (stddef.h and the like) were found nowhere. They come with "
            "cpplsp in the clang-tidy package",
            f"install cpplsp anew with pip, install clang {CLANG_VERSION}, or name a folder that has them with "
            "--resource-dir",
        )
    return found
