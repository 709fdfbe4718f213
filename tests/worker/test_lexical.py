"""Reading C++ backwards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpplsp.facts import Role
from cpplsp.worker.lexical import (
    end_before,
    expression_start,
    is_argument_of_attribute,
    qualifier,
    template_start,
    usage,
    word_start,
)

_READ, _WRITE, _BOTH = Role.READ, Role.WRITE, Role.READ | Role.WRITE


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
        b"|template <class T> requires C<T> ^void f();",
        b"int a; |template <class T>\n  requires (sizeof(T) > 1) && C<T> ^void f();",
        b"|template <class T> requires requires(T t) { t.x; } && n::C<T>\n^struct S;",
        b"|template <class T> requires A<T> template <class U> requires B<U> ^void S<T>::f(U);",
        b"template <class T> void requires() {} |^int x;",
        b"template <class T> requires C<T> void f() {} |^int x;",
        b"int requires = (1) |^int x;",
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
    assert 0 <= expression_start(text, offset) <= offset
    assert usage(text, offset, 1) in (Role(0), _READ, _WRITE, _BOTH, Role.ADDRESS_OF)
    assert is_argument_of_attribute(text, offset) in (True, False)


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        (b"o.|m = 1;", _WRITE),
        (b"x = o.|m;", _READ),
        (b"this->|m\n  += 2;", _BOTH),
        (b"o.|m <<= 2;", _BOTH),
        (b"o.|m++;", _BOTH),
        (b"++o.|m;", _BOTH),
        (b"-- n::get(1, (2))[0]->a.|m;", _BOTH),
        (b"if (o.|m == 1)", _READ),
        (b"if (o.|m) {}", _READ),
        (b"return o.|m;", _READ),
        (b"o.|m <= 2", _READ),
        (b"f(&o.|m)", Role.ADDRESS_OF),
        (b"a & o.|m", _READ),
        (b"f(a) & o.|m", _READ),
        (b"a && o.|m", _READ),
        (b"f(o.|m)", Role(0)),
        (b"f(1, o.|m, 2)", Role(0)),
        (b"f(o.|m + 1)", _READ),
        (b"o.|m.n = 1", Role(0)),
        (b"o.|m[1] = 1", Role(0)),
        (b"o.|m->n = 1", _READ),
        (b"(*this).|m = 1", _WRITE),
        (b"++(*this).|m", _BOTH),
    ],
)
def test_how_a_member_is_used(text: bytes, roles: Role) -> None:
    offset = text.index(b"|")
    assert usage(text.replace(b"|", b""), offset, 1) == roles


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"__attribute__((|x", False),
        (b"__attribute__((unused, |x", False),
        (b"__attribute__((cleanup(|x", True),
        (b"__attribute__((a(1), cleanup (|x", True),
        (b"[[gnu::|x", False),
        (b"int a; [[gnu::cleanup(|x", True),
        (b"__declspec(|x", False),
        (b"f(1); [[|x", False),
    ],
)
def test_arguments_of_attributes(text: bytes, expected: bool) -> None:
    assert is_argument_of_attribute(text, text.index(b"|")) is expected
