"""Units under a prelude tell what they tell alone, or are read alone."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.cpp import Workspace, workspace
from support.marked import unmark

from cpplsp.content import content_hash
from cpplsp.facts import FileFacts, FileVersion, UnitState
from cpplsp.manifest import MANIFEST, PCH, ManifestError, read
from cpplsp.protocol import UnitDone
from cpplsp.worker.prelude import Prelude


@dataclass
class Case:
    """A project whose headers go into a prelude."""

    space: Workspace
    told: dict[str, FileFacts] = field(default_factory=dict)

    @property
    def pch(self) -> str:
        return str(self.space.folder / "p.pch")

    def build(self, *headers: str, arguments: Sequence[str] = ()) -> UnitDone:
        """Build a prelude of these headers, and note its facts."""
        lines = tuple(name if name.startswith("<") else f'"{self.space.path(name)}"' for name in headers)
        job = self.space.job("x.cc", arguments, unit=-1, prelude=self.pch, headers=lines)
        done = self.space.run(job)
        self.forget()
        return done

    def forget(self) -> None:
        """Go on in new sessions."""
        for session in self.space.sessions.values():
            session.close()
        self.space.sessions.clear()

    def read(self, name: str, *, under: bool, arguments: Sequence[str] = ()) -> UnitDone:
        return self.space.run(
            self.space.job(name, arguments, prelude=self.pch if under else ""), grants=not under
        )

    def both(self, name: str, arguments: Sequence[str] = ()) -> tuple[UnitDone, UnitDone]:
        """Read a unit under the prelude and alone, and see that it tells the same of its main file."""
        under = self.read(name, under=True, arguments=arguments)
        facts = self.space.of(name)
        self.forget()
        alone = self.read(name, under=False, arguments=arguments)
        assert self.space.of(name) == facts
        assert _by_path(under.dependencies) == _by_path(alone.dependencies)
        assert (under.state, under.error, under.errors) == (alone.state, alone.error, alone.errors)
        return under, alone


def _by_path(versions: list[FileVersion]) -> list[FileVersion]:
    return sorted(versions, key=lambda one: one.path)


@pytest.fixture
def case() -> Iterator[Case]:
    with workspace() as space:
        yield Case(space)


def files(case: Case, code: str) -> Case:
    case.space.write(unmark(code).files)
    return case


TWO = """
// file: a.h
#pragma once
#include "b.h"
struct A : B { int a() const; };
// file: b.h
#ifndef B_H
#define B_H
#define BE(x) (x)
struct B { virtual ~B(); int b = BE(1); };
#endif
// file: other.h
#pragma once
struct Other { int other; };
int call(Other);
// file: main.cc
#include "a.h"
int A::a() const { return BE(b); }
int call(A* a) { return call(nullptr) + a->a(); }
"""


def test_the_headers_facts_come_with_the_prelude(case: Case) -> None:
    done = files(case, TWO).build("a.h", "other.h")
    assert (done.state, done.error, done.unfit) == (UnitState.INDEXED, "", "")
    assert [os.path.basename(one.path) for one in done.dependencies] == ["a.h", "b.h", "other.h"]
    assert [case.space.name(facts.path) for facts in case.space.facts] == ["a.h", "b.h", "other.h"]
    assert [one.name for one in case.space.of("b.h").declarations] == ["B_H", "BE", "B", "~B", "b"]


def test_a_header_tells_the_same_in_a_prelude_as_in_a_unit(case: Case) -> None:
    files(case, TWO).build("a.h", "other.h")
    in_prelude = case.space.of("a.h"), case.space.of("b.h")
    case.read("main.cc", under=False)
    assert (case.space.of("a.h"), case.space.of("b.h")) == in_prelude


def test_a_unit_depends_on_what_it_includes_and_no_more(case: Case) -> None:
    files(case, TWO).build("a.h", "other.h")
    under, _ = case.both("main.cc")
    assert not under.unfit
    assert [os.path.basename(one.path) for one in under.dependencies] == ["main.cc", "a.h", "b.h"]


def test_candidates_that_a_unit_does_not_include_are_not_told(case: Case) -> None:
    files(
        case,
        """
