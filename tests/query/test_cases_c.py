"""Cases of the C language: its name spaces, its old functions, its initialisers; each from the standard's rules."""

import pytest
from support.cases import cases
from support.cpp import check_declaration, check_definition, check_outline, check_references
from support.features import check_callees, check_callers, check_highlights


def c(code: str) -> str:
    """A file of C."""
    return f"// file: main.c\n{code}"


DEFINITIONS = {
    "K&R function": "int [[f]](a, b) int a; char b; { return a + b; }\nint x(void) { return ^f(1, 2); }",
    "K&R parameter": "int f(a, b) int [[a]]; char b; { return ^a + b; }",
    "K&R parameter in its list": "int f(^a) int [[a]]; { return a; }",
    "function without a prototype": "int f();\nint [[f]](void) { return 1; }\nint g(void) { return ^f(); }",
    "tag, not the typedef of the same name": "struct [[S]] { int x; };\ntypedef int S;\nstruct ^S s;",
    "typedef, not the tag of the same name": "struct S { int x; };\ntypedef int [[S]];\n^S s;",
    "typedef that names its own tag: the tag": "typedef struct [[S]] { int x; } S;\nstruct ^S s;",
    "typedef that names its own tag: the typedef": "typedef struct S { int x; } [[S]];\n^S s;",
    "variable, not the tag of the same name": "struct n { int x; } [[n]];\nint f(void) { return ^n.x; }",
    "function, not the tag of the same name": (
        "struct f { int x; };\nint [[f]](void) { return 1; }\nint x(void) { return ^f(); }"
    ),
    "field, not the variable of the same name": (
        "int x;\nstruct S { int [[x]]; };\nint f(struct S* s) { return s->^x; }"
    ),
    "label, not the variable of the same name": "int again;\nvoid f(void) { [[again]]: goto ^again; }",
    "tag declared in its own member": "struct [[N]] { struct ^N* next; };",
    "tag first met in a prototype": "struct [[S]] { int x; };\nint f(struct ^S* s);",
    "tag hidden in a block": "struct S { int x; };\nvoid f(void) { struct [[S]] { int y; }; struct ^S s; }",
    "tag of the file within a block": "struct [[S]] { int x; };\nvoid f(void) { struct ^S s; }",
    "nested tag is of the file": "struct O { struct [[I]] { int x; } i; };\nstruct ^I v;",
    "typedef of a function": "typedef int [[fn]](int);\n^fn f;",
    "typedef of a function's pointer": "typedef int (*[[fn]])(int);\n^fn p;",
    "parameter of a function's pointer": "void f(int (*[[cb]])(int)) { ^cb(1); }",
    "field that holds a function": (
        "struct Ops { int (*[[open]])(void); };\nint f(struct Ops* o) { return o->^open(); }"
    ),
    "function put into a table": (
        "static int [[do_open]](void) { return 1; }\nint (*table[])(void) = { ^do_open };"
    ),
    "designated field": "struct S { int a, [[b]]; };\nstruct S s = { .^b = 1 };",
    "designated field of a field": (
        "struct I { int [[x]]; };\nstruct S { struct I i; };\nstruct S s = { .i.^x = 1 };"
    ),
    "designated field, the outer one": (
        "struct I { int x; };\nstruct S { struct I [[i]]; };\nstruct S s = { .^i.x = 1 };"
    ),
    "designated field of an element": "struct S { int [[x]]; };\nstruct S s[2] = { [1].^x = 1 };",
    "designated field, the value": (
        "struct S { int (*f)(void); };\nint [[f]](void);\nstruct S s = { .f = ^f };"
    ),
    "designated index": "enum { [[one]] = 1 };\nint a[2] = { [^one] = 1 };",
    "designated range": "enum { zero, [[one]] };\nint a[2] = { [zero ... ^one] = 1 };",
    "designated field of a union": "union U { int i; float [[f]]; };\nunion U u = { .^f = 1 };",
    "compound literal's type": "struct [[S]] { int x; };\nint f(void) { return ((struct ^S){ 1 }).x; }",
    "compound literal's field": "struct S { int [[x]]; };\nint f(void) { return ((struct S){ .^x = 1 }).x; }",
    "field of a compound literal": "struct S { int [[x]]; };\nint f(void) { return ((struct S){ 1 }).^x; }",
    "bit-field": "struct S { unsigned [[b]] : 3; };\nint f(struct S s) { return s.^b; }",
    "bit-field's width": "enum { [[W]] = 3 };\nstruct S { unsigned b : ^W; };",
    "field of an unnamed union": (
        "struct S { union { int [[i]]; float f; }; };\nint g(struct S s) { return s.^i; }"
    ),
    "field of an unnamed struct in an unnamed union": (
        "struct S { union { struct { int [[lo]], hi; }; long all; }; };\n"
        "int g(struct S* s) { return s->^lo; }"
    ),
    "field of an unnamed struct, designated": (
        "struct S { struct { int [[x]]; }; };\nstruct S s = { .^x = 1 };"
    ),
    "flexible array": "struct S { int n; char [[data]][]; };\nchar f(struct S* s) { return s->^data[0]; }",
    "offsetof": "struct S { int a, [[b]]; };\nunsigned long n = __builtin_offsetof(struct S, ^b);",
    "offsetof, nested": (
        "struct I { int [[x]]; };\nstruct S { struct I i; };\n"
        "unsigned long n = __builtin_offsetof(struct S, i.^x);"
    ),
    "sizeof a type": "struct [[S]] { int x; };\nunsigned long n = sizeof(struct ^S);",
    "typeof": "int [[v]];\n__typeof__(^v) w;",
    "enumerator of a tagless enum": "enum { [[A]], B };\nint x = ^A;",
    "enumerator in an enumerator": "enum { [[A]] = 1, B = ^A << 1 };",
    "enumerator in a case": (
        "enum E { [[A]] };\nint f(enum E e) { switch (e) { case ^A: return 1; } return 0; }"
    ),
    "static inline in a header": (
        '#include "h.h"\nint x(void) { return ^h(); }\n// file: h.h\n'
        "static inline int [[h]](void) { return 1; }"
    ),
    "static functions of one name in two files": (
        "static int [[f]](void) { return 1; }\nint x(void) { return ^f(); }\n"
        "// file: b.c\nstatic int f(void) { return 2; }\nint y(void) { return f(); }"
    ),
    "static variables of one name in two files": (
        "static int [[n]];\nint x(void) { return ^n; }\n// file: b.c\nstatic int n;\n"
        "int y(void) { return n; }"
    ),
    "tags of one name in two files": (
        "struct [[S]] { int x; };\nstruct ^S s;\n// file: b.c\nstruct T { int y; };\nstruct T t;"
    ),
    "extern within a function": "int [[n]] = 1;\nint f(void) { extern int n; return ^n; }",
    "extern of another file": "extern int n;\nint f(void) { return ^n; }\n// file: n.c\nint [[n]] = 1;",
    "variable-length array's bound": "int f(int [[n]]) { int a[^n]; return a[0]; }",
    "array parameter's bound": "int f(int [[n]], int a[^n]) { return a[0]; }",
    "static array parameter": "enum { [[N]] = 2 };\nint f(int a[static ^N]) { return a[0]; }",
    "generic selection": "int [[f]](int x) { return x; }\nint y(int v) { return _Generic(v, int: ^f)(v); }",
    "static assertion": 'enum { [[N]] = 2 };\n_Static_assert(^N == 2, "");',
    "alignas": "enum { [[N]] = 8 };\n_Alignas(^N) int x;",
    "statement expression": "int f(void) { return ({ int [[x]] = 1; ^x; }); }",
    "computed goto": "void f(void) { void* p = &&^there; goto *p; [[there]]: ; }",
    "label that a block declares": "void f(void) { __label__ again; [[again]]: goto ^again; }",
    "nested switch's variable": "int f(int [[k]]) { switch (^k) { default: return 0; } }",
    "loop's variable hides a parameter": "void f(int i) { for (int [[i]] = 0; ^i < 3; i++) ; }",
    "parameter behind the loop that hides it": (
        "int f(int [[i]]) { for (int i = 0; i < 3; i++) ; return ^i; }"
    ),
    "a C++ keyword": "int [[class]];\nint f(void) { return ^class; }",
    "non-ASCII name": "int [[größe]];\nint f(void) { return ^größe; }",
    "dollar in a name": "int [[a$b]];\nint f(void) { return ^a$b; }",
    "asm label": 'int [[f]](void) __asm__("g");\nint x(void) { return ^f(); }',
    "attribute's argument": "void [[done]](int* p);\nvoid f(void) { int x __attribute__((cleanup(^done))); }",
    "restrict and const": "int f(const int* restrict [[p]]) { return *^p; }",
    "complex declarator": "int (*(*[[fp]])(void))[3];\nvoid f(void) { (*^fp)(); }",
    "comma expression": "int f(int a, int [[b]]) { return (a, ^b); }",
    "operand of sizeof": "int f(void) { int [[x]]; return sizeof ^x; }",
    "conditional without its middle": "int f(int [[a]], int b) { return ^a ?: b; }",
}


