"""How much an index holds: counted at the end of a run that changed it, since counting reads all of it."""

from dataclasses import dataclass

from cpplsp.store.index import Index


@dataclass(frozen=True, slots=True)
class Totals:
    """``files``: with facts. ``symbols``: declared ones. ``occurrences``: places that name a symbol, each once."""

    files: int
    symbols: int
    occurrences: int


_KEYS = ("files", "symbols", "occurrences")


# Places can be in several shards only where a file has several, which few have: to look for equal ones is slow.
_OCCURRENCES = """
  WITH named AS NOT MATERIALIZED (
    SELECT file, line, col, symbol FROM shard JOIN occurrence ON shard = shard.id
    WHERE file IN (SELECT file FROM shard GROUP BY file HAVING count(*) > 1)
  )
  SELECT
    (SELECT count(*) FROM occurrence)
    - (SELECT count(*) FROM named)
    + (SELECT count(*) FROM (SELECT DISTINCT * FROM named))
"""


def count(index: Index) -> Totals:
    """Count, and remember for :func:`recall`."""
    db = index.db
    totals = Totals(
        db.execute("SELECT count(DISTINCT file) FROM shard").fetchone()[0],
        db.execute("SELECT count(DISTINCT symbol) FROM declaration").fetchone()[0],
        db.execute(_OCCURRENCES).fetchone()[0],
    )
    with index.transaction():
        for key in _KEYS:
            index.set_meta(f"totals.{key}", str(getattr(totals, key)))
    return totals


def recall(index: Index) -> Totals:
    """What was counted last; counted now, if nothing was."""
    found = [index.meta(f"totals.{key}") for key in _KEYS]
    return count(index) if None in found else Totals(*(int(text or 0) for text in found))
