"""Positions: all conversions between the index (lines, byte columns) and the client (lines, units of its encoding).

Columns of the index are converted by the text that was indexed (``columns.WideMap``). A column in a buffer that has
been edited is converted by the buffer's own line. Lines are taken as they are: edits that move lines belong here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lsprotocol import types

from cpplsp.columns import BOM, WideMap
from cpplsp.lsp.documents import ClientPaths, Document, index_in
from cpplsp.lsp.wire import Location, LocationLink, Position, Range
from cpplsp.query.files import Place

UTF8, UTF16, UTF32 = "utf-8", "utf-16", "utf-32"
_PREFERRED = (UTF8, UTF32, UTF16)
_MARK_UNITS = {UTF8: len(BOM), UTF16: 1, UTF32: 1}


def choose_encoding(offered: Sequence[str] | None) -> str:
    """The position encoding to use: bytes if the client can, since the index has them; utf-16 if it says nothing."""
    return next((one for one in _PREFERRED if one in (offered or ())), UTF16)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a client asks: a position, in the client's units, of a document by its real path.

    ``line_text``: of the buffer, where that has been edited; None where the indexed text is on the screen.
    """

    path: str
    line: int
    character: int
    encoding: str
    is_marked: bool = False
    line_text: str | None = None

    @classmethod
    def of(cls, path: str, position: types.Position, encoding: str, document: Document | None) -> "Cursor":
        """The cursor at a position of a file that may be open."""
        edited = document.line(position.line) if document is not None and document.is_edited else None
        is_marked = document is not None and document.is_marked and position.line == 0
        return cls(path, position.line, position.character, encoding, is_marked, edited)

    def column(self, wide: WideMap) -> int:
        """The byte column. ``wide``: of the indexed text of the file."""
        marked = _MARK_UNITS[self.encoding] if self.is_marked else 0
        if self.line_text is None:
            return wide.to_bytes(self.line, max(0, self.character - marked), self.encoding)
        before = self.line_text[: index_in(self.line_text, self.character, self.encoding)]
        return max(0, len(before.encode("utf-8", "surrogatepass")) - (len(BOM) if self.is_marked else 0))


@dataclass(frozen=True, slots=True)
class Outward:
    """Converts places for one client, at one moment; any thread may use it."""

    encoding: str
    paths: ClientPaths

    def position(self, path: str, line: int, column: int, wide: WideMap) -> Position:
        """A line and byte column of a file (real path) as the client counts."""
        marked = _MARK_UNITS[self.encoding] if line == 0 and path in self.paths.marked else 0
        return Position(line, wide.from_bytes(line, column, self.encoding) + marked)

    def range(self, place: Place) -> Range:
        """The token at a place."""
        start = self.position(place.path, place.line, place.start, place.wide)
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