@pytest.mark.parametrize("code", cases(DEFINITIONS))
def test_definition(code: str) -> None:
    check_definition(c(code))


DECLARATIONS = {
    "K&R function declared without a prototype": (
        "int [[f]]();\nint f(a) int a; { return a; }\nint x(void) { return ^f(1); }"
    ),
    "extern in a header": (
        '#include "n.h"\nint n;\nint f(void) { return ^n; }\n// file: n.h\nextern int [[n]];'
    ),
    "function declared in a function": "void g(void) { int [[f]](void); ^f(); }",
    "parameter": "int f(int [[p]]) { return ^p; }",
    "field": "struct S { int [[f]]; };\nint g(struct S s) { return s.^f; }",
}


@pytest.mark.parametrize("code", cases(DECLARATIONS))
def test_declaration(code: str) -> None:
    check_declaration(c(code))


REFERENCES = {
    "tag, not its typedef": "typedef struct [[S]] { struct [[S]]* next; } S;\nstruct ^[[S]] a;\nS b;",
    "typedef, not its tag": "typedef struct S { struct S* next; } [[S]];\nstruct S a;\n^[[S]] b;",
    "three things of one name": (
        "struct n { int n; };\nint [[n]];\nint f(struct n* p) { return p->n + ^[[n]]; }"
    ),
    "field in every way to name it": (
        "struct S { int [[f]]; };\nstruct S a = { .[[f]] = 1 };\n"
        "int g(struct S* p) { return a.[[f]] + p->^[[f]]; }\n"
        "unsigned long o = __builtin_offsetof(struct S, [[f]]);"
    ),
    "fields of one name": (
        "struct A { int [[x]]; };\nstruct B { int x; };\n"
        "int f(struct A a, struct B b) { return a.^[[x]] + b.x; }"
    ),
    "tentative definitions": "int [[n]];\nint [[n]];\nextern int [[n]];\nint f(void) { return ^[[n]]; }",
    "tentative definition and its initialiser": "int [[n]];\nint [[n]] = 1;\nint f(void) { return ^[[n]]; }",
    "variable of several files": (
        "extern int [[n]];\nint f(void) { return ^[[n]]; }\n// file: b.c\nint [[n]];\n"
        "int g(void) { return [[n]]; }"
    ),
    "static variable of one file": (
        "static int [[n]];\nint f(void) { return ^[[n]]; }\n// file: b.c\nstatic int n;\n"
        "int g(void) { return n; }"
    ),
    "static locals of one name": (
        "int f(void) { static int [[n]]; return ^[[n]]++; }\nint g(void) { static int n; return n++; }"
    ),
    "parameters of one name": "int f(int [[p]]) { return ^[[p]]; }\nint g(int p) { return p; }",
    "K&R parameter": "int f([[a]]) int [[a]]; { return ^[[a]]; }",
    "function in a table": (
        "int [[f]](void);\nint (*t[])(void) = { [[f]], &[[f]], 0 };\nint g(void) { return ^[[f]](); }"
    ),
    "enumerator": "enum { [[A]], B = [[A]] + 1 };\nint a[] = { [^[[A]]] = 1 };",
    "typedef": "typedef unsigned [[u]];\n[[u]] f([[u]] x) { return (^[[u]])x + sizeof([[u]]); }",
    "static inline of a header in two files": (
        '#include "h.h"\nint x(void) { return ^[[h]](); }\n// file: b.c\n#include "h.h"\n'
        "int y(void) { return [[h]](); }\n"
        "// file: h.h\nstatic inline int [[h]](void) { return 1; }"
    ),
    "unnamed union's field": (
        "struct S { union { int [[i]]; float f; }; };\nint g(struct S s) { s.[[i]] = 1; return s.^[[i]]; }"
    ),
}


