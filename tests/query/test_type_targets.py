"""From a name to where its type is defined."""

import pytest
from support.cpp import indexed

from cpplsp.query.navigation import symbols_at, type_definitions

CASES = {
    "a variable": "struct [[S]] {}; S ^s;",
    "its uses": "struct [[S]] { int x; }; S s; int y = ^s.x;",
    "a pointer": "struct [[S]] {}; S* const* ^s;",
    "a reference": "struct [[S]] {}; void f(const S& ^s);",
    "an array": "struct [[S]] {}; S ^s[3][4];",
    "a field": "enum [[E]] { A }; struct S { E ^e; };",
    "a static field": "struct [[T]] {}; struct S { static T ^t; };",
    "what a function returns": "struct [[S]] {}; S ^f(int);",
    "what a method returns": "struct [[S]] {}; struct T { S* f(); }; S* s = T().^f();",
    "a smart pointer": ("template <class T> struct ptr { T* operator->(); };\nstruct [[S]] {}; ptr<S> ^p;"),
    "a template": "template <class T> struct [[V]] {}; V<int> ^v;",
    "an alias that is named": "struct S {}; using [[T]] = S; T ^t;",
    "an alias itself": "struct [[S]] {}; using ^T = S; typedef S ^U;",
    "an alias of what has no definition": "typedef int [[^T]]; T ^t;",
    "a class itself": "struct [[^S]] {}; ^S s;",
    "an enumerator": "enum class [[E]] { ^A }; E e = E::^A;",
    "a constructor": "struct [[S]] { ^S(int); }; ",
    "a destructor": "struct [[S]] { ^~S(); };",
    "a deduced type": "struct [[S]] {}; S f(); auto ^s = f();",
    "a parameter of a template": "template <class [[T]]> void f(T ^t);",
    "a parameter of a template itself": "template <class [[^T]]> void f();",
    "a class of another file": '#include "s.h"\nS ^s;\n// file: s.h\nstruct [[S]] {};',
    "a class that is declared only": "struct [[S]]; S* ^s;",
    "in C": "// file: main.c\nstruct [[s]] { int x; };\nstruct s ^a;",
    "a builtin type": "int ^x;",
    "a namespace": "namespace ^n {}",
    "a macro": "#define ^A 1\n",
}


@pytest.mark.parametrize("code", CASES.values(), ids=CASES)
def test_a_name_leads_to_its_type(code: str) -> None:
    with indexed(code) as space:
        assert space.marked.cursors
        for name, line, column in space.marked.cursors:
            hits = symbols_at(space.db, space.roots, space.path(name), line, column)
            assert hits
            found = type_definitions(space.db, space.roots, hits)
            places = [(space.name(one.path), (one.line, one.start), (one.line, one.end)) for one in found]
            assert sorted(places) == sorted(space.marked.ranges), f"from {line}:{column}"
