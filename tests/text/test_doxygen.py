"""Documentation as Markdown and as plain text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpplsp.text.doxygen import code_span, escaped, fenced, parameter_text, render

# Comment, as Markdown, as plain text (None: as the comment is).
CASES: dict[str, tuple[str, str, str | None]] = {
    "text": ("One. Two", "One. Two", None),
    "paragraphs": ("One\ntwo.\n\n\nThree.", "One\ntwo.\n\nThree.", "One\ntwo.\n\nThree."),
    # What Markdown would eat
    "stars": ("Set *p to **q.", r"Set \*p to \*\*q.", None),
    "underscores at the ends of words": ("Not __x, snake_case.", r"Not \_\_x, snake_case.", None),
    "angle brackets": ("a < b, vector<int>", r"a < b, vector\<int>", None),
    "entities": ("a &lt; b && &x", r"a \&lt; b && &x", None),
    "brackets": ("See [1] and a[i].", r"See \[1] and a\[i].", None),
    "backslashes": (r"C:\path\new", r"C:\\path\\new", None),
    "quotes as TeX has them": ("a `quoted' word", r"a \`quoted' word", None),
    "a line like a heading": ("# not a heading", r"\# not a heading", None),
    "a line like a quotation": ("> 3 of them", r"\> 3 of them", None),
    # What is Markdown
    "code": ("The `a_b *c` there", "The `a_b *c` there", None),
    "a link": ("See [this](https://a.b/c_d_).", "See [this](https://a.b/c_d_).", None),
    "an address": ("At https://a.b/_c_/d_.", "At https://a.b/_c_/d_.", None),
    "bold words": ("It is **not** so.", "It is **not** so.", None),
    "a fence": ("```\na *b\n```", "```cpp\na *b\n```", "    a *b"),
    "a fence of a language": ("```sh\nls *\n```", "```sh\nls *\n```", "    ls *"),
    "a list": (
        "Both:\n- one *a\n  more\n- two",
        "Both:\n\n- one \\*a\n  more\n- two",
        "Both:\n\n- one *a\n  more\n- two",
    ),
    "a list with numbers": ("1. one\n2. two", "1. one\n2. two", None),
    "indented code": (
        "Do:\n\n    x = *y;\n      z();\n\nSo.",
        "Do:\n\n```cpp\nx = *y;\n  z();\n```\n\nSo.",
        "Do:\n\n    x = *y;\n      z();\n\nSo.",
    ),
    "lines that were ended on purpose": (
        "kA: first\nkB: second, which is a line of some length",
        "kA: first  \nkB: second, which is a line of some length",
        None,
    ),
    # Commands
    "brief": (r"\brief One." + "\n\nTwo.", "One.\n\nTwo.", "One.\n\nTwo."),
    "parameters": (
        "@param[in] a_ The *first.\n       Really.\n@param b second\n@param c",
        "**Parameters**\n- `a_` (in): The \\*first.\n  Really.\n- `b`: second\n- `c`",
        "Parameters:\n- a_ (in): The *first.\n  Really.\n- b: second\n- c",
    ),
    "parameters of a template": (
        r"\tparam T type",
        "**Template parameters**\n- `T`: type",
        "Template parameters:\n- T: type",
    ),
    "what it returns": (r"\return the sum", "**Returns** the sum", "Returns: the sum"),
    "what one value says": (r"\retval -1 it failed", "**Returns** `-1` it failed", "Returns: -1 it failed"),
    "what it throws": (
        "@throws std::bad_alloc never",
        "**Throws** `std::bad_alloc` never",
        "Throws: std::bad_alloc never",
    ),
    "notes": (
        r"\note One." + "\n" + r"\warning Two.",
        "**Note** One.\n\n**Warning** Two.",
        "Note: One.\n\nWarning: Two.",
    ),
    "code between marks": (
        "@code{.c}\n  int *x;\n    y;\n@endcode",
        "```c\nint *x;\n  y;\n```",
        "    int *x;\n      y;",
    ),
    "verbatim": (r"\verbatim" + "\na_\n" + r"\endverbatim", "```cpp\na_\n```", "    a_"),
    "words of code": (
        r"The \c a_ and @p b, or \ref C::d.",
        "The `a_` and `b`, or `C::d`.",
        "The a_ and b, or C::d.",
    ),
    "a reference with a text": (r'See \ref x "the text".', "See `the text`.", "See the text."),
    "Javadoc's code": ("The {@code a < b} there", "The `a < b` there", "The a < b there"),
    "stressed words": (r"\b not \e now", "**not** *now*", "not now"),
    "HTML": ("<b>not</b> <tt>a_</tt><p>", "**not** `a_`", "not a_"),
    "anchors": ('a <a href="x.html#1">word</a>', "a word", "a word"),
    "words that are no links": ("a %vector, 3%, %d", "a vector, 3%, %d", "a vector, 3%, %d"),
    "a line's end": (r"One.\n Two.", "One.  \n Two.", "One.\n Two."),
    "a formula": (r"\f$x_1\f$", "`x_1`", "x_1"),
    "escaped characters": (r"a\@b \<c\>", r"a@b \<c>", "a@b <c>"),
    "items": (r"\li one" + "\n" + r"\li two", "- one\n- two", "- one\n- two"),
    "commands of no use to a reader": (r"\ingroup g" + "\nOne.\n" + r"\internal", "One.", "One."),
    "unknown commands": (r"\foo and @bar", r"\\foo and @bar", None),
    "see": (r"\sa other()", "**See** other()", "See: other()"),
    "nothing": ("", "", ""),
}


@pytest.mark.parametrize(("comment", "markdown", "plain"), CASES.values(), ids=CASES)
def test_documentation_reads_well(comment: str, markdown: str, plain: str | None) -> None:
    assert render(comment, markdown=True) == markdown
    assert render(comment, markdown=False) == (comment if plain is None else plain)


def test_what_is_said_of_a_parameter() -> None:
    comment = "Adds.\n\n@param a,b the *numbers\n@param[out] c\n    result"
    assert parameter_text(comment, "b", markdown=True) == r"the \*numbers"
    assert parameter_text(comment, "c", markdown=False) == "result"
    assert parameter_text(comment, "d", markdown=True) == ""


def test_code_that_holds_marks_of_code() -> None:
    assert fenced("a\n```\nb", "cpp") == "````cpp\na\n```\nb\n````"
    assert code_span("a`b") == "`` a`b ``"
    assert code_span("a_b") == "`a_b`"
    assert escaped("a_b/_c*[d]") == r"a_b/\_c\*\[d\]"
    assert escaped("mutex_ and __init__, a__b__.") == r"mutex_ and \_\_init__, a__b__."


_PIECES = [
    *"`*_<>[]()\\@&#~-+=.:{}\n ",
    "    ",
    "param",
    "code",
    "endcode",
    "\\c ",
    "@p ",
    "x",
    "brief",
    "<b>",
    "</b>",
    "```",
    "ö",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=40).map("".join))
def test_any_comment_is_shown(comment: str) -> None:
    for markdown in (True, False):
        shown = render(comment, markdown=markdown)
        assert "\0" not in shown


@given(st.text(alphabet="ab *_<[`#&~\\", max_size=20))
def test_escaped_text_has_no_marks_that_count(text: str) -> None:
    assert escaped(text).replace("\\", "") == text.replace("\\", "")
