"""What ``cpplsp doctor`` finds of a project, its compilers, the memory there is, the cache and the index."""

import contextlib
import os
import shutil
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator

from cpplsp.amounts import ago_text, bytes_text, count_text
from cpplsp.config import LEAST_BUDGET_BYTES, Settings
from cpplsp.doctor import Check, State
from cpplsp.paths import Roots
from cpplsp.project.commands import CompileCommand, Note
from cpplsp.project.database import FLAGS
from cpplsp.project.language import file_language
from cpplsp.project.project import Project, ProjectError
from cpplsp.project.wrappers import compiler_index
from cpplsp.query.status import Status, first_fault, index_status
from cpplsp.scheduler.capacity import Machine
from cpplsp.scheduler.costs import FIRST_UNIT_BYTES
from cpplsp.scheduler.governor import Governor
from cpplsp.scheduler.machine import read_machine
from cpplsp.store.connection import CacheError, cache_root, is_damage, open_reader
from cpplsp.store.folders import folder_of, index_folders
from cpplsp.store.location import find_index

_BUILD_FILES = ("CMakeLists.txt", "meson.build", "BUILD.bazel", "Makefile", "configure")
_CONFIGURE = "configure the project's build again"
_MOST_COMPILERS = 20
_MOST_NAMED = 3
_LEAST_FREE_BYTES = 1 << 30


def project(root: str, settings: Settings) -> Iterator[Check]:
    """The compile database, whether what it names is there, and the compilers in it."""
    try:
        opened = Project.open(root, settings)
    except ProjectError as error:
        yield _noted("compile commands", "wrong", error.note)
        return
    count, missing = 0, list[str]()
    compilers: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], CompileCommand] = {}
    for command in opened.commands():
        count += 1
        if not os.path.exists(command.file):
            missing.append(command.file)
        at = compiler_index(command.arguments)
        key = (command.arguments[at] if at >= 0 else "", file_language(command.file, False))
        compilers[key] += 1
        examples.setdefault(key, command)
    noted = opened.noted
    yield from _database(root, opened, count)
    if missing:
        named = ", ".join(missing[:_MOST_NAMED]) + (", …" if len(missing) > _MOST_NAMED else "")
        advice = "have the build system write the compile database anew, or make what it generates"
        yield Check("sources", "note", f"{len(missing)} of {count} are not there: {named}", advice)
    if count:
        yield from (_noted("compile commands", "note", note) for note in noted)
    yield from _compilers(opened, compilers, examples, len(noted))


def _noted(name: str, state: State, note: Note) -> Check:
    return Check(name, state, note.found, note.advice)


def _database(root: str, opened: Project, count: int) -> Iterator[Check]:
    name = "compile commands"
    if not count:  # one line for what has one cause
        why, *others = opened.noted or [Note("there is nothing to index")]
        more = f"; {count_text(len(others), 'note')} more: `cpplsp --index-only` has them" if others else ""
        yield Check(name, "wrong", f"{why.found}{more}", why.advice or _CONFIGURE)
        return
    if not opened.source:
        return  # which is noted
    written_s = os.stat(opened.source).st_mtime
    found = f"{opened.source}: {count_text(count, 'command')}, written {ago_text(time.time() - written_s)}"
    newer = [file for file in _BUILD_FILES if _mtime_s(os.path.join(root, file)) > written_s]
    if newer and os.path.basename(opened.source) != FLAGS:
        advice = "run the build system's configuration again, if flags or files have changed"
        yield Check(name, "note", f"{found}; {' and '.join(newer)} changed since", advice)
    else:
        yield Check(name, "ok", found)


