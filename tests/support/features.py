"""One ``check_…`` for each question about highlights, hierarchies, includes and counterparts; see ``support.cpp``."""

from collections.abc import Callable, Sequence
from pathlib import Path

from cpplsp.facts import Role
from cpplsp.query import calls, hierarchy
from cpplsp.query.counterpart import counterparts, namesake
from cpplsp.query.highlights import highlights
from cpplsp.query.includes import include_links
from cpplsp.query.navigation import Hit, symbols_at
from cpplsp.text.folding import folds
from support.cpp import Workspace, indexed
from support.marked import Range, unmark


def hits(space: Workspace, name: str, line: int, column: int) -> list[Hit]:
    """The symbols at a marked cursor."""
    return symbols_at(space.db, space.roots, space.path(name), line, column)


def check_highlights(code: str | bytes, kinds: str = "", *, errors: int = 0) -> None:
    """From each cursor, the ranges marked are highlighted; ``kinds``: first letters of read, write, text."""
    with indexed(code, errors=errors) as space:
        assert space.marked.cursors, "no cursor is marked"
        for name, line, column in space.marked.cursors:
            found = highlights(space.db, space.roots, space.path(name), hits(space, name, line, column))
            assert [_range(space, one) for one in found] == sorted(space.marked.ranges), (
                f"from {line}:{column}"
            )
            if kinds:
                assert "".join(_kind(one.roles) for one in found) == kinds


def _kind(roles: int) -> str:
    return "w" if roles & Role.WRITE else "r" if roles & Role.READ else "t"


def check_implementations(code: str | bytes, *, errors: int = 0) -> None:
    """From each cursor, the implementations are the ranges marked, each once."""
    with indexed(code, errors=errors) as space:
        assert space.marked.cursors, "no cursor is marked"
        for name, line, column in space.marked.cursors:
            found = hierarchy.implementations(space.db, space.roots, hits(space, name, line, column))
            assert sorted(_range(space, one) for one in found) == sorted(space.marked.ranges)


def check_callers(code: str | bytes, expected: Sequence[str], *, errors: int = 0) -> None:
    """What calls that at each cursor, by qualified name, ordered by file and place; the ranges marked are the calls."""
    _check_calls(code, expected, calls.callers, errors)


def check_callees(code: str | bytes, expected: Sequence[str], *, errors: int = 0) -> None:
    """What that at each cursor calls, by qualified name, in the order of calls; the ranges marked are the calls."""
    _check_calls(code, expected, calls.callees, errors)


def _check_calls(
    code: str | bytes, expected: Sequence[str], question: Callable[..., list[calls.Call]], errors: int
) -> None:
    with indexed(code, errors=errors) as space:
        db, roots = space.db, space.roots
        assert space.marked.cursors, "no cursor is marked"
        for cursor in space.marked.cursors:
            [item] = calls.callables_at(db, roots, hits(space, *cursor))
            found = question(db, roots, item.symbol)
            assert [_name(call.item) for call in found] == list(expected), f"from {cursor}"
            places = [_range(space, place) for call in found for place in call.places]
            assert sorted(places) == sorted(space.marked.ranges), f"from {cursor}"


def check_types(
    code: str | bytes, at: str, above: Sequence[str], below: Sequence[str], *, errors: int = 0
) -> None:
    """At each cursor is the class ``at`` (none, if empty), with these direct super- and subtypes, by qualified name."""
    with indexed(code, errors=errors) as space:
        db, roots = space.db, space.roots
        assert space.marked.cursors, "no cursor is marked"
        for cursor in space.marked.cursors:
            found = hierarchy.classes_at(db, roots, hits(space, *cursor))
            assert [_name(item) for item in found] == [at] * bool(at), f"from {cursor}"
            for item in found:
                assert [_name(one) for one in hierarchy.supertypes(db, roots, item.symbol)] == list(above)
                assert [_name(one) for one in hierarchy.subtypes(db, roots, item.symbol)] == list(below)


def check_links(code: str | bytes, targets: Sequence[str], *, errors: int = 0) -> None:
    """The includes of ``main.cc`` are the ranges marked, and lead to these files, in order."""
    with indexed(code, errors=errors) as space:
        path = space.path("main.cc")
        found = include_links(space.db, space.roots, path, Path(path).read_bytes())
        assert [space.name(link.target) for link in found] == list(targets)
        assert [_range(space, link.place) for link in found] == sorted(space.marked.ranges)


def check_counterpart(code: str, name: str, expected: str | None) -> None:
    """A file leads to that one."""
    with indexed(code) as space:
        path = space.path(name)
        by_name = namesake(path)
        found = [by_name] if by_name else counterparts(space.db, space.roots, path)
        assert (space.name(found[0]) if found else None) == expected


def _name(item: hierarchy.Item) -> str:
    return f"{item.scope}::{item.name}" if item.scope else item.name


def _range(space: Workspace, place: hierarchy.Place) -> Range:
    return space.name(place.path), (place.line, place.start), (place.line, place.end)


def check_folds(code: str) -> None:
    """What can be folded in a text are the ranges marked, in order."""
    marked = unmark(code)
    [(name, text)] = marked.files.items()
    assert [(name, fold.begin, fold.end) for fold in folds(text)] == sorted(marked.ranges)