@pytest.mark.parametrize("code", cases(REFERENCES))
def test_references(code: str) -> None:
    check_references(c(code))


OUTLINES = {
    "K&R function": ("int f(a) int a; { return a; }", "function f"),
    "typedef of an unnamed struct": (
        "typedef struct { int x; } S;",
        "struct S\n  field x\ntype_alias S",
    ),
    "unnamed enum": ("enum { A, B };", "enum (anonymous enum)\n  enumerator A\n  enumerator B"),
    "tagged enum": ("enum E { A };", "enum E\n  enumerator A"),
    "struct with a variable": ("struct S { int x; } s;", "struct S\n  field x\nvariable s"),
    "nested struct": ("struct S { struct T { int y; } t; };", "struct S\n  struct T\n    field y\n  field t"),
    "typedef of a function": ("typedef int fn(int);", "type_alias fn"),
    "tentative definitions": ("int n;\nint n;", "variable n\nvariable n"),
}


@pytest.mark.parametrize(("code", "expected"), cases(OUTLINES))
def test_outline(code: str, expected: str) -> None:
    check_outline(c(code), expected, "main.c")


HIGHLIGHTS = {
    "read, written, both": (
        "int [[^n]];\nvoid f(void) { [[n]] = 1; [[n]]++; [[n]] += 2; (void)[[n]]; }",
        "twwwr",
    ),
    "address": ("int [[^n]];\nint* p = &[[n]];", "tt"),
    "field by designator": ("struct S { int [[^f]]; };\nstruct S s = { .[[f]] = 1 };", "tw"),
    "K&R parameter": ("int f([[a]]) int [[^a]]; { return [[a]]; }", "ttr"),
    "an array decays: neither read nor written": (
        "int f(void) { int [[^a]][2]; [[a]][0] = 1; return [[a]][1]; }",
        "ttt",
    ),
    "sizeof reads nothing": ("int [[^n]];\nunsigned long s = sizeof [[n]];", ""),
    "label": ("void f(void) { [[^l]]: goto [[l]]; }", "tt"),
}


