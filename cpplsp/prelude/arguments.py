"""Arguments of units, as a prelude is built with them."""

import os
from collections.abc import Iterable, Sequence

from cpplsp.manifest import fitting

_FOLDERS = ("-I", "-iquote", "-isystem", "-idirafter", "-F", "-iframework")


def parted(arguments: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Include paths as (option, folder as written), and what else there is: both in order."""
    folders: list[tuple[str, str]] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word in _FOLDERS:
            folders.append((word, next(words, "")))
        elif word[:2] in ("-I", "-F"):
            folders.append((word[:2], word[2:]))
        else:
            rest.append(word)
    return folders, rest


def _folders(arguments: Sequence[str], directory: str) -> list[tuple[str, str]]:
    """Include paths as (option, absolute folder), in order."""
    return [(option, os.path.join(directory, folder)) for option, folder in parted(arguments)[0]]


def search_path(arguments: Sequence[str], directory: str) -> list[str]:
    """The folders in which ``<…>`` is looked for, in that order."""
    found = _folders(arguments, directory)
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
