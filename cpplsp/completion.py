"""Completion in a shell: a script made of what the command line takes, so that a TAB starts no Python."""

import argparse

import shtab

from cpplsp import commandline
from cpplsp.config import options

_FOLDERS = frozenset(("ROOT", "DIR"))
_FILES = frozenset(("PATH", "FILE"))
_CHOICES = {name: option.choices for name, option in options() if option.choices}


def script(shell: str) -> str:
    """The script for a shell (one of ``commandline.SHELLS``)."""
    parser = commandline.parser(with_settings=True)
    for one in (parser, *parser.commands.choices.values()):
        _note_paths(one)
    return shtab.complete(parser, shell)


def _note_paths(parser: argparse.ArgumentParser) -> None:
    """Say of each option what kind of path it takes, as shtab reads it."""
    for action in parser._actions:
        if action.metavar in _FOLDERS:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
        elif action.metavar in _FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif choices := _CHOICES.get(action.dest):
            action.choices = choices
