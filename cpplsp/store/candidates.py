"""What a search for symbols by name chooses from: a row a symbol, and its bits in the table ``feature``.

Candidates are written with the facts that declare them. Their bits follow in batches: until then a search looks
at each (there are never :data:`BATCH` of them). How much a symbol is used is counted then, and anew when a
run has changed much of the index (:func:`settle`): ranks lag behind, what is found does not.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from cpplsp.facts import Declaration, Kind
from cpplsp.store import features

if TYPE_CHECKING:
    from cpplsp.store.index import Index

BATCH = 512
"""Candidates that get their bits together."""
BLOCK = 32_000
"""Candidates a row of ``feature``: one that is full fills a page."""
MOST_BLOCKS = 4096

NEVER = -1
"""Base cost of what nobody searches for."""
NEVER_FOUND = frozenset((Kind.PARAMETER, Kind.TEMPLATE_PARAMETER, Kind.LABEL, Kind.USING))

_SEALED = "candidates.sealed"
_SETTLED = "candidates.settled"
_SETTLED_END = "candidates.settled_end"
_MOST_USES = 255
_NAMES_AT_ONCE = 500
_CHANGED_MUCH = 8
"""Part of the shards that are new since uses were last counted: one in so many."""
_SPARSE = 2
"""Ids that were given out, for each that is still in use."""

_KIND_COSTS: dict[int, int] = {
    **dict.fromkeys((Kind.CLASS, Kind.STRUCT, Kind.UNION, Kind.ENUM, Kind.CONCEPT, Kind.TYPE_ALIAS), 0),
    **dict.fromkeys((Kind.FUNCTION, Kind.METHOD, Kind.STATIC_METHOD, Kind.CONVERSION), 1),
    **dict.fromkeys((Kind.NAMESPACE, Kind.NAMESPACE_ALIAS, Kind.VARIABLE, Kind.MACRO), 2),
    **dict.fromkeys((Kind.FIELD, Kind.STATIC_FIELD, Kind.ENUMERATOR), 3),
    # These are named as their class is, which stands for them.
    **dict.fromkeys((Kind.CONSTRUCTOR, Kind.DESTRUCTOR), 7),
}
_OTHER_KIND_COST = 7
_OUTSIDE_COST = 5
_LETTERS_A_COST = 4
_MOST_LENGTH_COST = 8


def has_name(declaration: Declaration) -> bool:
    """Whether a declaration gives its symbol a name that is known outside of a function."""
    return not declaration.local and declaration.name != "" and not declaration.name.startswith("(")


def base_cost(name: str, kind: int, *, is_outside: bool = False) -> int:
    """What speaks against a symbol, whatever its use: its kind, its length, that it is not the project's; or NEVER."""
    if kind in NEVER_FOUND:
        return NEVER
    length = min((len(name) - 1) // _LETTERS_A_COST, _MOST_LENGTH_COST)
    return _KIND_COSTS.get(kind, _OTHER_KIND_COST) + length + is_outside * _OUTSIDE_COST


def tier(base: int, uses: int) -> int:
    """The class that a symbol is in, 0 the most wanted: each doubling of its use is worth one."""
    unused = _MOST_USES.bit_length() - min(uses, _MOST_USES).bit_length()
    return min(base + unused, features.TIERS - 1)


def row_id(feature: int, block: int) -> int:
    """The row that has the bits of a block's candidates for a feature: those of a feature are side by side."""
    return feature * MOST_BLOCKS + block


def sealed(db: sqlite3.Connection) -> int:
    """The first id of the candidates that have no bits yet."""
    return _number(db, _SEALED)


def add(db: sqlite3.Connection, declarations: Iterable[Declaration], *, is_outside: bool) -> None:
    """Note the names that these declarations give. Call it in their transaction."""
    new = {one.symbol: one for one in declarations if has_name(one)}
    symbols = list(new)
    for at in range(0, len(symbols), _NAMES_AT_ONCE):
        some = symbols[at : at + _NAMES_AT_ONCE]
        rows = db.execute(
            f"SELECT symbol FROM candidate WHERE symbol IN ({','.join('?' * len(some))})", some
        ).fetchall()
        for (known,) in rows:
            del new[known]
    if not new:
        return
    first = sealed(db)
    begin = max(first, _end(db))
    db.executemany(
        "INSERT INTO candidate (id, symbol, name, scope, base) VALUES (?, ?, ?, ?, ?)",
        (
            (
                begin + at,
                one.symbol,
                one.name,
                one.scope,
                base_cost(one.name, one.kind, is_outside=is_outside),
            )
            for at, one in enumerate(new.values())
        ),
    )
    if begin + len(new) - first >= BATCH:
        _seal(db)


def drop(db: sqlite3.Connection, shard: int) -> None:
    """Forget what only this shard declares. Call it while its declarations are there, in their transaction."""
    db.execute(
        "DELETE FROM candidate WHERE symbol IN (SELECT symbol FROM declaration WHERE shard = ? AND local = 0)"
        " AND NOT EXISTS"
        " (SELECT 1 FROM declaration d WHERE d.symbol = candidate.symbol AND d.shard <> ? AND d.local = 0)",
        (shard, shard),
    )


def settle(index: "Index") -> None:
    """Bring ranks up to date at the end of a run, where that has changed much; a transaction a block."""
    shards = int(index.db.execute("SELECT coalesce(max(id), 0) FROM shard").fetchone()[0])
    settled = _number(index.db, _SETTLED)
    # Shards that are put back keep their numbers, what they declare gets new ones each time.
    known = _number(index.db, _SETTLED_END)
    is_sparser = _end(index.db) - known > max(known // _SPARSE, BLOCK)
    if shards - settled <= settled // _CHANGED_MUCH and not is_sparser:
        return
    with index.transaction() as db:
        _seal(db)
        if _end(db) > _SPARSE * db.execute("SELECT count(*) FROM candidate").fetchone()[0] + BLOCK:
            _renumber(db)
    for begin in range(0, sealed(index.db), BLOCK):
        with index.transaction() as db:
            _rank(db, begin)
    with index.transaction() as db:
        _remember(db, _SETTLED, shards)
        _remember(db, _SETTLED_END, _end(db))


def _seal(db: sqlite3.Connection) -> None:
    """Give bits to those that have none yet."""
    begin, end = sealed(db), _end(db)
    while begin < end:
        stop = min(end, (begin // BLOCK + 1) * BLOCK)
        _write(db, begin, _bits(db, begin, stop))
        begin = stop
    _remember(db, _SEALED, max(begin, end))


def _bits(db: sqlite3.Connection, begin: int, end: int) -> dict[int, int]:
    """The bits of candidates of one block, by slice."""
    bits: dict[int, int] = {}
    rows = db.execute(
        "SELECT id, name, scope FROM candidate WHERE id >= ? AND id < ? AND base >= 0 ORDER BY id",
        (begin, end),
    )
    for candidate, name, scope in rows:
        bit = 1 << candidate % BLOCK
        for feature in features.of_symbol(name, scope):
            bits[feature] = bits.get(feature, 0) | bit
    _add_tiers(db, begin, end, bits)
    return bits


def _add_tiers(db: sqlite3.Connection, begin: int, end: int, bits: dict[int, int]) -> None:
    rows = db.execute(
        "SELECT id, base,"
        " (SELECT count(*) FROM (SELECT 1 FROM occurrence o WHERE o.symbol = candidate.symbol LIMIT ?))"
        " FROM candidate WHERE id >= ? AND id < ? AND base >= 0 ORDER BY id",
        (_MOST_USES, begin, end),
    )
    for candidate, base, uses in rows:
        for feature in features.of_tier(tier(base, uses)):
            bits[feature] = bits.get(feature, 0) | 1 << candidate % BLOCK


def _write(db: sqlite3.Connection, begin: int, bits: dict[int, int]) -> None:
    """Add bits to those of a block."""
    block = begin // BLOCK
    if begin % BLOCK:
        for feature, known in _known(db, block, bits):
            bits[feature] |= int.from_bytes(known, "little")
    db.executemany(
        "INSERT OR REPLACE INTO feature (id, bits) VALUES (?, ?)",
        ((row_id(feature, block), _packed(found)) for feature, found in sorted(bits.items())),
    )


def _known(db: sqlite3.Connection, block: int, wanted: Iterable[int]) -> Iterator[tuple[int, bytes]]:
    for feature in wanted:
        row = db.execute("SELECT bits FROM feature WHERE id = ?", (row_id(feature, block),)).fetchone()
        if row is not None:
            yield feature, row[0]


def _packed(bits: int) -> bytes:
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def _rank(db: sqlite3.Connection, begin: int) -> None:
    """Put the candidates of a block in the tiers where they belong now."""
    bits: dict[int, int] = {}
    _add_tiers(db, begin, begin + BLOCK, bits)
    ids = [(row_id(feature, begin // BLOCK),) for feature in features.of_tiers()]
    db.executemany("DELETE FROM feature WHERE id = ?", ids)
    _write(db, begin, bits)


def _renumber(db: sqlite3.Connection) -> None:
    """Close the gaps that deleted candidates have left."""
    symbols = db.execute("SELECT id FROM candidate ORDER BY id").fetchall()
    db.execute("DELETE FROM feature")
    # In this order no id is taken by one that is still to move.
    db.executemany(
        "UPDATE candidate SET id = ? WHERE id = ?", ((new, old) for new, (old,) in enumerate(symbols))
    )
    _remember(db, _SEALED, 0)
    _seal(db)


def _end(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT coalesce(max(id) + 1, 0) FROM candidate").fetchone()[0])


def _number(db: sqlite3.Connection, key: str) -> int:
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return int(row[0]) if row else 0


def _remember(db: sqlite3.Connection, key: str, value: int) -> None:
    db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, str(value)))