@pytest.mark.parametrize(("code", "kinds"), cases(HIGHLIGHTS))
def test_highlights(code: str, kinds: str) -> None:
    check_highlights(c(code), kinds)


CALLERS = {
    "K&R function": ("int ^f(a) int a; { return a; }\nint g(void) { return [[f]](1); }", ["g"]),
    "through a table": ("int ^f(void);\nint (*table[])(void) = { [[f]] };", ["table"]),
    "static of one name": (
        "static int ^f(void) { return 1; }\nint g(void) { return [[f]](); }\n"
        "// file: b.c\nstatic int f(void) { return 1; }\nint h(void) { return f(); }",
        ["g"],
    ),
    "mutual recursion": (
        "int ^f(int);\nint g(int x) { return [[f]](x); }\nint f(int x) { return g(x); }",
        ["g"],
    ),
}


@pytest.mark.parametrize(("code", "expected"), cases(CALLERS))
def test_callers(code: str, expected: list[str]) -> None:
    check_callers(c(code), expected)


CALLEES = {
    "through a pointer: what is named": (
        "int f(void);\nint ^g(void) { int (*p)(void) = [[f]]; return p(); }",
        ["f"],
    ),
    "builtin": ("int ^g(int x) { return __builtin_popcount(x); }", []),
}


@pytest.mark.parametrize(("code", "expected"), cases(CALLEES))
def test_callees(code: str, expected: list[str]) -> None:
    check_callees(c(code), expected)
