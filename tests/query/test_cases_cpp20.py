"""Cases of C++ as it is since 2011 and up to 2020: lambdas, bindings, coroutines, comparisons, constant evaluation."""

import pytest
from support.cases import cases
from support.cpp import check_declaration, check_definition, check_outline, check_references
from support.features import (
    check_callees,
    check_callers,
    check_highlights,
    check_implementations,
    check_types,
)

COROUTINE = """
// file: coroutine.h
#pragma once
namespace std {
template <class R, class... A> struct coroutine_traits { using promise_type = typename R::promise_type; };
template <class P = void> struct coroutine_handle {
  static coroutine_handle from_address(void*) noexcept;
  template <class Q> coroutine_handle(coroutine_handle<Q>) noexcept;
};
struct suspend_never {
  bool await_ready() const noexcept;
  template <class H> void await_suspend(H) const noexcept;
  void await_resume() const noexcept;
};
}
struct Task {
  struct promise_type {
    Task get_return_object();
    std::suspend_never initial_suspend() noexcept;
    std::suspend_never final_suspend() noexcept;
    std::suspend_never yield_value(int);
    void return_void();
    void unhandled_exception();
  };
};
"""

DEFINITIONS = {
    "co_await's operand": '#include "coroutine.h"\nstd::suspend_never [[ready]]();\nTask f() { co_await ^ready(); }'
    + COROUTINE,
    "co_yield's operand": '#include "coroutine.h"\nTask f(int [[x]]) { co_yield ^x; }' + COROUTINE,
    "local of a coroutine": '#include "coroutine.h"\nTask f() { int [[x]] = 1; co_yield ^x; co_return; }'
    + COROUTINE,
    "coroutine": '#include "coroutine.h"\nTask [[f]]() { co_return; }\nTask g() { ^f(); co_return; }'
    + COROUTINE,
    "three-way comparison by name": (
        "struct S { int [[operator]]<=>(const S&) const; };\nint f(S s) { return s.^operator<=>(s); }"
    ),
    "three-way comparison": (
        "struct S { int [[operator]]<=>(const S&) const; };\nint f(S s) { return s ^<=> s; }"
    ),
    "less-than made of a three-way comparison": (
        "struct S { int [[operator]]<=>(const S&) const; };\nbool f(S s) { return s ^< s; }"
    ),
    "inequality made of equality": (
        "struct S { bool [[operator]]==(const S&) const; };\nbool f(S s) { return s ^!= s; }"
    ),
    "defaulted equality": (
        "struct S { bool [[operator]]==(const S&) const = default; };\nbool f(S s) { return s ^== s; }"
    ),
    "designated initialiser of a base's aggregate": "struct P { int [[x]], y; };\nP p{.^x = 1, .y = 2};",
    "designated initialiser in a call": "struct P { int [[x]]; };\nvoid f(P);\nvoid g() { f({.^x = 1}); }",
    "designated initialiser with braces": "struct P { int [[x]]; };\nP p{.^x{1}};",
    "binding of a struct": "struct P { int a, b; };\nint f(P p) { auto [x, [[y]]] = p; return ^y; }",
    "binding of an array": "int f() { int a[2] = {}; auto& [ [[x]], y] = a; return ^x; }",
    "binding of a tuple": (
        "namespace std {\ntemplate <class T> struct tuple_size;\n"
        "template <decltype(sizeof 0) I, class T> struct tuple_element;\n}\n"
        "struct P {};\ntemplate <decltype(sizeof 0) I> int get(P) { return I; }\n"
        "template <> struct std::tuple_size<P> { static constexpr decltype(sizeof 0) value = 2; };\n"
        "template <decltype(sizeof 0) I> struct std::tuple_element<I, P> { using type = int; };\n"
        "int f(P p) { auto [ [[x]], y] = p; return ^x; }"
    ),
    "binding that a lambda takes": (
        "struct P { int a, b; };\nint f(P p) { auto [ [[x]], y] = p; return [^x] { return ^x; }(); }"
    ),
    "binding in an init-statement": (
        "struct P { int a, b; };\nP g();\n"
        "int f() { if (auto [ [[x]], y] = g(); ^x > y) return ^x; return 0; }"
    ),
    "if with an init-statement": (
        "int g();\nint f() { if (int [[x]] = g(); ^x > 0) return ^x; else return -^x; }"
    ),
    "switch with an init-statement": (
        "int g();\nint f() { switch (int [[x]] = g(); ^x) { default: return ^x; } }"
    ),
    "range-for with an init-statement": (
        "int a[2];\nint f() { int s = 0; for (int [[n]] = 1; int x : a) s += x * ^n; return s; }"
    ),
    "lambda with an init capture": "int f() { return [ [[x]] = 1] { return ^x; }(); }",
    "init capture by reference": "int f(int y) { return [& [[x]] = y] { return ^x; }(); }",
    "init capture of the same name: inside": "int f(int x) { return [ [[x]] = x + 1] { return ^x; }(); }",
    "init capture of the same name: outside": "int f(int [[x]]) { return [x = ^x + 1] { return x; }(); }",
    "init capture of a pack": (
        "template <class... T> auto f(T... t) { return [... [[c]] = t] { return (0 + ... + ^c); }; }"
    ),
    "capture of this": "struct S { int [[m]]; int f() { return [this] { return ^m; }(); } };",
    "capture of *this": "struct S { int [[m]]; int f() { return [*this] { return ^m; }(); } };",
    "lambda's template parameter": "auto l = []<class [[T]]>(^T t) { return ^T(t); };",
    "lambda's value parameter": "auto l = []<int [[N]]>() { return ^N; };",
    "lambda's trailing return type": "struct [[R]] {};\nauto l = []() -> ^R { return {}; };",
    "lambda's default argument": "int [[d]];\nauto l = [](int x = ^d) { return x; };",
    "lambda in a lambda": "auto l = [] { int [[x]] = 1; return [&] { return ^x; }(); };",
    "lambda that is called at once": "int f(int [[x]]) { return [](int y) { return y; }(^x); }",
    "lambda in a default member initialiser": "struct S { int [[a]] = 1; int b = [this] { return ^a; }(); };",
    "lambda's static local": "auto l = [] { static int [[n]]; return ^n++; };",
    "immediate function": "consteval int [[sq]](int x) { return x * x; }\nconstexpr int y = ^sq(2);",
    "constinit": "constinit int [[n]] = 1;\nint f() { return ^n; }",
    "constexpr if's condition": (
        "constexpr bool [[big]] = true;\nint f() { if constexpr (^big) return 1; return 0; }"
    ),
    "using enum": "enum class E { [[red]] };\nE f() { using enum E; return ^red; }",
    "using enum: the enum": "enum class [[E]] { red };\nvoid f() { using enum ^E; }",
    "using an enumerator": "enum class E { [[red]] };\nusing E::^red;",
    "enumerator through using": "enum class E { [[red]] };\nusing E::red;\nE e = ^red;",
    "auto return type: the function": "auto [[f]]() { return 1; }\nint x = ^f();",
    "trailing return type names a parameter": "auto f(int [[x]]) -> decltype(^x) { return x; }",
    "decltype of a member": "struct S { int [[m]]; };\ndecltype(S::^m) x;",
    "noexcept's operand": "constexpr bool [[safe]] = true;\nvoid f() noexcept(^safe);",
    "static_assert's operand": "constexpr int [[n]] = 1;\nstatic_assert(^n == 1);",
    "alignas's operand": "constexpr int [[n]] = 8;\nstruct alignas(^n) S {};",
    "attribute's string is no name": 'int [[v]];\n\\[[deprecated("v")]] void f();\nint x = ^v;',
    "nodiscard function": "\\[[nodiscard]] int [[f]]();\nint x = ^f();",
    "likely branch": "int f(int [[x]]) { if (x) \\[[likely]] return ^x; return 0; }",
    "nested namespace": "namespace a::b { int [[x]]; }\nint y = a::b::^x;",
    "nested namespace: the outer one": "namespace [[a]]::b { int x; }\nint y = ^a::b::x;",
    "nested namespace: the inner one": "namespace a::[[b]] { int x; }\nint y = a::^b::x;",
    "nested inline namespace": "namespace a::inline b { int [[x]]; }\nint y = a::^x;",
    "inline variable": "inline int [[n]] = 1;\nint x = ^n;",
    "static inline member": "struct S { static inline int [[n]] = 1; };\nint x = S::^n;",
    "constexpr static member": "struct S { static constexpr int [[n]] = 1; };\nint x = S::^n;",
    "aggregate in parentheses": "struct [[P]] { int x, y; };\nauto p = ^P(1, 2);",
    "list constructor": (
        "namespace std { template <class T> class initializer_list { const T* b; decltype(sizeof 0) n; }; }\n"
        "struct [[L]] { L(std::initializer_list<int>); };\nauto l = ^L{1, 2};"
    ),
    "delegating constructor": "struct [[S]] { S(int) {} S() : ^S(1) {} };",
    "inheriting constructor": "struct [[B]] { B(int) {} };\nstruct D : B { using B::B; };\nauto b = ^B(1);",
    "class whose constructor is inherited": (
        "struct B { B(int) {} };\nstruct [[D]] : B { using B::B; };\nauto d = ^D(1);"
    ),
    "defaulted constructor": "struct S { [[S]](); };\nS::^S() = default;",
    "ref-qualified overload": "struct S { void f() & {} void [[f]]() && {} };\nvoid g() { S().^f(); }",
    "explicit conversion": (
        "struct S { explicit [[operator]] bool() const; };\nbool f(S s) { return s.^operator bool(); }"
    ),
    "final class": "struct [[F]] final {};\n^F f;",
    "override's base": (
        "struct B { virtual void [[f]](); };\nstruct D : B { void f() override { B::^f(); } };"
    ),
    "pointer to a member": "struct S { int [[m]]; };\nint S::*p = &S::^m;",
    "pointer to a member function, called": (
        "struct S { void f(); };\nvoid g(S s, void (S::*[[p]])()) { (s.*^p)(); }"
    ),
    "user-defined literal's name": (
        'unsigned long long [[operator]]""_k(unsigned long long);\nauto x = operator""^_k(1);'
    ),
    "string literal operator": 'int [[operator]]""_s(const char*, decltype(sizeof 0));\nint x = "a"^_s;',
    "digit separators": "int [[n]] = 1'000'000;\nint x = ^n + 1'0;",
    "raw string": 'int [[n]];\nconst char* s = R"(n ")";\nint x = ^n;',
    "raw string over lines": 'int [[n]];\nconst char* s = R"x(\n)"\n)x"; int x = ^n;',
    "char8_t": 'const char8_t* [[s]] = u8"ä";\nauto t = ^s;',
    "new with a placement": (
        "void* operator new(decltype(sizeof 0), void*);\nvoid f(void* [[p]]) { new (^p) int(1); }"
    ),
    "new array's bound": "void f(int [[n]]) { new int[^n]; }",
    "delete's operand": "void f(int* [[p]]) { delete ^p; }",
    "thrown": "struct [[E]] {};\nvoid f() { throw ^E(); }",
    "caught type": "struct [[E]] {};\nvoid f() { try {} catch (const ^E& e) {} }",
    "function's try block": "struct S { int m; S(int [[x]]) try : m(^x) {} catch (...) {} };",
    "typeid's operand": "namespace std { struct type_info {}; }\nstruct [[S]] {};\nauto& t = typeid(^S);",
    "sizeof of a pack": "template <class... [[T]]> constexpr auto n = sizeof...(^T);",
    "goto over a scope": "void f() { { goto ^out; } [[out]]:; }",
    "spelled and": "bool f(bool [[a]], bool b) { return ^a and b; }",
    "spelled bitand is an operator": "struct S {};\nS [[operator]]&(S, S);\nS f(S a) { return a ^bitand a; }",
    "spelled not_eq is an operator": (
        "struct S {};\nbool [[operator]]!=(S, S);\nbool f(S a) { return a ^not_eq a; }"
    ),
    "spelled compl is an operator": "struct S {};\nS [[operator]]~(S);\nS f(S a) { return ^compl a; }",
    "spelled xor_eq is an operator": "struct S { S& [[operator]]\\^=(S); };\nvoid f(S a) { a ^xor_eq a; }",
}

