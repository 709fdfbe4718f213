"""Which includes lead where, on marked C++, and in text that has been edited."""

import pytest
from support.cpp import indexed
from support.features import check_links

from cpplsp.query.includes import include_links

LINKS = {
    "quoted and angled": (
        '#include [["a.h"]]\n#include [[<sys.h>]]\n// file: a.h\nint a;\n// file: outside/sys.h\nint s;',
        ["a.h", "outside/sys.h"],
    ),
    "in folders": (
        '#include [["x/a.h"]]\n#include [["./x/../x/b.h"]]\n// file: x/a.h\nint a;\n// file: x/b.h\nint b;',
        ["x/a.h", "x/b.h"],
    ),
    "with spaces, and behind wide characters": (
        '  #  include   [["ä.h"]] // ö\n/* é */ int x;\n#include[["b.h"]]\n// file: ä.h\nint a;\n// file: b.h\nint b;',
        ["ä.h", "b.h"],
    ),
    "named by a macro": ('#define A "a.h"\n#include [[A]]\n// file: a.h\nint a;', ["a.h"]),
    "in a branch that is skipped: none": ('#if 0\n#include "a.h"\n#endif\n// file: a.h\nint a;', []),
    "in comments and strings: none": (
        '#include [["a.h"]]\n/*\n#include "a.h"\n*/\n// #include "a.h"\n'
        'auto s = R"x(\n#include "a.h"\n)x";\n// file: a.h\nint a;',
        ["a.h"],
    ),
    "twice": ('#include [["a.h"]]\n#include [["a.h"]]\n// file: a.h\n#pragma once\nint a;', ["a.h", "a.h"]),
    "with a byte-order mark and CRLF": (
        '\ufeff#include [["a.h"]]\r\nint x;\r\n// file: a.h\nint a;',
        ["a.h"],
    ),
}


@pytest.mark.parametrize(("code", "targets"), LINKS.values(), ids=LINKS)
def test_links(code: str, targets: list[str]) -> None:
    check_links(code, targets)


def test_a_header_that_was_not_found_is_no_link() -> None:
    check_links('#include "no.h"\nint x;', [], errors=1)


EDITED = {
    "lines above": (b'\n// new\n#include "a.h"\n#include "x/b.h"\n', [(2, "a.h"), (3, "x/b.h")]),
    "lines swapped": (b'#include "x/b.h"\n#include "a.h"\n', [(0, "x/b.h"), (1, "a.h")]),
    "another file": (b'#include "c.h"\n#include "x/b.h"\n', [(1, "x/b.h")]),
    "commented out": (b'//#include "a.h"\n/*\n#include "x/b.h"*/\n', []),
    "spelled otherwise": (b'#include "../project/a.h"\n#include <b.h>\n', [(0, "a.h"), (1, "x/b.h")]),
    "broken off": (b'#include "a.h\n#include\n#inclu', []),
    "another name that ends alike": (b'#include "ba.h"\n#include "y/b.h"\n', []),
    "empty": (b"", []),
    "an open comment": (b'#include "a.h"\n/* \n#include "x/b.h"\n', [(0, "a.h")]),
}


@pytest.mark.parametrize(("text", "expected"), EDITED.values(), ids=EDITED)
def test_links_in_text_that_has_been_edited(text: bytes, expected: list[tuple[int, str]]) -> None:
    code = '#include "a.h"\n#include "x/b.h"\n// file: a.h\nint a;\n// file: x/b.h\nint b;'
    with indexed(code) as space:
        found = include_links(space.db, space.roots, space.path("main.cc"), text)
        assert [(link.place.line, space.name(link.target)) for link in found] == expected


def test_a_file_that_is_not_indexed_has_none() -> None:
    with indexed("int x;") as space:
        assert include_links(space.db, space.roots, space.path("b.cc"), b'#include "main.cc"') == []
