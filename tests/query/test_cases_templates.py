"""Cases of templates: what a name in one means, before and after it is instantiated."""

import pytest
from support.cases import cases
from support.cpp import check_declaration, check_definition, check_outline, check_references
from support.features import check_callers, check_highlights, check_implementations, check_types

DEFINITIONS = {
    "variadic class": "template <class... Ts> struct [[T]] {};\n^T<int, char> t;",
    "variadic function": "template <class... Ts> void [[f]](Ts... ts) {}\nvoid g() { ^f(1, 'c'); }",
    "pack of values": "template <int... [[Is]]> int f() { return (0 + ... + ^Is); }",
    "pack expanded in a call": (
        "void g(int, int);\ntemplate <class... Ts> void f(Ts... [[ts]]) { g(^ts...); }"
    ),
    "pack expanded in a base": "template <class... [[Bs]]> struct D : ^Bs... {};",
    "pack in a using-declaration": (
        "template <class... [[Bs]]> struct D : Bs... { using ^Bs::operator()...; };"
    ),
    "size of a pack": "template <class... Ts> int f(Ts... [[ts]]) { return sizeof...(^ts); }",
    "fold over a call": (
        "bool [[ok]](int);\ntemplate <class... Ts> bool f(Ts... ts) { return (^ok(ts) && ...); }"
    ),
    "recursion over a pack": (
        "inline void f() {}\ntemplate <class T, class... Ts> void [[f]](T, Ts...);\nvoid g() { ^f(1, 2); }"
    ),
    "template template parameter": "template <template <class> class [[C]], class T> struct S { ^C<T> c; };",
    "template template parameter's argument": (
        "template <class T> struct [[V]] {};\ntemplate <template <class> class C> struct S {};\nS<^V> s;"
    ),
    "default argument of a type parameter": "struct [[D]] {};\ntemplate <class T = ^D> struct S {};",
    "default argument names an earlier parameter": "template <class [[T]], class U = ^T> struct S {};",
    "type of a value parameter": "enum class [[E]] { e };\ntemplate <^E x> struct S {};",
    "argument that is a value": "enum class E { [[e]] };\ntemplate <E x> struct S {};\nS<E::^e> s;",
    "argument that is a function": "void [[f]]();\ntemplate <void (*F)()> struct S {};\nS<^f> s;",
    "argument that is a member": "struct A { int [[m]]; };\ntemplate <int A::*P> struct S {};\nS<&A::^m> s;",
    "class deduced from its constructor's arguments": (
        "template <class T> struct [[V]] { V(T) {} };\n^V v(1);"
    ),
    "class deduced by a guide": (
        "template <class T> struct [[V]] { template <class I> V(I, I) {} };\n"
        "template <class I> V(I, I) -> V<I>;\n^V v(1, 2);"
    ),
    "class deduced behind new": "template <class T> struct [[V]] { V(T) {} };\nauto p = new ^V(1);",
    "concept": (
        "template <class T> concept [[C]] = sizeof(T) > 1;\ntemplate <class T> requires ^C<T> void f(T);"
    ),
    "concept on a parameter": "template <class T> concept [[C]] = true;\ntemplate <^C T> struct S {};",
    "concept on auto": "template <class T> concept [[C]] = true;\nvoid f(^C auto x);",
    "concept of a return type": "template <class T> concept [[C]] = true;\n^C auto f() { return 1; }",
    "concept in another": (
        "template <class T> concept [[A]] = true;\ntemplate <class T> concept B = ^A<T> && true;"
    ),
    "concept in an expression": "template <class T> concept [[C]] = true;\nstatic_assert(^C<int>);",
    "concept of two arguments": (
        "template <class T, class U> concept [[Same]] = __is_same(T, U);\ntemplate <^Same<int> T> void f(T);"
    ),
    "parameter in a requires-expression": ("template <class T> concept C = requires(T [[t]]) { ^t + ^t; };"),
    "type in a requires-expression": "template <class [[T]]> concept C = requires { typename ^T::type; };",
    "concept in a compound requirement": (
        "template <class T> concept [[A]] = true;\n"
        "template <class T> concept B = requires(T t) { { t.f() } -> ^A; };"
    ),
    "function chosen by its constraint": (
        "template <class T> concept Big = sizeof(T) > 1;\ntemplate <class T> void f(T) {}\n"
        "template <Big T> void [[f]](T) {}\nvoid g() { ^f(1); }"
    ),
    "function chosen where a constraint fails": (
        "template <class T> concept Big = sizeof(T) > 1;\ntemplate <class T> void [[f]](T) {}\n"
        "template <Big T> void f(T) {}\nvoid g() { ^f('c'); }"
    ),
    "trailing requires": "template <class [[T]]> struct S { void f() requires (sizeof(^T) > 1); };",
    "partial specialisation's own parameter": (
        "template <class T> struct V {};\ntemplate <class [[U]]> struct V<U*> { ^U u; };"
    ),
    "partial specialisation that is chosen: its member": (
        "template <class T, class U> struct P {};\ntemplate <class T> struct P<T, T> { int [[same]]; };\n"
        "int f(P<int, int> p) { return p.^same; }"
    ),
    "full specialisation: its static member": (
        "template <class T> struct V { static int n; };\ntemplate <> struct V<int> { static int [[n]]; };\n"
        "int x = V<int>::^n;"
    ),
    "member function specialised": (
        "template <class T> struct V { int f() { return 1; } };\n"
        "template <> int V<int>::[[f]]() { return 2; }\n"
        "int x = V<int>().^f();"
    ),
    "variable template specialised": (
        "template <class T> constexpr int n = 1;\ntemplate <> constexpr int [[n]]<char> = 2;\n"
        "int x = ^n<char>;"
    ),
    "variable template that is not specialised": (
        "template <class T> constexpr int [[n]] = 1;\ntemplate <> constexpr int n<char> = 2;\n"
        "int x = ^n<int>;"
    ),
    "variable template in a template": (
        "template <class T> constexpr bool [[is]] = false;\ntemplate <class T> bool f() { return ^is<T>; }"
    ),
    "alias template": "template <class T> struct V {};\ntemplate <class T> using [[A]] = V<T>;\n^A<int> a;",
    "alias template's target": "template <class T> struct [[V]] {};\ntemplate <class T> using A = ^V<T>;",
    "member by an alias template": (
        "template <class T> struct V { int [[m]]; };\ntemplate <class T> using A = V<T>;\n"
        "int f(A<int> a) { return a.^m; }"
    ),
    "friend function template": (
        "template <class T> struct V;\ntemplate <class T> void [[f]](V<T>);\n"
        "template <class T> struct V { friend void ^f<>(V<T>); };"
    ),
    "friend defined in a class template": (
        "template <class T> struct V { friend void [[f]](V) {} };\nvoid g(V<int> v) { ^f(v); }"
    ),
    "friend class template": (
        "template <class T> class [[F]];\nclass C { template <class T> friend class ^F; };"
    ),
    "injected class name": "template <class T> struct [[V]] { ^V* next; };",
    "injected class name of a base": (
        "template <class T> struct [[B]] {};\n"
        "template <class T> struct D : B<T> { using Base = typename D::^B; };"
    ),
    "member template": (
        "struct S { template <class T> T [[get]]() { return T(); } };\nint f(S s) { return s.^get<int>(); }"
    ),
    "member template of a dependent object": (
        "template <class T> struct S { template <class U> U [[get]]() { return U(); } };\n"
        "template <class T> int f(S<T> s) { return s.template ^get<int>(); }"
    ),
    "member template defined outside": (
        "template <class T> struct S { template <class U> void f(U); };\n"
        "template <class T> template <class U> void S<T>::[[f]](U) {}\nvoid g(S<int> s) { s.^f(1); }"
    ),
    "nested class of a class template": (
        "template <class T> struct V { struct [[In]] { T t; }; };\nV<int>::^In x;"
    ),
    "nested class of a dependent class": (
        "template <class T> struct V { struct [[In]] {}; };\n"
        "template <class T> void f() { typename V<T>::^In x; }"
    ),
    "member of a nested class, defined outside": (
        "template <class T> struct V { struct In { void f(); }; };\n"
        "template <class T> void V<T>::In::[[f]]() {}\nvoid g(V<int>::In& i) { i.^f(); }"
    ),
    "static member defined outside": (
        "template <class T> struct V { static T n; };\ntemplate <class T> T V<T>::[[n]] = T();\n"
        "int x = V<int>::^n;"
    ),
    "conversion function template": (
        "struct S { template <class T> [[operator]] T() { return T(); } };\n"
        "int f(S s) { return s.^operator int(); }"
    ),
    "operator in a template": (
        "template <class T> struct V {};\ntemplate <class T> V<T> [[operator]]+(V<T>, V<T>);\n"
        "void f(V<int> v) { v ^+ v; }"
    ),
    "variable that calls a constructor template": "struct S { template <class T> S(T) {} };\nS ^[[s]](1);",
    "base that depends": ("template <class T> struct [[B]] {};\ntemplate <class T> struct D : ^B<T> {};"),
    "curiously recurring": "template <class D> struct [[Base]] { };\nstruct X : ^Base<X> {};",
    "curiously recurring: the derived class": (
        "template <class D> struct Base {};\nstruct [[X]] : Base<^X> {};"
    ),
    "member through a cast to the derived class": (
        "template <class [[D]]> struct Base { void f() { static_cast<^D*>(this)->g(); } };"
    ),
    "member brought by using from a dependent base": (
        "template <class T> struct B { int [[m]]; };\ntemplate <class T> struct D : B<T> { using B<T>::^m; };"
    ),
    "found at the definition, not at the instantiation": (
        "void [[f]](long);\ntemplate <class T> void g() { ^f(1); }\nvoid f(int);\nvoid h() { g<int>(); }"
    ),
    "SFINAE: the condition": (
        "template <bool B> struct [[If]] {};\ntemplate <> struct If<true> { using type = int; };\n"
        "template <class T> typename ^If<(sizeof(T) > 1)>::type f(T);"
    ),
    "SFINAE: by expression": (
        "struct A { int [[size]](); };\ntemplate <class T> auto f(T t) -> decltype(t.size());\n"
        "auto g(A a) -> decltype(a.^size());"
    ),
    "SFINAE: overload that is left": (
        "template <class T> auto f(T t) -> decltype(t.x) { return 1; }\nint [[f]](...) { return 2; }\n"
        "int y = ^f(1);"
    ),
    "tag dispatch": (
        "struct Fast {};\nstruct Slow {};\nvoid [[run]](Fast) {}\nvoid run(Slow) {}\n"
        "void g() { ^run(Fast()); }"
    ),
    "explicit instantiation of a function": (
        "template <class T> void [[f]](T) {}\ntemplate void ^f<int>(int);"
    ),
    "explicit instantiation of a variable": "template <class T> int [[n]] = 1;\ntemplate int ^n<char>;",
    "extern template": "template <class T> struct [[V]] {};\nextern template struct ^V<int>;",
    "function template's address": "template <class T> void [[f]](T) {}\nvoid (*p)(int) = &^f<int>;",
    "explicit arguments": (
        "template <class T, class U> T [[cast]](U u) { return T(u); }\nint x = ^cast<int>('c');"
    ),
    "type as an explicit argument": "struct [[A]] {};\ntemplate <class T> void f() {}\nvoid g() { f<^A>(); }",
    "nested template arguments": (
        "template <class T> struct V {};\ntemplate <class T> struct [[W]] {};\nV<V<^W<int>>> v;"
    ),
    "lambda in a template": "template <class T> int f(T [[t]]) { return [&] { return ^t; }(); }",
    "generic lambda": "auto [[id]] = [](auto x) { return x; };\nint y = ^id(1);",
    "generic lambda's call inside a template": ("template <class F> void f(F [[g]]) { ^g(1); }"),
    "if constexpr": (
        "template <class T> int f(T [[t]]) { if constexpr (sizeof(T) > 1) return ^t; else return ^t.size(); }"
    ),
    "local of a dependent type": "template <class T> T f() { typename T::type [[x]]; return ^x; }",
    "range-for in a template": (
        "template <class C> int f(C& c) { for (auto& [[x]] : c) return ^x; return 0; }"
    ),
    "structured binding in a template": (
        "template <class P> int f(P p) { auto [ [[a]], b] = p; return ^a; }"
    ),
    "two phases: a macro in a template": "#define [[M]] 1\ntemplate <class T> int f() { return ^M; }",
    "default member initialiser": "template <class T> struct V { int [[a]] = 1; int b = ^a; };",
    "noexcept of an expression": "int [[f]](int);\ntemplate <class T> void g(T t) noexcept(noexcept(^f(1)));",
    "type of a non-type parameter deduced": (
        "template <auto [[V]]> struct C { static constexpr auto v = ^V; };"
    ),
    "class type as a non-type parameter": (
        "struct P { int [[x]]; };\ntemplate <P p> int f() { return p.^x; }\nint y = f<P{1}>();"
    ),
}