WRONG_DEFINITIONS = {
    "less-than made of a three-way comparison": "operators made of others are not told",
    "inequality made of equality": "operators made of others are not told",
    "user-defined literal's name": "a literal operator that is called by name is not told",
}


@pytest.mark.parametrize("code", cases(DEFINITIONS, WRONG_DEFINITIONS))
def test_definition(code: str) -> None:
    check_definition(code)


DECLARATIONS = {
    "static member, defined outside": (
        "struct S { static const int [[n]] = 1; };\nconst int S::n;\nint x = S::^n;"
    ),
    "friend declared before": "void [[f]]();\nstruct S { friend void [[f]](); };\nvoid f() {}\nauto p = &^f;",
    "enumeration of a fixed type": "enum class [[E]] : int;\nenum class E : int { e };\n^E x;",
}


@pytest.mark.parametrize("code", cases(DECLARATIONS))
def test_declaration(code: str) -> None:
    check_declaration(code)


REFERENCES = {
    "binding": "struct P { int a, b; };\nint f(P p) { auto [ [[x]], y] = p; [[x]] += y; return ^[[x]]; }",
    "init capture": "int f() { return [ [[x]] = 1]() mutable { [[x]]++; return ^[[x]]; }(); }",
    "captured variable": "int f(int [[x]]) { return [ [[x]], &y = [[x]] ] { return ^[[x]] + y; }(); }",
    "field by designators": (
        "struct P { int [[x]]; };\nP a{.[[x]] = 1};\nP b = {.[[x]] = 2};\nint y = a.^[[x]];"
    ),
    "three-way comparison, with what is made of it": (
        "struct S { int [[operator]]<=>(const S&) const; };\n"
        "bool f(S a) { return (a [[<]] a) + (a [[>=]] a) + (a ^[[<=>]] a > 0); }"
    ),
    "enumerator through using enum": (
        "enum class E { [[e]] };\nE f() { using enum E; return [[e]]; }\nE x = E::^[[e]];"
    ),
    "conversion": (
        "struct S { [[operator]] int() const; };\nint f(S s) { int x = [[s]]; return s.^[[operator]] int(); }"
    ),
    "implicit constructor": "struct S { ^[[S]](int); };\nvoid f(S);\nvoid g() { f([[1]]); }",
    "range-for's begin": (
        "struct R { int* [[begin]](); int* end(); };\n"
        "void f(R r) { for (int x [[:]] r) {} int* p = r.^[[begin]](); }"
    ),
    "destructor is not called by leaving a block": "struct S { ^[[~S]](); };\nvoid f() { S s; }",
    "default member initialiser": "int [[d]];\nstruct S { int a = ^[[d]]; S() {} S(int) {} };",
    "delegated constructor": "struct S { ^[[S]](int) {} S() : [[S]](1) {} };",
    "alternative spelling of an operator": (
        "struct S {};\nbool [[operator]]!=(S, S);\nbool f(S a) { return (a [[not_eq]] a) || (a ^[[!=]] a); }"
    ),
    "deleted overload is another": "void [[f]](int);\nvoid f(char) = delete;\nvoid g() { ^[[f]](1); }",
    "variable in a nested lambda": (
        "int f(int [[x]]) { return [&] { return [&] { return ^[[x]]; }(); }() + [[x]]; }"
    ),
    "parameter in a noexcept and a trailing type": (
        "auto f(int [[x]]) noexcept(noexcept([[x]])) -> decltype([[x]]) { return ^[[x]]; }"
    ),
}

