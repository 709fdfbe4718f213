"""What a worker tells of a file: occurrences with their roles, declarations, relations and includes."""

import gc
import re
import weakref

import pytest
from support.cpp import check_occurrences, indexed, libclang, occurrences, workspace

from cpplsp.facts import Kind
from cpplsp.worker.collector import Collector
from cpplsp.worker.files import FileTable

OCCURRENCES = {
    "declared, defined and called": (
        "int f();\nint f() { return 1; }\nint x = f();",
        [
            "0:4 f = f, declaration",
            "1:4 f = f, definition",
            "2:4 x = x, definition",
            "2:8 f = f, reference call",
        ],
    ),
    "read and written": (
        "void f(int p) { p = 1; int q = p; }",
        [
            "0:5 f = f, definition",
            "0:11 p = p, definition",
            "0:16 p = p, reference write",
            "0:27 q = q, definition",
            "0:31 p = p, reference read",
        ],
    ),
    "a constructor called by declaring a variable is implicit": (
        "struct S { S(); };\nS s;",
        [
            "0:7 S = S, definition",
            "0:11 S = S, declaration",
            "0:11 S = S, reference",
            "1:0 S = S, reference",
            "1:2 s = S, reference call implicit",
            "1:2 s = s, definition",
        ],
    ),
    "a conversion is implicit": (
        "struct S { operator int(); } s;\nint x = s;",
        [
            "0:7 S = S, definition",
            "0:11 operator = operator int, declaration",
            "0:29 s = s, definition",
            "1:4 x = x, definition",
            "1:8 s = operator int, reference call implicit",
            "1:8 s = s, reference",
        ],
    ),
    "a name in a macro's argument is spelled, one in its body implicit": (
        "#define ID(x) x\n#define V v\nint v;\nint w = ID(v) + V;",
        [
            "0:8 ID = ID, definition",
            "1:8 V = V, definition",
            "2:4 v = v, definition",
            "3:4 w = w, definition",
            "3:8 ID = ID, reference",
            "3:11 v = v, reference read in_macro",
            "3:16 V = V, reference",
            "3:16 V = v, reference read implicit in_macro",
        ],
    ),
    "what expands twice comes once": (
        "#define TWICE(x) x + x\nint v;\nint w = TWICE(v);",
        [
            "0:8 TWICE = TWICE, definition",
            "1:4 v = v, definition",
            "2:4 w = w, definition",
            "2:8 TWICE = TWICE, reference",
            "2:14 v = v, reference read in_macro",
        ],
    ),
    "a name made by pasting is implicit": (
        "#define MAKE(n) int get_##n();\nMAKE(x)",
        [
            "0:8 MAKE = MAKE, definition",
            "1:0 MAKE = MAKE, reference",
            "1:0 MAKE = get_x, declaration implicit in_macro",
        ],
    ),
    "a variable named like the beginning of a type is not its conversion": (
        "struct S { operator bool(); } b;\nvoid f() { if (b) {} }",
        [
            "0:7 S = S, definition",
            "0:11 operator = operator bool, declaration",
            "0:30 b = b, definition",
            "1:5 f = f, definition",
            "1:15 b = b, reference",
            "1:15 b = operator bool, reference call implicit",
        ],
    ),
    "an operator has the length of its token": (
        "struct S { int operator[](int); bool operator<=(S); int operator()(int); } s;\n"
        "int x = s[1] + (s <= s) + s(1);",
        [
            "0:7 S = S, definition",
            "0:15 operator = operator[], declaration",
            "0:37 operator = operator<=, declaration",
            "0:48 S = S, reference",
            "0:56 operator = operator(), declaration",
            "0:75 s = s, definition",
            "1:4 x = x, definition",
            "1:8 s = s, reference",
            "1:9 [ = operator[], reference call",
            "1:16 s = s, reference",
            "1:18 <= = operator<=, reference call",
            "1:21 s = s, reference",
            "1:26 s = s, reference",
            "1:27 ( = operator(), reference call",
        ],
    ),
    "a complement is not a destructor": (
        "struct S { int operator~(); ~S(); } s;\nint x = ~s;",
        [
            "0:7 S = S, definition",
            "0:15 operator = operator~, declaration",
            "0:28 ~S = ~S, declaration",
            "0:29 S = S, reference",
            "0:36 s = s, definition",
            "1:4 x = x, definition",
            "1:8 ~ = operator~, reference call",
            "1:9 s = s, reference",
        ],
    ),
    "a destructor with a space": (
        "struct S { ~ S(); };",
        ["0:7 S = S, definition", "0:11 ~ S = ~S, declaration", "0:13 S = S, reference"],
    ),
    "what is unnamed is implicit": (
        "struct { int x; } s;",
        ["0:0 struct = , definition implicit", "0:13 x = x, definition", "0:18 s = s, definition"],
    ),
    "a name spelled with an escape": (
        "int gr\\u00f6\\U000000dfe;\nint x = größe;",
        [
            "0:4 gr\\u00f6\\U000000dfe = größe, definition",
            "1:4 x = x, definition",
            "1:8 größe = größe, reference read",
        ],
    ),
    "a macro in a macro's argument": (
        "#define ID(x) x\n#define ONE 1\nint v = ID(ONE) + ONE;",
        [
            "0:8 ID = ID, definition",
            "1:8 ONE = ONE, definition",
            "2:4 v = v, definition",
            "2:8 ID = ID, reference",
            "2:11 ONE = ONE, reference in_macro",
            "2:18 ONE = ONE, reference",
        ],
    ),
    "columns count bytes": (
        "/* ä */ int ö; int x = ö;",
        ["0:13 ö = ö, definition", "0:21 x = x, definition", "0:25 ö = ö, reference read"],
    ),
    "columns do not count a mark": (
        "\ufeffint x;\nint y;",
        ["0:4 x = x, definition", "1:4 y = y, definition"],
    ),
}


