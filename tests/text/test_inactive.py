"""Which lines of a text were skipped, told by the lines with names that were, or were not, compiled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpplsp.text.inactive import inactive_lines

SKIPPED: dict[str, tuple[str, list[int], list[int], list[int]]] = {
    "the guard of a header": ("#ifndef H\n#define H\nint a;\n#endif\n", [1, 2], [], []),
    "a branch with names that were not compiled": ("#ifdef A\nint a;\n\n#endif\nint b;\n", [4], [1], [1, 2]),
    "the branch beside a compiled one": (
        "#if A\n// a\n#elif B\nint b;\n#else\n#error\n#endif\n",
        [3],
        [],
        [1, 5],
    ),
    "a branch of which nothing is known": ("#if A\n// a\n#endif\n", [], [], []),
    "never": ("#if 0\n// a\n#endif\n", [], [], [1]),
    "what replaces what is never": ("#if 0 // no\n// a\n#else\n// b\n#endif\n", [], [], [1]),
    "compiled by one of two readings": ("#if A\nint a;\n#else\nint b;\n#endif\n", [1, 3], [1, 3], []),
    "within a skipped one": ("#if 0\n#if A\nint a;\n#endif\n#endif\n", [], [2], [1, 2, 3]),
    "within a compiled one": ("#if A\nint a;\n#if B\nint b;\n#endif\n#endif\n", [1], [3], [3]),
    "a condition over two lines": ("#if A && \\\n  B\nint a;\n#endif\n", [], [2], [2]),
    "balanced in a comment": ("/*\n#if 0\n#endif\n*/\n#if A\nint a;\n#endif\n", [], [5], [5]),
    "begun in a comment only": ("/*\n#if 0\n*/\n#if A\nint a;\n#endif\n", [], [4], [4]),
    "ended too often": ("#endif\n#if A\nint a;\n#endif\n", [], [2], [2]),
    "not ended": ("#if A\nint a;\n", [], [1], []),
    "nothing": ("", [], [], []),
}


@pytest.mark.parametrize(("text", "used", "unused", "skipped"), SKIPPED.values(), ids=SKIPPED)
def test_inactive_lines(text: str, used: list[int], unused: list[int], skipped: list[int]) -> None:
    found = inactive_lines(text.encode(), used, unused)
    assert [line for lines in found for line in lines] == skipped


_LINES = st.lists(
    st.sampled_from(["#if 0", "#ifdef A", "#elif B", "#else", "#endif", "int a;", "", "/*", "*/", '"']),
    max_size=20,
)


@given(_LINES, st.sets(st.integers(0, 20)), st.sets(st.integers(0, 20)))
def test_lines_come_once_in_order_and_none_is_compiled(
    lines: list[str], used: set[int], unused: set[int]
) -> None:
    found = [line for block in inactive_lines("\n".join(lines).encode(), used, unused) for line in block]
    assert found == sorted(set(found))
    assert not set(found) & used
    assert all(line < len(lines) for line in found)
