"""The requests in which two servers are compared: a class for each, which asks a server and says what is compared."""

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from compare_figures import Answers, Method, alike, equally, having, meeting, path_of, reading_alike, spot
from compare_places import Search
from lspclient import AnswerError, Place, Server, position_in
from lsprotocol.types import SymbolKind

_DECORATION = re.compile(
    r"\A(?:// [^\n]*\n)+|^(?:public|protected|private): |\s*\{\}\s*\Z|\bthis->|\n\n.*",
    re.MULTILINE | re.DOTALL,
)
"""What clangd writes in a hover beside what is declared: its scope, its access, what a macro expands to."""
_HIGHLIGHT_KINDS = ("text", "text", "read", "write")


class Targets(Method):
    """Where a place leads to."""

    by_line = "on some line of clangd's"

    def ask(self, server: Server, subject: Place) -> Answers:
        """The lines, or the places."""
        places = server.at(self.name, subject)
        if self.name in ("implementation", "references"):
            places = {place for place in places if place[0].startswith(f"{server.root}/")}
            return {"": {spot(server, *place) for place in places}}
        return {"": {spot(server, path, line) for path, line, _column in places}}


class Definition(Targets):
    """textDocument/definition."""

    name, capability = "definition", "definitionProvider"
    aspects: ClassVar = {"": (meeting, Targets.by_line)}


class Declaration(Targets):
    """textDocument/declaration."""

    name, capability = "declaration", "declarationProvider"
    aspects: ClassVar = {"": (meeting, Targets.by_line)}


class TypeDefinition(Targets):
    """textDocument/typeDefinition."""

    name, capability = "typeDefinition", "typeDefinitionProvider"
    aspects: ClassVar = {"": (meeting, Targets.by_line)}


class Implementation(Targets):
    """textDocument/implementation: clangd tells what implements directly, cpplsp what does at any remove."""

    name, capability = "implementation", "implementationProvider"
    aspects: ClassVar = {"": (having, "clangd's that cpplsp has, in the project")}


class References(Targets):
    """textDocument/references."""

    name, capability = "references", "referencesProvider"
    aspects: ClassVar = {"": (equally, "places in the project, F1")}

    def applies(self, reference: Server, subject: Place) -> bool:
        """Not to namespaces, which clangd lists in the open file only."""
        hover = reference.ask("textDocument/hover", position_in(subject))
        return hover is None or not hover["contents"]["value"].lstrip("# ").startswith("namespace")


class DocumentHighlight(Method):
    """textDocument/documentHighlight."""

    name, capability = "documentHighlight", "documentHighlightProvider"
    aspects: ClassVar = {
        "places": (equally, "F1"),
        "kinds": (alike, "read, write or text, of places of both"),
    }

    def ask(self, server: Server, subject: Place) -> Answers:
        """Places, and what is done at each."""
        found = server.ask("textDocument/documentHighlight", position_in(subject)) or []
        kinds = {_start(one["range"]): _HIGHLIGHT_KINDS[one.get("kind", 1)] for one in found}
        return {"places": set(kinds), "kinds": kinds}


class Hover(Method):
    """textDocument/hover."""

    name, capability = "hover", "hoverProvider"
    aspects: ClassVar = {
        "answered": (meeting, "something is said where clangd says something"),
        "signature": (reading_alike, "tokens of the block of code alike, where both have one"),
    }

    def ask(self, server: Server, subject: Place) -> Answers:
        """Whether something is said, and the code in it."""
        found = server.ask("textDocument/hover", position_in(subject))
        text = found["contents"]["value"] if found else ""
        code = re.search(r"```\w*\n(.*?)```", text, re.DOTALL)
        written = _DECORATION.sub("", code.group(1)).strip() if code else ""
        return {"answered": {"something"} if text else set(), "signature": {written} if written else set()}


class _Hierarchy(Method):
    """What is prepared at a place, and where it leads to."""

    prepare: ClassVar[str]
    request: ClassVar[str]

    def ask(self, server: Server, subject: Place) -> Answers:
        """What the items at the place lead to."""
        found: set[str] = set()
        for item in server.ask(f"textDocument/{self.prepare}", position_in(subject)) or []:
            for one in server.ask(self.request, {"item": item}) or []:
                found |= self.told(server, one)
        return {"": found}

    def told(self, server: Server, one: dict[str, Any]) -> set[str]:
        """What the items at the place lead to."""
        """An answer's item, as texts."""
        return {f"{_base_name(one['name'])} {_selected(server, one)}"}


