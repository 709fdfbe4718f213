"""Cases of name lookup: namespaces, arguments' namespaces, using, classes and their bases, what hides what."""

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

DEFINITIONS = {
    # Namespaces.
    "namespace in every block of it": (
        "namespace [[n]] { int a; }\nnamespace [[n]] { int b; }\nint x = ^n::a;"
    ),
    "namespaces of one name, nested": "namespace n { namespace [[n]] { int x; } }\nint y = n::^n::x;",
    "nearest namespace of a name": (
        "namespace a { int x; }\nnamespace b { namespace [[a]] { int x; } int y = ^a::x; }"
    ),
    "file's namespace by leading colons": (
        "namespace [[a]] { int x; }\nnamespace b { namespace a { int x; } int y = ::^a::x; }"
    ),
    "file's function by leading colons": "int [[f]]();\nnamespace n { int f(); int x = ::^f(); }",
    "inline namespace by its own name": (
        "namespace n { inline namespace [[v2]] { int x; } }\nint y = n::^v2::x;"
    ),
    "version that is inline": (
        "namespace n { namespace v1 { void f(); } inline namespace v2 { void [[f]](); } }\n"
        "void g() { n::^f(); }"
    ),
    "version that is not inline": (
        "namespace n { namespace v1 { void [[f]](); } inline namespace v2 { void f(); } }\n"
        "void g() { n::v1::^f(); }"
    ),
    "anonymous namespace in a namespace": "namespace n { namespace { int [[x]]; } }\nint y = n::^x;",
    "alias of a namespace": "namespace n { int x; }\nnamespace [[m]] = n;\nint y = ^m::x;",
    "alias of a nested namespace: its target": "namespace a::[[b]] {}\nnamespace m = a::^b;",
    "alias of an alias": "namespace n { int [[x]]; }\nnamespace m = n;\nnamespace k = m;\nint y = k::^x;",
    "alias in a function": "namespace n { int [[x]]; }\nint f() { namespace m = n; return m::^x; }",
    "using-directive's namespace": "namespace [[n]] { int x; }\nusing namespace ^n;",
    "using-directive in a function": "namespace n { int [[x]]; }\nint f() { using namespace n; return ^x; }",
    "using-directive behind another": (
        "namespace a { int [[x]]; }\nnamespace b { using namespace a; }\nusing namespace b;\nint y = ^x;"
    ),
    "local hides what a using-directive brings": (
        "namespace n { int x; }\nusing namespace n;\nint f() { int [[x]] = 1; return ^x; }"
    ),
    "namespace opened in a header, member defined in a source": (
        '#include "n.h"\nint x = n::^f();\n// file: n.h\nnamespace n { int f(); }\n'
        '// file: n.cc\n#include "n.h"\nint n::[[f]]() { return 1; }'
    ),
    # Arguments' namespaces.
    "function of an argument's namespace": (
        "namespace n { struct S {}; void [[f]](S) {} }\nvoid g(n::S s) { ^f(s); }"
    ),
    "function of the namespace of a template's argument": (
        "namespace n { struct S {}; }\ntemplate <class T> struct V {};\n"
        "namespace n { void [[f]](V<S>) {} }\nvoid g(V<n::S> v) { ^f(v); }"
    ),
    "function of a base's namespace": (
        "namespace n { struct B {}; void [[f]](const B&) {} }\nstruct D : n::B {};\nvoid g(D d) { ^f(d); }"
    ),
    "friend that only an argument finds": "struct S { friend void [[f]](S) {} };\nvoid g(S s) { ^f(s); }",
    "operator of an argument's namespace": (
        "namespace n { struct S {}; S [[operator]]+(S, S); }\nvoid g(n::S s) { s ^+ s; }"
    ),
    "better match of an argument's namespace": (
        "namespace n { struct S {}; void [[f]](S) {} }\ntemplate <class T> void f(const T*) {}\n"
        "void g(n::S s) { ^f(s); }"
    ),
    "parentheses switch arguments' namespaces off": (
        "namespace n { struct S {}; void f(S); }\nvoid [[f]](n::S) {}\nvoid g(n::S s) { (^f)(s); }"
    ),
    "swap by using and by argument": (
        "namespace std { template <class T> void swap(T&, T&) {} }\n"
        "namespace n { struct S {}; void [[swap]](S&, S&) {} }\n"
        "void f(n::S& a, n::S& b) { using std::swap; ^swap(a, b); }"
    ),
    "stream operator": (
        "struct O {};\nstruct S {};\nO& operator<<(O& o, int) { return o; }\n"
        "O& [[operator]]<<(O& o, S) { return o; }\n"
        "void f(O& o, S s) { o << 1 ^<< s; }"
    ),
    # using-declarations.
    "overload brought by using: the one that is called": (
        "namespace n { void f(int) {} void [[f]](char) {} }\nusing n::f;\nvoid g() { ^f('c'); }"
    ),
    "base's overload brought by using": (
        "struct B { void [[f]](int) {} };\nstruct D : B { using B::f; void f(char) {} };\n"
        "void g(D d) { d.^f(1); }"
    ),
    "base's member made public": "class B { protected: int [[m]]; };\nstruct D : B { using B::^m; };",
    "type brought by using": "namespace n { struct [[S]] {}; }\nusing n::S;\nvoid f(n::^S);",
    "using alias of a class: the alias": "struct S {};\nusing [[A]] = S;\nvoid f(^A);",
    "alias of an alias: the nearer": "using A = int;\nusing [[B]] = A;\n^B x;",
    "alias in a class": "struct S { using [[T]] = int; };\nS::^T x;",
    "alias in a base": "struct B { using [[T]] = int; };\nstruct D : B {};\nD::^T x;",
    # Classes.
    "member of a base": "struct B { int [[m]]; };\nstruct D : B {};\nint f(D d) { return d.^m; }",
    "member that hides a base's": (
        "struct B { int m; };\nstruct D : B { int [[m]]; };\nint f(D d) { return d.^m; }"
    ),
    "base's member that is hidden, by its class": (
        "struct B { int [[m]]; };\nstruct D : B { int m; };\nint f(D d) { return d.B::^m; }"
    ),
    "class in front of a member's name": (
        "struct [[B]] { int m; };\nstruct D : B {};\nint f(D d) { return d.^B::m; }"
    ),
    "member of one of two bases": (
        "struct A { int a; };\nstruct B { int [[b]]; };\nstruct D : A, B {};\nint f(D d) { return d.^b; }"
    ),
    "member of a virtual base": (
        "struct V { int [[m]]; };\nstruct A : virtual V {};\nstruct B : virtual V {};\nstruct D : A, B {};\n"
        "int f(D d) { return d.^m; }"
    ),
    "parameter hides a member": "struct S { int m; int f(int [[m]]) { return ^m; } };",
    "member behind this, where a parameter hides it": (
        "struct S { int [[m]]; int f(int m) { return this->^m + m; } };"
    ),
    "member initialiser of a member that a parameter hides": "struct S { int [[m]]; S(int m) : ^m(m) {} };",
    "argument of that member initialiser": "struct S { int m; S(int [[m]]) : m(^m) {} };",
    "member declared behind its use": "struct S { int f() { return ^m; } int [[m]]; };",
    "member function declared behind its use": (
        "struct S { int f() { return ^g(); } int [[g]]() { return 1; } };"
    ),
    "nested class declared first": "struct S { struct In; };\nstruct S::[[In]] {};\nS::^In x;",
    "enumerator of a class": "struct S { enum E { [[e]] }; };\nint x = S::^e;",
    "enumerator of an unscoped enum, by the enum's name": "enum E { [[e]] };\nint x = E::^e;",
    "static member through an object": "struct S { static int [[n]]; };\nint f(S s) { return s.^n; }",
    "static member function through a pointer": (
        "struct S { static int [[f]]() { return 1; } };\nint g(S* p) { return p->^f(); }"
    ),
    "bit-field": "struct S { int [[b]] : 3; };\nint f(S s) { return s.^b; }",
    "mutable member in a const function": "struct S { mutable int [[m]]; void f() const { ^m = 1; } };",
    "member of an anonymous union": (
        "struct S { union { int [[i]]; float f; }; };\nint g(S s) { return s.^i; }"
    ),
    "anonymous union in a function": "int f() { union { int [[i]]; float f; }; i = 1; return ^i; }",
    "friend function defined elsewhere": "class C { friend void ^f(C&); };\nvoid [[f]](C&) {}",
    "friend's member function": "struct A { void [[f]](); };\nclass C { friend void A::^f(); };",
    "destructor by a call": "struct S { [[~S]]() {} };\nvoid f(S* p) { p->^~S(); }",
    "virtual call in a constructor": "struct S { S() { ^f(); } virtual void [[f]]() {} };",
    "operator new of a class": "struct S { void* [[operator]] new(decltype(sizeof 0)); };\nS* p = ^new S;",
    "operator delete of a class": (
        "struct S { void [[operator]] delete(void*); };\nvoid f(S* p) { ^delete p; }"
    ),
    "arrow operator": (
        "struct S { int m; };\nstruct P { S* [[operator]]->(); };\nint f(P p) { return p-^>m; }"
    ),
    "member behind an arrow operator": (
        "struct S { int [[m]]; };\nstruct P { S* operator->(); };\nint f(P p) { return p->^m; }"
    ),
    "dereference operator": "struct P { int& [[operator]]*(); };\nint f(P p) { return ^*p; }",
    "increment before and behind: behind": (
        "struct I { I& operator++(); I [[operator]]++(int); };\nvoid f(I i) { i+^+; }"
    ),
    "increment before and behind: before": (
        "struct I { I& [[operator]]++(); I operator++(int); };\nvoid f(I i) { ^++i; }"
    ),
    "assignment operator": "struct S { S& [[operator]]=(int); };\nvoid f(S s) { s ^= 1; }",
    "comma operator": "struct S {};\nS [[operator]],(S, S);\nvoid f(S s) { (s ^, s); }",
    "conversion that a condition calls, by name": (
        "struct S { explicit [[operator]] bool(); };\nbool f(S s) { return s.^operator bool(); }"
    ),
    # Overloads.
    "overload by constness of the object": (
        "struct S { void f() const {} void [[f]]() {} };\nvoid g(S& s) { s.^f(); }"
    ),
    "overload by reference kind of an argument": (
        "struct S {};\nvoid f(const S&) {}\nvoid [[f]](S&&) {}\nvoid g() { ^f(S()); }"
    ),
    "overload by a default argument": "void [[f]](int, int = 1) {}\nvoid g() { ^f(1); }",
    "overload by ellipsis, last": "void f(...) {}\nvoid [[f]](int) {}\nvoid g() { ^f(1); }",
    "function before its template": (
        "template <class T> void f(T) {}\nvoid [[f]](int) {}\nvoid g() { ^f(1); }"
    ),
    "template, where arguments are given": (
        "template <class T> void [[f]](T) {}\nvoid f(int) {}\nvoid g() { ^f<int>(1); }"
    ),
    "address of an overload": "void f(int) {}\nvoid [[f]](char) {}\nvoid (*p)(char) = &^f;",
    "overload as an argument": (
        "void [[f]](int) {}\nvoid f(char) {}\nvoid g(void (*)(int));\nvoid h() { g(^f); }"
    ),
    "function declared in a block": "int [[f]](int);\nint g() { int [[f]](int); return ^f(1); }",
    # Scopes of blocks.
    "variable in its own initialiser": "int x;\nint f() { int [[x]] = sizeof(^x); return x; }",
    "for's variable in its condition": "int f() { for (int [[i]] = 0; int j = ^i; ) return j; return 0; }",
    "while's variable": "int g();\nint f() { while (int [[x]] = g()) return ^x; return 0; }",
    "if's variable in else": "int g();\nint f() { if (int [[x]] = g()) return 1; else return ^x; }",
    "variable in a nested block, behind it": "int f() { int [[x]] = 1; { int x = 2; } return ^x; }",
    "class in a function": "int f() { struct L { int [[m]]; } l{1}; return l.^m; }",
    "enumerator in a function": "int f() { enum { [[e]] }; return ^e; }",
    "function's own name in it": "int [[f]](int n) { return n ? ^f(n - 1) : 0; }",
    "parameter in a default argument of a lambda": (
        "int f(int [[p]]) { auto l = [&](int x) { return x + ^p; }; return l(1); }"
    ),
    "type hidden by a variable, by its keyword": (
        "struct [[S]] {};\nint f() { int S = 1; struct ^S s; return S; }"
    ),
    "this": "struct [[S]] { S* f() { return ^this; } };",
    "auto of a variable": "struct [[S]] {};\nS make();\n^auto s = make();",
    "decltype(auto)": "struct [[S]] {};\nS make();\n^decltype(auto) s = make();",
    "override": "struct A { virtual void [[f]](); };\nstruct B : A { void f() ^override; };",
    "final": "struct A { virtual void [[f]](); };\nstruct B : A { void f() ^final; };",
}


