"""What a name may mean where nothing is known of its place: told by the name alone.

That is so in branches that the preprocessor skips, and where a name depends on what a template is used with. What the
same name means nearest to there in the file comes first; then whatever has that name, if that is little.
"""

import re
import sqlite3
from collections.abc import Iterable, Sequence

from cpplsp.facts import Kind, Relation, Role
from cpplsp.paths import SYSTEM, Roots
from cpplsp.query.files import Place, WideMaps, find_file, in_parts, live_shards, marks
from cpplsp.query.navigation import Hit
from cpplsp.query.texts import IndexedTexts
from cpplsp.text.lexer import BRACKETS

_NAME = re.compile(rb"[A-Za-z_$\x80-\xff][\w$\x80-\xff]*")
_IS_MEMBER = re.compile(rb"(?:\.|->)\s*(?:template\s+)?\Z")
_QUALIFIER = re.compile(rb"([\w$\x80-\xff]*|>)\s*::\s*\Z")
_MEMBERS = frozenset((Kind.FIELD, Kind.STATIC_FIELD, Kind.METHOD, Kind.STATIC_METHOD))
_WITH_THEIR_CLASS = frozenset((Kind.CONSTRUCTOR, Kind.DESTRUCTOR))
_CODE = frozenset((None, "bracket", "directive"))
"""What the lexer finds that is neither a comment nor a literal."""
_COMMENTS = frozenset(("block_comment", "directive"))
"""What may begin a comment of several lines."""
_RAW = re.compile(rb"R\"([^()\\\s]{0,16})\(")
_MOST = 3
"""Symbols beyond which a name says nothing."""


def guess_at(
    db: sqlite3.Connection, roots: Roots, path: str, line: int, column: int, kinds: Iterable[Kind] = Kind
) -> list[Hit]:
    """What the name at a byte column may mean, of these kinds, as inactive places; nothing in comments and literals."""
    file = find_file(db, roots, path)
    shards = live_shards(db, file) if file is not None else []
    text = IndexedTexts(db, roots).of(shards[0]) if shards else None
    if text is None:
        return []
    written = text.line(line)
    word = next((one for one in _NAME.finditer(written) if one.start() <= column <= one.end()), None)
    if word is None:
        return []
    before = written[: word.start()]
    qualifier = _QUALIFIER.search(before)
    scope = qualifier[1].decode("utf-8", "replace") if qualifier else ""
    possible = _MEMBERS if _IS_MEMBER.search(before) else frozenset(Kind) - _WITH_THEIR_CLASS
    symbols = _named(db, word.group().decode("utf-8", "replace"), scope, possible.intersection(kinds))
    if not symbols or not _is_code(text.content, text.offset(line, word.start())):
        return []
    place = Place(path, line, *word.span(), int(Role.INACTIVE), WideMaps(db).of(shards[0]))
    found = _nearest(db, shards, symbols, line) or _few(db, symbols)
    return [Hit(symbol, place) for symbol in found]


def _is_code(text: bytes, offset: int) -> bool:
    """Whether a place is in no comment or literal, by what is near: to read all of a big file takes 100 ms."""
    line = text.rfind(b"\n", 0, offset) + 1
    opened, closed = text.rfind(b"/*", 0, offset), text.rfind(b"*/", 0, offset)
    while opened > closed:
        if _token_at(text, opened) in _COMMENTS:
            return False
        opened = text.rfind(b"/*", 0, opened)
    is_after_comment = closed >= line and text.rfind(b"/*", line, closed) < 0
    raw = _RAW.match(text, max(text.rfind(b'R"', 0, offset), 0))
    if raw and text.find(b')%s"' % raw[1], raw.end(), offset) < 0 <= text.find(b')%s"' % raw[1], offset):
        return False
    return _token_at(text, offset, closed + 2 if is_after_comment else line) in _CODE


def _token_at(text: bytes, offset: int, begin: int | None = None) -> str | None:
    """What is at an offset, read from an offset on (the begin of its line): a group of the lexer, None for words."""
    begin = text.rfind(b"\n", 0, offset) + 1 if begin is None else begin
    for token in BRACKETS.finditer(text, begin):
        if token.end() > offset:
            return token.lastgroup if token.start() <= offset else None
    return None


def _named(db: sqlite3.Connection, name: str, scope: str, kinds: Iterable[int]) -> list[int]:
    """The symbols of a name, of these kinds, that stand in a scope (if any is named): no locals, no specialisations."""
    wanted = sorted(kinds)
    named = [
        row[0] for row in db.execute("SELECT symbol FROM candidate WHERE name = ? ORDER BY symbol", (name,))
    ]
    declared = [
        row
        for some in in_parts(named)
        for row in db.execute(
            f"SELECT symbol, scope FROM declaration WHERE symbol IN ({marks(some)})"
            f" AND local = 0 AND name = ? AND kind IN ({marks(wanted)}) ORDER BY symbol, scope",
            [*some, name, *wanted],
        )
    ]
    scopes = {scope, ""} if scope == "std" else {scope}  # what C has is there, too
    found = {symbol for symbol, where in declared if not scope or not scopes.isdisjoint(where.split("::"))}
    rows = db.execute(
        f"SELECT DISTINCT subject FROM relation WHERE object IN ({marks(list(found))}) AND relation = ?"
        " ORDER BY subject",
        [*sorted(found), int(Relation.SPECIALIZES)],
    )
    return sorted(found - {row[0] for row in rows})


def _nearest(db: sqlite3.Connection, shards: Sequence[int], symbols: Sequence[int], line: int) -> list[int]:
    """Those of the symbols that a file names nearest to a line."""
    row = db.execute(
        f"SELECT shard, line, col FROM occurrence WHERE shard IN ({marks(shards)}) AND symbol IN ({marks(symbols)})"
        " AND NOT roles & ? ORDER BY abs(line - ?), line, col, shard LIMIT 1",
        [*shards, *symbols, int(Role.IMPLICIT | Role.INACTIVE), line],
    ).fetchone()
    if row is None:
        return []
    rows = db.execute(
        "SELECT symbol FROM occurrence WHERE shard = ? AND line = ? AND col = ?"
        f" AND symbol IN ({marks(symbols)}) ORDER BY symbol",
        [*row, *symbols],
    )
    return [symbol for (symbol,) in rows]


def _few(db: sqlite3.Connection, symbols: Sequence[int]) -> list[int]:
    """The project's own of these symbols, or else those outside, if they are few."""
    rows = db.execute(
        "SELECT d.symbol, f.root FROM declaration d JOIN shard s ON s.id = d.shard"
        f" JOIN file f ON f.id = s.file WHERE d.symbol IN ({marks(symbols)}) ORDER BY d.symbol, f.root",
        symbols,
    ).fetchall()
    own = {symbol for symbol, root in rows if root != SYSTEM}
    chosen = sorted(own or symbols)
    return chosen if len(chosen) <= _MOST else []
