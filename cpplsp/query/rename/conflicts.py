"""Where a new name would mean something else than before: what is declared so, and what would be captured.

What is declared under the new name is compared by scopes, and uses by the blocks, classes and namespaces that they
stand in; only what is spelled in the files that may name the subject can be in the way. Macros of the system's headers
are looked for in these headers themselves, since the index has only those that are used.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from functools import cached_property

from cpplsp.facts import FUNCTION_KINDS, Kind, Relation, Role
from cpplsp.paths import Roots
from cpplsp.query.files import in_parts, marks
from cpplsp.query.hierarchy import CLASS_KINDS, all_above, all_below
from cpplsp.query.rename.family import (
    LOCAL_KINDS,
    Declared,
    RenameError,
    Subject,
    declarations,
    declared_as,
    declared_in,
)
from cpplsp.query.rename.files import Files, surroundings
from cpplsp.query.rename.places import Edit
from cpplsp.text.identifiers import Spelled, Text, is_identifier, is_keyword

_STRUCTORS = frozenset((Kind.CONSTRUCTOR, Kind.DESTRUCTOR))
_DECLARING = Role.DECLARATION | Role.DEFINITION
_ANONYMOUS = "(anonymous)"
_QUALIFIED = (b".", b"->", b"::")
_DEFAULT = re.compile(rb"=.*", re.DOTALL)
_LAST_NAME = re.compile(rb"(?<=[\s*&>])[A-Za-z_]\w*\s*$")


def check_name(subject: Subject, new: str, files: Files) -> None:
    """Refuse what can be no name. Raises RenameError."""
    if not is_identifier(new):
        raise RenameError(
            f"“{new}” is no name in C and C++: letters, digits and _ make one, and no digit begins it"
        )
    if new == subject.name:
        raise RenameError(f"{new} is the name that it has")
    for in_c in (False, True):
        if is_keyword(new, in_c=in_c) and files.has_language(in_c=in_c):
            raise RenameError(f"{new} is a keyword of {'C' if in_c else 'C++'}")


def check_conflicts(
    db: sqlite3.Connection, roots: Roots, subject: Subject, new: str, edits: Iterable[Edit], files: Files
) -> None:
    """Refuse a new name that is in the way of others, or they in its. Raises RenameError."""
    _Conflicts(db, roots, subject, new, list(edits), files).check()


class _Conflicts:
    def __init__(
        self,
        db: sqlite3.Connection,
        roots: Roots,
        subject: Subject,
        new: str,
        edits: list[Edit],
        files: Files,
    ):
        self._db = db
        self._roots = roots
        self._subject = subject
        self._new = new
        self._files = files
        self._edits = edits
        self._containers: dict[int, int] = {}
        self._kinds: dict[int, frozenset[int]] = {}
        self._chains: dict[int, list[int]] = {}
        self._locals: dict[str, list[tuple[Declared, int, int]]] = {}

    def check(self) -> None:
        self._check_macros()
        spelled = [path for path in sorted(self._files.path_of.values()) if self._tokens(path)]
        if not spelled:
            return
        if self._subject.kind == Kind.MACRO:
            token = self._tokens(spelled[0])[0]
            raise self._taken(f"it is used at {self._at(spelled[0], token)}, which the macro would replace")
        if self._subject.is_local:
            for one in self._subject.declared:
                self._check_local(one)
            return
        self._check_scopes()
        self._check_captured()
        self._check_capturing()

    def _tokens(self, path: str) -> list[Spelled]:
        return self._files.text(path).spelled(self._new)

    def _at(self, path: str, token: Spelled) -> str:
        return self._files.where(path, token.line, token.column)

    def _where(self, one: Declared) -> str:
        return self._files.where(one.path, one.line, one.column)

    def _taken(self, why: str) -> RenameError:
        return RenameError(f"{self._subject.name} cannot be named {self._new}: {why}")

    def _check_macros(self) -> None:
        """Refuse the name of a macro in any file that is read with one that is changed."""
        for one in self._others:
            if one.kind == Kind.MACRO:
                raise self._taken(f"that is a macro, defined at {self._where(one)}")
        raw = self._new.encode()
        define = re.compile(rb"^[ \t]*#[ \t]*define[ \t]+%b(?![\w$])" % re.escape(raw), re.MULTILINE)
        for path in self._files.outside:
            text = self._files.text(path)
            found = define.search(text.content) if raw in text.content else None
            if found:
                place = self._files.where(path, *text.place(found.start()))
                raise self._taken(f"that is a macro, defined at {place}")

    @cached_property
    def _others(self) -> list[Declared]:
        """What is declared under the new name outside of functions, in files that are read with those changed."""
        found = declared_as(self._db, self._roots, self._new)
        return [one for one in found if one.file in self._files.ids and one.kind not in _STRUCTORS]

    # Locals

    def _check_local(self, one: Declared) -> None:
        """Refuse what a local's scope declares under the new name, and what is used there under it."""
        text = self._files.text(one.path)
        begin, end = self._region(text, one)
        inner: set[int] = set()
        for other, other_begin, other_end in self._locals_in(one.path):
            if (other.kind == Kind.LABEL) != (one.kind == Kind.LABEL):
                inner.add(other.symbol)
            elif other_end == end or (
                one.kind in LOCAL_KINDS - {Kind.PARAMETER} and begin <= other_begin < end
            ):
                raise self._taken(f"that is declared in its scope, at {self._where(other)}")
            elif begin <= other_begin < end:
                inner.add(other.symbol)
                self._check_shadowed(one.path, other, other_begin, other_end)
        if one.kind == Kind.LABEL:
            return
        for token in self._tokens(one.path):
            if begin <= token.offset < end and self._is_captured(text, token, inner):
                raise self._taken(f"what that is at {self._at(one.path, token)} would be hidden by it")

    def _check_shadowed(self, path: str, other: Declared, begin: int, end: int) -> None:
        """Refuse a new name that a block declares in which the old one is used."""
        text = self._files.text(path)
        for edit in self._edits:
            offset = text.offset(edit.place.line, edit.place.start) if edit.place.path == path else -1
            if begin < offset < end and not text.is_behind(offset, *_QUALIFIED):
                raise self._taken(
                    f"at {self._files.where(path, edit.place.line, edit.place.start)} it would mean"
                    f" what is declared at {self._where(other)}"
                )

    def _is_captured(self, text: Text, token: Spelled, inner: set[int]) -> bool:
        """Whether what a token names in a local's scope is looked for where the local would be found."""
        if text.is_behind(token.offset, *_QUALIFIED) or text.directive(token.offset)[0] >= 0:
            return False
        found = self._files.at(text.path, token.line, token.column)
        for one in found:
            kinds = self._kinds_of(one.symbol)
            if one.symbol in inner:
                return False
            after = text.content[token.offset + token.length :].lstrip()[:1]
            if (
                kinds & {Kind.FIELD, *CLASS_KINDS}
                and after in (b"(", b"{")
                and text.is_behind(token.offset, b":", b",")
            ):
                return False  # a constructor's initialiser
            if one.roles & _DECLARING and self._kinds_of(self._container(one.symbol)) & {
                *CLASS_KINDS,
                Kind.ENUM,
            }:
                return False  # a member of a class in the function
        return True

    def _locals_in(self, path: str) -> list[tuple[Declared, int, int]]:
        """The locals of the new name in a file, with the scopes in which they can be named."""
        known = self._locals.get(path)
        if known is None:
            text = self._files.text(path)
            found = declared_in(self._db, self._roots, self._files.shards.get(path, []), self._new)
            known = self._locals[path] = [
                (one, *self._region(text, one)) for one in found if one.is_local or one.kind in LOCAL_KINDS
            ]
        return known

    def _region(self, text: Text, one: Declared) -> tuple[int, int]:
        """Where a local can be named."""
        offset = text.offset(one.line, one.column)
        opening = text.around(offset)[0]
        is_of_lambda = text.content[:opening].rstrip()[-1:] in (b"]", b">")
        if one.kind in LOCAL_KINDS and not (one.kind == Kind.PARAMETER and is_of_lambda):
            begin, end = surroundings(self._db, text, one)
            return begin, end - (
                text.content[end - 1 : end] == b"}"
            )  # where its block ends, as of other locals
        return offset, text.scope_end(offset)

    # Others

    def _check_scopes(self) -> None:
        """Refuse what is declared under the new name in the same scope, or in a base or derived class."""
        own = self._scopes(self._subject.declared)
        containers = {one.container for one in self._subject.declared if one.kind not in _STRUCTORS} - {0}
        related: set[int] = set()
        if any(self._kinds_of(one) & CLASS_KINDS for one in containers):
            related = all_above(self._db, sorted(containers), Relation.DERIVES_FROM)
            related |= all_below(self._db, sorted(containers), Relation.DERIVES_FROM)
        for one in declarations(self._db, self._roots, containers):
            if one.kind in CLASS_KINDS and one.name == self._new:
                raise self._taken(f"that is the name of its class, at {self._where(one)}")
        for one in self._others:
            if one.container in self._subject.symbols and self._subject.kind in CLASS_KINDS:
                raise self._taken(f"it has a member of that name, at {self._where(one)}")
            if one.container in related:
                raise self._taken(f"a base or derived class has a member of that name, at {self._where(one)}")
            if own & self._scopes([one]) and not self._are_overloads(one):
                raise self._taken(f"that is declared in the same scope, at {self._where(one)}")

    def _scopes(self, declared: Iterable[Declared]) -> set[str]:
        """Qualified names of the scopes in which a declaration puts its name; an enumerator puts it in two."""
        found = set()
        for one in declared:
            if one.kind in _STRUCTORS:
                continue
            found.add(_named_scope(one.scope))
            if one.kind == Kind.ENUMERATOR and not self._is_scoped(one.container):
                found.add(_named_scope(one.scope.rpartition("::")[0]))
        return found

    def _is_scoped(self, enum: int) -> bool:
        """Whether an enum is an ``enum class``."""
        for one in declarations(self._db, self._roots, [enum]):
            text = self._files.text(one.path)
            begin, end = text.offset(*one.begin), text.offset(one.line, one.column)
            return bool(text.names_in(begin, end) & {"class", "struct"})
        return False

    def _are_overloads(self, other: Declared) -> bool:
        """Whether functions of one name can be told apart by their parameters."""
        if (
            not self._subject.is_function
            or other.kind not in FUNCTION_KINDS
            or self._files.has_language(in_c=True)
        ):
            return False
        theirs = self._parameters(other)
        return all(self._parameters(one) != theirs for one in self._subject.declared)

    def _parameters(self, one: Declared) -> tuple[bytes, ...]:
        """What tells a function from its overloads: types as they are written, and what follows them."""
        text = self._files.text(one.path)
        begin, end = text.arguments(text.offset(one.line, one.column))
        if begin < 0:
            return ()
        parts, last = [], begin + 1
        inner = [span for span in text.brackets if begin < span[0] and span[1] < end]
        for comma in re.finditer(rb",", text.content[begin:end]):
            at = begin + comma.start()
            if not any(opened < at < closed for opened, closed in inner):
                parts.append(text.content[last:at])
                last = at + 1
        parts.append(text.content[last:end])
        types = [_LAST_NAME.sub(b"", _DEFAULT.sub(b"", part).strip()).strip() for part in parts]
        is_const = text.content[end + 1 :].lstrip().startswith(b"const")
        return (*(b"".join(part.split()) for part in types if part != b"void"), b"const" if is_const else b"")

    def _check_captured(self) -> None:
        """Refuse a new name that means something nearer where the old one is used."""
        for path in sorted({edit.place.path for edit in self._edits}):
            for other, begin, end in self._locals_in(path):
                if other.kind != Kind.LABEL:
                    self._check_shadowed(path, other, begin, end)
        own = {one.container for one in self._subject.declared}
        nearer = {one.container: one for one in self._others if one.container and one.container not in own}
        if not nearer:
            return
        for edit, enclosing in self._enclosing():
            for scope in self._chain(enclosing):
                if scope in own:
                    break
                if scope in nearer:
                    raise self._taken(
                        f"at {self._files.where(edit.place.path, edit.place.line, edit.place.start)} it would mean"
                        f" what is declared at {self._where(nearer[scope])}"
                    )

    def _enclosing(self) -> Iterator[tuple[Edit, int]]:
        """The unqualified edits, and what they stand in."""
        for edit in self._edits:
            place = edit.place
            text = self._files.text(place.path)
            if text.is_behind(text.offset(place.line, place.start), *_QUALIFIED):
                continue
            shards = self._files.shards.get(place.path, [])
            row = self._db.execute(
                f"SELECT enclosing FROM occurrence WHERE shard IN ({marks(shards)}) AND line = ? AND col = ?"
                " AND enclosing <> 0 ORDER BY shard, symbol",
                [*shards, place.line, place.start],
            ).fetchone()
            if row:
                yield edit, row[0]

    def _check_capturing(self) -> None:
        """Refuse a new name that would hide, from what is around, what is used where the subject is known."""
        own = {one.container for one in self._subject.declared if one.kind not in _STRUCTORS} - {0}
        others = {one.symbol: one.container for one in self._others if one.container not in own}
        if not own or not others:
            return
        for some in in_parts(others):
            rows = self._db.execute(
                "SELECT f.root, f.path, o.line, o.col, o.symbol, o.enclosing FROM occurrence o"
                " JOIN shard s ON s.id = o.shard JOIN file f ON f.id = s.file"
                f" WHERE o.symbol IN ({marks(some)}) AND NOT o.roles & ? ORDER BY f.root, f.path, o.line, o.col",
                [*some, int(Role.IMPLICIT | Role.INACTIVE | _DECLARING)],
            )
            for root, relative, line, column, symbol, enclosing in rows:
                path = self._roots.join(root, relative)
                text = self._files.text(path)
                if text.is_behind(text.offset(line, column), *_QUALIFIED):
                    continue
                for scope in self._chain(enclosing):
                    if scope == others[symbol]:
                        break
                    if scope in own:
                        raise self._taken(
                            f"what that is at {self._files.where(path, line, column)} would be hidden by it"
                        )

    # Symbols and what they stand in

    def _container(self, symbol: int) -> int:
        known = self._containers.get(symbol)
        if known is None:
            row = self._db.execute(
                "SELECT container FROM declaration WHERE symbol = ? ORDER BY shard, line", (symbol,)
            ).fetchone()
            known = self._containers[symbol] = row[0] if row else 0
        return known

    def _kinds_of(self, symbol: int) -> frozenset[int]:
        known = self._kinds.get(symbol)
        if known is None:
            rows = self._db.execute(
                "SELECT DISTINCT kind FROM declaration WHERE symbol = ? ORDER BY kind", (symbol,)
            )
            known = self._kinds[symbol] = frozenset(row[0] for row in rows)
        return known

    def _chain(self, symbol: int) -> list[int]:
        """The scopes around what stands in a symbol, the nearest first; behind each class what it derives from."""
        known = self._chains.get(symbol)
        if known is None:
            known = self._chains[symbol] = []
            if symbol:
                known.append(symbol)
                if self._kinds_of(symbol) & CLASS_KINDS:
                    known += sorted(all_above(self._db, [symbol], Relation.DERIVES_FROM))
                known += self._chain(self._container(symbol))
        return known


def _named_scope(scope: str) -> str:
    """A scope without what has no name: that puts its names in what is around."""
    return "::".join(part for part in scope.split("::") if part != _ANONYMOUS)