@pytest.mark.parametrize("code", cases(DEFINITIONS))
def test_definition(code: str) -> None:
    check_definition(code)


DECLARATIONS = {
    "method of a nested class": (
        "struct S { struct In { void [[f]](); }; };\nvoid S::In::f() {}\nvoid g(S::In i) { i.^f(); }"
    ),
    "destructor": "struct S { [[~S]](); };\nS::~S() {}\nvoid f(S* p) { p->^~S(); }",
    "operator": (
        "struct S { S [[operator]]+(S); };\nS S::operator+(S) { return *this; }\nvoid f(S s) { s ^+ s; }"
    ),
    "function of a namespace": "namespace n { void [[f]](); }\nvoid n::f() {}\nvoid g() { n::^f(); }",
    "forward declaration in the file at hand": (
        '#include "s.h"\nint x;\n// file: s.h\nstruct S {};\n// file: f.h\nstruct [[S]];\nvoid f(^S*);\n'
        '// file: f.cc\n#include "f.h"\n#include "s.h"\nvoid f(S*) {}'
    ),
}


@pytest.mark.parametrize("code", cases(DECLARATIONS))
def test_declaration(code: str) -> None:
    check_declaration(code)


REFERENCES = {
    "namespace by all that name it": (
        "namespace [[n]] { int x; }\nnamespace m = [[n]];\nusing namespace [[n]];\nusing [[n]]::x;\n"
        "int y = ^[[n]]::x;"
    ),
    "class by all that name it": (
        "struct [[S]];\nstruct [[S]] { struct In {}; };\n[[S]]::In i;\nstruct D : [[S]] {};\n"
        "void f(const [[S]]&, [[S]]*);\n"
        "auto n = sizeof(^[[S]]);"
    ),
    "method by using": (
        "struct B { void [[f]](int); };\nstruct D : B { using B::[[f]]; };\nvoid g(D d) { d.^[[f]](1); }"
    ),
    "overload set by using: one of it": (
        "namespace n { void [[f]](int); void f(char); }\nusing n::[[f]];\nvoid g() { ^[[f]](1); f('c'); }"
    ),
    "alias, not what it names": "struct S {};\nusing [[A]] = S;\n[[A]] a;\nS s;\nvoid f(^[[A]]*);",
    "namespace alias, not what it names": (
        "namespace n { int x; }\nnamespace [[m]] = n;\nint a = n::x + ^[[m]]::x;"
    ),
    "locals of one name in two blocks": "void f() { { int [[x]] = 1; ^[[x]]++; } { int x = 2; x++; } }",
    "static member": (
        "struct S { static int [[n]]; };\nint S::[[n]] = 1;\nint f(S s) { return s.[[n]] + S::^[[n]]; }"
    ),
    "member of two classes": (
        "struct A { int [[m]]; };\nstruct B { int m; };\nint f(A a, B b) { return a.^[[m]] + b.m; }"
    ),
    "friend": "struct S { friend void [[f]](S); };\nvoid [[f]](S) {}\nvoid g(S s) { ^[[f]](s); }",
    "operator new of a class": (
        "struct S { void* [[operator]] new(decltype(sizeof 0)); };\nS* p = [[new]] S;\n"
        "void* q = S::^[[operator]] new(1);"
    ),
    "arrow operator": (
        "struct S { int m; };\nstruct P { S* [[operator]]->(); };\n"
        "int f(P p) { return p[[->]]m + p.^[[operator]]->()->m; }"
    ),
    "postfix increment": (
        "struct I { I& operator++(); I [[operator]]++(int); };\n"
        "void f(I i) { i[[++]]; ++i; i.^[[operator]]++(0); }"
    ),
    "virtual function by all its families": (
        "struct A { virtual void [[f]](); };\nstruct B { virtual void [[f]](); };\n"
        "struct C : A, B { void [[f]]() override; };\n"
        "void g(A& a, B& b, C& c) { a.[[f]](); b.[[f]](); c.^[[f]](); }"
    ),
    "hidden function is another": (
        "struct A { void [[f]](int); };\nstruct B : A { void f(char); };\n"
        "void g(A a, B b) { a.^[[f]](1); b.f('c'); }"
    ),
    "function in a namespace and one of the file": (
        "int f();\nnamespace n { int [[f]](); int x = ^[[f]]() + ::f(); }"
    ),
    "enumerator": (
        "struct S { enum E { [[e]] }; int f() { return [[e]]; } };\nint x = S::^[[e]] + S::E::[[e]];"
    ),
    "this's class is not named by this": "struct [[S]] { ^[[S]]* f() { return this; } };",
}


