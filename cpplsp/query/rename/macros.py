"""What macros do with a name: where their bodies spell it, and what they paste it to."""

import sqlite3
from collections.abc import Iterator

from cpplsp.facts import Kind, Role
from cpplsp.paths import Roots
from cpplsp.query.files import marks
from cpplsp.query.rename.family import Subject, declarations
from cpplsp.query.rename.files import Files
from cpplsp.text.identifiers import Text


class Macros:
    """The macros of some files, and what symbols are called there."""

    def __init__(self, db: sqlite3.Connection, roots: Roots, subject: Subject, files: Files):
        self._db = db
        self._roots = roots
        self._subject = subject
        self._files = files
        self._about: dict[int, set[tuple[str, int]]] = {}
        """Names and kinds of symbols that were looked at."""
        self._bodies: dict[int, tuple[list[tuple[str, int]], set[str]]] = {}
        """Of macros: where their bodies, and those of macros therein, spell the name; and all names in these."""
        self._pasting: dict[str, list[tuple[int, int, str, str]]] = {}

    def is_called(self, symbol: int) -> bool:
        """Whether a symbol is declared under the name."""
        return any(name == self._subject.name for name, _ in self.about(symbol))

    def about(self, symbol: int) -> set[tuple[str, int]]:
        """Names and kinds under which a symbol is declared."""
        known = self._about.get(symbol)
        if known is None:
            rows = self._db.execute(
                "SELECT DISTINCT name, kind FROM declaration WHERE symbol = ? ORDER BY name, kind", (symbol,)
            )
            known = self._about[symbol] = set(rows)
        return known

    def is_macro(self, symbol: int) -> bool:
        """Whether a symbol is a macro."""
        return any(kind == Kind.MACRO for _, kind in self.about(symbol))

    def body(self, macro: int) -> tuple[list[tuple[str, int]], set[str]]:
        """Where the bodies of a macro, and of those that it uses, spell the name; and all names in them."""
        known = self._bodies.get(macro)
        if known is not None:
            return known
        places: list[tuple[str, int]] = []
        names: set[str] = set()
        self._bodies[macro] = places, names
        inner: set[int] = set()
        for declared in list(declarations(self._db, self._roots, [macro])):
            text = self._files.text(declared.path)
            definition = text.macro(text.offset(declared.line, declared.column))
            for name, offset in definition.names if definition else ():
                names.add(name)
                if name == self._subject.name and (declared.path, offset) not in places:
                    places.append((declared.path, offset))
                found = self._files.at(declared.path, *text.place(offset))
                inner.update(one.symbol for one in found if self.is_macro(one.symbol))
        for one in inner:
            more, further = self.body(one)
            places += [place for place in more if place not in places]
            names |= further
        return places, names

    def pastes(self, text: Text) -> list[tuple[int, int, str, str]]:
        """Where macros make longer names of it: the brackets of their arguments, their place, and what they make."""
        known = self._pasting.get(text.path)
        if known is None:
            known = self._pasting[text.path] = list(self._find_pastes(text))
        return known

    def _find_pastes(self, text: Text) -> Iterator[tuple[int, int, str, str]]:
        name = self._subject.name
        shards = self._files.shards.get(text.path, [])
        rows = self._db.execute(
            "SELECT o.line, o.col, o.symbol, d.name"
            " FROM occurrence o JOIN declaration d ON d.symbol = o.symbol"
            f" WHERE o.shard IN ({marks(shards)}) AND o.roles & ? AND instr(d.name, ?) AND d.name NOT LIKE 'operator%'"
            " ORDER BY o.line, o.col, d.name",
            [*shards, int(Role.IMPLICIT), name],
        ).fetchall()
        for line, column, symbol, made in dict.fromkeys(rows):
            if symbol in self._subject.symbols or made.lstrip("~") == name:
                continue
            if not (made.startswith(name) or made.endswith(name) or f"_{name}_" in made):
                continue  # letters of another name
            macros = [
                one.symbol for one in self._files.at(text.path, line, column) if self.is_macro(one.symbol)
            ]
            begin, end = text.arguments(text.offset(line, column))
            names = set(text.names_in(begin, end)) if macros and begin >= 0 else set()
            if name in names and made not in names.union(*(self.body(macro)[1] for macro in macros)):
                yield begin, end, self._files.where(text.path, line, column), made