// file: near.h
#pragma once
struct Near {};
int call(Near);
// file: far.h
#pragma once
struct Far {};
int call(Far);
// file: main.cc
#include "near.h"
template <class T> int f(T t) { return call(t); }
int g() { return f(Near()); }
""",
    ).build("near.h", "far.h")
    under, _ = case.both("main.cc")
    assert not under.unfit


def test_an_operator_of_the_compilers_own_needs_no_candidate(case: Case) -> None:
    files(
        case,
        """
// file: near.h
#pragma once
enum Near { ONE };
// file: far.h
#pragma once
struct Far {};
Far* operator&(Far);
Far operator+(Far, Far);
// file: main.cc
#include "near.h"
template <class T> int f(T t) { return *&t + t; }
int g() { return f(int(ONE)); }
""",
    ).build("near.h", "far.h")
    under, _ = case.both("main.cc")
    assert not under.unfit


def test_a_unit_that_leans_on_what_it_does_not_include_is_read_alone(case: Case) -> None:
    files(
        case,
        """
// file: near.h
#pragma once
int near();
// file: far.h
#pragma once
int far();
// file: main.cc
#include "near.h"
int f() { return near() + far(); }
""",
    ).build("near.h", "far.h")
    under, _ = case.both("main.cc")
    assert under.unfit == "line 2 names what nothing declares that it includes"
    assert under.errors == 1


def test_what_several_headers_declare_is_no_stranger(case: Case) -> None:
    files(
        case,
        """
// file: far.h
#pragma once
class Forward;
int call(Forward*);
// file: near.h
#pragma once
class Forward;
int call(Forward*);
// file: main.cc
#include "near.h"
int f(Forward* forward) { return call(forward); }
""",
    ).build("far.h", "near.h")
    under, _ = case.both("main.cc")
    assert not under.unfit


def test_a_builtin_belongs_to_nobody(case: Case) -> None:
    files(
        case,
        """
// file: far.h
#pragma once
inline bool far(int i) { return __builtin_expect(i, 1); }
// file: near.h
#pragma once
// file: main.cc
#include "near.h"
int f(int i) { return __builtin_expect(i, 1); }
""",
    ).build("far.h", "near.h")
    under, _ = case.both("main.cc")
    assert not under.unfit


def test_a_unit_with_an_error_that_it_has_alone_tells_it(case: Case) -> None:
    files(case, TWO + "int wrong = nothing;\n").build("a.h")
    under, _ = case.both("main.cc")
    assert under.unfit == "main.cc:4:13: use of undeclared identifier 'nothing'"
    assert under.errors == 1


def test_a_unit_with_an_error_that_it_has_not_alone_is_read_alone(case: Case) -> None:
    files(case, TWO.replace("int call(A*", "enum Other { ONE };\nint call(A*")).build("a.h", "other.h")
    under, _ = case.both("main.cc")
    assert under.unfit == "main.cc:3:1: use of 'Other' with tag type that does not match previous declaration"
    assert under.state == UnitState.INDEXED


@pytest.mark.parametrize("directive", ["#define WIDE", "#undef WIDE", "#  define WIDE 1"])
def test_a_unit_that_sets_a_macro_for_its_headers_is_read_alone(case: Case, directive: str) -> None:
    files(
        case,
        f"""
// file: in.h
#pragma once
#if defined(WIDE)
using Unit = long;
#else
using Unit = char;
#endif
// file: a.h
#pragma once
#include "in.h"
// file: main.cc
{directive}
#include "a.h"
Unit unit;
""",
    ).build("a.h")
    under, _ = case.both("main.cc")
    assert under.unfit == f"its headers ask for what main.cc says before them: {directive.removesuffix(' 1')}"


def test_a_macro_that_a_system_header_sets_for_another_does_no_harm(case: Case) -> None:
    files(
        case,
        """
// file: outside/bits.h
#pragma once
#ifndef HAVE_TIME
using Time = long;
#endif
// file: outside/time.h
#define HAVE_TIME
using Time = long;
#include <bits.h>
// file: main.cc
#include <time.h>
Time time_now();
""",
    ).build("<bits.h>")
    under, _ = case.both("main.cc")
    assert not under.unfit


@pytest.mark.parametrize(
    "first",
    [
        '#define OTHER\n#include "a.h"',
        '#include "a.h"\n#define WIDE',
        '#include "a.h"\n#include "twice.h"',
    ],
)
def test_a_macro_that_no_header_behind_it_asks_for_does_no_harm(case: Case, first: str) -> None:
    files(
        case,
        f"""
