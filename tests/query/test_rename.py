"""What a rename changes, and what it refuses to, on marked C and C++."""

import contextlib
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.cpp import LANGUAGES, Workspace, indexed
from support.marked import Range

from cpplsp.query.navigation import symbols_at
from cpplsp.query.rename import Edit, RenameError, find_renamable, rename
from cpplsp.store.units import pack_versions

NEW = "brand_new"


@contextlib.contextmanager
def project(code: str | bytes, *, errors: int = 0) -> Iterator[Workspace]:
    """An indexed project, with a unit noted for each source, as if it had read all files."""
    with indexed(code, errors=errors) as space:
        for name, text in space.marked.files.items():
            space.index.version_ids(space.path(name), text)
        versions = [row[0] for row in space.index.db.execute("SELECT id FROM version")]
        for name in space.marked.files:
            if Path(name).suffix in LANGUAGES:
                note_unit(space, name, pack_versions(versions))
        yield space


def note_unit(space: Workspace, name: str, dependencies: bytes | None, arguments: bytes = b"") -> None:
    """Note a unit: one that is still to be read, without dependencies."""
    space.index.db.execute(
        "INSERT INTO unit (file, arguments_hash, ordinal, directory, arguments, context, seen, state, dependencies)"
        " VALUES (?, ?, 0, '', ?, '', 0, ?, ?)",
        (
            space.index.file_id(space.path(name)),
            name.encode(),
            arguments,
            dependencies is not None,
            dependencies,
        ),
    )


def on_disk(path: str) -> bytes | None:
    found = Path(path)
    return found.read_bytes() if found.exists() else None


def renamed(space: Workspace, cursor: tuple[str, int, int], new: str = NEW) -> list[Edit]:
    name, line, column = cursor
    hits = symbols_at(space.db, space.roots, space.path(name), line, column)
    return rename(space.db, space.roots, hits, column, new, on_disk).edits


def ranges(space: Workspace, edits: Sequence[Edit]) -> list[Range]:
    places = [edit.place for edit in edits]
    return sorted((space.name(one.path), (one.line, one.start), (one.line, one.end)) for one in places)


def check_rename(code: str | bytes, new: str = NEW, *, errors: int = 0) -> None:
    """From each cursor, the ranges marked are changed, all of them with certainty."""
    with project(code, errors=errors) as space:
        assert space.marked.cursors, "no cursor is marked"
        for cursor in space.marked.cursors:
            edits = renamed(space, cursor, new)
            assert ranges(space, edits) == sorted(space.marked.ranges), f"from {cursor}"
            assert all(edit.is_certain for edit in edits)


def check_refusal(code: str | bytes, reason: str, new: str = NEW, *, errors: int = 0) -> None:
    """From each cursor, a rename is refused for a reason in which these words are."""
    with project(code, errors=errors) as space:
        assert space.marked.cursors, "no cursor is marked"
        for cursor in space.marked.cursors:
            with pytest.raises(RenameError) as refused:
                renamed(space, cursor, new)
            assert reason in str(refused.value)


