"""Constructors that ``make_unique<T>(…)`` and the like pass their arguments on to.

What a call instantiates is not looked into: whether there is a body to look into depends on what a session has read
before. The signatures tell: a pack of arguments, and a class that the function is given and makes.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from cpplsp.facts import Role
from cpplsp.worker import libclang as c
from cpplsp.worker.collector import Collector
from cpplsp.worker.kinds import FUNCTION_CURSORS

MAKERS = re.compile(rb"make|emplace|construct|create|allocate_shared", re.IGNORECASE)
"""How functions are called that make what they are told to."""

_ARRAY = re.compile(r"\[\d*\]\Z")
_EMPLACE = re.compile(r"emplace", re.IGNORECASE)
_CALLED, _AMBIGUOUS = int(Role.CALL | Role.IMPLICIT), int(Role.AMBIGUOUS)
# CXCursorKind
_PARAMETER = 10
_CONSTRUCTOR = 24
_EXPRESSIONS = range(100, 200)
# CXTypeKind
_POINTERS = frozenset((101, 103, 104))
_REFERENCES = frozenset((103, 104))
_ELABORATED = 119


class Passed(NamedTuple):
    """A constructor that is called, and its roles."""

    symbol: int
    roles: int


class Forwarding:
    """Looks up what the calls of one unit make."""

    def __init__(self, libclang: c.Libclang, collector: Collector):
        self._libclang = libclang
        self._lib = libclang.lib
        self._collector = collector
        self._leading: dict[int, int] = {}
        """By template: how many parameters are before the pack that is passed on; -1 where there is none."""

    def constructors(self, cursor: c.CXCursor) -> Iterator[Passed]:
        """What a function makes, given the cursor on its name in a call: none if it does not."""
        function = self._lib.clang_getCursorReferenced(cursor)
        if function.kind not in FUNCTION_CURSORS:
            return
        template = self._lib.clang_getSpecializedCursorTemplate(function)
        leading = self._leading_parameters(template) if template.data[0] else -1
        made = self._made(function) if leading >= 0 else None
        if made is None:
            return
        count = self._lib.clang_Cursor_getNumArguments(function)
        arguments = [
            self._plain(self._lib.clang_getCursorType(self._lib.clang_Cursor_getArgument(function, number)))
            for number in range(leading, count)
        ]
        found = self._fitting(made, arguments)
        for constructor in found:
            symbol = self._collector.referent(constructor).symbol
            if symbol:
                yield Passed(symbol, _CALLED | (_AMBIGUOUS if len(found) > 1 else 0))

    def _leading_parameters(self, template: c.CXCursor) -> int:
        known = self._leading.get(template.data[0])
        if known is None:
            children = self._collector.members.children(template)
            types = [self._spelling(one) for one in children if one.kind == _PARAMETER]
            is_pack = bool(types) and types[-1].endswith("...")
            known = self._leading[template.data[0]] = len(types) - 1 if is_pack else -1
        return known

    def _made(self, function: c.CXCursor) -> c.CXCursor | None:
        """The class that a function is given, by a template's first argument, and makes."""
        lib = self._lib
        name = self._libclang.text(lib.clang_getCursorSpelling(function))
        if _EMPLACE.search(name):
            of = lib.clang_getCursorType(lib.clang_getCursorSemanticParent(function))
            if "map" in self._libclang.text(lib.clang_getTypeSpelling(of)).partition("<")[0]:
                return None  # what it makes is a pair
            of = lib.clang_Type_getTemplateArgumentAsType(of, 0)
        else:
            of = lib.clang_Cursor_getTemplateArgumentType(function, 0)
            if not of.kind or not self._returns(function, of):
                return None
        declaration = lib.clang_getTypeDeclaration(lib.clang_getCanonicalType(of))
        return declaration if declaration.data[0] else None

    def _returns(self, function: c.CXCursor, of: c.CXType) -> bool:
        """Whether a function returns an object of a class, a pointer to one, or what it is the first argument of."""
        lib = self._lib
        wanted = self._plain(of)
        result = lib.clang_getCanonicalType(lib.clang_getResultType(lib.clang_getCursorType(function)))
        while result.kind in _POINTERS:
            result = lib.clang_getPointeeType(result)
        inner = lib.clang_Type_getTemplateArgumentAsType(result, 0)
        return wanted in (self._plain(result), self._plain(inner))

    def _fitting(self, made: c.CXCursor, arguments: list[str]) -> list[c.CXCursor]:
        """The constructors of a class that take these arguments best, as far as the types' names tell."""
        best: list[c.CXCursor] = []
        most = -1
        definition = self._lib.clang_getCursorDefinition(made)
        for constructor in self._collector.members.children(definition):
            if constructor.kind != _CONSTRUCTOR:
                continue
            parameters = self._parameters(constructor)
            rest = parameters[len(arguments) :]
            if len(parameters) < len(arguments) or any(not self._has_default(one) for one in rest):
                continue
            types = (self._plain(self._lib.clang_getCursorType(one)) for one in parameters)
            score = sum(one == other for one, other in zip(types, arguments, strict=False))
            if score > most:
                best, most = [], score
            if score == most:
                best.append(constructor)
        return best

    def _parameters(self, function: c.CXCursor) -> list[c.CXCursor]:
        return [one for one in self._collector.members.children(function) if one.kind == _PARAMETER]

    def _has_default(self, parameter: c.CXCursor) -> bool:
        children = self._collector.members.children(parameter)
        return any(one.kind in _EXPRESSIONS for one in children)

    def _spelling(self, cursor: c.CXCursor) -> str:
        return self._libclang.text(self._lib.clang_getTypeSpelling(self._lib.clang_getCursorType(cursor)))

    def _plain(self, of: c.CXType) -> str:
        """A type's name, without references and ``const``; an array is a pointer."""
        of = self._lib.clang_getCanonicalType(of)
        while of.kind in _REFERENCES:
            of = self._lib.clang_getPointeeType(of)
        name = self._libclang.text(self._lib.clang_getTypeSpelling(of)).removeprefix("const ")
        return _ARRAY.sub(" *", name)
