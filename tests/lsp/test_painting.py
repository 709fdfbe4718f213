"""Tokens of the indexed text on the screen, whatever has become of that text."""

import pytest
from lsprotocol import types

from cpplsp.columns import WideMap, encode_wide, line_starts
from cpplsp.content import content_hash
from cpplsp.facts import Role
from cpplsp.lsp.documents import ClientPaths, Document
from cpplsp.lsp.painting import Painted, paint
from cpplsp.lsp.positions import Outward
from cpplsp.query.semantic import Modifier, SemanticToken, Type

PATH = "/a.cc"


def wide_map(text: str) -> WideMap:
    raw = text.encode()
    return WideMap(encode_wide(raw, line_starts(raw)), content_hash(raw))


def tokens(text: str, *names: str, roles: int = 0) -> list[SemanticToken]:
    """A token for the first place of each name in a text; ``=`` before it: of its symbol none is known."""
    found = []
    wide = wide_map(text)
    for name in names:
        bare = name.removeprefix("=").encode()
        offset = text.encode().index(bare)
        line = text.encode()[:offset].count(b"\n")
        start = offset - (text.encode().rfind(b"\n", 0, offset) + 1)
        said = "" if name.startswith("=") else name
        found.append(SemanticToken(line, start, start + len(bare), Type.VARIABLE, 0, said, roles, wide))
    return found


def painted(
    indexed: str, names: list[str], now: str, *, encoding: str = "utf-16", roles: int = 0, knows: bool = True
) -> list[Painted]:
    """What is painted in a buffer. ``knows``: the text that was indexed is known to the document."""
    document = Document("file:///a.cc", PATH, 1, indexed if knows else now)
    if knows and now != indexed:
        document.change(types.TextDocumentContentChangeWholeDocument(now), encoding)
    outward = Outward(encoding, ClientPaths(), {PATH: document.buffer()})
    return paint(PATH, tokens(indexed, *names, roles=roles), now.encode(), outward)


def places(found: list[Painted]) -> list[tuple[int, int, int]]:
    return [one[:3] for one in found]


def test_the_text_that_was_indexed() -> None:
    text = "int a;\nint b = a;\n"
    assert painted(text, ["a", "b"], text) == [
        Painted(0, 4, 1, Type.VARIABLE, 0),
        Painted(1, 4, 1, Type.VARIABLE, 0),
    ]


@pytest.mark.parametrize(
    ("encoding", "place"), [("utf-8", (0, 15, 3)), ("utf-16", (0, 13, 2)), ("utf-32", (0, 12, 2))]
)
def test_wide_characters(encoding: str, place: tuple[int, int, int]) -> None:
    text = "/* \U0001f600 */ int öb;\n"
    assert places(painted(text, ["öb"], text, encoding=encoding)) == [place]


def test_a_byte_order_mark_is_counted_by_who_has_it() -> None:
    text = "\ufeffint a;\n"
    wide = WideMap(b"", content_hash(text.encode()))
    token = SemanticToken(0, 4, 5, Type.VARIABLE, 0, "a", 0, wide)
    for marked, start in (((), 4), ((PATH,), 5)):
        outward = Outward("utf-16", ClientPaths(marked=frozenset(marked)))
        assert places(paint(PATH, [token], text.encode(), outward)) == [(0, start, 1)]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("int a;\n// new\nint abc = a;\n", [(0, 4, 1), (2, 4, 3)]),
        ("int xa;\nint abc = a;\n", [(1, 4, 3)]),
        ("int a;\nint abcd = a;\n", [(0, 4, 1)]),
        ("int a;\nlong abc = a;\n", [(0, 4, 1), (1, 5, 3)]),
        ("int abc = a;\nint a;\n", [(0, 4, 3), (1, 4, 1)]),
        ("", []),
    ],
    ids=[
        "a line above",
        "a name changed",
        "a name that goes on",
        "moved in its line",
        "lines moved",
        "nothing left",
    ],
)
def test_an_edited_text(now: str, expected: list[tuple[int, int, int]]) -> None:
    assert places(painted("int a;\nint abc = a;\n", ["a", "abc"], now)) == expected


def test_a_text_of_which_nothing_is_known() -> None:
    """What the index has of it is of another one: names are where they were, or nowhere."""
    found = painted("int a;\nint b;\nx + y;\n", ["a", "b", "=+"], "int a;\nint c;\nx * y;\n", knows=False)
    assert places(found) == [(0, 4, 1), (2, 2, 1)]
    assert places(painted("x + y;\n", ["=+"], "xyz y;\n", knows=False)) == []


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("auto x;", "auto", [Painted(0, 0, 4, Type.VARIABLE, int(Modifier.DEDUCED))]),
        ("void f() override;", "override", [Painted(0, 9, 8, Type.MODIFIER, 0)]),
        ("this->x;", "this", []),
    ],
)
def test_keywords(text: str, word: str, expected: list[Painted]) -> None:
    assert painted(text, [f"={word}"], text, roles=int(Role.KEYWORD)) == expected


def test_what_was_skipped_is_a_comment_line_by_line() -> None:
    text = "#if A\nint ö = b;\n\n  int c;\n#endif\nint d;\n"
    skipped = painted(text, ["ö", "b"], text, roles=int(Role.INACTIVE))
    assert skipped == [Painted(1, 0, 10, Type.COMMENT, 0), Painted(3, 0, 8, Type.COMMENT, 0)]
