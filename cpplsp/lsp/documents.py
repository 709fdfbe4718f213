"""Documents: URIs and paths, and what a client has open.

Inside, a file is its real path; a client is answered with the path that it used: the URI under which it opened the
file, or its own spelling of the workspace folder (which may lead there by a link).
"""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes, urlsplit

from lsprotocol import types

from cpplsp.columns import BOM
from cpplsp.paths import is_within, real_path

_NEWLINE = re.compile(r"\r\n|\n|\r")
_DRIVE = re.compile(r"/[A-Za-z]:(/|$)")
_MARK = BOM.decode()


def path_of(uri: str) -> str | None:
    """The path that a URI of a local file stands for, as the client spells it; None for other documents.

    ``file:///c%3A/x`` and ``file:///C:/x`` are one file.
    """
    try:
        parts = urlsplit(uri)
    except ValueError:  # brackets around no address
        return None
    if parts.scheme.lower() != "file" or parts.netloc.lower() not in ("", "localhost"):
        return None
    path = os.fsdecode(unquote_to_bytes(parts.path))
    if "\0" in path or not path.startswith("/"):
        return None
    return path[:2].lower() + path[2:] if _DRIVE.match(path) else path


@lru_cache(maxsize=4096)
def uri_of(path: str) -> str:
    """The URI of an absolute path; bytes that are not UTF-8 are kept."""
    return "file://" + quote(os.fsencode(path), safe="/~")


@dataclass(slots=True)
class Document:
    """An open document. ``uri``: as the client spells it; ``path``: its real path; ``text``: its buffer.

    ``is_edited``: there are changes that have not been saved.
    """

    uri: str
    path: str
    version: int
    text: str
    is_edited: bool = False

    @property
    def is_marked(self) -> bool:
        """Whether the client counts a byte-order mark as a character of the first line."""
        return self.text.startswith(_MARK)

    def line(self, number: int) -> str:
        """The text of a line, without its end; ``""`` past the end."""
        starts = _line_starts(self.text)
        if number >= len(starts):
            return ""
        end = starts[number + 1] if number + 1 < len(starts) else len(self.text)
        return self.text[starts[number] : end].rstrip("\r\n")

    def change(self, change: types.TextDocumentContentChangeEvent, encoding: str) -> None:
        """Apply one change: of a range, or of all."""
        self.is_edited = True
        if not isinstance(change, types.TextDocumentContentChangePartial):
            self.text = change.text
            return
        starts = _line_starts(self.text)
        begin = _offset(self.text, starts, change.range.start, encoding)
        end = max(begin, _offset(self.text, starts, change.range.end, encoding))
        self.text = self.text[:begin] + change.text + self.text[end:]


def _line_starts(text: str) -> list[int]:
    """Where lines start: as LSP counts them, not as ``str.splitlines`` does (form feeds are in much C code)."""
    return [0, *(match.end() for match in _NEWLINE.finditer(text))]


def _offset(text: str, starts: Sequence[int], position: types.Position, encoding: str) -> int:
    """The index of a position in a text; past the end of a line is at its end."""
    if position.line >= len(starts):
        return len(text)
    begin = starts[position.line]
    end = starts[position.line + 1] if position.line + 1 < len(starts) else len(text)
    line = text[begin:end].rstrip("\r\n")
    return begin + index_in(line, position.character, encoding)


def index_in(line: str, units: int, encoding: str) -> int:
    """How many characters of a line are in so many of the client's units: at most all."""
    if encoding == "utf-32" or line.isascii():
        return min(units, len(line))
    for index, character in enumerate(line):
        if units <= 0:
            return index
        units -= (
            len(character.encode("utf-8", "surrogatepass"))
            if encoding == "utf-8"
            else 1 + (character > "\uffff")
        )
    return len(line)


@dataclass(frozen=True, slots=True)
class ClientPaths:
    """How a client spells paths, at one moment.

    ``folders``: real path and client's path of each workspace folder; ``open``: URI of each open document by its real
    path; ``marked``: those (real paths) in which the client counts a byte-order mark.
    """

    folders: tuple[tuple[str, str], ...] = ()
    open: dict[str, str] = field(default_factory=dict)
    marked: frozenset[str] = frozenset()

    def uri(self, path: str) -> str:
        """The URI by which the client knows a real path."""
        known = self.open.get(path)
        if known is not None:
            return known
        for real, spelled in self.folders:
            if is_within(path, real):
                return uri_of(spelled.rstrip("/") + path[len(real.rstrip("/")) :] or "/")
        return uri_of(path)


class Documents:
    """What the client has open, by URI and by real path."""

    def __init__(self) -> None:
        self._by_uri: dict[str, Document] = {}
        self._folders: tuple[tuple[str, str], ...] = ()
        self._client_paths: ClientPaths | None = None

    def __iter__(self) -> Iterator[Document]:
        """The open documents, those opened last first."""
        return reversed(list(self._by_uri.values()))

    def open(self, item: types.TextDocumentItem) -> Document | None:
        """Note an opened document; None where it is no local file."""
        path = path_of(item.uri)
        if path is None:
            return None
        document = Document(item.uri, real_path(path), item.version, item.text)
        self._by_uri.pop(item.uri, None)
        self._by_uri[item.uri] = document
        self._client_paths = None
        return document

    def get(self, uri: str) -> Document | None:
        """The open document of this URI, or of another one that leads to its file."""
        known = self._by_uri.get(uri)
        if known is not None or (path := path_of(uri)) is None:
            return known
        real = real_path(path)
        return next((document for document in self if document.path == real), None)

    def close(self, uri: str) -> Document | None:
        """Forget a document; returns it if it was open."""
        document = self._by_uri.pop(uri, None)
        self._client_paths = None
        return document

    def set_folders(self, folders: Sequence[tuple[str, str]]) -> None:
        """Note the workspace folders: real path and client's path of each."""
        self._folders = tuple(sorted(folders, key=lambda folder: (-len(folder[0]), folder)))
        self._client_paths = None

    def client_paths(self) -> ClientPaths:
        """How the client spells paths now."""
        if self._client_paths is None:
            self._client_paths = ClientPaths(
                self._folders,
                {document.path: document.uri for document in self._by_uri.values()},
                frozenset(document.path for document in self._by_uri.values() if document.is_marked),
            )
        return self._client_paths
