"""Answers as JSON: what lsprotocol reads of them is what was meant."""

import json

from lsprotocol import types
from lsprotocol.converters import get_converter

from cpplsp.lsp.wire import DocumentSymbol, Location, LocationLink, Position, Range, SymbolInformation, encode

RANGE = Range(Position(1, 2), Position(3, 4))
THEIRS = types.Range(types.Position(1, 2), types.Position(3, 4))


def decoded(answer: object, kind: type) -> object:
    return get_converter().structure(json.loads(bytes(encode([answer])))[0], kind)  # type: ignore[list-item]


def test_a_location() -> None:
    assert decoded(Location("file:///a", RANGE), types.Location) == types.Location("file:///a", THEIRS)


def test_a_link() -> None:
    link = LocationLink("file:///a", RANGE, RANGE)
    assert decoded(link, types.LocationLink) == types.LocationLink("file:///a", THEIRS, THEIRS)
    full = LocationLink("file:///a", RANGE, RANGE, RANGE)
    assert decoded(full, types.LocationLink) == types.LocationLink("file:///a", THEIRS, THEIRS, THEIRS)


def test_an_outline() -> None:
    child = DocumentSymbol("é", 12, RANGE, RANGE)
    parent = DocumentSymbol("C", 5, RANGE, RANGE, "class", (child,))
    theirs = types.DocumentSymbol("é", types.SymbolKind.Function, THEIRS, THEIRS)
    assert decoded(parent, types.DocumentSymbol) == types.DocumentSymbol(
        "C", types.SymbolKind.Class, THEIRS, THEIRS, detail="class", children=(theirs,)
    )


def test_a_symbol() -> None:
    symbol = SymbolInformation("f", 12, Location("file:///a", RANGE), "ns")
    assert decoded(symbol, types.SymbolInformation) == types.SymbolInformation(
        types.Location("file:///a", THEIRS), "f", types.SymbolKind.Function, container_name="ns"
    )