@pytest.mark.parametrize(("code", "expected"), OCCURRENCES.values(), ids=OCCURRENCES.keys())
def test_occurrences(code: str, expected: list[str]) -> None:
    check_occurrences(code, expected)


KINDS = {
    "namespace n {}": Kind.NAMESPACE,
    "class n {};": Kind.CLASS,
    "struct n {};": Kind.STRUCT,
    "union n {};": Kind.UNION,
    "template <class T> class n {};": Kind.CLASS,
    "template <class T> struct n {};": Kind.STRUCT,
    "template <class T> union n {};": Kind.UNION,
    "enum n {};": Kind.ENUM,
    "enum { n };": Kind.ENUMERATOR,
    "void n();": Kind.FUNCTION,
    "template <class T> void n();": Kind.FUNCTION,
    "struct S { void n(); };": Kind.METHOD,
    "struct S { template <class T> void n(); };": Kind.METHOD,
    "struct S { static void n(); };": Kind.STATIC_METHOD,
    "struct S { int n; };": Kind.FIELD,
    "struct S { int n : 3; };": Kind.FIELD,
    "struct S { static int n; };": Kind.STATIC_FIELD,
    "int n;": Kind.VARIABLE,
    "void f() { int n; }": Kind.VARIABLE,
    "template <class T> T n = 1;": Kind.VARIABLE,
    "void f(int n) {}": Kind.PARAMETER,
    "typedef int n;": Kind.TYPE_ALIAS,
    "using n = int;": Kind.TYPE_ALIAS,
    "template <class T> using n = T;": Kind.TYPE_ALIAS,
    "template <class T> concept n = true;": Kind.CONCEPT,
    "void f(int n);": Kind.PARAMETER,
    "template <class n> struct S;": Kind.TEMPLATE_PARAMETER,
    "template <int n> struct S;": Kind.TEMPLATE_PARAMETER,
    "template <template <class> class n> struct S;": Kind.TEMPLATE_PARAMETER,
    "int a[1]; auto [n] = a;": Kind.VARIABLE,
    "namespace a {} namespace n = a;": Kind.NAMESPACE_ALIAS,
    "void f() { n: ; }": Kind.LABEL,
    "\n#define n\n": Kind.MACRO,
}


@pytest.mark.parametrize(("code", "kind"), KINDS.items(), ids=KINDS.keys())
def test_the_kind_of_a_declaration(code: str, kind: Kind) -> None:
    with indexed(code) as space:
        kinds = [Kind(one.kind) for one in space.of("main.cc").declarations if one.name == "n"]
    assert kinds == [kind]


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("struct S { S(); ~S(); operator int(); };", ["S", "S", "~S", "operator int"]),
        ("template <class T> struct V { V(); ~V(); };", ["T", "V", "V", "~V"]),
        ("struct S; bool operator<(S, S); S& operator<<(S&, int);", ["S", "operator<", "operator<<"]),
        ("template <class T> void f(T); template <> void f<int>(int);", ["T", "f", "f"]),
        ("struct {} a; union {} b; enum {} c;", ["", "a", "", "b", "", "c"]),
    ],
)
def test_names_are_what_a_person_types(code: str, names: list[str]) -> None:
    with indexed(code) as space:
        assert [one.name for one in space.of("main.cc").declarations] == names