@pytest.mark.parametrize("code", cases(DEFINITIONS))
def test_definition(code: str) -> None:
    check_definition(code)


DECLARATIONS = {
    "class template declared first": (
        "template <class T> struct [[V]];\ntemplate <class T> struct V {};\n^V<int> v;"
    ),
    "function template": (
        "template <class T> void [[f]](T);\ntemplate <class T> void f(T) {}\nvoid g() { ^f(1); }"
    ),
    "member of a class template": (
        "template <class T> struct V { void [[m]](); };\ntemplate <class T> void V<T>::m() {}\n"
        "void f(V<int> v) { v.^m(); }"
    ),
    "static member of a class template": (
        "template <class T> struct V { static int [[n]]; };\ntemplate <class T> int V<T>::n = 1;\n"
        "int x = V<int>::^n;"
    ),
}


@pytest.mark.parametrize("code", cases(DECLARATIONS))
def test_declaration(code: str) -> None:
    check_declaration(code)


REFERENCES = {
    "member of what a dependent call gives, in a macro's argument": (
        "struct S { bool [[ok]](); };\ntemplate <class T> struct It { S status(); };\n#define A(x) (x)\n"
        "template <class T> bool f(It<T>* it) { return it->status().[[ok]]() && A(it->status().[[ok]]()); }\n"
        "bool g(S s) { return s.^[[ok]](); }"
    ),
    "template by a partial specialisation that is chosen": (
        "template <class T> struct [[V]] {};\ntemplate <class T> struct [[V]]<T[]> {};\n"
        "[[V]]<char[]> a;\n^[[V]]<int> b;"
    ),
    "member of what auto takes from a dependent member": (
        "struct S { bool [[has]](); };\ntemplate <class T> struct A { S s; };\n"
        "template <class T> bool f(A<T>& a) { auto& s = a.s; return s.[[has]](); }\n"
        "bool g(S s) { return s.^[[has]](); }"
    ),
    "class template with its specialisations": (
        "template <class T> struct [[V]] {};\ntemplate <> struct [[V]]<int> {};\n"
        "template <class T> struct [[V]]<T*> {};\n"
        "^[[V]]<char> a;"
    ),
    "function template in every instantiation": (
        "template <class T> void [[f]](T) {}\ntemplate <class T> void g(T t) { [[f]](t); }\n"
        "void h() { ^[[f]](1); [[f]]<char>('c'); g(1.0); }"
    ),
    "type parameter in all of its template": (
        "template <class [[T]]> struct V { [[T]] a; [[T]] f([[T]] x) { [[T]] y = x; return ^[[T]](y); } };"
    ),
    "type parameters of one name": "template <class [[T]]> ^[[T]] f([[T]]);\ntemplate <class T> T g(T);",
    "concept": (
        "template <class T> concept [[C]] = true;\ntemplate <^[[C]] T> void f(T);\nvoid g([[C]] auto);\n"
        "static_assert([[C]]<int>);"
    ),
    "member of every instantiation": (
        "template <class T> struct V { T [[m]]; T get() { return [[m]]; } };\n"
        "int f(V<int> v) { return v.^[[m]]; }\nchar g(V<char> v) { return v.[[m]]; }"
    ),
    "alias template, not its target": (
        "template <class T> struct V {};\ntemplate <class T> using [[A]] = V<T>;\n^[[A]]<int> a;\nV<int> v;"
    ),
    "deduction guide": (
        "template <class T> struct [[V]] { [[V]](T); };\n[[V]](int) -> [[V]]<long>;\n^[[V]] v(1);"
    ),
    "pack": (
        "template <class... Ts> void f(Ts... ts);\n"
        "template <class... Ts> int g(Ts... [[ts]]) { return sizeof...(^[[ts]]) + (0 + ... + [[ts]]); }"
    ),
    "local in a template": "template <class T> T f(T t) { T [[x]] = t; [[x]] += t; return ^[[x]]; }",
    "overloads of a template are others": (
        "template <class T> void [[f]](T) {}\ntemplate <class T> void f(T*) {}\n"
        "void g(int* p) { ^[[f]](1); f(p); }"
    ),
    "variable template": "template <class T> constexpr int [[n]] = 1;\nint x = ^[[n]]<int> + [[n]]<char>;",
    "constructor through make": (
        "template <class T, class... A> T* make(A... a) { return new T(a...); }\n"
        "struct S { ^[[S]](int); };\nS* p = [[make]]<S>(1);"
    ),
    "method called on a dependent object": (
        "template <class T> struct V { void [[m]](); };\n"
        "template <class T> void f(V<T>& v) { v.[[m]](); }\nvoid g(V<int>& v) { v.^[[m]](); }"
    ),
    "method called in a curiously recurring base": (
        "template <class D> struct B { void call() { static_cast<D*>(this)->m(); } };\n"
        "struct X : B<X> { void [[m]]() {} };\nvoid f(X x) { x.call(); x.^[[m]](); }"
    ),
}

