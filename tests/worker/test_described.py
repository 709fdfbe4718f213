"""What is told of a declared symbol beyond its name and place."""

import pytest
from support.cpp import Workspace, indexed

from cpplsp.facts import Declaration, Trait


def described(code: str, name: str, file: str = "main.cc") -> Declaration:
    """What a file tells of the last declaration of a name in it."""
    with indexed(code) as space:
        return [one for one in space.of(file).declarations if one.name == name][-1]


def type_name(code: str, name: str) -> str:
    """The name of what a declared symbol's type is made of, '' for none."""
    with indexed(code) as space:
        symbol = [one for one in space.of("main.cc").declarations if one.name == name][-1].type_symbol
        return names(space).get(symbol, "?") if symbol else ""


def names(space: Workspace) -> dict[int, str]:
    return {one.symbol: one.name for facts in space.facts for one in facts.declarations}


@pytest.mark.parametrize(
    ("code", "name", "spelled"),
    [
        ("int x;", "x", "int"),
        ("const char *const x = nullptr;", "x", "const char *const"),
        ("struct S { unsigned long long field; };", "field", "unsigned long long"),
        ("void f(const int &parameter);", "parameter", "const int &"),
        ("int *f(int);", "f", "int *"),
        ("struct S { S &operator=(const S &); };", "operator=", "S &"),
        ("struct S { operator bool() const; };", "operator bool", "bool"),
        ("struct S { S(); };", "S", ""),
        ("using Alias = int (*)(char);", "Alias", "int (*)(char)"),
        ("typedef long Number;", "Number", "long"),
        ("template <class T> using Pointer = T *;", "Pointer", "T *"),
        ("template <int N> struct S {};", "N", "int"),
        ("template <class T> T f(T t);", "f", "T"),
        ("auto x = 1.5f;", "x", "float"),
        ("struct S {}; auto x = new S;", "x", "S *"),
        ("struct P { int a; long b; }; void f(P p) { auto [first, second] = p; }", "second", "long"),
        ("auto f() { return 'c'; }", "f", "char"),
        ("auto f() -> long;", "f", "long"),
        ("#define MACRO 1\n", "MACRO", ""),
        ("auto x = [] {};", "x", "(lambda)"),
        ("template <class T> auto f(T t) -> decltype(t + 1); auto x = f(2);", "x", "int"),
        ("struct { int a; } x;", "x", "struct (unnamed struct)"),
        ("enum E { One };", "One", ""),
        ("namespace n {}", "n", ""),
    ],
)
def test_type_as_clang_spells_it(code: str, name: str, spelled: str) -> None:
    assert described(code, name).type == spelled


@pytest.mark.parametrize(
    ("code", "name", "of"),
    [
        ("struct S {}; S x;", "x", "S"),
        ("struct S {}; const S *const *x;", "x", "S"),
        ("struct S {}; void f(S &&x);", "x", "S"),
        ("struct S {}; S x[3][4];", "x", "S"),
        ("struct S {}; S (*x)(int);", "x", "S"),
        ("struct S {}; struct T { int m; }; int T::*x; S T::*y;", "y", "S"),
        ("struct S {}; S f();", "f", "S"),
        ("struct S {}; S *f();", "f", "S"),
        ("struct S {}; auto f() { return S(); }", "f", "S"),
        ("struct S {}; auto x = S();", "x", "S"),
        ("struct S {}; auto x = new S;", "x", "S"),
        ("struct S {}; S s; const auto &x = s;", "x", "S"),
        ("struct S {}; S s; decltype(s) x;", "x", "S"),
        ("struct S {}; using A = S; A x;", "x", "A"),
        ("struct S {}; using A = S; ", "A", "S"),
        ("enum E {}; E x;", "x", "E"),
        ("namespace n { struct S {}; } using n::S; S x;", "x", "S"),
        ("template <class T> struct S {}; S<int> x;", "x", "S"),
        ("template <class T> struct S {}; template <> struct S<int> {}; S<int> x;", "x", "S"),
        ("template <class T> void f(T x);", "x", "T"),
        ("template <class T> struct Box { T t; }; struct S {}; Box<S> x;", "x", "Box"),
        ("template <class T> struct Ptr { T *operator->(); }; struct S {}; Ptr<S> x;", "x", "S"),
        ("template <class T> struct Ptr { T *operator->(); }; struct S {}; const Ptr<S *> &x();", "x", "S"),
        ("template <class T> struct Ptr { T *operator->(); }; Ptr<int> x;", "x", "Ptr"),
        ("struct S; S *x;", "x", "S"),
        ("int x;", "x", ""),
        ("template <class T> T *f();", "f", "T"),
        ("template <class T> struct S { T x[4]; };", "x", "T"),
        ("template <int N, class T> struct S { T x[N]; };", "x", "T"),
        ("template <class T> struct V {}; template <class T> V<T> f();", "f", "V"),
        ("#include <s.h>\nS x;\n// file: outside/s.h\nstruct S {};\n", "x", "S"),
    ],
)
def test_what_a_type_is_made_of(code: str, name: str, of: str) -> None:
    assert type_name(code, name) == of


