"""Names that are longer than any that a person types: no part of an index grows with them."""

import msgspec
from support.cpp import Workspace, indexed

from cpplsp.worker.collector import LONGEST_NAME

LONG = "identifier" * (LONGEST_NAME // 10 + 1)


def size(space: Workspace) -> int:
    return len(msgspec.msgpack.encode(space.of("main.cc")))


def test_what_is_too_long_is_told_as_what_has_no_name() -> None:
    code = f"struct {LONG} {{ int m; }};\n{LONG} x;\n#define {LONG}_M 1\nint y = {LONG}_M;\nint z = x.m;"
    with indexed(code) as space:
        found = {one.name: one.scope for one in space.of("main.cc").declarations}
        assert size(space) < 4_000
    assert found == {"": "", "m": "(anonymous)", "x": "", "y": "", "z": ""}


def test_the_longest_name_is_told() -> None:
    name = LONG[:LONGEST_NAME]
    with indexed(f"int {name};") as space:
        assert [one.name for one in space.of("main.cc").declarations] == [name]


def test_scopes_do_not_add_up() -> None:
    name, depth = LONG[: LONGEST_NAME // 2], 50
    code = "".join(f"namespace {name}{at} {{ int v;\n" for at in range(depth)) + "}" * depth
    with indexed(code) as space:
        assert max(len(one.scope) for one in space.of("main.cc").declarations) == LONGEST_NAME


def test_an_error_is_not_told_at_any_length() -> None:
    with indexed(f"int x = {LONG};", errors=1) as space:
        done = space.run(space.job("main.cc"))
    assert done.error.startswith("main.cc:1:9: use of undeclared identifier 'identifier")
    assert len(done.error) < 2_100