WRONG_REFERENCES = {
    "template by a partial specialisation that is chosen": "the specialisation is told, not its template",
    "class template with its specialisations": (
        "a full specialisation is no reference to its template, a partial one is"
    ),
}


@pytest.mark.parametrize("code", cases(REFERENCES, WRONG_REFERENCES))
def test_references(code: str) -> None:
    check_references(code)


OUTLINES = {
    "class template": (
        "template <class T> struct V { T t; template <class U> void f(U); };",
        "struct V\n  field t\n  method f",
    ),
    "specialisations": (
        "template <class T> struct V {};\ntemplate <> struct V<int> { int x; };\ntemplate <class T> struct V<T*> {};",
        "struct V\nstruct V<int>\n  field x\nstruct V<T*>",
    ),
    "function template": ("template <class T> T f(T t) { return t; }", "function f"),
    "alias and variable templates": (
        "template <class T> using A = T*;\ntemplate <class T> int n = 1;",
        "type_alias A\nvariable n",
    ),
    "concept": ("template <class T> concept C = true;", "concept C"),
    "instantiations are left out": (
        "template <class T> struct V { T t; };\nV<int> v;\nV<char> w;",
        "struct V\n  field t\nvariable v\nvariable w",
    ),
}


@pytest.mark.parametrize(("code", "expected"), cases(OUTLINES))
def test_outline(code: str, expected: str) -> None:
    check_outline(code, expected)