// file: a.h
#pragma once
#ifdef WIDE
#endif
#include "twice.h"
struct A {{}};
// file: twice.h
#ifdef WIDE
struct Wide {{}};
#endif
// file: main.cc
{first}
A a;
""",
    ).build("a.h")
    under, _ = case.both("main.cc")
    assert not under.unfit


def test_a_unit_that_reads_a_file_without_a_guard_otherwise_depends_on_both(case: Case) -> None:
    files(
        case,
        """
// file: a.h
#pragma once
#include "twice.h"
struct A {};
// file: twice.h
#ifdef WIDE
struct Wide {};
#endif
// file: main.cc
#include "a.h"
#define WIDE
#include "twice.h"
#undef WIDE
#include "twice.h"
A a;
""",
    ).build("a.h")
    under, _ = case.both("main.cc")
    assert not under.unfit


def test_a_file_without_a_guard_is_reported_as_the_unit_reads_it_alone(case: Case) -> None:
    """The prelude has read it once more, in a header that the unit does not include."""
    files(
        case,
        """
// file: a.h
#pragma once
struct A {};
#include "twice.h"
// file: far.h
#pragma once
#define FAR
#include "twice.h"
#undef FAR
// file: twice.h
#ifdef WIDE
struct Wide {};
#endif
#ifdef FAR
struct Far {};
#endif
// file: main.cc
#include "a.h"
#define WIDE
#include "twice.h"
A a;
""",
    ).build("a.h", "far.h")
    case.space.facts.clear()
    done = case.space.run(case.space.job("main.cc", prelude=case.pch), told=[case.space.path("a.h")])
    assert (done.state, done.unfit) == (UnitState.INDEXED, "")
    assert [case.space.name(facts.path) for facts in case.space.facts] == ["main.cc", "twice.h"]
    assert [one.name for one in case.space.of("twice.h").declarations] == ["Wide"]


def test_a_file_without_a_guard_is_read_wherever_it_is_included(case: Case) -> None:
    files(
        case,
        """
// file: a.h
#pragma once
#define X(name) int name##_a;
#include "list.def"
#undef X
// file: list.def
X(one)
X(two)
// file: main.cc
#include "a.h"
#define X(name) int name##_main;
#include "list.def"
int f() { return one_main + two_a; }
""",
    ).build("a.h")
    under, _ = case.both("main.cc")
    assert not under.unfit


def test_a_unit_of_directives_is_read_all_the_same(case: Case) -> None:
    files(
        case,
        """
// file: a.h
#pragma once
#define A 1
// file: main.cc
#include "a.h"
#define B A
#if B
#endif
""",
    ).build("a.h")
    under, _ = case.both("main.cc")
    assert not under.unfit


def test_what_does_not_compile_by_itself_is_left_out(case: Case) -> None:
    done = files(
        case,
        """
