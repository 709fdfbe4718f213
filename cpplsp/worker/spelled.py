"""What the identifiers of a file name where the index API is silent.

That is silent on macros, template parameters, parameters of prototypes, names that depend on a template's arguments,
structured bindings, labels and some more. Once a unit has been read, each identifier that no fact covers is looked
at, in the files to be reported only, through the cursor that libclang has for its token.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from cpplsp.facts import Kind, Role, Trait
from cpplsp.shapes import unpack
from cpplsp.worker import keywords
from cpplsp.worker import libclang as c
from cpplsp.worker.byname import Unresolved, resolve
from cpplsp.worker.collector import LONGEST_NAME, Collector
from cpplsp.worker.dependent import Dependent
from cpplsp.worker.directives import Directives
from cpplsp.worker.elaborated import elaborated
from cpplsp.worker.enclosing import Enclosing, Extents, Scope
from cpplsp.worker.files import Declared, Named, SourceFile
from cpplsp.worker.forwarded import MAKERS, Forwarding
from cpplsp.worker.friends import refer_to_templates
from cpplsp.worker.keywords import Keywords
from cpplsp.worker.kinds import FUNCTION_CURSORS, KINDS, MACRO_DEFINITION, MACRO_EXPANSION
from cpplsp.worker.lexical import is_argument_of_attribute, qualifier, template_start, usage
from cpplsp.worker.operators import Operators
from cpplsp.worker.tokens import Cursor, Token, cursor_of, words
from cpplsp.worker.variables import parameters

_REFERENCE, _CALL, _AMBIGUOUS = int(Role.REFERENCE), int(Role.CALL), int(Role.AMBIGUOUS)
_DECLARATION, _DEFINITION = int(Role.DECLARATION), int(Role.DEFINITION)
_MENTIONED = int(Trait.MENTIONED)
# CXCursorKind
_PARAMETERS = frozenset((27, 28, 29))  # of templates
_UNEXPOSED = 1
_USING = 35  # a using-declaration
_TYPE = 43  # a reference to a type
_OVERLOADED = 49
_EXPRESSIONS = range(100, 200)
_CAPTURE = 50  # a variable that a lambda captures: one that is declared so is told as a reference to itself
_DIRECTIVES = frozenset((500, 503))
_DEPENDENT = frozenset((101, 102))  # references to declarations and members
_RECORDS = frozenset((2, 3, 4))
_FIELD = 6
_ATTRIBUTES = range(400, 500)
_OPEN_SCOPES = frozenset((22, 23, 350))  # namespaces, linkage specifications, the unit
# Declarations that the index API may leave out: structured bindings, variables, parameters of functions and
# templates, namespace aliases, labels, macros.
_LEFT_OUT = frozenset((1, 9, 10, 27, 28, 29, 33, 201, MACRO_DEFINITION)) | _RECORDS
# What a token has for a cursor if it has none of its own, as in a skipped branch: that of what is around, or nothing.
_AROUND = frozenset((2, 3, 4, 5, 8, 21, 22, 23, 24, 25, 26, 30, 31, 32, 70, *range(200, 300)))

_ELABORATED = (b"class ", b"struct ", b"union ", b"enum ")
_BEFORE_MEMBERS = (b".", b">", b":", b"~")
_FAR = 100  # bytes before a name in its line
_AFTER_QUALIFIERS = (b":", b"<")
_LOGICAL_LINE = re.compile(rb"(?:\\\r?\n|[^\n])*")


class Speller:
    """What is known of a unit's names from file to file. ``included``: CXFile of all files that it includes."""

    def __init__(self, libclang: c.Libclang, collector: Collector, unit: int, included: Iterable[int]):
        self.libclang = libclang
        self.collector = collector
        self.unit = unit
        self.members = collector.members
        self.resolved: dict[int, c.CXCursor] = {}
        """By the raw location of a name's end, what it means where libclang does not resolve it."""
        self.dependent = Dependent(libclang, self.members, self.resolved)
        self.forwarding = Forwarding(libclang, collector)
        self.operators = Operators(libclang, collector, unit, included)
        self.macros: dict[str, int] = {}
        """Symbols of macros by name, as last met."""

    def add_facts(self, source: SourceFile, text: bytes) -> None:
        """Add to a file's facts what its identifiers declare and name beyond what was collected."""
        source.declarations = [
            one._replace(begin=template_start(text, one.begin)) for one in source.declarations
        ]
        refer_to_templates(source, text)
        self.resolved.clear()  # a file's facts must not depend on which other files are reported
        _Reading(self, source, text).run()


