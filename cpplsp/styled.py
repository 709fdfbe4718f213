"""What commands write for a person: coloured on a terminal, plain text elsewhere.

A line is a sequence of spans: a text and its style, as rich names them ('' for none). ``NO_COLOR``, ``TERM=dumb`` and
the like are rich's to heed.
"""

import re
from collections.abc import Iterable, Sequence
from typing import TextIO

Span = tuple[str, str]
Line = Sequence[Span]

_WORD = re.compile(r"(\s*)(\S+)")


def write(lines: Iterable[Line], stream: TextIO, hang: int | None = None) -> None:
    """Write lines as they come. ``hang``: fold them at words on a terminal, and indent what follows by so much.

    Without it they are left to the terminal: a place stays one that can be clicked or copied. So are words that are
    wider than it, paths above all.
    """
    if not stream.isatty():
        for line in lines:
            print("".join(text for text, _ in line), file=stream)
        return
    # Here: what is written into a file or a pipe does without, and it takes a tenth of a second.
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, highlight=False)
    for line in lines:
        text = Text.assemble(*line)
        if hang is not None:
            lines_of_it = text.divide(_folds(text.plain, console.width, hang))
            for one in lines_of_it:
                one.rstrip()
            text = Text(f"\n{' ' * hang}").join(lines_of_it)
        console.print(text, soft_wrap=True)


def _folds(text: str, width: int, hang: int) -> list[int]:
    """Where lines begin, but the first: at words. One that is too wide for any line is left where it is."""
    from rich.cells import cell_len

    folds, used = list[int](), 0
    for word in _WORD.finditer(text):
        gap, size = cell_len(word[1]), cell_len(word[2])
        if used and used + gap + size > width and hang + size <= width:
            folds.append(word.start(2))
            used = hang + size
        else:
            used += gap + size
    return folds


def columns(rows: Sequence[Sequence[Span]], right: frozenset[int] = frozenset()) -> list[Line]:
    """Cells as lines, each column as wide as its widest cell; those whose number is in ``right`` end there."""
    widths = [max(len(text) for text, _ in column) for column in zip(*rows, strict=True)]
    lines: list[Line] = []
    for row in rows:
        spans: list[Span] = []
        for at, ((text, style), width) in enumerate(zip(row, widths, strict=True)):
            gap = " " * (width - len(text))
            last = at == len(row) - 1
            spans += [(gap, ""), (text, style)] if at in right else [(text, style), ("" if last else gap, "")]
            spans += [] if last else [("  ", "")]
        lines.append(spans)
    return lines