def _mtime_s(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0


def _compilers(
    opened: Project,
    compilers: Counter[tuple[str, str]],
    examples: dict[tuple[str, str], CompileCommand],
    told: int,
) -> Iterator[Check]:
    """Ask each compiler of the database, as indexing does, and tell what it would note."""
    for (compiler, language), commands in compilers.most_common(_MOST_COMPILERS):
        invocation = opened.invocation(examples[compiler, language])
        folders = invocation.arguments.count("-isystem")
        notes = opened.noted[told:]
        told += len(notes)
        label = f"compiler {compiler or 'of the system'} ({language})"
        if notes:
            state: State = "wrong" if any("No C" in note.found for note in notes) else "note"
            yield from (_noted(label, state, note) for note in notes)
        else:
            yield Check(
                label, "ok", f"{count_text(commands, 'command')}, {count_text(folders, 'folder')} of headers"
            )


def memory(settings: Settings, look: Callable[[], Machine] = read_machine) -> Iterator[Check]:
    """What indexing may take, and how many workers that makes. ``look``: at the machine."""
    machine = look()
    governor = Governor(settings.memory_budget, settings.jobs, look=look)
    governor.sample(())
    budget = governor.budget_bytes()
    workers = governor.workers_allowed([FIRST_UNIT_BYTES] * (settings.jobs or machine.cpus))
    free = f"{bytes_text(machine.available_bytes)} of {bytes_text(machine.total_bytes)} are free"
    if machine.cgroup_free_bytes is not None:
        free += f", {bytes_text(machine.cgroup_free_bytes)} in this cgroup"
    found = (
        f"{bytes_text(budget)} may be taken ({free}): room for {count_text(workers, 'worker')} "
        f"with heavy units ({bytes_text(FIRST_UNIT_BYTES)}), on {count_text(machine.cpus, 'CPU')}"
    )
    if budget < LEAST_BUDGET_BYTES:
        advice = "end other programs, or give the container more: not even one worker can read a file"
        yield Check("memory", "wrong", found, advice)
    elif governor.room_bytes() < FIRST_UNIT_BYTES:
        advice = (
            "units that need more than there is are left out, and named: raise --memory-budget if there are"
        )
        yield Check("memory", "note", found, advice)
    else:
        yield Check("memory", "ok", found)


def cache(settings: Settings) -> Iterator[Check]:
    """The folder of all indexes: whether it can be written, and the room on its disk."""
    folder = cache_root(settings.cache_dir)
    there = folder
    while not os.path.lexists(there):
        there = os.path.dirname(there)
    try:
        # Tried: a mode does not tell of a disk that is mounted read-only, nor of a quota.
        with tempfile.TemporaryFile(dir=there) as stream:
            stream.write(b"x" * 4096)
            stream.flush()
    except OSError as error:
        advice = f"make {there} writable for you, or choose another folder with --cache-dir"
        found = f"{folder} cannot be written ({error.strerror})"
        has_indexes = next(index_folders(folder), None) is not None
        yield Check("cache", "note" if has_indexes else "wrong", found, advice)
        return
    free = shutil.disk_usage(there).free
    found = f"{folder}, {bytes_text(free)} free"
    if free < _LEAST_FREE_BYTES:
        advice = "`cpplsp cache prune` deletes indexes that nobody needs; --cache-dir chooses another disk"
        yield Check("cache", "note", found, advice)
    else:
        yield Check("cache", "ok", found)


def index(root: str, settings: Settings) -> Iterator[Check]:
    """The project's index: whether it is there, whole, of this version, and of all units."""
    path = find_index(root, settings.cache_dir, settings.compile_commands_dir)
    again = f"`cpplsp --index-only {root}` makes it anew"
    try:
        with contextlib.closing(open_reader(path)) as db:
            fault = first_fault(db)
            held = index_status(db, _roots(root, settings)) if not fault else None
    except FileNotFoundError:
        yield Check("index", "ok", f"none yet; an editor makes it, or `cpplsp --index-only {root}`")
    except CacheError as error:
        if folder_of(path).is_of_this_version:
            yield Check("index", "note", str(error))
        else:
            yield Check("index", "note", f"{path} is of another version of cpplsp", again)
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            yield Check("index", "wrong", f"{path} is damaged: {error}", again)
        else:
            yield Check(
                "index", "wrong", f"{path} cannot be read: {error}", "look at the folder's owner and mode"
            )
    else:
        if held is None:
            yield Check("index", "wrong", f"{path} is damaged: {fault}", again)
        else:
            yield _held(held)


def _roots(root: str, settings: Settings) -> Roots:
    try:
        return Project.open(root, settings).roots
    except ProjectError:
        return Roots(root)  # it was told already


def _held(held: Status) -> Check:
    writer = folder_of(held.path).writer
    writing = f"; process {writer or '?'} is writing it" if writer is not None else ""
    units = sum(held.units.values())
    found = (
        f"{held.path}: whole, {bytes_text(held.size_bytes)}, {count_text(units, 'unit')}, "
        f"written {ago_text(time.time() - held.changed_s)}{writing}"
    )
    troubles = []
    if held.failed:
        troubles.append(f"{count_text(len(held.failed), 'unit')} could not be read")
    if held.with_errors:
        troubles.append(f"{count_text(len(held.with_errors), 'unit')} with errors")
    if not troubles:
        return Check("index", "ok", found)
    return Check(
        "index", "note", f"{found}; {', '.join(troubles)}", "`cpplsp status` names them, and says why"
    )
