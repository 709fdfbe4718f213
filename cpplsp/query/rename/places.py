"""Where a name must be changed: every place that the index tells, held against the text on disk.

What the index tells is not enough: names in the bodies of macros are known by the macros' uses, and what a template
makes of a name that depends on its arguments is not known at all. So each place where a text spells the name is looked
at: it is this name, another one, or a rename is refused.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from cpplsp.facts import Kind, Role
from cpplsp.paths import Roots
from cpplsp.query.files import Place, in_parts, marks
from cpplsp.query.hierarchy import CLASS_KINDS
from cpplsp.query.rename.family import (
    OURS,
    Declared,
    RenameError,
    Subject,
    declarations,
    declared_as,
    declared_in,
)
from cpplsp.query.rename.files import Files, Occurrence, surroundings, wide_of
from cpplsp.query.rename.macros import Macros
from cpplsp.text.identifiers import Spelled, Text, is_keyword, unescape

_STRUCTORS = (Kind.CONSTRUCTOR, Kind.DESTRUCTOR)
_QUALIFIER = (b"::",)
_MEMBER = (b".", b"->")
_DIRECTIVES = (b"if", b"elif", b"ifdef", b"ifndef", b"elifdef", b"elifndef", b"undef")


@dataclass(frozen=True, slots=True)
class Edit:
    """A place whose text becomes the new name. Its columns are of the text on disk.

    ``is_certain``: it was compiled, and names what is renamed; what is told by its name alone is not.
    """

    place: Place
    is_certain: bool


def find_edits(db: sqlite3.Connection, roots: Roots, subject: Subject, files: Files) -> list[Edit]:
    """Every place to be changed, in the order of files and places. Raises RenameError."""
    return _Search(db, roots, subject, files).run()


class _Search:
    """One search for places."""

    def __init__(self, db: sqlite3.Connection, roots: Roots, subject: Subject, files: Files):
        self._db = db
        self._roots = roots
        self._subject = subject
        self._files = files
        self._names = Macros(db, roots, subject, files)
        self._edits: dict[tuple[str, int], tuple[int, bool]] = {}
        """Length and certainty of each edit, by path and offset."""
        self._unknown: list[tuple[Text, Spelled]] = []
        """Where texts spell the name and the index tells nothing."""
        self._macros: set[int] = set()
        """Macros whose bodies are changed."""

    def run(self) -> list[Edit]:
        if self._subject.kind == Kind.MACRO and self._files.is_given(self._subject.name):
            raise RenameError(
                f"{self._subject.name} is defined by compile commands, which a rename leaves alone"
            )
        unknown = self._unknown
        for path in sorted(self._files.path_of.values()):
            text = self._files.text(path)
            tokens = list(self._tokens(text))
            if tokens and not self._files.is_as_indexed(path):
                raise self._stale(path)
            unknown += [(text, token) for token in tokens if not self._known(text, token)]
        for path, found in self._named():
            self._check_place(path, found)
        for text, token in unknown:
            self._decide(text, token)
        self._check_macros()
        for path in sorted({path for path, _ in self._edits}):
            self._check_pasting(path)
        edits = []
        wide = {path: wide_of(self._files.text(path)) for path in {path for path, _ in self._edits}}
        for (path, offset), (length, is_certain) in sorted(self._edits.items()):
            text = self._files.text(path)
            line, column = text.place(offset)
            place = Place(path, line, column, column + length, int(Role.REFERENCE), wide[path])
            edits.append(Edit(place, is_certain))
        return edits

    def _edit(self, text: Text, offset: int, *, is_certain: bool) -> None:
        length, was_certain = self._edits.get((text.path, offset), (len(text.name_at(offset)), False))
        self._edits[text.path, offset] = length, was_certain or is_certain

    def _tokens(self, text: Text) -> Iterator[Spelled]:
        """Where a text spells the name, as far as it may be this one."""
        regions = list(self._regions(text)) if self._subject.is_local else [(0, len(text.content))]
        for token in text.spelled(self._subject.name):
            if any(begin <= token.offset < end for begin, end in regions):
                yield token

    def _regions(self, text: Text) -> Iterator[tuple[int, int]]:
        """The functions (or what else is declared) in which a local name can be used."""
        for one in self._subject.declared:
            if one.path == text.path:
                yield surroundings(self._db, text, one)

    # The places that spell the name

    def _known(self, text: Text, token: Spelled) -> bool:
        """Take a token that the index tells about; False where it tells nothing. Raises RenameError."""
        subject = self._subject
        found = self._files.at(text.path, token.line, token.column)
        spelled = [one for one in found if not one.roles & Role.IMPLICIT]
        active = _named_for_itself([one for one in spelled if not one.roles & Role.INACTIVE], self._names)
        others = [
            one for one in active if one.symbol not in subject.symbols and self._names.is_called(one.symbol)
        ]
        if any(one.symbol in subject.symbols for one in active):
            if others:
                other = next(iter(declarations(self._db, self._roots, [others[0].symbol])))
                raise RenameError(
                    f"{subject.name} at {self._files.where(text.path, token.line, token.column)} may also name"
                    f" what is declared at {self._files.where(other.path, other.line, other.column)}"
                )
            self._edit(text, token.offset, is_certain=True)
            return True
        if others:
            return True
        if any(one.symbol in subject.symbols for one in spelled):
            self._edit(text, token.offset, is_certain=False)
            return True
        return any(self._names.is_called(one.symbol) for one in spelled)

    # The places that the index tells

    def _named(self) -> Iterator[tuple[str, Occurrence]]:
        for some in in_parts(self._subject.symbols):
            rows = self._db.execute(
                "SELECT f.root, f.path, o.line, o.col, o.symbol, o.roles FROM occurrence o"
                " JOIN shard s ON s.id = o.shard JOIN file f ON f.id = s.file"
                f" WHERE o.symbol IN ({marks(some)}) ORDER BY f.root, f.path, o.line, o.col, o.symbol",
                some,
            )
            for root, relative, line, column, symbol, roles in rows:
                path = self._roots.join(root, relative)
                if root not in OURS:
                    raise RenameError(f"{self._subject.name} is named in {path}, outside of the project")
                yield path, Occurrence(line, column, symbol, roles)

    def _check_place(self, path: str, found: Occurrence) -> None:
        """See that a place is edited that the index tells, if it spells the name. Raises RenameError."""
        text = self._files.text(path)
        offset = text.offset(found.line, found.column)
        if (path, offset) in self._edits or found.roles & Role.INACTIVE:
            return
        name = next(iter(self._names.about(found.symbol)))[0]
        if name.startswith("~") and text.content[offset : offset + 1] == b"~":
            behind = len(text.content[offset + 1 :]) - len(text.content[offset + 1 :].lstrip())
            offset += 1 + behind
            if text.spells(offset, self._subject.name):
                self._edit(text, offset, is_certain=True)
                return
        if is_keyword(unescape(text.name_at(offset)), in_c=False) or found.roles & Role.KEYWORD:
            return  # auto and this stand for what they do not spell
        here = self._files.at(path, found.line, found.column)
        if not any(one.symbol == found.symbol for one in _named_for_itself(here, self._names)):
            return
        if not found.roles & Role.IMPLICIT:
            if self._files.is_as_indexed(path) and text.spells(offset, self._subject.name):
                raise RenameError(
                    f"{self._subject.name} is used at {self._files.where(path, found.line, found.column)}, outside of"
                    " what it is declared in: the index takes two things for one"
                )
            raise self._stale(path)
        kinds = {kind for _, kind in self._names.about(found.symbol)}
        macros = [
            one.symbol
            for one in self._files.at(path, found.line, found.column)
            if self._names.is_macro(one.symbol)
        ]
        if macros:
            self._look_into(text, offset, macros, is_implied=bool(kinds.intersection(_STRUCTORS)))
        elif not kinds.intersection(_STRUCTORS):
            raise RenameError(
                f"{self._subject.name} is used at {self._files.where(path, found.line, found.column)}"
                " without being spelled there"
            )

    def _stale(self, path: str) -> RenameError:
        if self._files.is_as_indexed(path):
            return RenameError(
                f"{self._files.name(path)} does not spell {self._subject.name} where the index has it:"
                " `cpplsp --index-only` on a new cache helps"
            )
        return RenameError(
            f"{self._files.name(path)} has changed since it was indexed:"
            " save it, and try again when indexing has finished"
        )

    # Macros

    def _look_into(self, text: Text, offset: int, macros: list[int], *, is_implied: bool) -> None:
        """Edit the bodies of the macros that are used at an offset, where these name it. Raises RenameError."""
        for macro in macros:
            places, _ = self._names.body(macro)
            for path, place in places:
                if path not in self._files.shards:
                    raise RenameError(
                        f"a macro in {path}, outside of the project, names {self._subject.name}"
                    )
                self._edit(self._files.text(path), place, is_certain=True)
                self._macros.add(macro)
            if places:
                return
        begin, end = text.arguments(offset)
        if is_implied or (begin >= 0 and self._subject.name in text.names_in(begin, end)):
            return
        self._look_everywhere(text, offset)

    def _look_everywhere(self, text: Text, offset: int) -> None:
        """Edit all bodies of macros that spell the name, if nothing else has it: one of them is reached by pasting."""
        inside = [(other, token) for other, token in self._unknown if other.directive(token.offset)[0] >= 0]
        if inside and not self._other(text):
            for other, token in inside:
                self._edit(other, token.offset, is_certain=True)
            return
        how = "names it in a way that cannot be followed" if inside else "puts it together from parts"
        name = text.name_at(offset).decode("utf-8", "replace")
        raise RenameError(
            f"{self._subject.name} cannot be renamed: the macro {name} at"
            f" {self._files.where(text.path, *text.place(offset))} {how}"
        )

    def _check_macros(self) -> None:
        """Refuse where a macro whose body is changed names other things at other uses."""
        for some in in_parts(self._macros):
            rows = self._db.execute(
                "SELECT b.symbol FROM occurrence a JOIN occurrence b"
                " ON b.shard = a.shard AND b.line = a.line AND b.col = a.col"
                f" WHERE a.symbol IN ({marks(some)}) AND b.roles & ? ORDER BY b.symbol",
                [*some, int(Role.IMPLICIT)],
            )
            for (symbol,) in dict.fromkeys(rows):
                if symbol not in self._subject.symbols and self._names.is_called(symbol):
                    other = next(iter(declarations(self._db, self._roots, [symbol])))
                    raise RenameError(
                        f"a macro names {self._subject.name}, and what it means elsewhere is declared at"
                        f" {self._files.where(other.path, other.line, other.column)}"
                    )

    def _check_pasting(self, path: str) -> None:
        """Refuse where a changed argument of a macro is pasted to other names."""
        text = self._files.text(path)
        for begin, end, where, made in self._names.pastes(text):
            if any(begin < at < end for of, at in self._edits if of == path):
                raise RenameError(f"a macro at {where} makes the name {made} of {self._subject.name}")

    # What the index does not tell

    def _decide(self, text: Text, token: Spelled) -> None:
        """Edit what can only be the name, pass over what cannot be. Raises RenameError for what may be."""
        subject = self._subject
        is_macro = subject.kind == Kind.MACRO
        begin, _ = text.directive(token.offset)
        if begin >= 0:
            if is_macro and self._is_in_directive(text, token, begin):
                self._edit(text, token.offset, is_certain=True)
            return
        if is_macro:
            self._edit(text, token.offset, is_certain=False)
            return
        around = text.around(token.offset)[0]
        branch = text.branch(token.line)
        if (
            subject.kind == Kind.LABEL
            or text.content[around - 1 : around + 1] == b"[["
            or (text.is_behind(token.offset, *_MEMBER) and (subject.is_local or not subject.is_member))
            or (text.is_behind(token.offset, *_QUALIFIER) and subject.is_local)
            or (branch[0] >= 0 and not self._files.is_compiled(text.path, *branch))
            or any(begin < token.offset < end for begin, end, *_ in self._names.pastes(text))
        ):
            return
        if self._is_injected(text, token.offset):
            self._edit(text, token.offset, is_certain=True)
            return
        other = self._other(text)
        if other:
            raise RenameError(
                f"what {subject.name} names at {self._files.where(text.path, token.line, token.column)} is not known"
                f" (it may depend on a template's arguments): this, or what is declared at {other}"
            )
        self._edit(text, token.offset, is_certain=False)

    def _is_in_directive(self, text: Text, token: Spelled, begin: int) -> bool:
        """Whether a directive's token is a macro's name."""
        line = text.content[begin : token.offset].lstrip(b" \t#")
        if not line.startswith(b"define"):
            return line.split(None, 1)[:1] != [] and line.split(None, 1)[0] in _DIRECTIVES
        name = begin + len(text.content[begin : token.offset]) - len(line) + len(b"define")
        while text.content[name : name + 1].isspace() or text.content[name : name + 1] == b"\\":
            name += 1
        definition = text.macro(name)
        return name == token.offset or bool(definition and self._subject.name not in definition.parameters)

    def _is_injected(self, text: Text, offset: int) -> bool:
        """Whether a token is the second ``S`` of ``S::S``, which names a class again, or its constructors."""
        if self._subject.kind not in CLASS_KINDS or not text.is_behind(offset, *_QUALIFIER):
            return False
        end = len(text.content[:offset].rstrip()) - 2
        end = len(text.content[:end].rstrip())
        if text.content[end - 1 : end] == b">":
            depth = 0
            while end > 0:
                end -= 1
                depth += {b">": 1, b"<": -1}.get(text.content[end : end + 1], 0)
                if depth == 0:
                    break
        length = len(self._subject.name.encode("utf-8", "surrogateescape"))
        return (text.path, end - length) in self._edits

    def _other(self, text: Text) -> str:
        """Where something else has the name, be it in a header of the system; empty where nothing has."""
        subject = self._subject
        others: list[Declared] = declared_in(
            self._db, self._roots, self._files.shards.get(text.path, []), subject.name
        )
        if not subject.is_local:
            others += declared_as(self._db, self._roots, subject.name)
        for one in others:
            if one.symbol not in subject.symbols and one.kind not in _STRUCTORS:
                return self._files.where(one.path, one.line, one.column)
        if subject.is_local:
            return ""
        for path in self._files.outside:
            found = self._files.text(path).spelled(subject.name)
            if found:
                return self._files.where(path, found[0].line, found[0].column)
        return ""


def _named_for_itself(found: list[Occurrence], names: Macros) -> list[Occurrence]:
    """What is named at a place, without the constructor that the declaration of a variable there calls."""
    if not any(one.roles & (Role.DECLARATION | Role.DEFINITION) for one in found):
        return found
    return [
        one
        for one in found
        if one.roles & (Role.DECLARATION | Role.DEFINITION)
        or not any(kind in _STRUCTORS for _, kind in names.about(one.symbol))
    ]