WRONG_REFERENCES = {
    "three-way comparison, with what is made of it": "operators made of others are not told",
    "range-for's begin": "what a range-for calls is not told",
}


@pytest.mark.parametrize("code", cases(REFERENCES, WRONG_REFERENCES))
def test_references(code: str) -> None:
    check_references(code)


OUTLINES = {
    "nested namespaces": ("namespace a::b { int x; }", "namespace a\n  namespace b\n    variable x"),
    "operators and conversions": (
        "struct S { S& operator=(int); operator bool() const; int operator<=>(const S&) const; };",
        "struct S\n  method operator=\n  conversion operator bool\n  method operator<=>",
    ),
    "defaulted and deleted": (
        "struct S { S() = default; S(const S&) = delete; ~S() = default; };",
        "struct S\n  constructor S\n  constructor S\n  destructor ~S",
    ),
    "static members": (
        "struct S { static inline int a = 1; static constexpr int b = 2; static void f(); };",
        "struct S\n  static_field a\n  static_field b\n  static_method f",
    ),
    "bindings at file level": (
        "struct P { int a, b; };\nauto [x, y] = P{};",
        "struct P\n  field a\n  field b\nvariable x\nvariable y",
    ),
    "literal operator": ('int operator""_k(unsigned long long);', 'function operator""_k'),
    "lambda's members are left out": ("auto l = [x = 1](int y) { return x + y; };", "variable l"),
    "linkage block": ('extern "C" { void f(); int x; }', "function f\nvariable x"),
    "scoped enum": ("enum class E : char { a, b };", "enum E\n  enumerator a\n  enumerator b"),
}