class _Reading:
    """One file being read."""

    def __init__(self, speller: Speller, source: SourceFile, text: bytes):
        self._speller = speller
        self._lib = speller.libclang.lib
        self._collector = speller.collector
        self._source = source
        self._text = text
        self._keywords = Keywords(speller.libclang, speller.collector, speller.operators, source, text)
        self._directives = Directives(source, text)
        self._enclosing = Enclosing(source.declarations)
        self._cursors: dict[int, Cursor] = {}
        """Of names that may qualify another, by offset."""
        self._parameters: dict[int, tuple[c.CXCursor, int, Scope]] = {}
        """Parameters of templates that are named: cursor, length of the name, where that is."""
        self._unresolved: list[Unresolved] = []
        self._end_of_arguments = 0
        """Where the last use of a macro so far ends."""
        self._skipped: Extents | None = None
        self._of_variables: dict[int, dict[str, int]] = {}
        """Of templates of variables, by address: their parameters' names and offsets."""
        self._by_macros: dict[int, list[Declared]] = defaultdict(list)
        """What a macro's use at an offset declares under a name that is not spelled there."""

    def run(self) -> None:
        source, names = self._source, self._collector.names
        covered = {
            one.offset
            for one in source.occurrences
            if names[one.symbol] and self._spells(one.offset, names[one.symbol])
        }
        called = {one.offset for one in source.occurrences if one.roles & _CALL}
        called -= {one.offset for one in source.occurrences if not one.roles & _CALL}
        declared = {one.offset for one in source.declarations}
        for one in source.declarations:
            if one.name and one.offset not in covered:
                self._by_macros[one.offset].append(one)
        for token in words(
            self._speller.libclang, self._speller.unit, source.handle, len(self._text), keywords.LENGTHS
        ):
            after = token.offset + token.length
            if token.is_keyword or token.cursor[0] in keywords.OVERRIDING:
                if self._text[token.offset : after] in keywords.WORDS:
                    self._stand(token)
                continue
            if self._text[after : after + 1] in _AFTER_QUALIFIERS:
                self._cursors[token.offset] = token.cursor
            kind = token.cursor[0]
            if token.length > LONGEST_NAME:
                continue
            if token.offset not in covered or kind in (_CAPTURE, MACRO_EXPANSION):
                self._look(token)
            elif kind in _DEPENDENT and MAKERS.search(self._text, token.offset, after):
                self._pass(token)
            elif token.offset not in declared and (
                (kind == _TYPE and token.offset in called)
                or self._text[token.offset - 7 : token.offset].endswith(_ELABORATED)
            ):
                # A class is told as a mere reference where it is mentioned first, and by its constructor alone
                # through a using-declaration.
                self._look(token)
        self._declare_parameters()
        declared = {one.offset for one in source.declarations}
        unresolved = [one for one in self._unresolved if one.offset not in declared]
        source.occurrences += resolve(unresolved, source, names, self._speller.macros)
        source.occurrences += self._directives.tests()
        for offset, one in sorted(source.in_macros):
            self._add_in_macro(offset, one)

    def _stand(self, token: Token) -> None:
        """Add what a keyword stands for."""
        cursor = cursor_of(token.cursor)
        if cursor.kind in keywords.OVERRIDING:
            found = self._keywords.overridden(token.offset)
        else:
            found = self._keywords.meaning(token.offset, token.length, cursor)
        for one in found:
            enclosing = self._enclosing.at(token.offset).symbol
            self._source.occurrences.append(Named(token.offset, one.symbol, one.roles, enclosing))

    def _pass(self, token: Token) -> None:
        """Add the constructors that a call passes its arguments on to."""
        for symbol, roles in self._speller.forwarding.constructors(cursor_of(token.cursor)):
            enclosing = self._enclosing.at(token.offset).symbol
            self._source.occurrences.append(Named(token.offset, symbol, roles, enclosing))

    def _spells(self, offset: int, name: str) -> bool:
        return self._text.startswith(name.encode("utf-8", "replace"), offset)

    def _name(self, token: Token) -> str:
        return self._text[token.offset : token.offset + token.length].decode("utf-8", "replace")

    def _look(self, token: Token) -> None:
        """Add what an identifier declares or names."""
        cursor, name = cursor_of(token.cursor), self._name(token)
        if cursor.kind == MACRO_EXPANSION:
            extent = self._collector.extent(cursor, self._source, token.offset, token.length)
            self._source.expansions.add(extent)
            self._end_of_arguments = max(self._end_of_arguments, extent[1])
        if cursor.kind in _DIRECTIVES:
            self._directives.add(token.offset, name, self._speller.macros)
            return
        if cursor.kind == MACRO_EXPANSION and token.offset in self._by_macros:
            self._pass_on(cursor, self._by_macros[token.offset])
        if self._add(token, name, cursor) or cursor.kind == MACRO_DEFINITION:
            return
        if cursor.kind in _DEPENDENT:
            self._depend(token, name, cursor)
            return
        if cursor.kind == _UNEXPOSED and self._is_of_variable(token, name, cursor):
            return
        place = self._lib.clang_getLocationForOffset(self._speller.unit, self._source.handle, token.offset)
        found = self._lib.clang_getCursor(self._speller.unit, place)
        if self._add(token, name, found) or self._depend(token, name, found):
            return
        if cursor.kind in _ATTRIBUTES and not is_argument_of_attribute(self._text, token.offset):
            return  # the attribute itself
        before = self._text[max(token.offset - _FAR, 0) : token.offset].rpartition(b"\n")[2].rstrip()
        # What a macro takes it may drop, or make another name of.
        is_argument = found.kind == MACRO_EXPANSION or token.offset < self._end_of_arguments
        is_active, scopes = not self._is_skipped(token), self._enclosing.symbols_at(token.offset)
        self._unresolved.append(
            Unresolved(
                token.offset,
                name,
                is_active,
                cursor.kind not in _AROUND or found.kind == MACRO_EXPANSION,
                before.endswith(_BEFORE_MEMBERS),
                (*scopes, 0) if is_active and not is_argument else scopes,
            )
        )

    def _is_skipped(self, token: Token) -> bool:
        if self._skipped is None:
            self._skipped = Extents(unpack(self._source.skipped))
        return token.offset in self._skipped

    def _is_of_variable(self, token: Token, name: str, cursor: c.CXCursor) -> bool:
        """Add a parameter of a variable's template: libclang looks into none of these. Whether it is one."""
        known = self._of_variables.get(cursor.data[0])
        if known is None:
            begin, _ = self._collector.extent(cursor, self._source, token.offset, token.length)
            known = self._of_variables[cursor.data[0]] = parameters(self._text, begin)
        offset = known.get(name)
        if offset is None:
            return False
        scope = self._enclosing.at(token.offset)
        symbol = self._collector.symbol_by_place(self._source, offset, name)
        is_here = offset == token.offset
        roles = _DEFINITION if is_here else _REFERENCE
        self._source.occurrences.append(Named(token.offset, symbol, roles, scope.symbol))
        if is_here:
            end = offset + token.length
            kind = Kind.TEMPLATE_PARAMETER
            declared = Declared(offset, symbol, True, kind, offset, end, name, scope.name, scope.symbol, True)
            self._source.declarations.append(declared)
        return True

    def _depend(self, token: Token, name: str, cursor: c.CXCursor) -> bool:
        """Add what a name means that depends on a template's arguments, by the templates; whether that is known."""
        members = self._speller.dependent.members_of(cursor, name) if cursor.kind in _DEPENDENT else []
        members = members or self._qualified(token.offset, name)
        if members:
            self._speller.resolved[self._lib.clang_getCursorExtent(cursor).end] = members[0]
        return self._refer(token, name, members)

    # Declarations

    def _add(self, token: Token, name: str, cursor: c.CXCursor) -> bool:
        """Add what a cursor declares at a token, or refers to; whether it did either under this name."""
        referenced = self._lib.clang_getCursorReferenced(cursor)
        if not referenced.data[0]:
            if cursor.kind in _EXPRESSIONS:
                return False
            referenced = cursor
        if referenced.kind in _LEFT_OUT:
            location = self._lib.clang_getCursorLocation(referenced)
            if location.int_data == token.raw:
                template = self._lib.clang_getSpecializedCursorTemplate(referenced)
                if template.data[0]:  # it is instantiated here
                    return self._refer(token, name, [template])
                if referenced.kind in _RECORDS:
                    return self._mention(token, name, referenced)
                scope = self._enclosing.at(token.offset)
                return self._declare(token.offset, token.length, name, referenced, scope)
        if referenced.kind in _RECORDS:
            return self._mention(token, name, referenced)
        if referenced.kind == _USING and (members := self._qualified(token.offset, name)):
            self._speller.resolved[token.raw + token.length] = members[0]
            return self._refer(token, name, members)
        return self._refer(token, name, self._targets(referenced))

    def _mention(self, token: Token, name: str, record: c.CXCursor) -> bool:
        """Add a reference to a class, and a mention if it may be the unit's first (``elaborated`` says why)."""
        symbol, found = self._collector.referent(record).symbol, elaborated(self._text, token.offset)
        if (
            found
            and self._collector.names.get(symbol) == name
            and not self._has_declared(symbol, token.offset)
        ):
            begin, kind = found
            of_name = (token.offset, symbol, False, kind, begin, token.offset + token.length, name)
            scope = self._collector.surroundings(record)
            self._source.declarations.append(Declared(*of_name, *scope, False, traits=_MENTIONED))
        return self._refer(token, name, [record])

    def _has_declared(self, symbol: int, before: int) -> bool:
        return any(one.symbol == symbol and one.offset < before for one in self._source.declarations)

    def _declare(self, offset: int, length: int, name: str, cursor: c.CXCursor, scope: Scope) -> bool:
        symbol = self._collector.referent(cursor).symbol
        if not symbol or self._collector.names[symbol] != name:
            return False
        kind = KINDS.get(cursor.kind, Kind.UNKNOWN)
        is_macro, is_definition = kind == Kind.MACRO, cursor.kind not in _RECORDS
        if is_macro:
            self._speller.macros[name] = symbol
        is_local = is_definition and kind not in (Kind.MACRO, Kind.NAMESPACE_ALIAS)
        if kind == Kind.VARIABLE:
            is_local = self._lib.clang_getCursorSemanticParent(cursor).kind not in _OPEN_SCOPES
        begin, end = self._collector.extent(cursor, self._source, offset, length)
        roles = _DEFINITION if is_definition else _DECLARATION
        self._source.occurrences.append(Named(offset, symbol, roles, scope.symbol))
        self._source.declarations.append(
            Declared(
                offset,
                symbol,
                is_definition,
                kind,
                begin,
                end,
                name,
                "" if is_macro else scope.name,
                0 if is_macro else scope.symbol,
                is_local,
                *self._collector.describer.describe(cursor, kind, is_local=is_local),
            )
        )
        return True

    def _declare_parameters(self) -> None:
        """Declare the parameters of templates that this file names, and no cursor declares: those of lambdas."""
        declared = {one.symbol for one in self._source.declarations}
        for symbol, (cursor, length, scope) in self._parameters.items():
            source, offset = self._collector.place_of(cursor)
            if symbol in declared or source is not self._source:
                continue
            name = self._collector.names[symbol]
            if self._spells(offset, name):
                self._declare(offset, length, name, cursor, scope)

    # References

    def _targets(self, referenced: c.CXCursor) -> Iterator[c.CXCursor]:
        """The declarations that a cursor stands for: several where a name is overloaded, through using-declarations."""
        lib = self._lib
        if referenced.kind == _USING:
            end = lib.clang_getCursorExtent(referenced).end
            found = lib.clang_getCursorReferenced(referenced)
            # One from a base that depends on a template's arguments refers to itself.
            referenced = self._speller.resolved.get(end, found) if found.kind == _USING else found
        if (
            referenced.kind == _UNEXPOSED
        ):  # what a using-declaration of an overloaded name makes, or a binding
            place = lib.clang_getCursorLocation(referenced)
            found = lib.clang_getCursor(self._speller.unit, place)
            referenced = found if found.kind == _OVERLOADED else referenced
        if referenced.kind == _OVERLOADED:
            for number in range(lib.clang_getNumOverloadedDecls(referenced)):
                yield from self._targets(lib.clang_getOverloadedDecl(referenced, number))
        elif referenced.data[0]:
            yield referenced

    def _refer(self, token: Token, name: str, targets: Iterable[c.CXCursor]) -> bool:
        """Add an occurrence of each of these declarations that is called so; whether there was any."""
        found: dict[int, int] = {}
        scope = self._enclosing.at(token.offset)
        for target in targets:
            symbol = self._collector.referent(target).symbol
            if symbol and self._collector.names[symbol] == name:
                found[symbol] = target.kind
                if target.kind in _PARAMETERS:
                    self._parameters.setdefault(symbol, (target, token.length, scope))
        after = self._text[token.offset + token.length : token.offset + token.length + 1]
        for symbol, kind in found.items():
            roles = _REFERENCE | (_AMBIGUOUS if len(found) > 1 else 0)
            roles |= _CALL if kind in FUNCTION_CURSORS and after == b"(" else 0
            if kind == _FIELD and token.cursor[0] in _DEPENDENT:
                roles |= int(usage(self._text, token.offset, token.length))
            self._source.occurrences.append(Named(token.offset, symbol, roles, scope.symbol))
        if token.cursor[0] == MACRO_EXPANSION:
            self._speller.macros.update((name, symbol) for symbol in found)
        return bool(found)

    def _qualified(self, offset: int, name: str) -> list[c.CXCursor]:
        """What ``Template<…>::name`` names, by the template."""
        cursor = self._cursors.get(qualifier(self._text, offset))
        if cursor is None:
            return []
        return self._speller.members.named(self._lib.clang_getCursorReferenced(cursor_of(cursor)), name)

    # Macros

    def _pass_on(self, expansion: c.CXCursor, declared: list[Declared]) -> None:
        """Tell a macro's file what a use of it declares."""
        definition = self._lib.clang_getCursorReferenced(expansion)
        source, offset = self._collector.place_of(definition)
        if source and source.is_collected:
            source.in_macros.update((offset, one) for one in declared)

    def _add_in_macro(self, offset: int, declared: Declared) -> None:
        """Add what uses of a macro defined at an offset declare, where its body spells the name."""
        body = _LOGICAL_LINE.match(self._text, offset)
        name = re.compile(
            rb"(?<![\w$#])" + re.escape(declared.name.encode("utf-8", "replace")) + rb"(?![\w$#])"
        )
        found = name.search(self._text, offset, body.end()) if body else None
        if found:
            begin, end = found.span()
            roles = _DEFINITION if declared.definition else _DECLARATION
            self._source.occurrences.append(Named(begin, declared.symbol, roles, 0))
            self._source.declarations.append(
                declared._replace(offset=begin, begin=begin, end=end, local=True)
            )
