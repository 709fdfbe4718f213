"""What has one name and keeps having one: the symbols that a rename takes along, and why it may not be."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cpplsp.facts import FUNCTION_KINDS, Kind, Relation, Role
from cpplsp.paths import DATABASE, PROJECT, Roots
from cpplsp.query.files import in_parts, marks
from cpplsp.query.hierarchy import CLASS_KINDS, above, below
from cpplsp.query.navigation import Hit, same_symbols
from cpplsp.store.units import unpack_versions

OURS = (PROJECT, DATABASE)
"""Names of the roots whose files may be changed."""
UNSPELLED = Role.IMPLICIT | Role.KEYWORD
"""Roles of what is not named where it is told to be."""
LOCAL_KINDS = frozenset((Kind.PARAMETER, Kind.TEMPLATE_PARAMETER, Kind.LABEL))
MEMBER_FUNCTIONS = frozenset((Kind.METHOD, Kind.STATIC_METHOD))

_STRUCTORS = frozenset((Kind.CONSTRUCTOR, Kind.DESTRUCTOR))
_BY_LOOPS = frozenset(("begin", "end"))
_BY_COROUTINES = frozenset(
    (
        *(
            "await_ready",
            "await_suspend",
            "await_resume",
            "await_transform",
            "initial_suspend",
            "final_suspend",
        ),
        *(
            "get_return_object",
            "return_void",
            "return_value",
            "yield_value",
            "unhandled_exception",
            "promise_type",
        ),
    )
)
_BY_LIBRARY = frozenset(
    (
        *("value_type", "difference_type", "pointer", "reference", "iterator_category", "iterator_concept"),
        *(
            "element_type",
            "char_type",
            "int_type",
            "pos_type",
            "off_type",
            "is_transparent",
            "is_always_equal",
        ),
        *("propagate_on_container_copy_assignment", "propagate_on_container_move_assignment"),
        *("propagate_on_container_swap", "const_pointer", "void_pointer", "size_type", "rebind"),
    )
)


class RenameError(Exception):
    """A rename is refused; the text says why, for the person who asked for it."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration. ``root``: name of its file's root; ``path``: absolute; ``begin``, ``end``: of all of it."""

    symbol: int
    name: str
    kind: int
    is_definition: bool
    file: int
    shard: int
    root: str
    path: str
    line: int
    column: int
    begin: tuple[int, int]
    end: tuple[int, int]
    scope: str
    container: int
    is_local: bool

    @property
    def is_ours(self) -> bool:
        """Whether its file may be changed."""
        return self.root in OURS