TOGETHER = {
    "a class, its constructors and its destructor": (
        "struct [[^S]] { [[^S]](); ~[[^S]](); [[S]](const [[S]]&); };\n[[S]]::[[S]]() {}\n[[S]]::~[[S]]() {}\n"
        "[[S]] f([[S]]* s) { s->~[[S]](); return [[S]](); }"
    ),
    "a class without those of what derives from it": (
        "struct [[^B]] { virtual ~[[B]](); };\nstruct D : [[B]] { ~D(); };\nD::~D() {}"
    ),
    "a constructor that is inherited": "struct [[^S]] { [[S]](int); };\nstruct D : [[S]] { using [[S]]::[[S]]; };",
    "a constructor that no class declares": "struct [[^S]] {};\nstruct D : [[S]] { using [[S]]::[[S]]; };",
    "a class template and its specialisations": (
        "template <class T> struct [[^S]] { [[S]](); };\ntemplate <class T> [[S]]<T>::[[S]]() {}\n"
        "template <> struct [[^S]]<int> { [[S]]() {} };\ntemplate <class T> struct [[S]]<T*> { [[S]](); };\n"
        "[[S]]<char> a; [[S]]<int> b; [[S]]<char*> c;"
    ),
    "a deduction guide": "template <class T> struct [[^S]] { [[S]](T); };\ntemplate <class T> [[S]](T) -> [[S]]<T>;",
    "a nested class that is defined outside": (
        "struct O { struct [[^I]]; [[I]]* p; };\nstruct O::[[I]] { int z; };\nO::[[I]] x;"
    ),
    "a function template and its specialisation": (
        "template <class T> void [[^f]](T) {}\ntemplate <> void [[f]](int) {}\nvoid g() { [[f]](1); [[f]]('c'); }"
    ),
    "a member of a template, specialised alone": (
        "template <class T> struct V { void [[^k]](); static int s; };\ntemplate <> void V<char>::[[^k]]() {}\n"
        "template <> struct V<int> { int x; };"
    ),
    "a member of a template and of its specialisations": (
        "template <class T> struct V { void [[^k]](); };\ntemplate <> struct V<int> { void [[^k]](); };\n"
        "template <class T> struct V<T*> { static void [[^k]](); };\ntemplate <class T> void f(V<T> v) { v.[[k]](); }"
    ),
    "virtual functions, from any of them": (
        "struct A { virtual void [[^f]](); };\nstruct B { virtual void [[f]](); };\n"
        "struct C : A, B { void [[^f]]() override; };\nstruct D : C { void [[f]]() final; };\n"
        "void C::[[f]]() { A::[[f]](); }\nvoid g(D& d, B& b) { d.[[f]](); b.[[^f]](); }"
    ),
    "one overload": "void f(int);\nvoid [[^f]](char);\nvoid g() { f(1); [[f]]('c'); }",
    "a field in initialisers": (
        "struct F { int [[^x]]; int y; F(int a) : [[x]](a), y{a} {} };\nstruct G { int x; };\nG g = {.x = 1};\n"
        "int f(F q) { return q.[[x]]; }"
    ),
    "a field by designators and offset": (
        "struct G { int [[^x]]; };\nG g = {.[[x]] = 1};\nint f() { return __builtin_offsetof(G, [[x]]); }"
    ),
    "a member, however it is qualified": (
        "struct S { int [[^x]]; void f() { this->[[x]] = 1; S::[[x]] = 2; [[x]] = 3; } };\nint S::*p = &S::[[x]];"
    ),
    "an enumerator": "enum E { [[^A]], B };\nint e = [[A]] + E::[[A]];",
    "an enum": "enum class [[^E]] : int;\nenum class [[E]] : int { a };\n[[E]] e = [[E]]::a;",
    "a namespace, all blocks of it": (
        "namespace [[^n]] { int x; }\nnamespace [[n]] { int y; }\nint z = [[n]]::x;\nnamespace q = [[n]];\n"
        "using namespace [[n]];\nnamespace m { int n; }"
    ),
    "nested namespaces": (
        "namespace a::[[^b]] { int x; }\nnamespace a { namespace [[b]] { int y; } }\nint z = a::[[b]]::x;"
    ),
    "an alias of a namespace": "namespace n { int x; }\nnamespace [[^q]] = n;\nint y = [[q]]::x;",
    "through a using-declaration": "namespace n { int [[^v]]; }\nusing n::[[^v]];\nint u = [[^v]];",
    "an alias": "using [[^A]] = int;\n[[A]] a;\ntypedef [[A]] B;",
    "an alias named like its struct": (
        "typedef struct Node { struct Node* next; } [[^Node]];\n[[Node]]* n;\nstruct Node m;"
    ),
    "a struct named like its alias": (
        "typedef struct [[^Node]] { struct [[Node]]* next; } Node;\nNode* n;\nstruct [[Node]] m;"
    ),
    "a concept": (
        "template <class T> concept [[^C]] = sizeof(T) > 1;\ntemplate <[[C]] T> void f(T);\nbool b = [[C]]<int>;"
    ),
    "a structured binding": "struct G { int x, y; };\nauto [ [[^a]], b] = G{1, 2};\nint s = [[a]] + b;",
    "a local, not what hides it": (
        "void f() { int [[^a]] = 1; { int a = 2; a++; } auto l = [ [[a]] ] { return [[a]]; };"
        " auto m = [=, &b = [[a]]] { return [[a]] + b; }; [[a]]++; }"
    ),
    "a local that is hidden in between": "void f() { int a = 1; { int [[^a]] = 2; [[a]]++; } a++; }",
    "a member of a local class": (
        "int f() { struct L { int [[^q]]; int g() { return [[q]]; } }; L l; l.[[^q]] = 1; return l.[[q]]; }"
    ),
    "a class, not the variable named like it": (
        "struct [[^S]] { [[S]](int); };\nint f() { ::[[S]] S(1); return sizeof(S); }"
    ),
    "a variable named like its class": "struct S { S(int); };\nint f() { ::S [[^S]](1); return sizeof([[S]]); }",
    "a local class": "int f() { struct [[^L]] { [[L]](); }; [[L]] l; return sizeof([[L]]); }",
    "a local in a method of a local class": (
        "void f() { struct L { void g() { int [[^x]] = 1; [[x]]++; } }; int x = 2; x++; }"
    ),
    "a parameter of one declaration": "int f(int [[^a]]);\nint f(int b) { return b; }",
    "a parameter in its function": "struct S { int m; S(int [[^a]]) : m([[a]]) { m = [[a]]; } };",
    "a parameter of a generic lambda": "auto l = [](auto [[^p]]) { return [[p]] + 1; };",
    "a parameter of a template": (
        "template <class [[^T]]> struct S { [[T]] t; template <class U> void m([[T]] t); };\n"
        "template <class T> template <class U> void S<T>::m(T t) {}"
    ),
    "a label": "void f() { goto [[^end]]; [[^end]]: return; }",
    "between wide characters": 'const char* s = "\U0001f600"; int [[höhe]] = 1; /* é */ int y = [[^höhe]];',
    "a name with a dollar": "int [[^a$b]] = 1; int c = [[a$b]]; int a;",
    "behind a byte-order mark": "\ufeffint [[^x]]; int f() { return [[x]]; }",
    "with Windows' line ends": "int [[^x]];\r\nint f() {\r\n return [[x]]; }\r\n",
    "not in comments, strings and includes": (
        '#include "x.h"\nint [[^x]]; // x\n/* x */ const char* s = "x"; const char* r = R"(x)";\n'
        "char c = 'x'; int y = [[x]];\n// file: x.h\n"
    ),
    "in C and C++": (
        '// file: a.h\nint [[^shared]](int);\n// file: a.c\n#include "a.h"\nint [[^shared]](int x) { return x; }\n'
        '// file: main.cc\nextern "C" {\n#include "a.h"\n}\nint y = [[^shared]](1);\n'
    ),
    "statics of other files stay": (
        "static int [[^x]];\nint f() { return [[x]]; }\n// file: b.cc\nstatic int x;\nint g() { return x; }"
    ),
}