class IncomingCalls(_Hierarchy):
    """callHierarchy/incomingCalls."""

    name, capability = "incomingCalls", "callHierarchyProvider"
    prepare, request = "prepareCallHierarchy", "callHierarchy/incomingCalls"
    aspects: ClassVar = {"": (equally, "callers and places of calls, F1")}

    def told(self, server: Server, one: dict[str, Any]) -> set[str]:
        """The caller at each of its calls."""
        caller, path = _base_name(one["from"]["name"]), path_of(one["from"]["uri"])
        return {f"{caller} {spot(server, path)}:{_start(call)}" for call in one["fromRanges"]}


class OutgoingCalls(_Hierarchy):
    """callHierarchy/outgoingCalls."""

    name, capability = "outgoingCalls", "callHierarchyProvider"
    prepare, request = "prepareCallHierarchy", "callHierarchy/outgoingCalls"
    aspects: ClassVar = {"": (equally, "what is called, F1")}

    def told(self, server: Server, one: dict[str, Any]) -> set[str]:
        """What is called."""
        return super().told(server, one["to"])


class Supertypes(_Hierarchy):
    """typeHierarchy/supertypes."""

    name, capability = "supertypes", "typeHierarchyProvider"
    prepare, request = "prepareTypeHierarchy", "typeHierarchy/supertypes"
    aspects: ClassVar = {"": (equally, "classes, F1")}


class Subtypes(_Hierarchy):
    """typeHierarchy/subtypes."""

    name, capability = "subtypes", "typeHierarchyProvider"
    prepare, request = "prepareTypeHierarchy", "typeHierarchy/subtypes"
    aspects: ClassVar = {"": (equally, "classes, F1")}


class DocumentSymbol(Method):
    """textDocument/documentSymbol."""

    name, capability, about = "documentSymbol", "documentSymbolProvider", "files"
    aspects: ClassVar = {
        "names": (equally, "name and line, F1"),
        "kinds": (alike, "of symbols of both"),
        "nesting": (alike, "what they stand in, of symbols of both"),
    }

    def ask(self, server: Server, subject: str) -> Answers:
        """Symbols by line and name."""
        symbols = list(_flat(server.ask("textDocument/documentSymbol", _document(subject)) or []))
        # clangd shows macros with what they declare; the protocol has no kind for them, and it says Null.
        kinds = {
            key: SymbolKind(one["kind"]).name
            for key, _outer, one in symbols
            if one["kind"] != SymbolKind.Null
        }
        nesting = {key: outer for key, outer, _one in symbols}
        return {"names": set(nesting), "kinds": kinds, "nesting": nesting}


class DocumentLink(Method):
    """textDocument/documentLink."""

    name, capability, about = "documentLink", "documentLinkProvider", "files"
    aspects: ClassVar = {"": (equally, "places and files, F1")}

    def ask(self, server: Server, subject: str) -> Answers:
        """Each link and its file."""
        found = server.ask("textDocument/documentLink", _document(subject)) or []
        return {
            "": {f"{_start(one['range'])} {spot(server, path_of(one.get('target', '')))}" for one in found}
        }


class FoldingRange(Method):
    """textDocument/foldingRange."""

    name, capability, about = "foldingRange", "foldingRangeProvider", "files"
    aspects: ClassVar = {"": (having, "clangd's that cpplsp has, by first and last line")}

    def ask(self, server: Server, subject: str) -> Answers:
        """First and last lines."""
        found = server.ask("textDocument/foldingRange", _document(subject)) or []
        return {"": {f"{one['startLine'] + 1}–{one['endLine'] + 1}" for one in found}}


class SwitchSourceHeader(Method):
    """textDocument/switchSourceHeader, which no capability tells of."""

    name, capability, about = "switchSourceHeader", "", "files"
    aspects: ClassVar = {"": (equally, "the file")}

    def ask(self, server: Server, subject: str) -> Answers:
        """The other file."""
        found = server.ask("textDocument/switchSourceHeader", _document(subject)["textDocument"])
        return {"": {spot(server, path_of(found))} if found else set()}