def test_an_explicit_instantiation_is_the_template() -> None:
    code = "template <class T> struct S { T t; }; extern template struct S<int>; using A = S<int>;"
    with indexed(code) as space:
        template, *_, alias = (one for one in space.of("main.cc").declarations if one.name in "SA")
        assert alias.type_symbol == template.symbol


def test_a_specialisation_is_what_a_type_is_made_of_where_it_is_declared() -> None:
    code = "template <class T> struct S {}; template <> struct S<int> {}; S<int> x; S<long> y;"
    with indexed(code) as space:
        first, second, x, y = (one for one in space.of("main.cc").declarations if one.name in "Sxy")
        assert (x.type_symbol, y.type_symbol) == (second.symbol, first.symbol)


@pytest.mark.parametrize(
    ("code", "name", "value"),
    [
        ("enum E { One = 1, Two };", "Two", "2"),
        ("enum E : unsigned long long { Big = ~0ull };", "Big", "18446744073709551615"),
        ("enum E { Negative = -5 };", "Negative", "-5"),
        ("enum class E : unsigned char { Last = 255 };", "Last", "255"),
        ("template <int N> struct S { enum { Value = N }; };", "Value", ""),
        ("constexpr int x = 6 * 7;", "x", "42"),
        ("const unsigned x = 1u << 31;", "x", "2147483648"),
        ("constexpr double x = 0.5;", "x", "0.5"),
        ("struct S { static constexpr long x = -1; };", "x", "-1"),
        ("template <int N> constexpr int x = N;", "x", ""),
        ("template <int N> struct S { static const int x = N + 1; };", "x", ""),
        ("int f(); const int x = f();", "x", ""),
        ("int x = 3;", "x", ""),
        ("const int f(int y) { const int x = y; return x; }", "x", ""),
        ("int f() { const int x = 7; return x; }", "x", "7"),
        ("extern const int x;", "x", ""),
    ],
)
def test_value_of_a_constant(code: str, name: str, value: str) -> None:
    assert described(code, name).value == value


@pytest.mark.parametrize(
    ("code", "name", "traits"),
    [
        ("int x;", "x", Trait(0)),
        ("const int x = 1;", "x", Trait.READONLY),
        ("static int x;", "x", Trait.STATIC),
        ("static void f() {}", "f", Trait.STATIC),
        ("void f() { static int x; }", "x", Trait.STATIC),
        ("struct S { static int x; };", "x", Trait.STATIC),
        ("struct S { static void f(); };", "f", Trait.STATIC),
        ("struct S { int f() const; };", "f", Trait.READONLY),
        ("struct S { virtual int f(); };", "f", Trait.VIRTUAL),
        ("struct S { virtual int f() const = 0; };", "f", Trait.VIRTUAL | Trait.ABSTRACT | Trait.READONLY),
        ("struct S { virtual int f() = 0; };", "S", Trait.ABSTRACT),
        ("struct B { virtual int f(); }; struct S : B { int f() override; };", "f", Trait.VIRTUAL),
        ("struct S { virtual ~S(); };", "~S", Trait.VIRTUAL),
        ("__attribute__((deprecated)) void f();", "f", Trait.DEPRECATED),
        ("struct __attribute__((deprecated)) S;", "S", Trait.DEPRECATED),
        ("enum class E { One };", "E", Trait.SCOPED),
        ("enum E { One };", "One", Trait.READONLY),
    ],
)
def test_traits(code: str, name: str, traits: Trait) -> None:
    assert Trait(described(code, name).traits) == traits


def test_a_forward_declaration_is_told_alike_whatever_the_unit_knows() -> None:
    with indexed("struct S;\nstruct S { virtual int f() = 0; };") as space:
        forward, defined = (one for one in space.of("main.cc").declarations if one.name == "S")
        assert (Trait(forward.traits), Trait(defined.traits)) == (Trait(0), Trait.ABSTRACT)


def test_declarations_outside_the_project_extend_as_written() -> None:
    code = "#include <s.h>\nS x;\n// file: outside/s.h\n\nstruct S {\n  int a;\n};\n"
    found = described(code, "S", "outside/s.h")
    assert (found.begin_line, found.begin_column, found.end_line, found.end_column) == (1, 0, 3, 1)
