"""``cpplsp cache``: which indexes there are, where one lies, and the deletion of those that nobody wants."""

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from cpplsp import styled
from cpplsp.amounts import ago_text, bytes_text, count_text
from cpplsp.config import ConfigError, Settings
from cpplsp.store.connection import CacheError, LockedError, cache_root
from cpplsp.store.folders import IndexFolder, delete, index_folders
from cpplsp.store.location import find_index


@dataclass(frozen=True, slots=True)
class Unwanted:
    """Which indexes go. ``older_than_s``: not used for so many seconds. ``max_bytes``: what all may take together.

    Without any of these: those of projects that are gone, and those that this version of cpplsp cannot read. One that
    was shipped here and that no project has used yet goes only when ``gone`` is asked for.
    """

    gone: bool = False
    older_than_s: float | None = None
    max_bytes: int | None = None


def path(root: str, settings: Settings, as_json: bool) -> int:
    """Say where the index of a project lies, or will."""
    found = find_index(root, settings.cache_dir, settings.compile_commands_dir)
    print(json.dumps({"path": found, "exists": os.path.exists(found)}) if as_json else found)
    return 0


def _cache(settings: Settings) -> str:
    """The folder of all indexes. Raises ConfigError where there is something that cannot be it."""
    cache = cache_root(settings.cache_dir)
    try:
        os.scandir(cache).close()
    except FileNotFoundError:
        pass  # nothing was indexed yet
    except OSError as error:
        raise ConfigError(
            f"the cache {cache} cannot be read: {error.strerror}. Choose another folder with --cache-dir"
        ) from error
    return cache


def show(settings: Settings, as_json: bool) -> int:
    """List the indexes, the one used last first."""
    cache = _cache(settings)
    found = sorted(index_folders(cache), key=lambda one: -one.used_s)
    if as_json:
        print(json.dumps({"cache": cache, "indexes": [_as_object(one) for one in found]}))
        return 0
    now_s = time.time()
    heading = [(name, "bold") for name in ("size", "used", "project", "")]
    rows = [heading, *(_row(one, now_s) for one in found)]
    styled.write(styled.columns(rows, right=frozenset((0, 1))) if found else [], sys.stdout)
    total = bytes_text(sum(one.size_bytes for one in found))
    print(f"{count_text(len(found), 'index', 'indexes')}, {total} in {cache}")
    return 0


def prune(settings: Settings, what: Unwanted, as_json: bool, *, dry_run: bool) -> int:
    """Delete the indexes that are unwanted; 0, or 1 where one could not be deleted.

    One that a process writes is left alone, and named. ``dry_run``: name what would go, and delete nothing.
    """
    chosen: list[IndexFolder] = []
    kept: list[str] = []
    failed = False
    for one, why in unwanted(list(index_folders(_cache(settings))), what, time.time()):
        about = f"{one.folder} ({one.root or 'of an unknown project'}): {why}"
        try:
            if one.writer is not None:
                raise LockedError(f"process {one.writer or '?'} is indexing this project")
            if not dry_run:
                delete(one)
        except LockedError as error:
            kept.append(f"kept {about}, but {error}")
        except (CacheError, OSError) as error:
            failed = True
            kept.append(f"cannot delete {one.folder}: {getattr(error, 'strerror', None) or error}")
        else:
            chosen.append(one)
            if not as_json:
                print(f"{'would delete' if dry_run else 'deleted'} {about}, {bytes_text(one.size_bytes)}")
    for text in kept:
        print(f"cpplsp: {text}", file=sys.stderr)
    freed = sum(one.size_bytes for one in chosen)
    if as_json:
        objects = [_as_object(one) for one in chosen]
        done = {"would_delete": objects, "deleted": []} if dry_run else {"deleted": objects}
        print(json.dumps({**done, "bytes": freed, "kept": kept}))
    else:
        count = count_text(len(chosen), "index", "indexes")
        print(f"{count}, {bytes_text(freed)}" + (": nothing was deleted" if dry_run else " deleted"))
    return 1 if failed else 0


def unwanted(
    folders: Sequence[IndexFolder], what: Unwanted, now_s: float
) -> Iterator[tuple[IndexFolder, str]]:
    """The indexes that are to go, the longest unused first, and why."""
    is_told = what.gone or what.older_than_s is not None or what.max_bytes is not None
    left = sum(one.size_bytes for one in folders)
    for one in sorted(folders, key=lambda one: one.used_s):
        age_s = now_s - one.used_s
        if one.is_gone and (what.gone or not (is_told or one.foreign)):
            why = "its project is gone"
        elif not one.is_of_this_version and not is_told:
            why = "this version of cpplsp cannot read it"
        elif what.older_than_s is not None and age_s > what.older_than_s:
            why = f"last used {ago_text(age_s)}"
        elif what.max_bytes is not None and left > what.max_bytes:
            why = f"all together take {bytes_text(left)}"
        else:
            continue
        left -= one.size_bytes
        yield one, why


def _row(one: IndexFolder, now_s: float) -> list[styled.Span]:
    remarks = []
    if one.writer is not None:
        remarks.append(f"written by process {one.writer}" if one.writer else "written now")
    if one.is_gone:
        remarks.append("made elsewhere, not used here yet" if one.foreign else "its project is gone")
    if not one.is_of_this_version:
        remarks.append(_why_unreadable(one))
    style = "yellow" if one.is_gone or not one.is_of_this_version else "green"
    return [
        (bytes_text(one.size_bytes), ""),
        (ago_text(now_s - one.used_s), ""),
        (one.root or one.folder, ""),
        (", ".join(remarks), style),
    ]


def _why_unreadable(one: IndexFolder) -> str:
    if one.version is not None:
        return "of another version of cpplsp"
    return "damaged: made anew by the next run" if os.path.exists(one.path) else "no index"


def _as_object(one: IndexFolder) -> dict[str, object]:
    return {**asdict(one), "path": one.path, "gone": one.is_gone, "readable": one.is_of_this_version}