// file: good.h
#pragma once
struct Good {};
// file: bad.h
#pragma once
#include "worse.h"
// file: worse.h
#pragma once
inline Missing missing();
// file: main.cc
#include "good.h"
struct Missing {};
#include "bad.h"
Good good;
""",
    ).build("good.h", "bad.h")
    assert (done.state, done.error) == (UnitState.INDEXED, f'"{case.space.path("bad.h")}"')
    assert [os.path.basename(one.path) for one in done.dependencies] == ["good.h"]
    assert [case.space.name(facts.path) for facts in case.space.facts] == ["good.h"]
    under, _ = case.both("main.cc")
    assert not under.unfit


def test_a_prelude_of_nothing_that_compiles_is_not_built(case: Case) -> None:
    done = files(case, "// file: bad.h\n#pragma once\nMissing missing;\n// file: main.cc\nint i;\n").build(
        "bad.h"
    )
    assert (done.state, done.error) == (UnitState.FAILED, "bad.h:2:1: unknown type name 'Missing'")
    assert not os.path.exists(case.pch)


def test_a_prelude_that_cannot_be_written_is_told(case: Case) -> None:
    files(case, "// file: a.h\n#pragma once\n")
    (case.space.folder / "p.h").mkdir()
    done = case.build("a.h")
    assert done.state == UnitState.FAILED
    assert done.error.startswith("the prelude could not be kept: ")


def test_a_header_that_has_changed_makes_its_readers_be_read_alone(case: Case) -> None:
    files(case, TWO).build("a.h", "other.h")
    Path(case.space.path("b.h")).write_text(Path(case.space.path("b.h")).read_text() + "struct New {};\n")
    under, _ = case.both("main.cc")
    assert under.unfit == "libclang could not read a serialised AST"


def test_a_header_that_was_touched_is_no_hindrance(case: Case) -> None:
    files(case, TWO).build("a.h", "other.h")
    for name in ("a.h", "b.h"):
        os.utime(case.space.path(name), (1, 1))
    under, _ = case.both("main.cc")
    assert not under.unfit
    kept = sorted(Path(case.pch).parent.glob("*.touched"))
    assert [one.read_bytes() for one in kept] == sorted(
        (Path(case.space.path(name)).read_bytes() for name in ("a.h", "b.h")),
        key=lambda text: content_hash(text).hex(),
    )
    # … also where what was kept of it is damaged, and when it has changed after all
    kept[0].write_text("damaged")
    assert not case.both("main.cc")[0].unfit
    Path(case.space.path("b.h")).write_text(Path(case.space.path("b.h")).read_text() + "struct New {};\n")
    assert case.both("main.cc")[0].unfit == "libclang could not read a serialised AST"


def test_a_touched_header_behind_a_link_is_no_hindrance(case: Case) -> None:
    files(case, TWO)
    folder = Path(case.space.path("link"))
    folder.symlink_to(case.space.path("."), target_is_directory=True)
    Path(case.space.path("other_name.h")).symlink_to(case.space.path("b.h"))
    case.space.write(
        {"main.cc": b'#include "link/a.h"\n#include "other_name.h"\nint A::a() const { return b; }\n'}
    )
    case.build("link/a.h", "other_name.h")
    assert not case.both("main.cc")[0].unfit
    for name in ("a.h", "b.h"):
        os.utime(case.space.path(name), (1, 1))
    assert not case.both("main.cc")[0].unfit


def test_where_a_touched_header_cannot_be_kept_its_readers_are_read_alone(case: Case) -> None:
    files(case, TWO).build("a.h", "other.h")
    os.utime(case.space.path("b.h"), (1, 1))
    copy = Path(case.pch).with_suffix(
        f".{content_hash(Path(case.space.path('b.h')).read_bytes()).hex()}.touched"
    )
    (copy / "in the way").mkdir(parents=True)
    assert case.both("main.cc")[0].unfit == "libclang could not read a serialised AST"


def test_how_code_is_placed_is_no_hindrance(case: Case) -> None:
    files(case, TWO).build("a.h", "other.h")
    under, _ = case.both("main.cc", ["-fPIC"])
    assert not under.unfit


def test_a_unit_that_others_include_is_read_alone(case: Case) -> None:
    files(case, TWO).build("a.h", "other.h")
    under, _ = case.both("b.h")
    assert under.unfit == "it is part of the prelude"
    assert [one.name for one in case.space.of("b.h").declarations] == ["B_H", "BE", "B", "~B", "b"]


def test_other_flags_make_a_unit_be_read_alone(case: Case) -> None:
    files(case, TWO).build("a.h", "other.h")
    under, _ = case.both("main.cc", ["-fno-exceptions"])
    assert under.unfit == "libclang could not read a serialised AST"


def test_a_prelude_that_is_gone_makes_its_readers_be_read_alone(case: Case) -> None:
    files(case, TWO).build("a.h")
    os.remove(case.pch.removesuffix(PCH) + MANIFEST)
    under, _ = case.both("main.cc")
    assert "No such file" in under.unfit


def test_headers_that_are_in_no_prelude_are_reported_under_it(case: Case) -> None:
    files(
        case,
        TWO.replace('#include "a.h"', '#include "a.h"\n#include "own.h"')
        + "\n// file: own.h\nstruct Own {};\n",
    )
    case.build("a.h")
    told = [facts.path for facts in case.space.facts]
    case.space.facts.clear()
    done = case.space.run(case.space.job("main.cc", prelude=case.pch), told=told)
    assert not done.unfit
    assert [case.space.name(facts.path) for facts in case.space.facts] == ["main.cc", "own.h"]


def test_a_header_of_the_prelude_that_nobody_has_reported_is_reported(case: Case) -> None:
    files(case, TWO).build("a.h", "other.h")
    case.space.facts.clear()
    done = case.space.run(case.space.job("main.cc", prelude=case.pch))
    assert (done.state, done.unfit) == (UnitState.INDEXED, "")
    assert [case.space.name(facts.path) for facts in case.space.facts] == ["main.cc", "a.h", "b.h"]


def test_a_sample_tells_of_its_main_file_only(case: Case) -> None:
    files(case, TWO).build("a.h", "other.h")
    case.space.facts.clear()
    done = case.space.run(case.space.job("main.cc", prelude=case.pch, is_sample=True))
    assert not done.unfit
    assert [case.space.name(facts.path) for facts in case.space.facts] == ["main.cc"]
    sample = case.space.of("main.cc")
    case.read("main.cc", under=False)
    assert case.space.of("main.cc").digest == sample.digest


def test_what_is_named_outside_the_project_is_told_under_a_prelude(case: Case) -> None:
    code = """