@pytest.mark.parametrize("code", TOGETHER.values(), ids=TOGETHER)
def test_what_changes_together(code: str) -> None:
    check_rename(code)


MACROS = {
    "a macro, wherever it is asked about": (
        "#define [[^M]](x) x + 1\n#define N [[M]](2)\nint a = [[^M]](1);\n#ifdef [[^M]]\n#endif\n"
        "#if defined([[M]]) && [[M]](1)\n#endif\nint b = N;\n#undef [[^M]]\n"
        "#ifndef [[M]]\n#define [[^M]](x) x\n#endif\nint c = [[M]](3);\n"
    ),
    "a macro in a header": (
        '#include "m.h"\nint x = [[M]];\n// file: b.cc\n#include "m.h"\nint y = [[^M]];\n// file: m.h\n'
        "#ifndef [[M]]\n#define [[^M]] 1\n#endif\n"
    ),
    "not a macro's parameter of that name": "#define [[^M]] 1\n#define F(M) M + 1\nint x = F(2) + [[M]];",
    "a macro's argument": "#define M(x) (x)\nvoid f(int [[^a]]) { int b = M([[a]]) + M(M([[a]])); }",
    "a macro's body, of a macro in a macro, too": (
        "#define USES [[foo]] + 1\n#define OUTER USES\nint [[^foo]]; int c = OUTER; int d = USES;"
    ),
    "a method in a macro's body": (
        "#define CALL(x) x.[[size]]()\nstruct A { int [[^size]](); };\nint f(A a) { return CALL(a) + a.[[size]](); }"
    ),
    "a name that a macro declares": ("#define FOO struct [[Foo]]\nFOO { int z; };\n[[^Foo]] ft;\nFOO* p;"),
    "a class that a macro defines": (
        "#define DEF(n) struct n { n(); };\nDEF([[^Zed]])\n[[Zed]]::[[Zed]]() {}\n[[Zed]] z;"
    ),
    "a macro that is reached by pasting": (
        "#define CAT(a, b) a##b\n#define USE_1() n::x\n#define OTHER() ::[[n]]::y\n#define USE(i) CAT(USE_, i)()\n"
        "namespace [[^n]] { int x; }\nint y = USE(1) + [[n]]::x;"
    ).replace("n::x\n#define OTHER", "[[n]]::x\n#define OTHER"),
    "a local in the body of a header's macro": (
        '#include "m.h"\nint f(int [[^l]]) { return USE + [[l]]; }\n// file: m.h\n#define USE [[l]] + 1\n'
    ),
    "what a macro makes another name of": (
        "#define TEST(a, b) struct a##_##b { void f(); }; void a##_##b::f()\n"
        "void [[^parse]]();\nstruct S { int parse; };\nTEST(suite, parse) { [[parse]](); }"
    ),
    "a macro's body that is not about it": (
        "#define F(a) { int x = a; x++; }\nint [[^x]];\nvoid f() F(1)\nint z = [[x]];"
    ),
}


