"""Every place in one file where symbols are named."""

import sqlite3
from collections.abc import Sequence

from cpplsp.facts import Role
from cpplsp.paths import Roots
from cpplsp.query.files import Place, WideMaps, find_file, live_shards, marks
from cpplsp.query.navigation import Hit, same_symbols


def highlights(db: sqlite3.Connection, roots: Roots, path: str, hits: Sequence[Hit]) -> list[Place]:
    """Where a file names these symbols, in the order of the file, each token once with all its roles there.

    Implied places (the variable whose declaration calls a constructor) are among them. What no reading has compiled is
    not, unless that was asked from. A keyword is no name.
    """
    file = find_file(db, roots, path)
    hits = [hit for hit in hits if not hit.place.roles & Role.KEYWORD]
    if file is None or not hits:
        return []
    shards = live_shards(db, file)
    symbols = same_symbols(db, [hit.symbol for hit in hits])
    is_inactive = any(hit.place.roles & Role.INACTIVE for hit in hits)
    left_out = Role.KEYWORD if is_inactive else Role.KEYWORD | Role.INACTIVE
    rows = db.execute(
        "SELECT line, col, length, roles, shard FROM occurrence"
        f" WHERE symbol IN ({marks(symbols)}) AND shard IN ({marks(shards)}) AND roles & ? = 0"
        " ORDER BY line, col, shard, symbol",
        [*symbols, *shards, int(left_out)],
    )
    wide = WideMaps(db)
    found: dict[tuple[int, int], Place] = {}
    for line, column, length, roles, shard in rows:
        end = column + length
        if (known := found.get((line, column))) is not None:
            end, roles = max(end, known.end), roles | known.roles
        found[line, column] = Place(path, line, column, end, roles, wide.of(shard))
    return list(found.values())