@pytest.mark.parametrize("code", cases(REFERENCES))
def test_references(code: str) -> None:
    check_references(code)


OUTLINES = {
    "namespace alias and using": (
        "namespace n { int x; }\nnamespace m = n;\nusing namespace n;\nusing n::x;",
        "namespace n\n  variable x\nnamespace_alias m",
    ),
    "friends are not of the class": ("struct S { friend void f(S); friend class C; };", "struct S"),
    "friend that is defined in the class": ("struct S { friend void f(S) {} };", "struct S\n  function f"),
    "anonymous union's members": (
        "struct S { union { int i; float f; }; };",
        "struct S\n  union (anonymous union)\n    field i\n    field f",
    ),
    "nested classes": (
        "struct A { struct B { struct C { int x; }; }; };",
        "struct A\n  struct B\n    struct C\n      field x",
    ),
    "member defined outside, in its namespace": (
        "namespace n { struct S { void f(); }; void S::f() {} }",
        "namespace n\n  struct S\n    method f\n  method S::f",
    ),
    "anonymous namespace": ("namespace { int x; }", "namespace (anonymous namespace)\n  variable x"),
}


@pytest.mark.parametrize(("code", "expected"), cases(OUTLINES))
def test_outline(code: str, expected: str) -> None:
    check_outline(code, expected)