@pytest.mark.parametrize("code", MACROS.values(), ids=MACROS)
def test_macros(code: str) -> None:
    check_rename(code)


UNCERTAIN = {
    "a member of what a template is given": (
        "template <class T> void c(T t) { t.[[foo]](); }\nstruct S { void ^foo(); };\nvoid u(S s) { c(s); }"
    ),
    "what a macro does not use": "#define IGNORE(x)\nint ^foo;\nIGNORE([[foo]]);",
    "a branch that is skipped": "int ^x;\n#if 0\nint y = [[x]];\n#else\nint z = x;\n#endif\n",
}


@pytest.mark.parametrize("code", UNCERTAIN.values(), ids=UNCERTAIN)
def test_what_is_told_by_its_name_is_told_as_such(code: str) -> None:
    with project(code) as space:
        edits = renamed(space, space.marked.cursors[0])
        assert ranges(space, [one for one in edits if not one.is_certain]) == sorted(space.marked.ranges)
        assert any(one.is_certain for one in edits)


REFUSED = {
    "nothing is named": ("int ^ x;", "no name here"),
    "a keyword": ("au^to x = 1;", "no name here"),
    "main": ("int ^main() {}", "where the program begins"),
    "an operator": ("struct S { S ^operator+(S); };", "an operator"),
    "a conversion": ("struct S { ^operator int(); };", "an operator"),
    "a literal operator": ('int ^operator""_x(unsigned long long);', "an operator"),
    "a destructor's tilde": ("struct S { ^~S(); };", "the name of its class"),
    "the functions of a range-based for": ("struct C { int* ^begin(); int* end(); };", "range-based for"),
    "a member of what specialises a template of the system": (
        "#include <o.h>\ntemplate <> struct limits<char> { static int ^digits; };\n"
        "// file: outside/o.h\ntemplate <class T> struct limits { static int digits; };",
        "outside of the project",
    ),
    "one of several in a template and its specialisation": (
        "template <class T> struct V { void ^k(); void k(int); };\ntemplate <> struct V<int> { void ^k(); };",
        "is overloaded",
    ),
    "what coroutines look for": ("struct P { void ^return_void(); };", "coroutines"),
    "what the standard library looks for": ("struct I { using ^value_type = int; };", "standard library"),
    "declared outside of the project": (
        "#include <o.h>\nint y = ^g();\n// file: outside/o.h\nint g();",
        "outside of the project",
    ),
    "overrides what is outside of the project": (
        "#include <o.h>\nstruct D : Base { void ^f() override; };\n// file: outside/o.h\n"
        "struct Base { virtual void f(); };",
        "outside",
    ),
    "several overloads at once": (
        "namespace n { void f(); void f(int); }\nusing n::^f;",
        "may name several things",
    ),
    "one of several that a template may call": (
        "void f(int);\nvoid ^f(char);\ntemplate <class T> void g(T t) { f(t); }",
        "may also name",
    ),
    "one of several members that a template may mean": (
        "struct X { void foo(); };\ntemplate <class T> void c(T t) { t.foo(); }\nstruct S { void ^foo(); };",
        "is not known",
    ),
    "a member that the system's headers have as well": (
        "#include <o.h>\ntemplate <class T> void c(T t) { t.foo(); }\nstruct S { void ^foo(); };\n"
        "// file: outside/o.h\nstruct O { void foo(); };",
        "is not known",
    ),
    "pasted by a macro": ("#define P(a) a##_b\nint P(foo);\nint c = ^foo_b;", "from parts"),
    "a part of what a macro pastes": (
        "#define INIT(n) void init_##n(); struct n {};\nINIT(Abc)\nvoid h() { init_Abc(); ^Abc x; }",
        "makes the name init_Abc",
    ),
    "a macro's body that names two things": (
        "#define CALL(x) x.size()\nstruct A { int ^size(); };\nstruct B { int size(); };\n"
        "int f(A a, B b) { return CALL(a) + CALL(b); }",
        "what it means elsewhere",
    ),
    "two things under one name": ("#define SAME(s) struct s {} s\nSAME(^C);", "several things"),
}


