"""What is told of a text of which only what was edited was read: what is told of it when it is read as a whole."""

from collections.abc import Callable
from typing import Any

import pytest
from support.cpp import Workspace, workspace

from cpplsp.bodies import Edit, completed, edit_of, emptied, is_there
from cpplsp.facts import FileFacts

HEADER = "#pragma once\nstruct Base { virtual int area(int side) const; int field; };\nint free_one(int);\n"
CODE = """\
#include "a.h"
#define TWICE(x) ((x) + (x))
namespace ns {
static int counter = 0;

struct Größe : Base {
  Größe(int side);
  int area(int side) const override {
    int local = side;
    return local + field;
  }
  int width = 0;
};

Größe::Größe(int side)
    : width{side} {
  // "ä" {
  struct Local : Base {
    int area(int other) const override { return other; }
  };
  Local().area(side);
  auto lambda = [&](int one) { return one + side + counter; };
  lambda(width);
}

constexpr int computed(int n) {
  int sum = 0;
  sum += n;
  return sum;
}
static_assert(computed(3) == 3);

auto deduced(int n) {
  int twice = TWICE(n);
  return twice;
}

template <typename T>
T generic(T thing) {
  T copy = thing;
  copy += thing;
  return copy;
}

int directed(int n) {
#ifdef NEVER
  n = 1;
#else
  n = 2;
#endif
  return n;
}

int last(int n) {
  enum { FIRST, SECOND } which = FIRST;
  counter++;
  return TWICE(n) + deduced(n) + generic(n) + which + free_one(n);
}
}  // namespace ns
"""


def read(space: Workspace, text: str | bytes, epoch: int) -> FileFacts:
    space.write({"a.h": HEADER.encode(), "a.cc": text if isinstance(text, bytes) else text.encode()})
    space.sessions.clear()
    done = space.run(space.job("a.cc", epoch=epoch))
    assert not done.errors, done.error
    return space.of("a.cc")


def told(facts: FileFacts) -> Any:
    """What is told, whatever ids clang's names for what is local have become."""
    names: dict[int, object] = {one.symbol: (one.name, one.line, one.column) for one in facts.declarations}
    for one in facts.occurrences:
        names.setdefault(one.symbol, (one.line, one.column))
        names.setdefault(one.enclosing, ("around", one.line, one.column))  # what a lambda is called by

    def named(symbol: int) -> object:
        return names.get(symbol, symbol)

    return (
        [
            (one.line, one.column, one.length, named(one.symbol), one.roles, named(one.enclosing))
            for one in facts.occurrences
        ],
        [
            (
                *(named(one.symbol), one.kind, one.definition),
                *(one.begin_line, one.begin_column, one.end_line, one.end_column),
                *(one.scope, named(one.container), one.local),
                *(one.type, one.value, named(one.type_symbol), one.traits),
            )
            for one in facts.declarations
        ],
        {(named(one.subject), one.relation, named(one.object)) for one in facts.relations},
        facts.includes,
        facts.skipped,
        facts.content,
        facts.wide,
    )


def replaced(before: str, after: str) -> Callable[[str], str]:
    def edit(text: str) -> str:
        assert text.count(before) == 1
        return text.replace(before, after)

    return edit


EDITS: dict[str, Callable[[str], str]] = {
    "a line at the top": lambda text: f"// ä\n{text}",
    "a function at the end": lambda text: (
        f"{text}static int made(int x) {{\n  return x;\n}}\nint used = made(1);\n"
    ),
    "a statement": replaced("  sum += n;\n", "  sum += n;\n  int other = sum;\n"),
    "a statement in a body": replaced(
        "    return local + field;\n", "    int more = local;\n    return more + field;\n"
    ),
    "a statement in a constructor": replaced("  lambda(width);\n", "  lambda(width + counter);\n"),
    "a line less": replaced("  copy += thing;\n", ""),
    "a name in a line": replaced("Local().area(side);", "Local().area(side + counter);"),
    "a member": replaced("  int width = 0;\n", "  int width = 0;\n  int height = width;\n"),
    "a macro before": replaced("namespace ns {\n", "#define OTHER 1\nnamespace ns {\n"),
    "nothing": lambda text: text,
    "all": lambda _text: "int all() {\n  return 1;\n}\n",
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_is_told_is_what_the_whole_tells(edit: Callable[[str], str], newline: str, mark: str) -> None:
    before = (mark + CODE.replace("\n", newline)).encode()
    after = (mark + edit(CODE).replace("\n", newline)).encode()
    with workspace() as space:
        old = read(space, before, 1)
        found = edit_of(old, before, after)
        empty = emptied(after, found)
        assert len(empty) == len(after)
        new = read(space, empty, 2)
        assert is_there(new, found)
        joined = completed(new, old, found, after)
        assert told(joined) == told(read(space, after, 3))


SWALLOWED = (
    "int first;\n#if 1\n"
    + "".join(f"int f{number}(int a) {{\n  int b = a; /* note */\n  return b;\n}}\n" for number in range(3))
    + '#endif\n/* end */ int last;\nconst char* text = ")";\n'
)


@pytest.mark.parametrize(
    ("before", "after"),
    [("#if 1", "/*\n#if 1"), ("#if 1", "#if 0"), ("int first;", 'const char* first = R"(')],
)
def test_functions_that_an_edit_swallows_are_not_told(before: str, after: str) -> None:
    text = SWALLOWED.replace(before, after).encode()
    with workspace() as space:
        found = edit_of(read(space, SWALLOWED, 1), SWALLOWED.encode(), text)
        assert len(found.functions) == 3
        assert not is_there(read(space, emptied(text, found), 2), found)


def bodies(before: str, after: str | None = None) -> list[str]:
    """The first words of what is spared of a text."""
    with workspace() as space:
        found = edit_of(read(space, before, 1), before.encode(), (after or before).encode())
    return [before.splitlines()[begin].strip() for begin, _ in found.bodies]


def test_bodies_that_nothing_outside_depends_on_are_spared() -> None:
    spared = ["int local = side;", '// "ä" {', "T copy = thing;", "enum { FIRST, SECOND } which = FIRST;"]
    assert bodies(CODE) == spared
    assert bodies(CODE, CODE.replace("T copy", "T other")) == [spared[0], spared[1], spared[3]]


@pytest.mark.parametrize(
    "code",
    [
        "int f() { return 1; }\n",
        "int f() {\n}\n",
        "int f() { if (1) {\n  return 1;\n} return 2; }\n",
        "int f() { /* of several\n lines */\n  return 1;\n}\n",
        "int f() { // goes on \\\n  here\n  return 1;\n}\n",
        "#define END }\nint f() {\n  return 1;\nEND\n",
        "#define MAKE(name) int name() {\nMAKE(f)\n  return 1;\n}\n",
        "struct S {\n  int x;\n};\n",
        "int f = [] {\n  return 1;\n}();\n",
        "int f() {\n  return __COUNTER__;\n}\n",
        "int f() {\n%:ifdef NEVER\n%:endif\n  return 1;\n}\n",
    ],
)
def test_what_is_not_plain_is_read(code: str) -> None:
    assert bodies(code) == []


def test_lines_are_where_they_are_now() -> None:
    edit = Edit(2, 4, 3, ((6, 8),))
    assert [edit.is_same(line) for line in range(1, 6)] == [True, False, False, True, True]
    assert [edit.moved(line) for line in (0, 1, 4, 6)] == [0, 1, 7, 9]
    assert [edit.is_spared(line) for line in range(5, 9)] == [False, True, True, False]
    assert edit.spared == 2