KINDS = {
    "member of a dependent object": (
        "template <class T> struct R { int [[^p]]; void take(R& o) { [[p]] = o.[[p]]; o.[[p]] = 0; } };",
        "twrw",
    ),
    "member of this": (
        "template <class T> struct R { int [[^p]]; int f() { this->[[p]] = 1; return this->[[p]]; } };",
        "twr",
    ),
}


@pytest.mark.parametrize(("code", "kinds"), cases(KINDS))
def test_kinds_of_highlights(code: str, kinds: str) -> None:
    check_highlights(code, kinds)


HIGHLIGHTS = {
    "type parameter": "template <class [[^T]]> [[T]] f([[T]] x) { return [[T]](x); }",
    "value parameter": "template <int [[^N]]> int f() { int a[ [[N]] ]; return [[N]]; }",
    "concept": "template <class T> concept [[^C]] = true;\ntemplate <[[C]] T> void f(T) requires [[C]]<T>;",
    "member in a template": (
        "template <class T> struct V { T [[^m]]; T f() { return [[m]] + this->[[m]]; } };"
    ),
}


@pytest.mark.parametrize("code", cases(HIGHLIGHTS))
def test_highlights(code: str) -> None:
    check_highlights(code)


IMPLEMENTATIONS = {
    "of a method of a class template": (
        "template <class T> struct B { virtual void ^m() {} };\n"
        "struct D : B<int> { void [[m]]() override {} };"
    ),
    "of a curiously recurring base": (
        "template <class D> struct ^B {};\nstruct [[X]] : B<X> {};\nstruct [[Y]] : B<Y> {};"
    ),
    "of a base of a specialisation": (
        "struct ^B {};\ntemplate <class T> struct V {};\ntemplate <> struct [[V]]<int> : B {};"
    ),
}