@pytest.mark.parametrize(("code", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_renamed(code: str, reason: str) -> None:
    check_refusal(code, reason)


NAMES = {
    "begins with a digit": ("int ^x;", "1x", "no name"),
    "two words": ("int ^x;", "a b", "no name"),
    "empty": ("int ^x;", "", "no name"),
    "a tilde": ("struct ^S {};", "~S", "no name"),
    "the same": ("int ^x;", "x", "the name that it has"),
    "a keyword": ("int ^x;", "class", "keyword of C++"),
    "a keyword of C": ("// file: a.c\nint ^x;", "restrict", "keyword of C"),
    "of the same scope": ("int y; int ^x;", "y", "in the same scope"),
    "of a function with the same parameters": (
        "void y(int a);\nvoid ^x(int b = 2);",
        "y",
        "in the same scope",
    ),
    "of a function in C": ("// file: a.c\nvoid y(int a);\nvoid ^x(void);", "y", "in the same scope"),
    "of a field": ("struct S { int y; void ^x(); };", "y", "in the same scope"),
    "of another enumerator": ("enum E { y, ^x };", "y", "in the same scope"),
    "of what is around an enum": ("enum E { ^x };\nint y;", "y", "in the same scope"),
    "of an enumerator around": ("enum E { y };\nint ^x;", "y", "in the same scope"),
    "of what is in an anonymous namespace": ("namespace { int y; }\nint ^x;", "y", "in the same scope"),
    "of a base's member": ("struct B { int y; };\nstruct S : B { int ^x; };", "y", "base or derived"),
    "of a derived class's member": (
        "struct B { int ^x; };\nstruct S : B { int y; };",
        "y",
        "base or derived",
    ),
    "of its class": ("struct y { void ^x(); };", "y", "the name of its class"),
    "of its own member": ("struct ^x { int y; };", "y", "has a member of that name"),
    "of a macro": ("#define y 1\nint ^x;", "y", "that is a macro"),
    "of a macro of the system that nobody uses": (
        "#include <o.h>\nint ^x;\n// file: outside/o.h\n#ifndef y\n# define y (-1)\n#endif\n",
        "y",
        "that is a macro",
    ),
    "a macro, of anything": ("#define ^x 1\nint y = x;", "y", "the macro would replace"),
    "of a function of the system": (
        "#include <o.h>\nint ^x = y();\n// file: outside/o.h\nint y();",
        "y",
        "same scope",
    ),
    "of a local in the same block": ("void f() { int y; int ^x; }", "y", "in its scope"),
    "of a parameter": ("void f(int y) { int ^x; }", "y", "in its scope"),
    "of another parameter": ("void f(int y, int ^x);", "y", "in its scope"),
    "of a loop's variable": ("void f() { for (int y = 0;;) { int ^x = y; } }", "y", "in its scope"),
    "of another parameter of a template": ("template <class ^x, class y> void f(x, y);", "y", "in its scope"),
    "of another label": ("void f() { y: goto y; ^x: goto x; }", "y", "in its scope"),
    "hiding what is used": ("void f(int y) { { int ^x; x = y; } }", "y", "would be hidden"),
    "hiding a global that is used": ("int y; void f() { int ^x; x = y; }", "y", "would be hidden"),
    "hiding a member that is used": ("struct S { int y; S(int ^x) { y = x; } };", "y", "would be hidden"),
    "a member that hides a global": (
        "int y; struct S { int ^x; int f() { return y; } };",
        "y",
        "would be hidden",
    ),
    "a member that hides a global in a derived class": (
        "int y; struct S { int ^x; };\nstruct D : S { int h() { return y; } };",
        "y",
        "would be hidden",
    ),
    "a namespace's that hides a global": (
        "namespace n { int ^x; int f(); }\nint y;\nint n::f() { return y; }",
        "y",
        "would be hidden",
    ),
    "hidden by a block's": ("void f(int ^x) { { int y = 1; x = y; } }", "y", "it would mean"),
    "hidden by a parameter": ("int ^x; int f(int y) { return x + y; }", "y", "it would mean"),
    "hidden by a lambda's parameter": (
        "void f() { int ^x = 1; [&](int y) { return y + x; }(1); }",
        "y",
        "would mean",
    ),
    "hidden by a member": ("int ^x; struct S { int y; int f() { return x; } };", "y", "it would mean"),
    "hidden by an inherited member": (
        "int ^x; struct B { int y; };\nstruct S : B { int f() { return x; } };",
        "y",
        "it would mean",
    ),
    "hidden by a namespace's": ("int ^x; namespace n { int y; int f() { return x; } }", "y", "it would mean"),
}


@pytest.mark.parametrize(("code", "new", "reason"), NAMES.values(), ids=NAMES)
def test_names_that_are_in_the_way(code: str, new: str, reason: str) -> None:
    check_refusal(code, reason, new)


GOOD_NAMES = {
    "reserved, as clangd takes it": ("int [[^x]];", "_X"),
    "a dollar": ("int [[^x]];", "a$"),
    "letters of another script": ("int [[^x]];", "höhe"),
    "a keyword of the other language": ("// file: a.c\nint [[^x]];", "class"),
    "of a function with other parameters": ("void y(int);\nvoid [[^x]](char, int);", "y"),
    "of a local in a block that does not use it": (
        "void f(int [[^x]]) { { int y = 1; y++; } [[x]]++; }",
        "y",
    ),
    "of a loop's variable elsewhere": (
        "void f() { for (int [[^x]] = 0; [[x]] < 1;) {} for (int y = 0; y < 1;) {} }",
        "y",
    ),
    "of a parameter that its block does not use": ("void f(int y) { { int [[^x]]; [[x]] = 1; } y++; }", "y"),
    "of a global that its function does not use": ("int y; void f() { int [[^x]]; [[x]] = 1; }", "y"),
    "of the field that it initialises": ("struct S { int y; S(int [[^x]]) : y([[x]]) {} };", "y"),
    "of another struct's field": ("struct S { int y; };\nvoid f(S s) { int [[^x]] = s.y; }", "y"),
    "of a label": ("void f(int [[^x]]) { [[x]]++; y: goto y; }", "y"),
    "of an enumerator of an enum class": ("enum class E { [[^x]] };\nint y;", "y"),
    "of what is in another namespace": ("namespace n { int y; }\nint [[^x]];", "y"),
    "qualified where it would be hidden": ("int [[^x]]; int f(int y) { return ::[[x]] + y; }", "y"),
    "in a comment": ("int [[^x]]; // y", "y"),
}


@pytest.mark.parametrize(("code", "new"), GOOD_NAMES.values(), ids=GOOD_NAMES)
def test_names_that_are_in_nobodys_way(code: str, new: str) -> None:
    check_rename(code, new)


@pytest.mark.parametrize("change", [b"// another line\n%b", b"%b\nint z = x;", b"%b // x is\nint a = x"])
def test_a_file_that_has_changed_is_named(change: bytes) -> None:
    with project("int ^x;\n// file: b.cc\nextern int x;\nint y = x;\n") as space:
        Path(space.path("b.cc")).write_bytes(change % space.marked.files["b.cc"])
        with pytest.raises(RenameError, match=r"^b\.cc has changed since it was indexed"):
            renamed(space, space.marked.cursors[0])


def test_a_file_that_has_changed_is_not_taken_at_places_that_it_had() -> None:
    with project("void f() { int ^x; }\nvoid g() { int x; }\n") as space:
        Path(space.path("main.cc")).write_bytes(b"void g() { int x; }\nvoid f() { int x; }\n")
        with pytest.raises(RenameError, match="has changed since it was indexed"):
            renamed(space, space.marked.cursors[0])


def test_a_file_that_has_changed_and_has_not_the_name_is_in_nobodys_way() -> None:
    with project("int ^x;\n// file: b.cc\nint y;\n") as space:
        Path(space.path("b.cc")).write_bytes(b"int another;\n")
        found = renamed(space, space.marked.cursors[0])
        assert ranges(space, found) == [("main.cc", (0, 4), (0, 5))]


def test_a_file_that_is_gone_is_named() -> None:
    with project("int ^x;\n// file: b.cc\nextern int x;\n") as space:
        Path(space.path("b.cc")).unlink()
        with pytest.raises(RenameError, match=r"^b\.cc has changed"):
            renamed(space, space.marked.cursors[0])


def test_a_place_that_has_changed_is_told_at_once() -> None:
    with project("int ^x;\n") as space:
        Path(space.path("main.cc")).write_bytes(b"int other;\n")
        hits = symbols_at(space.db, space.roots, space.path("main.cc"), 0, 4)
        with pytest.raises(RenameError, match="the text with this x has changed"):
            find_renamable(space.db, space.roots, hits, 4, on_disk)


def test_units_that_are_still_to_be_read_are_waited_for() -> None:
    with project("int ^x; void f() { int ^l = 1; l++; }\n// file: b.cc\nint y;\n") as space:
        note_unit(space, "new.cc", None)
        whole, local = space.marked.cursors
        with pytest.raises(RenameError, match="1 units are still to be read"):
            renamed(space, whole)
        assert len(renamed(space, local)) == 2


def test_what_a_unit_that_could_not_be_read_names_is_not_known() -> None:
    with project("int ^x;\n") as space:
        Path(space.path("broken.cc")).write_bytes(b"int y = x;\n")
        note_unit(space, "broken.cc", None)
        space.index.db.execute("UPDATE unit SET state = 3 WHERE dependencies IS NULL")
        with pytest.raises(RenameError, match=r"broken\.cc"):
            renamed(space, space.marked.cursors[0])


@pytest.mark.parametrize("arguments", [b"-DCONF\0\1", b"-O\0\1-DCONF=1\0\1", b"-D\0\1CONF=1\0\1"])
def test_a_macro_that_compile_commands_define_stays(arguments: bytes) -> None:
    with project("#ifndef CONF\n#define ^CONF 1\n#endif\n#define ^CON 1\n") as space:
        note_unit(space, "other.cc", b"", zlib.compress(arguments))
        space.index.db.execute(
            "UPDATE unit SET dependencies = ? WHERE dependencies = x''", (pack_versions([]),)
        )
        given, other = space.marked.cursors
        with pytest.raises(RenameError, match="defined by compile commands"):
            renamed(space, given)
        assert renamed(space, other)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("int [[^x]];", "x"),
        ("int [[x]]^ ;", "x"),
        ("struct S { ~[[^S]](); };", "S"),
        ("struct S { ~ [[^S]](); };", "S"),
        ("struct S { [[^S]](); };", "S"),
        ("struct S {}; /* é */ [[^S]] höhe;", "S"),
        ("#define [[^M]] 1", "M"),
    ],
)
def test_the_name_at_a_place(code: str, name: str) -> None:
    with project(code) as space:
        file, line, column = space.marked.cursors[0]
        hits = symbols_at(space.db, space.roots, space.path(file), line, column)
        place, found = find_renamable(space.db, space.roots, hits, column, on_disk)
        assert found == name
        assert [(file, (place.line, place.start), (place.line, place.end))] == space.marked.ranges


