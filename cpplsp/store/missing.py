"""Headers that a unit did not find: it is stale as soon as one is there.

Nothing that a unit was made from tells: what was missing has no content. Generated headers are missing until the
first build.
"""

import os
import re
from collections.abc import Iterator, Sequence

from cpplsp.store.index import Index
from cpplsp.store.units import load_unit

_NOT_FOUND = re.compile(r"(?P<includer>.+):\d+:\d+: '(?P<name>.+)' file not found", re.DOTALL)
_FOLDER_OPTIONS = ("-I", "-iquote", "-isystem", "-idirafter")


def missing_has_come(index: Index, unit: int, error: str) -> bool:
    """Whether the header that a unit (id) did not find, by its first error, is where it would be looked for."""
    match = _NOT_FOUND.fullmatch(error)
    if match is None:
        return False
    read = load_unit(index, unit)
    # An error names a file of the project relative to the project, whatever folder the unit is compiled in.
    beside = os.path.join(index.roots.project, os.path.dirname(match["includer"]))
    folders = (beside, *_include_folders(read.arguments))
    return any(os.path.isfile(os.path.join(read.directory, folder, match["name"])) for folder in folders)


def _include_folders(arguments: Sequence[str]) -> Iterator[str]:
    """The folders of ``-Ifolder``, ``-I folder`` and the like, as they are written."""
    is_next = False
    for argument in arguments:
        if is_next:
            yield argument
            is_next = False
            continue
        for option in _FOLDER_OPTIONS:
            if argument.startswith(option):
                is_next = argument == option
                if not is_next:
                    yield argument[len(option) :]
                break