class SemanticTokens(Method):
    """textDocument/semanticTokens/full."""

    name, capability, about = "semanticTokens", "semanticTokensProvider", "files"
    aspects: ClassVar = {
        "places": (equally, "of names: operators, brackets and modifiers left out, F1"),
        "types": (alike, "of tokens of both"),
        "modifiers": (alike, "those that both have in their legends, of tokens of both"),
    }

    def compare(self, reference: Server, judged: Server, subject: str) -> None:
        """Ask both, and leave out modifiers that one does not have."""
        legends = [
            set(server.capabilities[self.capability]["legend"]["tokenModifiers"])
            for server in (reference, judged)
        ]
        self._known = legends[0] & legends[1]
        super().compare(reference, judged, subject)

    def ask(self, server: Server, subject: str) -> Answers:
        """Tokens by place."""
        legend = server.capabilities[self.capability]["legend"]
        found = server.ask("textDocument/semanticTokens/full", _document(subject)) or {"data": []}
        types: dict[str, str] = {}
        modifiers: dict[str, str] = {}
        line = column = 0
        data = found["data"]
        for down, right, _length, kind, bits in zip(*(data[part::5] for part in range(5)), strict=True):
            line, column = line + down, right if down else column + right
            key = f"{line + 1}:{column + 1}"
            types[key] = legend["tokenTypes"][kind]
            names = [name for number, name in enumerate(legend["tokenModifiers"]) if bits >> number & 1]
            modifiers[key] = " ".join(sorted(self._known.intersection(names)))
        names = {key for key, kind in types.items() if kind not in ("operator", "bracket", "modifier")}
        return {"places": names, "types": types, "modifiers": modifiers}


class WorkspaceSymbol(Method):
    """workspace/symbol."""

    name, capability, about = "workspaceSymbol", "workspaceSymbolProvider", "searches"
    aspects: ClassVar = {
        "cpplsp": (meeting, "what is wanted is among cpplsp's first ten"),
        "clangd": (meeting, "… among clangd's"),
    }

    def compare(self, reference: Server, judged: Server, subject: Search) -> None:
        """Each by itself: the wanted symbol is known."""
        wanted = {str(subject.wanted)}
        for row, server in ((self.rows["cpplsp"], judged), (self.rows["clangd"], reference)):
            row.labels = ("wanted", "found")
            row.add(str(subject), wanted, self._found(server, subject))

    def _found(self, server: Server, search: Search) -> set[str]:
        try:
            found = server.ask("workspace/symbol", {"query": search.typed}) or []
        except AnswerError as error:
            return {str(error)}
        names = [f"{one.get('containerName') or ''}::{one['name']}".removeprefix("::") for one in found[:10]]
        wanted = f"::{search.wanted}"
        # Inline and unnamed namespaces are in one's names and not in the other's.
        return {str(search.wanted) if _is_within(wanted, f"::{name}") else name for name in names}


def _is_within(wanted: str, name: str) -> bool:
    """Whether the parts of a qualified name stand in another one, the last one last."""
    parts = iter(reversed(re.sub(r"<.*>", "", name).split("::")))
    wanted_parts = list(reversed(re.sub(r"<.*>", "", wanted).split("::")))
    return next(parts) == wanted_parts[0] and all(part in parts for part in wanted_parts[1:])


def _flat(symbols: list[dict[str, Any]], outer: str = "") -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Symbols with what they stand in, by line and name.

    Namespaces by name only: where a macro of another file opens one, clangd tells its line in that file.
    """
    for one in symbols:
        line = "" if one["kind"] == SymbolKind.Namespace else one["selectionRange"]["start"]["line"] + 1
        key = f"{line} {_base_name(one['name'])}".lstrip()
        yield key, outer, one
        yield from _flat(one.get("children") or [], key)


def _base_name(name: str) -> str:
    """A symbol's own name, without what it is qualified with and its template's arguments."""
    return name if "operator" in name else re.sub(r"<.*>$", "", name).rpartition("::")[2]


def _start(one: dict[str, Any]) -> str:
    return f"{one['start']['line'] + 1}:{one['start']['character'] + 1}"


def _selected(server: Server, one: dict[str, Any]) -> str:
    return spot(server, path_of(one["uri"]), one["selectionRange"]["start"]["line"])


def _document(path: str) -> dict[str, Any]:
    return {"textDocument": position_in((path, 0, 0))["textDocument"]}


METHODS: tuple[type[Method], ...] = (
    *(Definition, Declaration, TypeDefinition, Implementation, References, DocumentHighlight, Hover),
    *(IncomingCalls, OutgoingCalls, Supertypes, Subtypes),
    *(DocumentSymbol, DocumentLink, FoldingRange, SwitchSourceHeader, SemanticTokens, WorkspaceSymbol),
)
