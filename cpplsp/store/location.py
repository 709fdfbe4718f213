"""Where a project's index is: under the project's name in the cache, or where it came to when it was made elsewhere.

An index that CI made, or another container, was made for another path. It is known by what it holds: its own project is
not on this machine, and the files it was made from are here, with the same contents.
"""

import contextlib
import logging
import os
import sqlite3

from cpplsp.content import content_hash, read_content
from cpplsp.paths import PROJECT
from cpplsp.store.connection import (
    SCHEMA_VERSION,
    CacheError,
    WriterLock,
    cache_root,
    index_path,
    open_reader,
)
from cpplsp.store.folders import INDEX_NAME, Origin, folder_names, read_origin, schema_version

log = logging.getLogger(__name__)

_SAMPLE = 20
"""So many main files are compared."""
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
            return other  # it was taken over, where its folder could not be given another name
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
    """What :func:`find_index` finds, given the project's own name in the cache if that can be done.

    For those that will read or write it, before they begin to.
    """
    path = index_path(root, cache_dir, compile_commands_dir)
    found = find_index(root, cache_dir, compile_commands_dir)
    if found == path:
        return path
    try:
        lock = WriterLock(os.path.dirname(found))
    except CacheError:
        return found  # read-only, or being written: it is used where it is
    try:
        os.rename(os.path.dirname(found), os.path.dirname(path))
    except OSError as error:
        log.debug("%s keeps its name: %s", found, error)
        return found
    finally:
        lock.release()
    log.info("the index of %s was made elsewhere: taken over from %s", root, found)
    return path


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