@pytest.mark.parametrize(("code", "expected"), cases(OUTLINES))
def test_outline(code: str, expected: str) -> None:
    check_outline(code, expected)


HIGHLIGHTS = {
    "binding": (
        "struct P { int a, b; };\nint f(P p) { auto [ [[^x]], y] = p; [[x]] = y; return [[x]]; }",
        "",
    ),
    "captured by value and by reference": (
        "int f() { int [[^x]] = 1; auto l = [&[[x]]] { [[x]] = 2; }; l(); return [[x]]; }",
        "",
    ),
    "init capture": ("int f() { return [ [[^x]] = 1] { return [[x]]; }(); }", ""),
    "incremented": ("void f() { int [[^x]] = 0; ++[[x]]; [[x]]--; [[x]] <<= 1; }", "twww"),
    "through a reference": ("void f(int& [[^r]]) { [[r]] = 1; int y = [[r]]; }", "twr"),
    "passed by reference": ("void g(int&);\nvoid f() { int [[^x]] = 0; g([[x]]); }", "tt"),
    "initialised field": ("struct S { int [[^m]]; S(int x) : [[m]](x) {} S() : [[m]]{1} {} };", "tww"),
    "a parameter that hides a field": ("struct S { int m; void f(int [[^m]]) { this->m = [[m]]; } };", "tr"),
}


