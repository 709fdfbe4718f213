"""Reading C++ backwards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpplsp.worker.lexical import end_before, qualifier, template_start, word_start


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (b"A::^x", b"A"),
        (b"A :: ^x", b"A"),
        (b"n::A::^x", b"A"),
        (b"A<T>::^x", b"A"),
        (b"A<B<T>, C<(1 > 0)>>::^x", b"A"),
        (b"A<T> :: template ^x", b"A"),
        (b"A\n<T>\n::\n^x", b"A"),
    ],
)
def test_a_qualifier_is_found(text: bytes, name: bytes) -> None:
    offset = text.index(b"^")
    start = qualifier(text, offset)
    assert text[start:].startswith(name)
    assert word_start(text, start + len(name)) == start


@pytest.mark.parametrize(
    "text", [b"^x", b"a.^x", b"::^x", b"f()::^x", b">::^x", b"a < b; c > ::^x", b"(::^x"]
)
def test_there_is_no_qualifier(text: bytes) -> None:
    start = qualifier(text, text.index(b"^"))
    assert start == -1 or not text[start : start + 1].isalnum() or b";" in text


@pytest.mark.parametrize(
    "text",
    [
        b"|template <class T> ^struct S;",
        b"|template<class T>\n\n^void f();",
        b"|template <template <class> class V, int N = (1 > 0)> ^struct S;",
        b"|template <class T> template <class U> ^void S<T>::f(U);",
        b"int x; |^struct S;",
        b"a > |^b",
        b"my_template <int> |^b",
        b"> |^b",
        b"|^b",
    ],
)
def test_where_a_template_starts(text: bytes) -> None:
    start, begin = text.index(b"|"), text.index(b"^") - 1
    assert template_start(text.replace(b"|", b"").replace(b"^", b""), begin) == start


@given(
    st.binary(max_size=60) | st.text(alphabet="A<>:(),; template\n", max_size=60).map(str.encode), st.data()
)
def test_any_text_is_read(text: bytes, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    assert -1 <= qualifier(text, offset) <= offset
    assert 0 <= template_start(text, offset) <= offset
    assert 0 <= end_before(text, offset) <= offset
