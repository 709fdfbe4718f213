#!/usr/bin/env python3
"""Draw what commands show on a terminal, as SVG: ``scripts/picture.py OUT.svg 'COMMAND' …``.

Each is run on a terminal of its own (a pty) and drawn with its prompt and its colours. ``--hide TEXT=SHOWN`` puts
something else in place of a text, a path of this machine, say.
"""

import argparse
import io
import os
import pty
import re
import subprocess
import sys

from rich.console import Console
from rich.text import Text

_FONT = re.compile(r"@font-face \{.*?\}\n", re.DOTALL)
"""rich's pictures load a font from elsewhere; the reader's own will do."""


def shown(command: str, columns: int) -> str:
    """What a command writes to a terminal, escape sequences included. Raises CalledProcessError."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(columns), "LINES": "50"}
    with subprocess.Popen(
        command, shell=True, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    ) as process:
        os.close(theirs)
        parts = []
        while part := _read(ours):
            parts.append(part)
        os.close(ours)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, b"".join(parts))
    return b"".join(parts).decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # Linux says so when the other end is closed
        return b""


def drawn(commands: list[str], columns: int, hidden: list[tuple[str, str]]) -> str:
    """The picture."""
    console = Console(record=True, width=columns, file=io.StringIO(), force_terminal=True)
    for command in commands:
        text = shown(command, columns)
        for what, instead in hidden:
            command, text = command.replace(what, instead), text.replace(what, instead)
        console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
        console.print(Text.from_ansi(text))
    return _FONT.sub("", console.export_svg(title="cpplsp", unique_id="cpplsp"))


def main() -> int:
    """Run them, and draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("picture")
    parser.add_argument("commands", nargs="+")
    parser.add_argument("--columns", type=int, default=110)
    parser.add_argument("--hide", action="append", default=[], metavar="TEXT=SHOWN")
    options = parser.parse_args()
    hidden = [(what, instead) for what, _, instead in (one.partition("=") for one in options.hide)]
    picture = drawn(options.commands, options.columns, hidden)
    with open(options.picture, "w", encoding="utf-8") as stream:
        stream.write(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
