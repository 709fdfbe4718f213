"""A document on a client's screen: its text, positions in it as the client counts them, and edits of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

NEWLINE = re.compile(r"\r\n|\n|\r")
WORD = re.compile(r"[^\W\d]\w*")

Position = Mapping[str, int]
Range = Mapping[str, Position]


def units(text: str, encoding: str) -> int:
    """How many units of an encoding a text has."""
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    if encoding == "utf-16":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text)


class Screen:
    """A text, and the client's positions in it."""

    def __init__(self, text: str, encoding: str):
        self.text = text
        self.encoding = encoding

    @property
    def lines(self) -> list[str]:
        return NEWLINE.split(self.text)

    def snapped(self, offset: int) -> int:
        """The next index that is one of the text, and not within the end of a line."""
        offset = min(offset, len(self.text))
        return offset + (self.text[max(offset - 1, 0) : offset + 1] == "\r\n")

    def position(self, offset: int) -> dict[str, int]:
        """The client's position of an index into the text."""
        starts = [0, *(match.end() for match in NEWLINE.finditer(self.text))]
        line = next(line for line in range(len(starts) - 1, -1, -1) if starts[line] <= offset)
        return {"line": line, "character": units(self.text[starts[line] : offset], self.encoding)}

    def range(self, begin: int, end: int) -> dict[str, dict[str, int]]:
        return {"start": self.position(begin), "end": self.position(end)}

    def offset(self, position: Position) -> int:
        """The index of a client's position, which must be one of the text and between two characters."""
        starts = [0, *(match.end() for match in NEWLINE.finditer(self.text))]
        lines = self.lines
        assert 0 <= position["line"] < len(lines), f"{position} is in no line"
        line, at = lines[position["line"]], position["character"]
        for index in range(len(line) + 1):
            if units(line[:index], self.encoding) == at:
                return starts[position["line"]] + index
        raise AssertionError(f"{position} is not between characters of {line!r}")

    def spelled(self, place: Range) -> str:
        """What stands in a range."""
        begin, end = self.offset(place["start"]), self.offset(place["end"])
        assert begin <= end, f"{place} ends before it begins"
        return self.text[begin:end]

    def words(self) -> list[re.Match[str]]:
        return list(WORD.finditer(self.text))

    def replace(self, begin: int, end: int, new: str) -> dict[str, Any]:
        """Replace a part of the text; the change as the client tells it."""
        change = {"range": self.range(begin, end), "text": new}
        self.text = self.text[:begin] + new + self.text[end:]
        return change

    def applied(self, edits: Sequence[Mapping[str, Any]]) -> str:
        """The text with edits made, none of which overlap."""
        spans = sorted(
            (self.offset(edit["range"]["start"]), self.offset(edit["range"]["end"]), edit["newText"])
            for edit in edits
        )
        assert all(one[1] <= other[0] for one, other in pairwise(spans)), "edits overlap"
        text = self.text
        for begin, end, new in reversed(spans):
            text = text[:begin] + new + text[end:]
        return text


def tokens_of(data: Sequence[int]) -> Iterator[tuple[int, int, int, int, int]]:
    """Semantic tokens as they are sent: line, start, length, number of the type, modifiers of each."""
    line = start = 0
    for at in range(0, len(data), 5):
        down, along, length, kind, modifiers = data[at : at + 5]
        line, start = line + down, along + (0 if down else start)
        yield line, start, length, kind, modifiers