HIGHLIGHTS = {
    "member, hidden by a parameter": (
        "struct S { int [[^m]]; S(int m) : [[m]](m) {} int f(int m) { return this->[[m]] + m; } };"
    ),
    "namespace": "namespace [[^n]] { int x; }\nnamespace [[n]] { int y; }\nint z = [[n]]::x;",
    "operator": "struct S { S [[^operator]]+(S); };\nS f(S a) { return a [[+]] a; }",
    "alias": "struct S {};\nusing [[^A]] = S;\n[[A]] a;\nS s;",
}


@pytest.mark.parametrize("code", cases(HIGHLIGHTS))
def test_highlights(code: str) -> None:
    check_highlights(code)


IMPLEMENTATIONS = {
    "two bases with one function": (
        "struct A { virtual void ^f(); };\nstruct B { virtual void f(); };\n"
        "struct C : A, B { void [[f]]() override; };"
    ),
    "virtual base": (
        "struct V { virtual void ^f(); };\nstruct A : virtual V { void [[f]]() override; };\n"
        "struct B : virtual V {};\n"
        "struct C : A, B { void [[f]]() override; };"
    ),
    "private base": "struct A { virtual void ^f(); };\nclass B : A { void [[f]]() override; };",
    "over a class that does not override": (
        "struct A { virtual void ^f(); };\nstruct B : A {};\nstruct C : B { void [[f]]() override; };"
    ),
    "overload that is not it": (
        "struct A { virtual void ^f(int); virtual void f(char); };\n"
        "struct B : A { void [[f]](int) override; void f(char) override; };"
    ),
}


