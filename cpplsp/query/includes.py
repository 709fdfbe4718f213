"""The ``#include`` directives of a text, and the files that they lead to."""

import re
import sqlite3
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cpplsp.columns import WideMap, encode_wide, line_starts
from cpplsp.content import content_hash
from cpplsp.facts import Role
from cpplsp.paths import Roots
from cpplsp.query.files import Place, find_file, live_shards, marks

_DIRECTIVE = re.compile(
    rb"^(?:\xef\xbb\xbf)?[ \t]*(?:\#|%:)[ \t]*(?:include|include_next|import)\b[ \t]*"
    rb"(\"[^\"\r\n]*\"|<[^>\r\n]*>|[A-Za-z_]\w*)",
    re.MULTILINE,
)
_BLOCK = re.compile(
    rb"//(?:\\\r?\n|[^\r\n])*|/\*.*?(?:\*/|\Z)"
    rb"|\bu?8?[LUR]*R\"([^()\\\s]{0,16})\(.*?\)\1\"|\"(?:\\.|[^\"\\\r\n])*\"|'(?:\\.|[^'\\\r\n])*'",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class IncludeLink:
    """An ``#include``. ``place``: what it names, quotes and all; ``target``: the absolute path that it leads to."""

    place: Place
    target: str


def include_links(db: sqlite3.Connection, roots: Roots, path: str, text: bytes) -> list[IncludeLink]:
    """The directives in a text of a file that led to a file when it was indexed, in order.

    ``text``: what is on the screen now. Where that is not the text that was indexed, a directive counts if one on its
    line, or else any, led to a file by what it names.
    """
    targets, is_indexed = _targets(db, roots, path, content_hash(text))
    starts = line_starts(text)
    wide = WideMap(encode_wide(text, starts))
    links: list[IncludeLink] = []
    for begin, end in _spelled(text):
        line = bisect_right(starts, begin) - 1
        named = text[begin:end].decode("utf-8", "surrogateescape")
        on_line = [target for at, target in targets if at == line]
        fitting = on_line if is_indexed else [one for one in on_line if _leads_to(named, one)]
        if not fitting and not is_indexed:
            fitting = [target for _, target in targets if _leads_to(named, target)]
        if fitting:
            place = Place(path, line, begin - starts[line], end - starts[line], int(Role.REFERENCE), wide)
            links.append(IncludeLink(place, fitting[0]))
    return links


def _targets(
    db: sqlite3.Connection, roots: Roots, path: str, content: bytes
) -> tuple[list[tuple[int, str]], bool]:
    """Line and path of each include of a file, and whether that is known of this very content."""
    file = find_file(db, roots, path)
    shards = live_shards(db, file) if file is not None else []
    rows = db.execute(
        "SELECT i.line, f.root, f.path FROM include i JOIN file f ON f.id = i.target"
        f" WHERE i.shard IN ({marks(shards)}) ORDER BY i.line, f.root, f.path",
        shards,
    )
    targets = [(line, roots.join(root, name)) for line, root, name in dict.fromkeys(rows)]
    read = db.execute(
        "SELECT v.content FROM shard s JOIN version v ON v.id = s.version"
        f" WHERE s.id IN ({marks(shards)}) ORDER BY v.content",
        shards,
    )
    return targets, {row[0] for row in read} == {content}


def _spelled(text: bytes) -> Iterator[tuple[int, int]]:
    """Where a text names files to include, outside of comments and strings."""
    blocks = [match.span() for match in _BLOCK.finditer(text)]
    begins = [begin for begin, _ in blocks]
    for match in _DIRECTIVE.finditer(text):
        # The block that the directive is in begins before it; that of what it names is a string of its own.
        before = bisect_right(begins, match.start()) - 1
        if before < 0 or blocks[before][1] <= match.start():
            yield match.span(1)


def _leads_to(named: str, target: str) -> bool:
    """Whether a path that ends like ``target`` is named, as ``"../b/c.h"`` names ``/a/b/c.h``."""
    parts: Sequence[str] = [part for part in named[1:-1].split("/") if part not in ("", ".", "..")]
    return bool(parts) and target.split("/")[-len(parts) :] == parts
