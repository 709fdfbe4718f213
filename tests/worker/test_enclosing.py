"""What a place stands in."""

from cpplsp.facts import Kind
from cpplsp.worker.enclosing import Enclosing
from cpplsp.worker.files import Declared


def declared(symbol: int, begin: int, end: int, name: str, scope: str = "", container: int = 0) -> Declared:
    return Declared(begin, symbol, True, Kind.STRUCT, begin, end, name, scope, container, False)


def test_the_innermost_scope_counts() -> None:
    enclosing = Enclosing([declared(2, 10, 20, "b", "a"), declared(1, 0, 30, "a"), declared(3, 40, 50, "c")])
    found = [
        (enclosing.at(offset).symbol, enclosing.at(offset).name) for offset in (0, 9, 10, 19, 20, 30, 45, 60)
    ]
    assert found == [(1, "a"), (1, "a"), (2, "a::b"), (2, "a::b"), (1, "a"), (0, ""), (3, "c"), (0, "")]


def test_variables_are_no_scopes() -> None:
    variable = declared(1, 0, 30, "v")._replace(kind=Kind.VARIABLE)
    assert Enclosing([variable]).at(5).symbol == 0


def test_all_symbols_around_and_what_they_belong_to() -> None:
    enclosing = Enclosing([declared(1, 0, 90, "n"), declared(3, 10, 50, "f", "S", 2)])
    assert enclosing.symbols_at(5) == (1,)
    assert enclosing.symbols_at(20) == (3, 2, 1)
    assert enclosing.symbols_at(95) == ()


def test_scopes_of_one_extent_enclose_each_other() -> None:
    """As namespaces that one macro opens."""
    enclosing = Enclosing([declared(1, 0, 30, "a"), declared(2, 0, 30, "b", "a")])
    assert set(enclosing.symbols_at(5)) == {1, 2}
    assert enclosing.symbols_at(30) == ()