@pytest.mark.parametrize("code", cases(IMPLEMENTATIONS))
def test_implementations(code: str) -> None:
    check_implementations(code)


TYPES = {
    "private and virtual bases": (
        "struct A {};\nstruct B {};\nclass ^C : A, virtual public B {};",
        ("C", ["A", "B"], []),
    ),
    "base by using": ("namespace n { struct A {}; }\nusing n::A;\nstruct ^B : A {};", ("B", ["n::A"], [])),
    "nested": ("struct O { struct A {}; struct ^B : A {}; };", ("O::B", ["O::A"], [])),
    "local classes below": ("struct ^A {};\nvoid f() { struct L : A {}; }", ("A", [], ["f::L"])),
}


@pytest.mark.parametrize(("code", "expected"), cases(TYPES))
def test_types(code: str, expected: tuple[str, list[str], list[str]]) -> None:
    check_types(code, *expected)


CALLERS = {
    "found by an argument's namespace": (
        "namespace n { struct S {}; void ^f(S); }\nvoid g(n::S s) { [[f]](s); }",
        ["g"],
    ),
    "operator found by an argument's namespace": (
        "namespace n { struct S {}; S ^operator+(S, S); }\nvoid g(n::S s) { s [[+]] s; }",
        ["g"],
    ),
    "one overload": ("void ^f(int);\nvoid f(char);\nvoid g() { [[f]](1); }\nvoid h() { f('c'); }", ["g"]),
    "by using": ("namespace n { void ^f(); }\nusing n::f;\nvoid g() { [[f]](); }", ["g"]),
    "in an anonymous namespace": (
        "void ^f();\nnamespace { void g() { [[f]](); } }\nauto p = g;",
        ["(anonymous)::g"],
    ),
    "member initialisers": (
        "int ^f();\nstruct S { int a; int b = [[f]](); S() : a([[f]]()) {} };",
        ["S::b", "S::S"],
    ),
}


@pytest.mark.parametrize(("code", "expected"), cases(CALLERS))
def test_callers(code: str, expected: list[str]) -> None:
    check_callers(code, expected)


CALLEES = {
    "of a method that is defined outside": (
        "void g();\nstruct S { void ^f(); };\nvoid S::f() { [[g]](); }",
        ["g"],
    ),
    "in all overloads but its own": (
        "void g();\nvoid ^f(int) { [[g]](); }\nvoid h();\nvoid f(char) { h(); }",
        ["g"],
    ),
    "itself": ("void ^f(int n) { [[f]](n - 1); }", ["f"]),
}


@pytest.mark.parametrize(("code", "expected"), cases(CALLEES))
def test_callees(code: str, expected: list[str]) -> None:
    check_callees(code, expected)