@pytest.mark.parametrize("code", cases(IMPLEMENTATIONS))
def test_implementations(code: str) -> None:
    check_implementations(code)


TYPES = {
    "base that depends": (
        "template <class T> struct B {};\ntemplate <class T> struct ^D : B<T> {};\nstruct E : D<int> {};",
        ("D", ["B"], ["E"]),
    ),
    "curiously recurring": ("template <class D> struct B {};\nstruct ^X : B<X> {};", ("X", ["B"], [])),
    "base given as an argument": (
        "template <class T> struct ^M : T {};\nstruct A {};\nM<A> m;",
        ("M", [], []),
    ),
}


@pytest.mark.parametrize(("code", "expected"), cases(TYPES))
def test_types(code: str, expected: tuple[str, list[str], list[str]]) -> None:
    check_types(code, *expected)


CALLERS = {
    "a function in a template": ("int ^f(int);\ntemplate <class T> int g(T t) { return [[f]](1); }", ["g"]),
    "a method in a template, on what depends": (
        "template <class T> struct V { void ^m(); };\ntemplate <class T> void g(V<T> v) { v.[[m]](); }",
        ["g"],
    ),
    "a template by explicit arguments": (
        "template <class T> void ^f() {}\nvoid g() { [[f]]<int>(); [[f]]<char>(); }",
        ["g"],
    ),
}


@pytest.mark.parametrize(("code", "expected"), cases(CALLERS))
def test_callers(code: str, expected: list[str]) -> None:
    check_callers(code, expected)
