"""Folds as a client gets them: with characters, or by lines."""

import pytest
from lsprotocol import types

from cpplsp.lsp.documents import ClientPaths
from cpplsp.lsp.folding import FoldingRange, find_folds, folds_lines
from cpplsp.lsp.positions import Outward

UTF16 = Outward("utf-16", ClientPaths())
TEXT = "/* \U0001f600 */ int f(int a,\n  int b) {\n  // one\n  // two\n  return 1;\n}\n".encode()


def test_folds_with_characters() -> None:
    assert find_folds("/f.cc", TEXT, UTF16, by_lines=False) == [
        FoldingRange(0, 1, "region", 15, 7),
        FoldingRange(1, 5, "region", 10, 0),
        FoldingRange(2, 3, "comment", 4, 8),
    ]


def test_by_lines_what_closes_a_fold_stays() -> None:
    assert find_folds("/f.cc", TEXT, UTF16, by_lines=True) == [
        FoldingRange(1, 4, "region"),
        FoldingRange(2, 3, "comment"),
    ]


def test_a_byte_order_mark_is_a_character_of_the_client_that_has_it() -> None:
    text = "\ufeffint f() {\n}\n".encode()
    marked = Outward("utf-16", ClientPaths(marked=frozenset(("/f.cc",))))
    assert find_folds("/f.cc", text, marked, by_lines=False) == [FoldingRange(0, 1, "region", 10, 0)]
    assert find_folds("/f.cc", text, UTF16, by_lines=False) == [FoldingRange(0, 1, "region", 9, 0)]


@pytest.mark.parametrize("only", [True, False, None])
def test_who_folds_lines(only: bool | None) -> None:
    folding = types.FoldingRangeClientCapabilities(line_folding_only=only)
    document = types.TextDocumentClientCapabilities(folding_range=folding)
    assert folds_lines(types.ClientCapabilities(text_document=document)) is (only is True)
    assert folds_lines(types.ClientCapabilities()) is False
