"""Positions: all conversions between the index (lines, byte columns) and the client (lines, units of its encoding).

Columns of the index are converted by the text that was indexed (``columns.WideMap``), and places in a document that has
been edited since are found in its buffer (``lsp.buffers``).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from lsprotocol import types

from cpplsp.columns import BOM, WideMap
from cpplsp.lsp.buffers import Buffer
from cpplsp.lsp.disk import Disk
from cpplsp.lsp.documents import ClientPaths, Document
from cpplsp.lsp.wire import Location, LocationLink, Position, Range
from cpplsp.query.files import Place

UTF8, UTF16, UTF32 = "utf-8", "utf-16", "utf-32"
_PREFERRED = (UTF8, UTF32, UTF16)
_MARK_UNITS = {UTF8: len(BOM), UTF16: 1, UTF32: 1}


def choose_encoding(offered: Sequence[str] | None) -> str:
    """The position encoding to use: bytes if the client can, since the index has them; utf-16 if it says nothing."""
    return next((one for one in _PREFERRED if one in (offered or ())), UTF16)


Point = tuple[int, int]
"""Line and byte column of the indexed text."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a client asks, in the index: a line and a byte column of the indexed text of a file (real path)."""

    path: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where a client asks: a position, in its units, in a file (real path). ``buffer``: of one that is open."""

    path: str
    line: int
    character: int
    encoding: str
    buffer: Buffer | None = None

    @classmethod
    def of(cls, path: str, position: types.Position, encoding: str, document: Document | None) -> "Pointer":
        """What a client points at in a file that may be open."""
        is_marked = position.line == 0 and document is not None and document.is_marked
        character = max(0, position.character - (_MARK_UNITS[encoding] if is_marked else 0))
        return cls(path, position.line, character, encoding, document.buffer() if document else None)

    def in_text(self, wide: WideMap) -> int:
        """The byte column in the text that is on the screen, which ``wide`` is of."""
        return wide.to_bytes(self.line, self.character, self.encoding)

    def in_index(self, wide: WideMap) -> Cursor | None:
        """The place in the indexed text that ``wide`` is of; None for what was not there when it was indexed."""
        if self.buffer is None:
            return Cursor(self.path, self.line, self.in_text(wide))
        found = self.buffer.to_index(self.line, self.character, wide, self.encoding)
        return Cursor(self.path, *found) if found is not None else None


@dataclass(frozen=True, slots=True)
class Outward:
    """Converts places for one client, at one moment; any thread may use it.

    ``buffers``: what is on its screen, by real path. ``disk``: tells of all other files; None: they are as indexed.
    """

    encoding: str
    paths: ClientPaths
    buffers: Mapping[str, Buffer] = field(default_factory=dict)
    disk: Disk | None = None

    def holds(self, place: Place, names: Collection[str] = ()) -> bool:
        """Whether a token is still there, on the screen or on disk. What is gone must not be told.

        ``names``: what the token may be, where it is an identifier.
        """
        buffer = self.buffers.get(place.path)
        if buffer is not None:
            return buffer.holds(place.line, place.start, place.end, place.wide)
        return self.disk is None or self.disk.holds(place, names)

    def has_line(self, path: str, line: int, wide: WideMap) -> bool:
        """Whether a line of the indexed text of a file (real path) is still there on the screen."""
        buffer = self.buffers.get(path)
        return buffer is None or buffer.has_line(line, wide)

    def position(
        self, path: str, line: int, column: int, wide: WideMap, *, is_start: bool = False
    ) -> Position:
        """A line and byte column of a file (real path) as the client counts; where that is gone, what is next to it."""
        buffer = self.buffers.get(path)
        if buffer is None:
            found: tuple[int, int] | None = line, wide.from_bytes(line, column, self.encoding)
        else:
            found = buffer.from_index(line, column, wide, self.encoding, is_start=is_start)
        if found is None:
            assert buffer is not None
            found = buffer.nearest(line, wide), 0
        marked = _MARK_UNITS[self.encoding] if found[0] == 0 and path in self.paths.marked else 0
        return Position(found[0], found[1] + marked)

    def whole(self, path: str, ends: tuple[Point, Point, Point, Point], wide: WideMap) -> tuple[Range, Range]:
        """A declaration's range, and that of its name within it, from where it begins, its name starts, stops, it ends.

        The name may stand before all of it in a macro's expansion, and in edited text anything may.
        """
        begin, start, stop, end = ends
        outer = self.position(path, *begin, wide, is_start=True), self.position(path, *end, wide)
        inner = self.position(path, *start, wide, is_start=True), self.position(path, *stop, wide)
        name = Range(inner[0], max(*inner, key=_in_order))
        return (
            Range(min(outer[0], name.start, key=_in_order), max(outer[1], name.end, key=_in_order)),
            name,
        )

    def range(self, place: Place) -> Range:
        """The token at a place."""
        start = self.position(place.path, place.line, place.start, place.wide, is_start=True)
        return Range(start, self.position(place.path, place.line, place.end, place.wide))

    def location(self, place: Place) -> Location:
        """A place as a location."""
        return Location(self.paths.uri(place.path), self.range(place))

    def link(self, place: Place, origin: Place | None) -> LocationLink:
        """A place as the target of a link from the token ``origin``."""
        target = self.range(place)
        return LocationLink(
            self.paths.uri(place.path), target, target, self.range(origin) if origin is not None else None
        )


def _in_order(position: Position) -> tuple[int, int]:
    return position.line, position.character
