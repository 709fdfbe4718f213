"""How declarations are shown: their text without bodies; ``^`` is before the name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpplsp.facts import Kind
from cpplsp.text.signature import MAX_LINES, WIDTH, declared, head_begin, signature

FUNCTIONS = {
    "a body is left out": ("int ^f(int a) { return a; }", "int f(int a)"),
    "white space is one space": (
        "Status ^Put(const Options& o,\n           const Slice&  key) override {}",
        "Status Put(const Options& o, const Slice& key) override",
    ),
    "pointers are spelled as they are": ("char *^f(int* a, int &b)", "char *f(int* a, int &b)"),
    "comments are left out": ("int ^f(int /*unused*/, // first\n int b)", "int f(int, int b)"),
    "default arguments stay": (
        "void ^f(int a = {}, S s = S{1, 2}, int c = g(1))",
        "void f(int a = {}, S s = S{1, 2}, int c = g(1))",
    ),
    "initialisers of members are left out": ("A::^A(int x) : B(x), y_{x} {}", "A::A(int x)"),
    "a function's try is left out": ("A::^A() try : b_(1) {} catch (...) {}", "A::A()"),
    "= default and = 0 stay": (
        "virtual int ^f() const & noexcept = 0",
        "virtual int f() const & noexcept = 0",
    ),
    "a conditional noexcept": (
        "void ^f() noexcept(noexcept(T{})) -> T { }",
        "void f() noexcept(noexcept(T{})) -> T",
    ),
    "the head of a template has a line": (
        "template <class T, int N = (3 > 2)> T ^f(T a) { return a; }",
        "template <class T, int N = (3 > 2)>\nT f(T a)",
    ),
    "heads of templates": (
        "template <class T>\ntemplate <template <class> class U> void A<T>::^f(U<int>) {}",
        "template <class T>\ntemplate <template <class> class U>\nvoid A<T>::f(U<int>)",
    ),
    "a requires-expression is no body": (
        "template <class T> requires requires(T t) { t.x; } void ^f(T) {}",
        "template <class T>\nrequires requires(T t) { t.x; } void f(T)",
    ),
    "a requires-clause behind": (
        "void ^f(T t) requires C<T> && requires { t.x; } { }",
        "void f(T t) requires C<T> && requires { t.x; }",
    ),
    "a requires-clause in parentheses": ("void ^f(T t) requires (C<T>) { }", "void f(T t) requires (C<T>)"),
    "a call operator": ("bool ^operator()(int a) const { return a < b; }", "bool operator()(int a) const"),
    "an operator that compares": (
        "bool ^operator<(const X& x) const { }",
        "bool operator<(const X& x) const",
    ),
    "an operator that shifts": ("S& ^operator<<(S& s, int) { }", "S& operator<<(S& s, int)"),
    "a conversion": ("explicit ^operator bool() const { }", "explicit operator bool() const"),
    "a destructor": ("^~X() { a: b(); }", "~X()"),
    "a function that returns one": (
        "void (*^signal(int s, void (*f)(int)))(int) { }",
        "void (*signal(int s, void (*f)(int)))(int)",
    ),
    "old style": (
        "int\n^f(a, b)\n    int a; /* first */\n    char *b;\n{ return a; }",
        "int f(a, b)\nint a;\nchar *b;",
    ),
    "attributes": (
        "\\[[nodiscard]] __attribute__((pure)) EXPORT int ^f() LOCKS(mu_) { }",
        "[[nodiscard]] __attribute__((pure)) EXPORT int f() LOCKS(mu_)",
    ),
    "a comparison in a default argument": (
        "T ^f(int a = b < c, int d = 2) {}",
        "T f(int a = b < c, int d = 2)",
    ),
    "directives are left out": ("int ^f(int a\n#ifdef B\n, int b\n#endif\n) { }", "int f(int a, int b)"),
    "what is long has a line for each parameter": (
        "static Status ^Open(const Options& the_options_of_the_database, const std::string& name_of_the_database,"
        " DB** dbptr = nullptr) const { }",
        "static Status Open(\n    const Options& the_options_of_the_database,\n"
        "    const std::string& name_of_the_database,\n    DB** dbptr = nullptr) const",
    ),
}

TYPES = {
    "bases stay": (
        "class EXPORT ^DB : public A<int>,\n           private B { int x; }",
        "class EXPORT DB : public A<int>, private B",
    ),
    "a template": ("template <class T = int> struct ^S { T t; }", "template <class T = int>\nstruct S"),
    "a specialisation": ("template <> struct ^S<int> final { }", "template <>\nstruct S<int> final"),
    "an enum": ("enum class ^E : std::uint8_t { A }", "enum class E : std::uint8_t"),
}

VALUES = {
    "a short initialiser stays": (Kind.VARIABLE, "int ^x = f(1, 2)", "int x = f(1, 2)"),
    "a long one goes": (Kind.VARIABLE, f"int ^x = {'y + ' * 30}z", "int x"),
    "a lambda's body goes": (
        Kind.VARIABLE,
        "auto ^f = [a, b](int x) {\n  one_thing(x);\n  another_thing_of_some_length(x);\n return x; }",
        "auto f = [a, b](int x) {…}",
    ),
    "a class's body goes": (Kind.VARIABLE, "struct { int a; } ^x", "struct {…} x"),
    "the range of a loop goes": (Kind.VARIABLE, "const auto& ^x : list", "const auto& x"),
    "arguments of a constructor": (Kind.VARIABLE, "MutexLock ^l(&mu_)", "MutexLock l(&mu_)"),
    "a parenthesis that clang leaves out": (Kind.VARIABLE, "int ^x(0", "int x(0)"),
    "a comma between angle brackets": (Kind.VARIABLE, "std::map<int, char> ^m", "std::map<int, char> m"),
    "a comma before the name": (Kind.VARIABLE, "int a = 1, *^b = 2", ""),
    "structured bindings": (Kind.VARIABLE, "auto [a, ^b] = f()", "auto [a, b] = f()"),
    "an array": (Kind.FIELD, "int ^x[3] = {1, 2, 3}", "int x[3] = {1, 2, 3}"),
    "a bit-field": (Kind.FIELD, "unsigned ^x : 3", "unsigned x : 3"),
    "a pointer to a function": (
        Kind.FIELD,
        "int (*^f)(int, char) = nullptr",
        "int (*f)(int, char) = nullptr",
    ),
    "a parameter": (Kind.PARAMETER, "const T& ^t = {}", "const T& t = {}"),
    "an enumerator": (Kind.ENUMERATOR, "^A = 1 << 3", "A = 1 << 3"),
    "a typedef": (Kind.TYPE_ALIAS, "typedef int (*^F)(int, char)", "typedef int (*F)(int, char)"),
    "a typedef of a class": (Kind.TYPE_ALIAS, "typedef struct s { int a; } ^S", "typedef struct s {…} S"),
    "an alias": (Kind.TYPE_ALIAS, "using ^M = std::map<int,\n    char>", "using M = std::map<int, char>"),
    "a parameter of a template": (Kind.TEMPLATE_PARAMETER, "class ^T = int", "class T = int"),
    "a concept": (
        Kind.CONCEPT,
        "template <class T>\n  concept ^C = requires(T t) {\n    t.x;\n  }",
        "template <class T>\nconcept C = requires(T t) {\n  t.x;\n}",
    ),
    "a macro": (Kind.MACRO, "^LIMIT\t\t42  /* at most */", "#define LIMIT 42"),
    "a macro's lines": (
        Kind.MACRO,
        "^MIN(a, b) \\\n      ((a) < (b) \\\n        ? (a) : (b))  // the least",
        "#define MIN(a, b) \\\n  ((a) < (b) \\\n    ? (a) : (b))",
    ),
}


def shown(code: str, kind: Kind) -> str:
    text = code.replace("\\[", "[").encode()
    at = text.index(b"^")
    return signature(text.replace(b"^", b"", 1), at, kind)


@pytest.mark.parametrize(("code", "expected"), FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_function_is_shown_as_declared(code: str, expected: str) -> None:
    assert shown(code, Kind.FUNCTION) == expected


@pytest.mark.parametrize(("code", "expected"), TYPES.values(), ids=TYPES)
def test_a_type_is_shown_up_to_its_bases(code: str, expected: str) -> None:
    assert shown(code, Kind.CLASS) == expected


@pytest.mark.parametrize(("kind", "code", "expected"), VALUES.values(), ids=VALUES)
def test_a_value_is_shown_with_what_it_is_given(kind: Kind, code: str, expected: str) -> None:
    assert shown(code, kind) == expected


def test_what_does_not_spell_the_name_tells_nothing() -> None:
    assert signature(b"TEST(Stack, Pushes) {}", 40, Kind.CLASS) == ""
    assert signature(b"", 0, Kind.FUNCTION) == ""


def test_long_lists_are_cut() -> None:
    parameters = ", ".join(f"const std::string& parameter_{number}" for number in range(40))
    lines = shown(f"void ^f({parameters}) {{}}", Kind.FUNCTION).splitlines()
    assert len(lines) <= MAX_LINES
    assert lines[-2:] == ["    …", "    const std::string& parameter_39)"]
    assert max(map(len, lines)) <= WIDTH


@pytest.mark.parametrize(
    ("type_text", "expected"),
    [
        ("int", "int x"),
        ("const char *", "const char *x"),
        ("int (*)(int, char)", "int (*x)(int, char)"),
        ("int (S::*)(int)", "int (S::*x)(int)"),
        ("int[3][4]", "int x[3][4]"),
        ("std::vector<int>", "std::vector<int> x"),
        ("", "x"),
    ],
)
def test_a_type_and_a_name_are_a_declaration(type_text: str, expected: str) -> None:
    assert declared(type_text, "x") == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (b"int x;\n[[nodiscard]] ^int f();", b"[[nodiscard]] "),
        (b'extern "C" ^int f();', b'extern "C" '),
        (
            b"int x;\ntemplate <class T>\n  requires C<T>\n^void f();",
            b"template <class T>\n  requires C<T>\n",
        ),
        (b"template <class T> class X;\n^int f();", b""),
        (b"// template <class T>\n^int f();", b""),
        (b"#define template <x\n^int f();", b""),
        (b"int a[[1]]; ^int f();", b""),
        (b"^int f();", b""),
    ],
)
def test_what_belongs_to_a_declaration_before_it(code: bytes, expected: bytes) -> None:
    begin = code.index(b"^")
    text = code.replace(b"^", b"", 1)
    assert text[head_begin(text, begin) : begin] == expected


_PIECES = [
    *"(){}[]<>;:,=*&\"'\\#\n ",
    "::",
    "template",
    "operator",
    "requires",
    "f",
    "int",
    "//",
    "/*",
    "*/",
    "ö",
]


@given(
    st.lists(st.sampled_from(_PIECES), max_size=40).map("".join),
    st.sampled_from(list(Kind)),
    st.integers(0, 40),
)
def test_a_signature_of_any_text_is_short(text: str, kind: Kind, at: int) -> None:
    assert len(signature(text.encode(), at, kind).splitlines()) <= MAX_LINES + 1
    assert head_begin(text.encode(), min(at, len(text.encode()))) <= at