@pytest.mark.parametrize(
    ("code", "scope", "local"),
    [
        ("int n;", "", False),
        ("namespace a::b { int n; }", "a::b", False),
        ("namespace { int n; }", "(anonymous)", False),
        ("namespace a { struct S { int n; }; }", "a::S", False),
        ("struct S { struct { int n; } s; };", "S::(anonymous)", False),
        ("struct S { static int n; };\n", "S", False),
        ("enum class E { n };", "E", False),
        ("template <class T> struct V { T n; };", "V", False),
        ('extern "C" { int n; }', "", False),
        ('namespace a { extern "C" { int n; } }', "a", False),
        ("void f() { int n; }", "f", True),
        ("void f() { struct L { int n; }; }", "f::L", True),
        ("struct S { void f() { int n; } };", "S::f", True),
        ("void f(int n) {}", "f", True),
    ],
)
def test_what_a_declaration_stands_in(code: str, scope: str, local: bool) -> None:
    with indexed(code) as space:
        found = [(one.scope, one.local) for one in space.of("main.cc").declarations if one.name == "n"]
    assert found == [(scope, local)]


USES = {
    "v = 1;": "write",
    "int y = v;": "read",
    "v += 1;": "read write",
    "++v;": "read write",
    "v--;": "read write",
    "(v) = 1;": "write",
    "by_value(v);": "read",
    "by_reference(v);": "",  # clang tells no more
    "by_pointer(&v);": "address_of",
    "int& r = v;": "",
    "int* p = &v;": "address_of",
    "if (v) {}": "read",
    "auto l = [v] { return v; };": "read|read",
    "sizeof(v);": "",
    "s.f = 1;": "write",
    "s.f += 1;": "read write",
    "s.f++;": "read write",
    "int y = s.f;": "read",
    "by_pointer(&s.f);": "address_of",
    "by_reference(s.f);": "",
    "int S::*p = &S::f;": "address_of",
    "P x{.f = 1};": "write",
    "called();": "call",
    "auto p = called;": "",
    "auto p = &called;": "address_of",
    "s.virtual_one();": "call dynamic",
    "s.S::virtual_one();": "call",
    "s.method();": "call",
    "auto p = &S::method;": "address_of",
    "S::of_class();": "call",
    "pointer(1);": "read call",
    "pointer = by_value;": "write",
    "ONE(v)": "read in_macro",
    "SET(v)": "write in_macro",
}
_USED = re.compile(r"(?:S::|s\.S::|s\.|\b|\.)(v|f|called|virtual_one|method|of_class|pointer)\b")


@pytest.mark.parametrize(("statement", "expected"), USES.items(), ids=USES)
def test_how_a_use_is_told(statement: str, expected: str) -> None:
    code = (
        "struct P { int f; }; struct S { int f; void method(); virtual void virtual_one(); static void of_class(); };\n"
        "void by_value(int); void by_reference(int&); void by_pointer(int*); void called();\n"
        "#define ONE(x) called_with(x);\n#define SET(x) x = 1;\nvoid called_with(int);\n"
        f"void (*pointer)(int);\nvoid f(S& s, int v) {{ {statement} }}\n"
    )
    [name] = _USED.findall(statement)[-1:]
    with indexed(code) as space:
        told = [text for text in occurrences(space) if text.startswith("6:") and f" = {name}, " in text]
    uses = [text.partition("reference")[2].strip() for text in told if "reference" in text]
    assert "|".join(uses) == expected


def test_what_a_macro_declares_extends_over_the_macros_use() -> None:
    with indexed("#define VAR(n) int n = 1;\n  VAR(x)") as space:
        (found,) = (one for one in space.of("main.cc").declarations if one.name == "x")
    assert (found.line, found.column) == (1, 6)
    assert (found.begin_line, found.begin_column) <= (1, 6)
    assert (found.end_line, found.end_column) >= (1, 7)


