"""Where a project's index is: under the project's name in the cache, or where it came to when it was made elsewhere.

An index that CI made, or another container, was made for another path. It is known by what it holds: its own project is
not on this machine, and the files it was made from are here, with the same contents.
"""

import contextlib
import logging
import os
import shutil
import sqlite3
import tempfile
import time

from cpplsp.content import content_hash, read_content
from cpplsp.paths import PROJECT
from cpplsp.store.connection import (
    SCHEMA_VERSION,
    CacheError,
    ReadOnlyError,
    WriterLock,
    cache_root,
    index_path,
    open_reader,
)
from cpplsp.store.folders import INDEX_NAME, Origin, folder_names, read_origin, schema_version

log = logging.getLogger(__name__)

_SAMPLE = 20
"""So many main files are compared."""
_COPYING = ".copying-"
_COPIED_WITHIN_S = 3600.0
_ENOUGH = 0.5
"""This share of them has to be as it was: then taking the index over spares that much work."""


def find_index(root: str, cache_dir: str | None, compile_commands_dir: str | None) -> str:
    """The path of a project's index, there or not. ``root``: the project's real path.

    One that was made elsewhere is looked for only where the project has none under its own name.
    """
    path = index_path(root, cache_dir, compile_commands_dir)
    if os.path.exists(path):
        return path
    wanted = Origin.of(root, compile_commands_dir)
    found, likeness = path, 0.0
    for folder in folder_names(cache_root(cache_dir)):
        other = os.path.join(folder, INDEX_NAME)
        if schema_version(other) != SCHEMA_VERSION:
            continue
        origin = read_origin(folder)
        if origin == wanted:
            return other  # it could not be copied, and is written where it is
        if (
            origin is None
            or origin.compile_commands_dir != wanted.compile_commands_dir
            or os.path.isdir(origin.root)
        ):
            continue
        alike = _likeness(other, wanted.root)
        if alike >= _ENOUGH and alike > likeness:
            found, likeness = other, alike
    return found


def take_over(root: str, cache_dir: str | None, compile_commands_dir: str | None) -> str:
    """What :func:`find_index` finds, copied to where the project's own index lies if that can be done.

    Copied, and not renamed: another machine may share the cache, and have the project that it was made for. Takes as
    long as copying does. Raises nothing.
    """
    path = index_path(root, cache_dir, compile_commands_dir)
    found = find_index(root, cache_dir, compile_commands_dir)
    if found == path:
        return path
    lock = None
    try:
        with contextlib.suppress(ReadOnlyError):  # where nobody can write, nobody is in the way
            lock = WriterLock(os.path.dirname(found))
        _copy(found, path)
    except (CacheError, OSError) as error:
        log.info("the index of %s is used where it is, at %s: %s", root, found, error)
        return found
    finally:
        if lock is not None:
            lock.release()
    log.info("the index of %s was made elsewhere: copied from %s", root, found)
    return path


def _copy(found: str, path: str) -> None:
    """Copy an index, all of it or nothing; preludes are not worth it, since they hold the paths they were made for."""
    folder = os.path.dirname(path)
    cache = os.path.dirname(folder)
    _remove_leftovers(cache)
    new = tempfile.mkdtemp(prefix=_COPYING, dir=cache)
    try:
        for ending in ("", "-wal"):
            if os.path.exists(found + ending):
                copy = os.path.join(new, INDEX_NAME + ending)
                shutil.copyfile(found + ending, copy)
                os.chmod(copy, 0o600)
        os.rename(new, folder)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def _remove_leftovers(cache: str) -> None:
    """Delete copies that nobody has finished: whoever was at it was killed."""
    with os.scandir(cache) as entries:
        for entry in entries:
            if entry.name.startswith(_COPYING) and time.time() - entry.stat().st_mtime > _COPIED_WITHIN_S:
                shutil.rmtree(entry.path, ignore_errors=True)


def _likeness(path: str, root: str) -> float:
    """Which share of an index's main files, by a sample, are in a folder with the contents that they had."""
    try:
        with contextlib.closing(open_reader(path)) as db:
            rows = db.execute(
                "SELECT DISTINCT f.path, v.content FROM unit u JOIN file f ON f.id = u.file"
                " JOIN version v ON v.id = f.current WHERE f.root = ? ORDER BY f.path",
                (PROJECT,),
            ).fetchall()
    except CacheError as error:
        log.warning("%s", error)
        return 0.0
    except (OSError, sqlite3.DatabaseError):
        return 0.0
    sample = rows[:: -(-len(rows) // _SAMPLE) or 1]
    same = sum(_is_as_it_was(os.path.join(root, name), content) for name, content in sample)
    return same / len(sample) if sample else 0.0


def _is_as_it_was(path: str, content: bytes) -> bool:
    try:
        return content_hash(read_content(path)[0]) == content
    except OSError:
        return False