@given(st.sampled_from(["x", "y", "T", "S", "f", "m"]), st.data())
def test_nothing_but_the_name_changes(old: str, data: st.DataObject) -> None:
    code = (
        "int x; struct S { int m; S(); void f(int y) { m = y + x; } };\nS::S() { m = x; }\n"
        "template <class T> T g(T y) { return y; }\n#define M(a) a + x\nint z = M(g(x));\n"
    )
    with project(code) as space:
        path = Path(space.path("main.cc"))
        before = path.read_bytes()
        # What a macro's body names is known at its uses alone.
        places = [
            at for at in range(len(before)) if _is_word(before, at, old) and before[at - 4 : at] != b"a + "
        ]
        at = data.draw(st.sampled_from(places))
        line = before[:at].count(b"\n")
        edits = renamed(space, ("main.cc", line, at - (before.rfind(b"\n", 0, at) + 1)))
        lines = before.split(b"\n")
        for edit in reversed(edits):
            text = lines[edit.place.line]
            assert text[edit.place.start : edit.place.end] == old.encode()
            lines[edit.place.line] = text[: edit.place.start] + NEW.encode() + text[edit.place.end :]
        assert b"\n".join(lines).replace(NEW.encode(), old.encode()) == before


def _is_word(text: bytes, at: int, word: str) -> bool:
    around = text[max(at - 1, 0) : at] + text[at + len(word) : at + len(word) + 1]
    return text.startswith(word.encode(), at) and not any(
        chr(one).isalnum() or one == ord("_") for one in around
    )
