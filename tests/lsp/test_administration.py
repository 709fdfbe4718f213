"""What an index holds, as a client is told of it."""

from cpplsp.lsp.administration import contents
from cpplsp.lsp.documents import ClientPaths
from cpplsp.lsp.positions import Outward
from cpplsp.lsp.wire import Location, Position, Range
from cpplsp.paths import Roots
from cpplsp.query.status import Status, TroubledUnit

ROOTS = Roots("/real/project", resource="/resource")
OUTWARD = Outward("utf-16", ClientPaths((("/real/project", "/home/ada/project"),)))


def troubled(path: str, error: str, state: str = "errors") -> TroubledUnit:
    return TroubledUnit(path, state, error, 1)


def test_a_failed_unit_and_the_place_of_an_error_are_as_the_client_spells_them() -> None:
    status = Status(
        *("/cache/index.sqlite", 1000, 5.0, {"indexed": 1}),
        [troubled("src/a.cc", "the worker crashed (signal 11), twice", "crashed")],
        [
            troubled("src/b.cc", "include/b.h:24:7: no member named 'x' in 'N::Y'"),
            troubled("/usr/src/c.cc", "/usr/include/c.h:1:1: unknown type name 'a:1:2: '"),
        ],
        *(2, 3, 4, []),
    )
    held = contents(status, ROOTS, OUTWARD)
    assert [(one.uri, one.path, one.state, one.location) for one in held.failed] == [
        ("file:///home/ada/project/src/a.cc", "src/a.cc", "crashed", None)
    ]
    first, second = held.with_errors
    assert first.location == Location("file:///home/ada/project/include/b.h", at(23, 6))
    assert (second.uri, second.location) == (
        "file:///usr/src/c.cc",
        Location("file:///usr/include/c.h", at(0, 0)),
    )
    assert (held.files, held.symbols, held.occurrences, held.units) == (2, 3, 4, {"indexed": 1})


def at(line: int, character: int) -> Range:
    return Range(Position(line, character), Position(line, character))