def told(roots: Roots, path: str, line: int, column: int) -> str:
    """A place as a person counts, in a file as a person is told of it."""
    return f"{roots.display(*roots.split(path))}:{line + 1}:{column + 1}"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is renamed: all symbols that have this ``name`` for one reason, and where they are declared.

    ``kind``: of that which was asked for; of its class, for a constructor or destructor.
    """

    name: str
    kind: int
    symbols: frozenset[int]
    declared: tuple[Declared, ...]

    @property
    def is_local(self) -> bool:
        """Whether nothing outside of one function, or of one declaration, can name it."""
        return self.kind in LOCAL_KINDS or all(one.is_local for one in self.declared)

    @property
    def is_member(self) -> bool:
        """Whether it can be named behind ``.`` or ``->``."""
        members = MEMBER_FUNCTIONS | {Kind.FIELD, Kind.STATIC_FIELD, Kind.ENUMERATOR}
        return self.kind in members or self.kind in CLASS_KINDS or self.kind == Kind.TYPE_ALIAS

    @property
    def is_function(self) -> bool:
        """Whether it may be overloaded."""
        return self.kind in FUNCTION_KINDS


def subject_of(db: sqlite3.Connection, roots: Roots, hits: Sequence[Hit]) -> Subject:
    """What is to be renamed where these symbols are named. Raises RenameError."""
    symbols = [hit.symbol for hit in hits if not hit.place.roles & UNSPELLED]
    if not symbols:
        raise RenameError("there is no name here that can be changed")
    first = next((one for one in symbols if any(True for _ in declarations(db, roots, [one]))), symbols[0])
    declared = _family(db, roots, first)
    if not declared:
        raise RenameError("what is named here is declared nowhere in the index, so it cannot be renamed")
    others = set(symbols) - {one.symbol for one in declared}
    strangers = list(declarations(db, roots, sorted(others)))
    if strangers:
        places = [told(roots, one.path, one.line, one.column) for one in (declared[0], strangers[0])]
        raise RenameError(
            f"{strangers[0].name} may name several things here, declared at {places[0]} and {places[1]}:"
            " rename one where it is declared"
        )
    found = _subject(first, declared)
    _check_kind(found)
    _check_overridden(db, found)
    return found


def _check_overridden(db: sqlite3.Connection, subject: Subject) -> None:
    """Refuse what overrides a function that the index does not have: those of the project it has."""
    if subject.kind == Kind.METHOD:
        missing = above(db, sorted(subject.symbols), Relation.OVERRIDES) - subject.symbols
        if missing:
            raise RenameError(f"{subject.name} overrides a function that is declared outside of the project")


def _subject(first: int, declared: list[Declared]) -> Subject:
    kind = next((one.kind for one in declared if one.symbol == first), declared[0].kind)
    if kind in _STRUCTORS:
        kind = next((one.kind for one in declared if one.kind in CLASS_KINDS), kind)
    name = next(one.name for one in declared if one.kind == kind)
    return Subject(name, kind, frozenset(one.symbol for one in declared), tuple(declared))


def _check_kind(subject: Subject) -> None:
    name, kind = subject.name, subject.kind
    if not name:
        raise RenameError("what is declared here has no name")
    if kind == Kind.CONVERSION or (
        subject.is_function and name.startswith("operator") and not name.isidentifier()
    ):
        raise RenameError(f"{name} is an operator: its name is given by the language")
    outside = next((one for one in subject.declared if not one.is_ours), None)
    if outside is not None:
        raise RenameError(f"{name} is declared in {outside.path}, outside of the project")
    if kind == Kind.FUNCTION and name == "main" and not subject.declared[0].scope:
        raise RenameError("main is where the program begins: its name is given by the language")
    if subject.is_function and name in _BY_LOOPS:
        raise RenameError(f"{name} is found by its name in range-based for loops, which do not spell it")
    if name in _BY_COROUTINES and kind != Kind.MACRO and not subject.is_local:
        raise RenameError(f"{name} is found by its name in coroutines, which do not spell it")
    is_type = kind == Kind.TYPE_ALIAS or kind in CLASS_KINDS
    if name in _BY_LIBRARY and is_type and subject.declared[0].container:
        raise RenameError(f"{name} is found by its name in templates of the standard library")


def _family(db: sqlite3.Connection, roots: Roots, symbol: int) -> list[Declared]:
    """All declarations of what must be renamed with a symbol, itself included."""
    known: set[int] = set()
    found: list[Declared] = []
    new = {symbol}
    while new:
        known |= new
        declared = list(declarations(db, roots, sorted(new)))
        found += declared
        more = {*new, *same_symbols(db, sorted(new)), *_at_same_sites(db, roots, declared)}
        no_structors = sorted(new - {one.symbol for one in declared if one.kind in _STRUCTORS})
        for relation in (Relation.SPECIALIZES, Relation.OVERRIDES):
            more |= above(db, no_structors, relation) | below(db, no_structors, relation)
        more.update(one.container for one in declared if one.kind in _STRUCTORS)
        more.update(_structors(db, declared))
        more.update(_of_instances(db, roots, declared))
        more.update(_in_specialisations(db, roots, declared))
        more.update(_namesakes(db, roots, [one for one in declared if one.kind == Kind.MACRO]))
        new = more - known
    return sorted(found, key=lambda one: (one.kind in _STRUCTORS, one.path, one.line, one.column, one.symbol))


def _at_same_sites(db: sqlite3.Connection, roots: Roots, declared: Sequence[Declared]) -> Iterator[int]:
    """What uses of a macro declare where its body has the name, or two readings of a file differ about."""
    sites = {(one.file, one.line, one.column): one for one in declared if one.kind not in _STRUCTORS}
    for (file, line, column), one in sorted(sites.items()):
        rows = db.execute(
            "SELECT d.symbol, d.kind FROM declaration d JOIN shard s ON s.id = d.shard"
            " WHERE s.file = ? AND d.line = ? AND d.col = ? AND d.name = ? ORDER BY d.symbol",
            (file, line, column, one.name),
        )
        yield from (symbol for symbol, kind in rows if _are_alike(kind, one.kind))


def _are_alike(kind: int, other: int) -> bool:
    """Whether two kinds differ in what only some readings know."""
    groups = (
        CLASS_KINDS,
        FUNCTION_KINDS - _STRUCTORS,
        {Kind.VARIABLE, Kind.FIELD, Kind.STATIC_FIELD, Kind.PARAMETER},
    )
    return kind == other or any({kind, other} <= group for group in groups)


def _structors(db: sqlite3.Connection, declared: Sequence[Declared]) -> Iterator[int]:
    """The constructors and destructors of classes: declared where these are defined."""
    classes = [one for one in declared if one.kind in CLASS_KINDS and one.is_definition]
    for some in in_parts(one.shard for one in classes):
        containers = sorted({one.symbol for one in classes if one.shard in some})
        rows = db.execute(
            f"SELECT DISTINCT symbol FROM declaration WHERE shard IN ({marks(some)})"
            f" AND kind IN (?, ?) AND container IN ({marks(containers)}) ORDER BY symbol",
            [*some, *sorted(_STRUCTORS), *containers],
        )
        yield from (row[0] for row in rows)


def _of_instances(db: sqlite3.Connection, roots: Roots, declared: Sequence[Declared]) -> Iterator[int]:
    """Members of a template that are specialised one by one (``template <> void V<char>::f()``), or their template."""
    for name, scope, kind in sorted({(one.name, one.scope, one.kind) for one in declared if one.scope}):
        alike = [one for one in declared_as(db, roots, name) if one.scope == scope and one.kind == kind]
        containers = {one.container for one in alike}
        if len(containers) == 1:
            continue
        classes = {one.symbol for one in declarations(db, roots, containers)}
        mine = {one.container for one in declared if one.name == name}
        if mine.isdisjoint(classes):
            classes = {one for one in classes if above(db, [one], Relation.SPECIALIZES)}
        yield from (one.symbol for one in alike if one.container not in classes)


def _in_specialisations(db: sqlite3.Connection, roots: Roots, declared: Sequence[Declared]) -> Iterator[int]:
    """Members of one name of a template and of its specialisations, which it stands for. Raises RenameError."""
    for name, container in sorted({(one.name, one.container) for one in declared if _is_plain_member(one)}):
        classes = _specialisations(db, container)
        if len(classes) == 1:
            continue
        by_class: dict[int, set[int]] = {one: set() for one in classes}
        for one in declared_as(db, roots, name):
            if one.container in classes and one.kind not in _STRUCTORS:
                by_class[one.container].add(one.symbol)
        if {one.symbol for one in declarations(db, roots, classes) if one.is_ours} != classes:
            raise RenameError(
                f"{name} is a member of what specialises a template from outside of the project,"
                " which may use it under its name"
            )
        having = [symbols for symbols in by_class.values() if symbols]
        if len(having) > 1 and max(map(len, having)) > 1:
            raise RenameError(
                f"{name} is overloaded in a template and its specialisations: which belong together is not known"
            )
        if len(having) > 1:
            yield from (symbol for symbols in having for symbol in symbols)


def _is_plain_member(one: Declared) -> bool:
    return (
        bool(one.container)
        and not one.is_local
        and one.kind not in (*_STRUCTORS, Kind.MACRO, Kind.ENUMERATOR)
    )


def _specialisations(db: sqlite3.Connection, symbol: int) -> set[int]:
    """A class with its template and all specialisations of that."""
    found, new = set(), {symbol}
    while new:
        found |= new
        some = sorted(new)
        new = above(db, some, Relation.SPECIALIZES) | below(db, some, Relation.SPECIALIZES)
        new -= found
    return found


def _namesakes(db: sqlite3.Connection, roots: Roots, macros: Sequence[Declared]) -> Iterator[int]:
    """All definitions of macros: one name has one meaning in all that is read together."""
    if macros:
        _, files = read_with(db, {one.file for one in macros})
        for one in declared_as(db, roots, macros[0].name):
            if one.kind == Kind.MACRO and one.file in files:
                yield one.symbol


def declarations(db: sqlite3.Connection, roots: Roots, symbols: Iterable[int]) -> Iterator[Declared]:
    """All declarations of these symbols, by place."""
    for some in in_parts(symbols):
        yield from _declared(db, roots, f"d.symbol IN ({marks(some)})", some)


def declared_as(db: sqlite3.Connection, roots: Roots, name: str) -> list[Declared]:
    """What is declared under a name outside of functions."""
    condition = "d.symbol IN (SELECT symbol FROM candidate WHERE name = ?) AND d.local = 0 AND d.name = ?"
    return list(_declared(db, roots, condition, [name, name]))


def declared_in(db: sqlite3.Connection, roots: Roots, shards: Sequence[int], name: str) -> list[Declared]:
    """What is declared under a name in these shards, in functions too."""
    return list(_declared(db, roots, f"d.shard IN ({marks(shards)}) AND d.name = ?", [*shards, name]))


def _declared(
    db: sqlite3.Connection, roots: Roots, condition: str, values: Sequence[object]
) -> Iterator[Declared]:
    rows = db.execute(
        "SELECT d.symbol, d.name, d.kind, d.definition, s.file, d.shard, f.root, f.path, d.line, d.col,"
        " d.begin_line, d.begin_col, d.end_line, d.end_col, d.scope, d.container, d.local"
        " FROM declaration d JOIN shard s ON s.id = d.shard JOIN file f ON f.id = s.file"
        f" WHERE {condition} ORDER BY f.root, f.path, d.line, d.col, d.symbol, d.shard",
        values,
    )
    for row in rows:
        symbol, name, kind, definition, file, shard, root, path, line, column, *rest = row
        b_line, b_column, e_line, e_column, scope, container, local = rest
        yield Declared(
            *(symbol, name, kind, bool(definition), file, shard, root, roots.join(root, path), line, column),
            *((b_line, b_column), (e_line, e_column), scope, container, bool(local)),
        )


def read_with(db: sqlite3.Connection, files: set[int]) -> tuple[set[int], set[int]]:
    """The units (main files) that read one of these files, and all files that they read, these included."""
    file_of = dict(db.execute("SELECT id, file FROM version ORDER BY id"))
    units, together = set(), set(files)
    rows = db.execute("SELECT file, dependencies FROM unit WHERE dependencies IS NOT NULL ORDER BY id")
    for main, packed in rows:
        read = {file_of.get(version, 0) for version in unpack_versions(packed)}
        if not read.isdisjoint(files):
            units.add(main)
            together |= read
    return units, together