@pytest.mark.parametrize(("code", "kinds"), cases(HIGHLIGHTS))
def test_highlights(code: str, kinds: str) -> None:
    check_highlights(code, kinds)


IMPLEMENTATIONS = {
    "final overriders": (
        "struct A { virtual void ^f() = 0; };\nstruct B final : A { void [[f]]() override final {} };"
    ),
    "covariant return": ("struct A { virtual A* ^self(); };\nstruct B : A { B* [[self]]() override; };"),
    "const and ref-qualified": (
        "struct A { virtual void ^f() const &; virtual void f() &&; };\n"
        "struct B : A { void [[f]]() const & override; void f() && override; };"
    ),
    "defaulted destructor": (
        "struct A { virtual ^~A() = default; };\nstruct B : A { [[~B]]() override = default; };"
    ),
    "operator": (
        "struct A { virtual bool ^operator==(int) const; };\n"
        "struct B : A { bool [[operator]]==(int) const override; };"
    ),
    "hidden, not overridden": "struct A { virtual void ^f(int); };\nstruct B : A { void f(char); };",
    "of a class in a function": "struct ^A { virtual ~A(); };\nauto f() { struct [[L]] : A {}; return L(); }",
}


@pytest.mark.parametrize("code", cases(IMPLEMENTATIONS))
def test_implementations(code: str) -> None:
    check_implementations(code)


TYPES = {
    "lambda is no class to see": ("auto ^l = [] {};", ("", [], [])),
    "union": ("union ^U { int x; };", ("U", [], [])),
    "final": ("struct A {};\nstruct ^B final : A {};", ("B", ["A"], [])),
    "alias in a base list": ("struct A {};\nusing T = A;\nstruct ^B : T {};", ("B", ["A"], [])),
    "diamond": (
        "struct A {};\nstruct B : virtual A {};\nstruct C : virtual A {};\nstruct ^D : B, C {};",
        ("D", ["B", "C"], []),
    ),
}


@pytest.mark.parametrize(("code", "expected"), cases(TYPES))
def test_types(code: str, expected: tuple[str, list[str], list[str]]) -> None:
    check_types(code, *expected)


CALLERS = {
    "coroutine": ('#include "coroutine.h"\nint ^g();\nTask f() { co_yield [[g]](); }' + COROUTINE, ["f"]),
    "immediate function": (
        "consteval int ^sq(int x) { return x * x; }\nint f() { return [[sq]](2); }",
        ["f"],
    ),
    "three-way comparison behind less-than": (
        "struct S { int ^operator<=>(const S&) const; };\nbool f(S s) { return s [[<]] s; }",
        ["f"],
    ),
    "method of a local class": (
        "int ^f();\nvoid g() { struct L { int k() { return [[f]](); } }; }",
        ["g::L::k"],
    ),
    "default argument": ("int ^f();\nvoid g(int x = [[f]]());", ["g"]),
    "delegating constructor": ("struct S { ^S(int) {} S() : [[S]](1) {} };", ["S::S"]),
}

WRONG_CALLERS = {"three-way comparison behind less-than": "operators made of others are not told"}


@pytest.mark.parametrize(("code", "expected"), cases(CALLERS, WRONG_CALLERS))
def test_callers(code: str, expected: list[str]) -> None:
    check_callers(code, expected)


CALLEES = {
    "of a constructor: of its bases and members": (
        "struct A { A(int); };\nint f();\nstruct B : A { int m; ^B() : [[A]](1), m([[f]]()) {} };",
        ["A::A", "f"],
    ),
    "of a constructor by default": ("struct S { ^S() = default; };", []),
    "of operators": (
        "struct S { S operator+(S); S& operator++(); };\nvoid ^f(S s) { s [[+]] s; [[++]]s; }",
        ["S::operator+", "S::operator++"],
    ),
}


@pytest.mark.parametrize(("code", "expected"), cases(CALLEES))
def test_callees(code: str, expected: list[str]) -> None:
    check_callees(code, expected)
