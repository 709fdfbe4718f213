"""What commands write for a person: coloured on a terminal, plain text elsewhere.

A line is a sequence of spans: a text and its style, as rich names them ('' for none). ``NO_COLOR``, ``TERM=dumb`` and
the like are rich's to heed.
"""

from collections.abc import Iterable, Sequence
from typing import TextIO

Span = tuple[str, str]
Line = Sequence[Span]


def write(lines: Iterable[Line], stream: TextIO) -> None:
    """Write lines as they come."""
    if not stream.isatty():
        for line in lines:
            print("".join(text for text, _ in line), file=stream)
        return
    # Here: what is written into a file or a pipe does without, and it takes a tenth of a second.
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, highlight=False)
    for line in lines:
        # Not folded at words: a place stays one that can be clicked or copied.
        console.print(Text.assemble(*line), soft_wrap=True)


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
