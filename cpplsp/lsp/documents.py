"""Documents: URIs and paths, and what a client has open.

Inside, a file is its real path; a client is answered with the path that it used: the URI under which it opened the
file, or its own spelling of the workspace folder (which may lead there by a link).
"""

import os
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes, urlsplit

from lsprotocol import types

from cpplsp.columns import BOM, index_of
from cpplsp.lsp.buffers import Buffer
from cpplsp.paths import is_within, real_path

_NEWLINE = re.compile(r"\r\n|\n|\r")
_DRIVE = re.compile(r"/[A-Za-z]:(/|$)")
_MARK = BOM.decode()
_LONGEST_PATH = 4096
"""No file has a longer one (``PATH_MAX``)."""
_SAVED_TEXTS = 3
"""How many saved texts of a document are kept: the index is behind by as many saves as come while it works."""
_READ_TEXTS = 3
"""How many unsaved texts of a document are kept: one is in the answers, one is being read."""
_CLOSED_DOCUMENTS = 8
"""Of how many closed documents these are kept, for when one is opened again before it is indexed."""


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
    if "\0" in path or not path.startswith("/") or len(path) > _LONGEST_PATH:
        return None
    return path[:2].lower() + path[2:] if _DRIVE.match(path) else path


@lru_cache(maxsize=4096)
def uri_of(path: str) -> str:
    """The URI of an absolute path; bytes that are not UTF-8 are kept."""
    return "file://" + quote(os.fsencode(path), safe="/~")


class Document:
    """An open document. ``uri``: as the client spells it; ``path``: its real path; ``text``: its buffer."""

    def __init__(self, uri: str, path: str, version: int, text: str, saved: Sequence[str] = ()):
        self.uri = uri
        self.path = path
        self.version = version
        self.text = text
        self._saved: deque[str] = deque([*(one for one in saved if one != text), text], _SAVED_TEXTS)
        """Texts that the file had on disk, the last one at the end: one of them is what was indexed."""
        self._read: deque[str] = deque(maxlen=_READ_TEXTS)
        """Unsaved texts that were given to be read, the last one at the end."""
        self._buffer: Buffer | None = None
        self.is_as_opened = True
        """Whether it has neither been changed nor saved since."""

    @property
    def is_marked(self) -> bool:
        """Whether the client counts a byte-order mark as a character of the first line."""
        return self.text.startswith(_MARK)

    @property
    def is_edited(self) -> bool:
        """Whether there are changes that have not been saved."""
        return self.text != self._saved[-1]

    def encoded(self) -> bytes:
        """Its text as a file has it."""
        return self.text.encode("utf-8", "surrogatepass")

    @property
    def saved(self) -> tuple[str, ...]:
        """The texts that the file had on disk lately."""
        return tuple(self._saved)

    def buffer(self) -> Buffer:
        """The document as it is now, to be asked on any thread."""
        if self._buffer is None:
            self._buffer = Buffer(self.path, self.text, (*self._saved, *self._read))
        return self._buffer

    def change(self, change: types.TextDocumentContentChangeEvent, encoding: str) -> None:
        """Apply one change: of a range, or of all."""
        self._buffer = None
        self.is_as_opened = False
        if not isinstance(change, types.TextDocumentContentChangePartial):
            self.text = change.text
            return
        starts = _line_starts(self.text)
        begin = _offset(self.text, starts, change.range.start, encoding)
        end = max(begin, _offset(self.text, starts, change.range.end, encoding))
        self.text = self.text[:begin] + change.text + self.text[end:]

    def is_being_read(self) -> None:
        """What is on the screen now will be what answers speak of."""
        if self.text not in (*self._read, *self._saved):
            self._read.append(self.text)
            self._buffer = None

    def was_saved_as(self, text: str) -> None:
        """The file has another text than the document was opened with."""
        self._saved[-1] = text
        self._buffer = None

    def save(self) -> None:
        """What is on the screen is what is on disk."""
        self.is_as_opened = False
        if self._saved[-1] != self.text:
            self._saved.append(self.text)
            self._buffer = None


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
    return begin + index_of(line, position.character, encoding)


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
        self._closed: dict[str, tuple[str, ...]] = {}
        """Saved texts of documents that were closed, by real path, the last one at the end."""
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
        real = real_path(path)
        document = Document(item.uri, real, item.version, item.text, self._closed.pop(real, ()))
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
        if document is not None:
            self._closed[document.path] = document.saved
            while len(self._closed) > _CLOSED_DOCUMENTS:
                del self._closed[next(iter(self._closed))]
        return document

    def set_folders(self, folders: Sequence[tuple[str, str]]) -> None:
        """Note the workspace folders: real path and client's path of each."""
        self._folders = tuple(sorted(folders, key=lambda folder: (-len(folder[0]), folder)))
        self._client_paths = None

    def buffers(self) -> dict[str, Buffer]:
        """What is on the screen now, by real path."""
        return {document.path: document.buffer() for document in self._by_uri.values()}

    def client_paths(self) -> ClientPaths:
        """How the client spells paths now."""
        marked = frozenset(document.path for document in self._by_uri.values() if document.is_marked)
        if self._client_paths is None or self._client_paths.marked != marked:
            uris = {document.path: document.uri for document in self._by_uri.values()}
            self._client_paths = ClientPaths(self._folders, uris, marked)
        return self._client_paths