// file: outside/lib.h
#pragma once
template <class T> struct Box { explicit Box(T); template <class U> Box(U, U); T get() { return T(); } };
struct Unused {};
// file: main.cc
#include <lib.h>
int f(Box<int> box) { return box.get() + Box<int>(1, 2).get(); }
"""
    files(case, code).build("<lib.h>")
    case.space.facts.clear()
    under, _ = case.both("main.cc")
    assert not under.unfit
    partial = [facts for facts in case.space.facts if facts.partial]
    assert len(partial) == 2
    assert partial[0] == partial[1]
    assert [one.name for one in partial[0].declarations] == ["T", "Box", "Box", "get"]


def test_operator_new_is_found_in_a_prelude(case: Case) -> None:
    code = """
// file: outside/new
#pragma once
using size_t = decltype(sizeof(0));
void* operator new(size_t);
void operator delete(void*) noexcept;
// file: outside/memory
#pragma once
#include <new>
// file: main.cc
#include <memory>
void f() { delete new int; }
"""
    files(case, code).build("<memory>")
    case.space.facts.clear()
    under, _ = case.both("main.cc")
    assert not under.unfit
    partial = [facts for facts in case.space.facts if facts.partial]
    assert partial[:1] == partial[1:]
    assert [one.name for one in partial[0].declarations] == ["operator new", "operator delete"]


def test_a_manifest_of_nothing_is_no_prelude(tmp_path: Path) -> None:
    path = tmp_path / ("p" + MANIFEST)
    path.write_bytes(b"nothing")
    with pytest.raises(ManifestError):
        read(str(path))
    with pytest.raises(ManifestError):
        Prelude(str(tmp_path / "q.pch"))


def _read_unsaved(case: Case, **texts: str) -> UnitDone:
    """Read the unit under the prelude with unsaved texts (``main_cc="…"``)."""
    held = {}
    for name, text in texts.items():
        path = case.space.folder / name
        path.write_text(text)
        held[case.space.path(name.replace("_", "."))] = str(path)
    case.forget()
    return case.space.run(case.space.job("main.cc", prelude=case.pch, unsaved=held))


def test_an_unsaved_text_is_read_under_the_prelude(case: Case) -> None:
    files(case, TWO).build("a.h", "other.h")
    done = _read_unsaved(case, main_cc='#include "a.h"\nint now(A* a) { return a->a(); }\n')
    assert (done.state, done.unfit) == (UnitState.INDEXED, "")
    assert [one.name for one in case.space.of("main.cc").declarations] == ["now", "a"]


def test_errors_of_an_unsaved_text_do_not_send_it_to_be_read_alone(case: Case) -> None:
    files(case, TWO).build("a.h", "other.h")
    done = _read_unsaved(case, main_cc='#include "a.h"\nint now(A* a) { return nope; }\nint then;\n')
    assert (done.state, done.unfit) == (UnitState.ERRORS, "")
    assert [one.name for one in case.space.of("main.cc").declarations] == ["now", "a", "then"]


def test_a_header_of_the_prelude_that_is_unsaved_sends_its_unit_to_be_read_alone(case: Case) -> None:
    files(case, TWO).build("a.h", "other.h")
    done = _read_unsaved(case, b_h="#pragma once\n#define BE(x) (x)\nstruct B { int b, c; };\n")
    assert done.unfit == "it is part of the prelude"
    assert [one.name for one in case.space.of("b.h").declarations] == ["BE", "B", "b", "c"]
