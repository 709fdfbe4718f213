"""What an ``auto`` stands for, as the index has it of what is declared by it."""

import re
import sqlite3
from dataclasses import dataclass

from cpplsp.facts import Role
from cpplsp.paths import Roots
from cpplsp.query.files import Place, WideMaps, find_file, live_shards
from cpplsp.query.texts import IndexedTexts

DEDUCED = re.compile(r"\bauto\b")
"""In a type: it is not known."""

_AUTO = re.compile(rb"\bauto\b")
_MOST_LINES_BETWEEN = 3
"""Of an ``auto`` and what it declares."""


@dataclass(frozen=True, slots=True)
class Deduced:
    """A type that an ``auto`` stands for, the symbol that it is made of (0: none), and where the ``auto`` is."""

    type: str
    symbol: int
    place: Place


def deduced_at(db: sqlite3.Connection, roots: Roots, path: str, line: int, column: int) -> Deduced | None:
    """What the ``auto`` at a byte column stands for; None where there is none, or it is not known."""
    file = find_file(db, roots, path)
    for shard in live_shards(db, file) if file is not None else []:
        text = IndexedTexts(db, roots).of(shard)
        words = _AUTO.finditer(text.line(line)) if text is not None else ()
        word = next((one for one in words if one.start() <= column <= one.end()), None)
        if text is None or word is None:
            continue
        row = db.execute(
            "SELECT line, col, type, type_symbol FROM declaration WHERE shard = ? AND line BETWEEN ? AND ?"
            " AND (line, col) >= (?, ?) AND (begin_line, begin_col) <= (?, ?) AND type <> ''"
            " ORDER BY line, col, symbol LIMIT 1",
            (shard, line, line + _MOST_LINES_BETWEEN, line, word.end(), line, word.start()),
        ).fetchone()
        if row is None or DEDUCED.search(row[2]):
            continue
        between = text.content[text.offset(line, word.end()) : text.offset(row[0], row[1])]
        if not between.strip(b" \t\r\n&*const"):
            place = Place(path, line, word.start(), word.end(), int(Role.REFERENCE), WideMaps(db).of(shard))
            return Deduced(row[2], row[3], place)
    return None
