"""What a unit with errors told of headers is doubted when that unit changes.

An open bracket in one header swallows all that is included behind it, and what is told of those headers is wrong. They
do not include the one that changes when it is closed: nothing else would have them told anew. So each reading names the
unit that told it, and while it is doubted it names it negatively: it is served, and counts for nothing else.
"""

import sqlite3
from collections.abc import Callable, Sequence

from cpplsp.facts import UnitState
from cpplsp.store.units import unpack_versions


def raise_doubts(
    db: sqlite3.Connection, is_as_read: Callable[[int, int, Sequence[int], str], bool]
) -> set[int]:
    """Doubt what units with errors told that are to be read again: the ids of those of whom something is doubted.

    ``is_as_read``: whether a unit (id, state, versions, error) would fare as it did.
    """
    rows = db.execute(
        "SELECT id, dependencies, error FROM unit WHERE state = ? AND dependencies IS NOT NULL"
        " AND id IN (SELECT abs(teller) FROM reading)",
        (int(UnitState.ERRORS),),
    ).fetchall()
    stale = {
        unit
        for unit, packed, error in rows
        if not is_as_read(unit, UnitState.ERRORS, unpack_versions(packed), error)
    }
    db.executemany("UPDATE reading SET teller = -teller WHERE teller = ?", [(unit,) for unit in stale])
    return stale