def test_includes_are_told_with_real_paths() -> None:
    code = (
        '#include "a.h"\n\n#  include <o.h>\n// file: a.h\n#include "sub/b.h"\n'
        "// file: sub/b.h\n// file: outside/o.h\n"
    )
    with indexed(code) as space:
        found = {
            name: [(one.line, space.name(one.target)) for one in space.of(name).includes]
            for name in ("main.cc", "a.h", "sub/b.h")
        }
    assert found == {"main.cc": [(0, "a.h"), (2, "outside/o.h")], "a.h": [(0, "sub/b.h")], "sub/b.h": []}


def test_of_a_file_outside_only_what_is_referred_to_is_told() -> None:
    code = (
        "#include <o.h>\nint x = used() + used();\n// file: outside/o.h\n"
        "int used();\nint unused();\nnamespace n { struct S; }"
    )
    with indexed(code) as space:
        facts = space.of("outside/o.h")
    assert facts.partial
    assert [(one.name, one.line, one.column, one.definition) for one in facts.declarations] == [
        ("used", 0, 4, False)
    ]
    assert [(one.line, one.column, one.length) for one in facts.occurrences] == [(0, 4, 4)]


def test_an_alias_template_outside_stands_at_its_name() -> None:
    code = "#include <o.h>\nalias<int> x;\n// file: outside/o.h\ntemplate <class T>\nusing alias = T*;\n"
    with indexed(code) as space:
        (one,) = space.of("outside/o.h").declarations
        assert (one.name, one.line, one.column) == ("alias", 1, len("using "))
        assert (one.begin_line, one.end_line) == (0, 1)


def test_outside_a_definition_counts_more_than_a_declaration() -> None:
    code = "#include <o.h>\nn::S s;\n// file: outside/o.h\nnamespace n {\nstruct S;\nstruct S { int x; };\n}"
    with indexed(code) as space:
        found = [
            (one.name, one.line, one.definition, one.scope) for one in space.of("outside/o.h").declarations
        ]
    assert ("S", 1, False, "n") in found
    assert ("S", 2, True, "n") in found


def test_a_header_without_a_guard_gives_the_union_of_its_readings() -> None:
    code = (
        '#define A\n#include "h.inc"\n#undef A\n#include "h.inc"\n'
        "// file: h.inc\n#ifdef A\nint a;\n#else\nint b;\n#endif"
    )
    with indexed(code) as space:
        found = [text for text in occurrences(space, "h.inc") if "definition" in text]
        assert found == ["1:4 a = a, definition", "3:4 b = b, definition"]


def test_an_error_in_a_callback_is_raised_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("in a callback")

    monkeypatch.setattr(Collector, "_collect_reference", fail)
    with pytest.raises(RuntimeError, match="in a callback"), indexed("int x;\nint y = x;\nint z = x;"):
        pass
    monkeypatch.undo()
    check_occurrences("int x;", ["0:4 x = x, definition"])


def test_what_has_no_name_in_c_has_none_in_the_index() -> None:
    code = "// file: a.c\nstruct T { union { int a; } u; enum { A } e; };"
    with indexed(code) as space:
        facts = space.of("a.c")
        assert sorted(one.name for one in facts.declarations) == ["", "", "A", "T", "a", "e", "u"]
        assert {one.scope for one in facts.declarations} == {"", "T", "T::(anonymous)"}


def test_members_and_templates_outside_the_project_are_told_as_what_they_are() -> None:
    code = (
        "#include <s.h>\nint x = S::f() + S::n + S(1).g() + S(1).t(2) + h(V<int>());\n"
        "// file: outside/s.h\n"
        "struct S { template <class T> S(T); static int f(); static int n; int g(); template <class T> int t(T); };\n"
        "template <class T> struct V {}; template <class T> int h(T);\n"
    )
    with indexed(code) as space:
        kinds = {(one.name, Kind(one.kind)) for one in space.of("outside/s.h").declarations}
        assert kinds == {
            ("S", Kind.STRUCT),
            ("S", Kind.CONSTRUCTOR),
            ("f", Kind.STATIC_METHOD),
            ("n", Kind.STATIC_FIELD),
            ("g", Kind.METHOD),
            ("t", Kind.METHOD),
            ("V", Kind.STRUCT),
            ("h", Kind.FUNCTION),
        }


def test_a_closed_collector_goes_at_once() -> None:
    with workspace() as space:
        files = FileTable(
            libclang(), str(space.folder), space.roots, lambda _path: True, space.path("main.cc")
        )
        collector = Collector(libclang(), files)
        gone = weakref.ref(collector)
        gc.disable()
        try:
            collector.close()
            del collector
            assert gone() is None
        finally:
            gc.enable()
