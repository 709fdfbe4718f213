"""Renaming: what is named at a place, whether it can have another name, and every place that has to change with it.

An answer is complete and right, or it is an error that says why there is none: what would not compile after it, or mean
something else, is refused.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from cpplsp.content import content_hash
from cpplsp.paths import Roots
from cpplsp.query.files import Place
from cpplsp.query.navigation import Hit
from cpplsp.query.rename.conflicts import check_conflicts, check_name
from cpplsp.query.rename.family import UNSPELLED, RenameError, Subject, subject_of
from cpplsp.query.rename.files import Reads, files_of, wide_of
from cpplsp.query.rename.places import Edit, find_edits
from cpplsp.text.identifiers import Text

__all__ = ["Edit", "Reads", "RenameError", "Renaming", "find_renamable", "rename"]


@dataclass(frozen=True, slots=True)
class Renaming:
    """What has to change for a name (``old``) to be another one, by file and place.

    ``is_local``: nothing outside of these files can name it.
    """

    old: str
    is_local: bool
    edits: list[Edit]


def find_renamable(
    db: sqlite3.Connection, roots: Roots, hits: Sequence[Hit], column: int, reads: Reads
) -> tuple[Place, str]:
    """The place of the name at a byte column, and the name, if it can be changed. Raises RenameError.

    ``hits``: what the index has there. Of a destructor, the name behind the tilde is meant.
    """
    subject = subject_of(db, roots, hits)
    return _place(subject, hits, column, reads), subject.name


def _place(subject: Subject, hits: Sequence[Hit], column: int, reads: Reads) -> Place:
    place = next(hit.place for hit in hits if not hit.place.roles & UNSPELLED)
    text = Text(place.path, reads(place.path) or b"")
    offset = text.offset(place.line, place.start)
    if text.content[offset : offset + 1] == b"~":
        offset += 1
        while text.content[offset : offset + 1].isspace():
            offset += 1
        if text.place(offset)[1] > column:
            raise RenameError("a destructor has the name of its class: rename that, or the name behind the ~")
    is_indexed = place.wide.content in (b"", content_hash(text.content))
    if not is_indexed or not text.spells(offset, subject.name):
        raise RenameError(
            f"the text with this {subject.name} has changed since it was indexed:"
            " save it, and try again when indexing has finished"
        )
    line, start = text.place(offset)
    return Place(place.path, line, start, start + len(text.name_at(offset)), place.roles, wide_of(text))


def rename(
    db: sqlite3.Connection, roots: Roots, hits: Sequence[Hit], column: int, new: str, reads: Reads
) -> Renaming:
    """The places where ``new`` has to stand for what the index has at a place (``hits``).

    Raises RenameError where that would be wrong, or cannot be known to be right.
    """
    subject = subject_of(db, roots, hits)
    _place(subject, hits, column, reads)
    files = files_of(db, roots, subject, reads)
    check_name(subject, new, files)
    edits = find_edits(db, roots, subject, files)
    check_conflicts(db, roots, subject, new, edits, files)
    return Renaming(subject.name, subject.is_local, edits)
