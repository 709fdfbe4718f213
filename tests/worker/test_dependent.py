"""What members of expressions mean that depend on a template's arguments."""

import pytest
from support.cpp import check_definition, indexed, occurrences

TYPES = (
    "template <class T> struct Buffer { T* data(); int [[size]](); };\n"
    "template <class T, int N = 5> struct Memory : Buffer<T> {};\n"
    "template <class T> struct Argument { struct Handle { Handle* next(); Buffer<T> buffer; }; };\n"
    "template <class T> struct Pointer { T* operator->(); T& operator*(); };\n"
    "template <class T> Memory<T> make();\n"
    "template <class T> void f(Buffer<T>& given, typename Argument<T>::Handle handle) {{ {} }}"
)
BODIES = {
    "object made on the spot": "Memory<T>().^size();",
    "variable of a deduced type": "auto x = Memory<T>(); x.^size();",
    "variable of a deduced type, by braces": "auto&& x = Memory<T>{}; x.^size();",
    "variable by a cast": "auto& x = static_cast<Memory<T>&>(given); x.^size();",
    "pointer to an object made by new": "auto x = new Buffer<T>; x->^size();",
    "address of a variable": "auto* x = &given; x->^size(); (&given)->^size(); (*x).^size();",
    "what a function template returns": "make<T>().^size();",
    "variable by what a function template returns": "auto x = make<T>(); x.^size();",
    "element of an array": "Memory<T> x[3]; x[1].^size();",
    "member of a member type": "handle.buffer.^size();",
    "member of what a method of a member type returns": "handle.next()->buffer.^size();",
    "variable of a member type by its alias": (
        "using H = typename Argument<T>::Handle; H h = handle; h.buffer.^size();"
    ),
    "through a smart pointer": "Pointer<Buffer<T>> p; p->^size();",
    "variable by a member": "Pointer<Buffer<T>> p; auto x = handle.buffer; auto& y = x; y.^size(); ",
    "in the argument of a macro": "make<T>().^size();\n#define M(x) (x)\nM(handle.next()->buffer.^size());",
    "captured by a lambda": "auto x = make<T>(); [&] { x.^size(); }();",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_member(body: str) -> None:
    check_definition(TYPES.replace("{{ {} }}", "{ " + body + " }"))


DEFINITIONS = {
    "enumerator of an unnamed enum": (
        "template <class T> struct V {\n  template <class U> struct Is { enum { [[value]] = 1 }; };\n"
        "  template <class U> bool f() { return Is<U>::^value; }\n};"
    ),
    "member of an anonymous union": (
        "template <class T> struct V { union { T [[a]]; int b; }; };\n"
        "template <class T> T f(V<T>& v) { return v.^a; }"
    ),
    "brought by using from a base": (
        "template <class T> struct B { int [[m]]; };\n"
        "template <class T> struct D : B<T> { using B<T>::^m; int f() { return ^m + this->^m; } };"
    ),
    "member of the name of the variable that it makes": (
        "template <class T> struct Node { const T& [[element]]() const; };\n"
        "template <class T> void f(const Node<T>* n) { T* element = new T(n->^element()); }"
    ),
    "class through a using-declaration, constructed": (
        "namespace n { struct [[S]] { S(int); }; }\nusing n::S;\nint f(S);\nint x = f(^S(1));"
    ),
}


@pytest.mark.parametrize("code", DEFINITIONS.values(), ids=DEFINITIONS.keys())
def test_definition(code: str) -> None:
    check_definition(code)


def test_a_value_of_a_bare_parameter_is_of_no_class() -> None:
    with indexed("struct S { int m; };\ntemplate <class T> int f(T t) { return t.m; }") as space:
        assert not [text for text in occurrences(space) if text.startswith("1:41 ")]
