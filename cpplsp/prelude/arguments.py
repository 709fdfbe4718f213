"""Arguments of units, as a prelude is built with them."""

import os
from collections.abc import Iterable, Iterator, Sequence

from cpplsp.manifest import fitting

FOLDERS = ("-I", "-iquote", "-isystem", "-idirafter", "-F", "-iframework")


def _folders(arguments: Sequence[str], directory: str) -> Iterator[tuple[str, str]]:
    """Include paths as (option, absolute folder), in order."""
    at = 0
    while at < len(arguments):
        word = arguments[at]
        if word in FOLDERS and at + 1 < len(arguments):
            yield word, os.path.join(directory, arguments[at + 1])
            at += 1
        elif word[:2] in ("-I", "-F") and len(word) > 2:
            yield word[:2], os.path.join(directory, word[2:])
        at += 1


def search_path(arguments: Sequence[str], directory: str) -> list[str]:
    """The folders in which ``<…>`` is looked for, in that order."""
    found = list(_folders(arguments, directory))
    return [
        folder for wanted in ("-I", "-isystem", "-idirafter") for option, folder in found if option == wanted
    ]


def merged(
    arguments: Sequence[str], directory: str, others: Iterable[tuple[Sequence[str], str]]
) -> list[str]:
    """Arguments with the include paths of others behind their own: ``others`` are arguments and their directory."""
    known = set(_folders(arguments, directory))
    more: dict[tuple[str, str], None] = {}
    for one in others:
        more.update(dict.fromkeys(folder for folder in _folders(*one) if folder not in known))
    spelled = (part for option, folder in more for part in (option, folder))
    return [*fitting(arguments), *spelled]
