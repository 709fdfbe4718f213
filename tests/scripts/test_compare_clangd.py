"""The comparison with clangd: what is asked about, how answers are counted, against servers that answer as told."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parents[2] / "scripts"))
import compare_figures as figures
import compare_methods as methods
import compare_places as places
from compare_clangd import compare
from lspclient import AnswerError

FILE = "/p/a.cc"


class Told:
    """A server that answers each method with one result, or an error."""

    root = Path("/p")

    def __init__(self, answers: Mapping[str, Any], capabilities: Mapping[str, Any] | None = None):
        self.answers = answers
        self.capabilities = capabilities or {}
        self.asked: list[str] = []

    def ask(self, method: str, parameters: object) -> Any:
        self.asked.append(method)
        result = self.answers.get(method)
        if isinstance(result, AnswerError):
            raise result
        return result

    def at(self, method: str, place: places.Place) -> set[places.Place]:
        found = self.ask(f"textDocument/{method}", place)
        return set(found or ())

    def open(self, path: str) -> None:
        self.asked.append(f"open {path}")

    def close(self, path: str) -> None:
        self.asked.append(f"close {path}")


def ask_both(
    method: figures.Method, theirs: Mapping[str, Any], ours: Mapping[str, Any], subject: Any = (FILE, 0, 0)
) -> list[float | str | None]:
    """The agreement in each row of a method."""
    method.compare(Told(theirs), Told(ours), subject)
    return [row.agreement if row.asked else None for row in method.rows.values()]


def span(line: int, column: int = 0) -> dict[str, Any]:
    start = {"line": line, "character": column}
    return {"start": start, "end": {"line": line, "character": column + 1}}


@pytest.mark.parametrize(
    ("score", "theirs", "ours", "expected"),
    [
        (figures.equally, {"a", "b"}, {"a", "b"}, 1.0),
        (figures.equally, {"a", "b"}, {"a"}, 2 / 3),
        (figures.equally, {"a"}, set(), 0.0),
        (figures.meeting, {"a", "b"}, {"b", "c"}, 1.0),
        (figures.meeting, {"a"}, {"b"}, 0.0),
        (figures.having, {"a", "b"}, {"a", "c"}, 0.5),
        (figures.alike, {"a": "1", "b": "2"}, {"a": "1", "b": "3", "c": "4"}, 0.5),
        (figures.alike, {"a": "1"}, {"b": "1"}, 1.0),
        (figures.reading_alike, {"int f ( )"}, {"int f()"}, 1.0),
        (figures.reading_alike, {"int f(int)"}, {"int g(int)"}, 0.8),
    ],
)
def test_scores(score: figures.Score, theirs: Any, ours: Any, expected: float) -> None:
    assert score(theirs, ours) == pytest.approx(expected)


def test_a_row_counts_where_the_reference_answers() -> None:
    row = figures.Row("r", "", figures.equally)
    row.add("silent", set(), {"a"})
    row.add("same", {"a"}, {"a"})
    row.add("other", {"a", "b"}, {"b", "c"})
    assert row.figures() == {
        "row": "r",
        "asked": 2,
        "agree": 75.0,
        "same": 50.0,
        "together": pytest.approx(200 / 3),
        "precision": pytest.approx(200 / 3),
        "recall": pytest.approx(200 / 3),
    }
    assert row.differing == ["r at other:\n    clangd: a\n    cpplsp: c"]


def test_definitions_agree_on_a_line() -> None:
    at = "textDocument/definition"
    assert ask_both(methods.Definition(), {at: [(FILE, 3, 1)]}, {at: [(FILE, 3, 9), (FILE, 5, 0)]}) == [100.0]
    assert ask_both(methods.Definition(), {at: [(FILE, 3, 1)]}, {at: [(FILE, 4, 1)]}) == [0.0]


def test_references_outside_the_project_and_to_namespaces_are_left_out() -> None:
    at = "textDocument/references"
    inside, outside = (FILE, 1, 0), ("/usr/include/x.h", 1, 0)
    assert ask_both(methods.References(), {at: [inside, outside]}, {at: [inside]}) == [100.0]
    space = {"textDocument/hover": {"contents": {"value": "### namespace `n`"}}, at: [inside]}
    assert ask_both(methods.References(), space, {}) == [None]


def test_builtin_headers_are_one() -> None:
    at = "textDocument/definition"
    theirs, ours = "/a/lib/clang/22/include/stddef.h", "/b/lib/clang/18/include/stddef.h"
    assert ask_both(methods.Definition(), {at: [(theirs, 3, 1)]}, {at: [(ours, 3, 1)]}) == [100.0]


def test_an_error_of_the_reference_is_not_counted_and_one_of_the_judged_is() -> None:
    at, error = "textDocument/definition", AnswerError("no")
    assert ask_both(methods.Definition(), {at: error}, {}) == [None]
    assert ask_both(methods.Definition(), {at: [(FILE, 3, 1)]}, {at: error}) == [0.0]
    marked = {"textDocument/documentHighlight": [{"range": span(0), "kind": 3}]}
    assert ask_both(methods.DocumentHighlight(), marked, dict.fromkeys(marked, error)) == [0.0, 0.0]


def test_highlights_are_compared_by_place_and_by_kind() -> None:
    at = "textDocument/documentHighlight"
    theirs = [{"range": span(0), "kind": 3}, {"range": span(1), "kind": 2}]
    ours = [{"range": span(0), "kind": 2}]
    assert ask_both(methods.DocumentHighlight(), {at: theirs}, {at: ours}) == [pytest.approx(200 / 3), 0.0]


def test_hovers_are_compared_without_what_clangd_decorates() -> None:
    def hover(code: str) -> dict[str, Any]:
        return {"textDocument/hover": {"contents": {"value": f"### x\n\n```cpp\n{code}\n```"}}}

    theirs = hover("// In class C\npublic: int f(int a = this->b)")
    assert ask_both(methods.Hover(), theirs, hover("int f(int a = b)")) == [100.0, 100.0]
    assert ask_both(methods.Hover(), hover("class C {}"), hover("class C")) == [100.0, 100.0]
    assert ask_both(methods.Hover(), theirs, {}) == [0.0, 0.0]


def test_outlines_are_compared_by_name_kind_and_nesting() -> None:
    def symbol(line: int, name: str, kind: int, *children: dict[str, Any]) -> dict[str, Any]:
        return {"name": name, "kind": kind, "selectionRange": span(line), "children": list(children)}

    at = "textDocument/documentSymbol"
    theirs = [symbol(0, "S", 23, symbol(1, "f", 6))]
    ours = [symbol(0, "S", 5), symbol(1, "S::f", 6)]
    assert ask_both(methods.DocumentSymbol(), {at: theirs}, {at: ours}, FILE) == [100.0, 50.0, 50.0]


def test_tokens_are_compared_by_the_legends() -> None:
    def server(types: list[str], modifiers: list[str], data: list[int]) -> Told:
        legend = {"tokenTypes": types, "tokenModifiers": modifiers}
        answers = {"textDocument/semanticTokens/full": {"data": data}}
        return Told(answers, {"semanticTokensProvider": {"legend": legend}})

    method = methods.SemanticTokens()
    theirs = server(["class", "variable"], ["static", "deduced"], [0, 0, 1, 0, 0, 0, 4, 1, 1, 3])
    ours = server(["variable", "class"], ["static"], [0, 0, 1, 1, 1, 0, 4, 1, 0, 1])
    method.compare(theirs, ours, FILE)
    assert [row.agreement for row in method.rows.values()] == [100.0, 100.0, 50.0]


def test_a_search_counts_for_each_server_by_itself() -> None:
    wanted = places.Wanted("n::C", "size")
    search = places.Search("siz", "prefix", wanted)
    found = [{"name": f"x{number}", "containerName": ""} for number in range(9)]
    right = {"name": "size", "containerName": "n::(anonymous)::C<T>"}
    theirs, ours = {"workspace/symbol": [*found, {"name": "x"}, right]}, {"workspace/symbol": [*found, right]}
    assert ask_both(methods.WorkspaceSymbol(), theirs, ours, search) == [100.0, 0.0]


def test_callers_are_compared_by_the_places_of_calls() -> None:
    def server(name: str) -> dict[str, Any]:
        caller = {"name": name, "uri": "file:///p/b.cc"}
        return {
            "textDocument/prepareCallHierarchy": [{"name": "f"}],
            "callHierarchy/incomingCalls": [{"from": caller, "fromRanges": [span(1), span(2)]}],
        }

    assert ask_both(methods.IncomingCalls(), server("C::g"), server("g")) == [100.0]
    assert ask_both(methods.IncomingCalls(), server("g"), server("h")) == [0.0]


def test_methods_are_asked_about_what_they_are_about() -> None:
    reference, judged = Told({}), Told({})
    asked = [methods.Definition(), methods.FoldingRange()]
    compare(reference, judged, asked, {FILE: [(FILE, 0, 0), (FILE, 1, 0)]}, 10, 1)
    assert judged.asked == [
        *(f"open {FILE}", "textDocument/foldingRange"),
        *["textDocument/definition"] * 2,
        f"close {FILE}",
    ]


def test_what_is_not_offered_is_known_by_the_capabilities() -> None:
    assert methods.Hover().offered_by(Told({}, {"hoverProvider": True}))
    assert not methods.Hover().offered_by(Told({}))
    assert methods.SwitchSourceHeader().offered_by(Told({}))


def test_names_are_drawn_from_code_only(tmp_path: Path) -> None:
    file = tmp_path / "a.cc"
    file.write_text(
        '#define M m\n// c\nint x = y; /* z\n z */ const char* s = "t" R"(u)"; w();\nint ä = v;\n'
    )
    lines = file.read_text().split("\n")
    found = [
        lines[line][column:].split(" ")[0].rstrip(";()") for _, line, column in places.names_in(str(file))
    ]
    assert found == ["x", "y", "s", "w"]


def test_searches_are_made_in_four_ways_and_by_seed() -> None:
    symbols = [
        places.Wanted("outer::Holder", f"makeUnique{word}Map") for word in ("Big", "Small", "Fast", "Slow")
    ]
    found = places.searches(symbols, 8, 1)
    assert found == places.searches(symbols, 8, 1)
    assert [search.way for search in found] == [
        *["prefix"] * 2,
        *["initials"] * 2,
        *["subsequence"] * 2,
        *["qualified"] * 2,
    ]
    for search in found:
        letters = iter(str(search.wanted))
        assert all(letter in letters for letter in search.typed)


def test_macros_that_clangd_shows_as_containers_are_no_scopes() -> None:
    def symbol(name: str, kind: int, *children: dict[str, Any]) -> dict[str, Any]:
        return {"name": name, "kind": kind, "children": list(children)}

    shown = [symbol("TEST", 21, symbol("S", 23, symbol("f", 6)), symbol("operator+", 12))]
    assert list(places.outlined(shown)) == [places.Wanted("", "S"), places.Wanted("S", "f")]
