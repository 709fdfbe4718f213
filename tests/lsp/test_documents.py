"""Documents: URIs and paths, and edits of a buffer."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from cpplsp.columns import WideMap
from cpplsp.content import content_hash
from cpplsp.lsp.documents import ClientPaths, Document, Documents, path_of, uri_of

ENCODINGS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
UNIT_BYTES = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
TEXT = st.text(alphabet="ab \n\r\t\x0c\u2028é€\U0001f600", max_size=40)


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///home/me/a.cc", "/home/me/a.cc"),
        ("file:///a%20b/%C3%A9.cc", "/a b/é.cc"),
        ("FILE:///a.cc", "/a.cc"),
        ("file://localhost/a.cc", "/a.cc"),
        ("file:///c%3A/a.cc", "/c:/a.cc"),
        ("file:///C:/a.cc", "/c:/a.cc"),
        ("file:///a%25b.cc", "/a%b.cc"),
        ("file:///%FF.cc", "/\udcff.cc"),
        ("untitled:Untitled-1", None),
        ("git:/a.cc?ref", None),
        ("file://server/share/a.cc", None),
        ("file:///a%00.cc", None),
        ("file:///" + "a/" * 4096, None),
        ("file://[", None),
        ("file://[x]/a.cc", None),
        ("", None),
    ],
)
def test_the_path_of_a_uri(uri: str, path: str | None) -> None:
    assert path_of(uri) == path


@given(st.binary(min_size=1, max_size=30).filter(lambda name: b"\0" not in name))
def test_every_path_comes_back_from_its_uri(name: bytes) -> None:
    path = "/x/" + os.fsdecode(name)
    uri = uri_of(path)
    assert uri.isascii()
    assert path_of(uri) == path


def units(text: str, encoding: str) -> int:
    return len(text.encode(ENCODINGS[encoding])) // UNIT_BYTES[encoding]


def position(text: str, index: int, encoding: str) -> types.Position:
    """The position of an index, the slow way."""
    before = text[:index].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return types.Position(len(before) - 1, units(before[-1], encoding))


@given(TEXT, TEXT, st.data(), st.sampled_from(sorted(ENCODINGS)))
def test_an_edit_replaces_its_range(text: str, new: str, data: st.DataObject, encoding: str) -> None:
    places = [i for i in range(len(text) + 1) if text[i - 1 : i + 1] != "\r\n"]
    begin, end = sorted(data.draw(st.tuples(st.sampled_from(places), st.sampled_from(places))))
    document = Document("file:///a.cc", "/a.cc", 1, text)
    edited = types.Range(position(text, begin, encoding), position(text, end, encoding))
    document.change(types.TextDocumentContentChangePartial(edited, new), encoding)
    assert document.text == text[:begin] + new + text[end:]
    assert document.is_edited == (document.text != text)
    document.save()
    assert not document.is_edited


@pytest.mark.parametrize(
    ("line", "character", "expected"),
    [(0, 99, "abX\ncd"), (9, 0, "ab\ncdX"), (1, 0, "ab\nXcd")],
    ids=["past a line's end", "past the last line", "inside"],
)
def test_a_position_that_is_not_there_is_the_nearest_before(line: int, character: int, expected: str) -> None:
    document = Document("file:///a.cc", "/a.cc", 1, "ab\ncd")
    at = types.Position(line, character)
    document.change(types.TextDocumentContentChangePartial(types.Range(at, at), "X"), "utf-16")
    assert document.text == expected


def test_a_change_without_a_range_is_of_all() -> None:
    document = Document("file:///a.cc", "/a.cc", 1, "old")
    document.change(types.TextDocumentContentChangeWholeDocument("new"), "utf-16")
    assert document.text == "new"


def test_lines_are_those_of_the_protocol() -> None:
    document = Document("file:///a.cc", "/a.cc", 1, "a\x0cb\r\nc\u2028d\re\n")
    for line in (3, 2, 1, 0):
        end = types.Position(line, 99)
        document.change(types.TextDocumentContentChangePartial(types.Range(end, end), str(line)), "utf-16")
    assert document.text == "a\x0cb0\r\nc\u2028d1\re2\n3"


def test_places_are_found_whichever_of_the_last_saved_texts_was_indexed(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = str(tmp_path / "a.cc")
    document = Document(f"file://{path}", path, 1, "int x;\n")
    for text in ("//\nint x;\n", "//\n//\nint x;\n"):
        document.change(types.TextDocumentContentChangeWholeDocument(text), "utf-8")
        document.save()
    for lines in range(3):
        indexed = WideMap(b"", content_hash(b"//\n" * lines + b"int x;\n"))
        assert document.buffer().from_index(lines, 4, indexed, "utf-8") == (2, 4)
        assert document.buffer().to_index(2, 4, indexed, "utf-8") == (lines, 4)


def test_a_text_opened_with_changes_is_compared_with_what_is_on_disk(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "a.cc"
    path.write_bytes(b"\xef\xbb\xbfint \xff, x;\r\n")
    indexed = WideMap(b"", content_hash(path.read_bytes()))
    document = Document(f"file://{path}", str(path), 1, "\r\nint \ufffd, x;\r\n")
    assert document.buffer().to_index(1, 7, indexed, "utf-16") == (0, 7)
    assert document.buffer().to_index(1, 0, indexed, "utf-16") == (0, 0)
    path.unlink()
    unknown = Document(f"file://{path}", str(path), 1, "\nint x;").buffer()
    assert unknown.to_index(1, 4, indexed, "utf-8") is None


def changed(text: str, now: str) -> Document:
    document = Document("file:///a.cc", "/a.cc", 1, text)
    document.change(types.TextDocumentContentChangeWholeDocument(now), "utf-8")
    return document


def wide_of(text: str) -> WideMap:
    return WideMap(b"", content_hash(text.encode()))


@pytest.mark.parametrize(
    ("text", "now", "column", "expected"),
    [
        ("int count;", "int counter;", 4, None),
        ("int count;", "int counter;", 6, None),
        ("int count;", "int a, count;", 7, (0, 4)),
        ("int count;", "int count, a;", 4, (0, 4)),
        ("int count;", "int total;", 4, None),
        ('#include "a.h"', '//#include "a.h"', 13, None),
        ('#include "a.h"', '  #include "a.h"', 13, (0, 11)),
        ("int a;", "#int a;", 5, None),
    ],
)
def test_what_is_spelled_in_another_way_was_not_there(
    text: str, now: str, column: int, expected: tuple[int, int] | None
) -> None:
    assert changed(text, now).buffer().to_index(0, column, wide_of(text), "utf-8") == expected


def test_an_editor_may_keep_the_ends_of_lines_to_itself() -> None:
    indexed = wide_of("int x;\r\nint y;\r\n")
    for document in (changed("", "int x;\nint y;\n"), changed("int x;\nint y;\n", "int x;\nint y;\nint z;")):
        assert document.buffer().to_index(1, 4, indexed, "utf-8") == (1, 4)


def test_of_another_text_nothing_is_anywhere() -> None:
    buffer, indexed = changed("int x;\n", "int x;\n\n").buffer(), wide_of("int y;\n")
    assert not buffer.knows(indexed)
    assert buffer.to_index(0, 4, indexed, "utf-8") is None
    assert buffer.from_index(0, 4, indexed, "utf-8") is None
    assert not buffer.holds(0, 4, 5, indexed)
    assert not buffer.has_line(0, indexed)
    assert [buffer.nearest(line, indexed) for line in (0, 9)] == [0, 2]


def test_a_text_that_comes_to_the_disk_is_known(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path, indexed = tmp_path / "a.cc", wide_of("\nint x;\n")
    buffer = Document(f"file://{path}", str(path), 1, "int x;\n").buffer()
    assert not buffer.knows(indexed)
    path.write_text("int other;\n")
    assert not buffer.knows(indexed)
    path.write_text("\nint x;\n")
    assert buffer.knows(indexed)
    assert buffer.to_index(0, 4, indexed, "utf-8") == (1, 4)


def test_what_a_closed_document_had_on_disk_is_known_when_it_is_opened_again() -> None:
    documents = Documents()
    first = documents.open(item("file:///a.cc", "int x;"))
    assert first is not None
    first.change(types.TextDocumentContentChangeWholeDocument("\nint x;"), "utf-8")
    first.save()
    documents.close("file:///a.cc")
    for number in range(7):
        documents.open(item(f"file:///{number}.cc"))
        documents.close(f"file:///{number}.cc")
    again = documents.open(item("file:///a.cc", "\nint x;"))
    assert again is not None
    assert again.buffer().to_index(1, 4, wide_of("int x;"), "utf-8") == (0, 4)
    assert not again.is_edited


def test_a_byte_order_mark_comes_and_goes() -> None:
    documents = Documents()
    document = documents.open(item("file:///a.cc", "\ufeffint x;"))
    assert document is not None
    assert documents.client_paths().marked == {"/a.cc"}
    document.change(types.TextDocumentContentChangeWholeDocument("int x;"), "utf-8")
    assert documents.client_paths().marked == frozenset()


def item(uri: str, text: str = "") -> types.TextDocumentItem:
    return types.TextDocumentItem(uri, "cpp", 1, text)


def test_a_document_is_known_by_every_uri_that_leads_to_its_file(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a b.cc").write_text("int x;")
    (tmp_path / "link").symlink_to("real")
    documents = Documents()
    opened = documents.open(item(f"file://{tmp_path}/link/a%20b.cc"))
    assert opened is not None
    assert opened.path == os.path.realpath(tmp_path / "real" / "a b.cc")
    assert documents.get(f"file://{tmp_path}/real/a%20b.cc") is opened
    assert documents.get(f"file://{tmp_path}/real/b.cc") is None
    assert documents.client_paths().uri(opened.path) == f"file://{tmp_path}/link/a%20b.cc"
    documents.close(opened.uri)
    assert documents.get(opened.uri) is None
    assert documents.client_paths().uri(opened.path) == uri_of(opened.path)


def test_what_is_no_local_file_is_not_kept() -> None:
    documents = Documents()
    assert documents.open(item("untitled:Untitled-1")) is None
    assert list(documents) == []


def test_the_document_opened_last_comes_first() -> None:
    documents = Documents()
    for name in ("a", "b", "c", "a"):
        documents.open(item(f"file:///{name}.cc"))
    assert [document.path for document in documents] == ["/a.cc", "/c.cc", "/b.cc"]


def test_a_path_is_told_as_the_client_spells_its_folder() -> None:
    paths = ClientPaths((("/real/project/sub", "/elsewhere/sub"), ("/real/project", "/home/me/link/")))
    assert paths.uri("/real/project/a b.cc") == "file:///home/me/link/a%20b.cc"
    assert paths.uri("/real/project/sub/c.cc") == "file:///elsewhere/sub/c.cc"
    assert paths.uri("/real/projects/a.cc") == "file:///real/projects/a.cc"
    assert paths.uri("/real/project") == "file:///home/me/link"


@given(st.text())
def test_any_text_for_a_uri_raises_nothing(text: str) -> None:
    for uri in (text, "file://" + text):
        path = path_of(uri)
        assert path is None or path.startswith("/")
