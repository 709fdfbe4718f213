"""Questions from a shell: where is it defined, where is it used, what is called so, and what does the index hold.

An answer is a line ``path:line:column: source line`` for each place, lines and columns counted from 1 and in
characters; with ``--json`` it is a list of objects (:class:`Answer`), an empty one where there is no answer: what is
on stdout is JSON then, whatever is said on stderr. An index is only read here, never made.
"""

import contextlib
import io
import itertools
import json
import os
import re
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal, NoReturn

from cpplsp import styled
from cpplsp.amounts import bytes_text, count_text
from cpplsp.columns import line_starts
from cpplsp.config import Settings
from cpplsp.facts import Kind, Role
from cpplsp.paths import Roots, is_within, real_path
from cpplsp.query.files import Place, find_file, live_shards, snapshot, wide_map
from cpplsp.query.navigation import Hit, definitions, included_at, includers, references, symbols_at
from cpplsp.query.search import FoundSymbol, described, search_symbols, symbols_named
from cpplsp.query.status import PreludeStatus, Status, TroubledUnit, index_status, on_disk
from cpplsp.runstate import Progress, read_run, run_line
from cpplsp.store.connection import CacheError, is_damage, open_reader, report_damage
from cpplsp.store.location import find_index
from cpplsp.terminal import RunView, run_lines

_UNREADABLE = dict.fromkeys(range(0xDC80, 0xDD00), 0xFFFD)
Question = Literal["definition", "references", "symbols"]

_PLACE = re.compile(r"(?P<path>.+?):(?P<line>\d+)(?::(?P<column>\d+))?", re.DOTALL)
_MOST_SYMBOLS = 100
_SUGGESTIONS = 3
_MOST_TOLD = 10
_CHARACTERS = "utf-32"
_LINE_EVERY_S = 1.0
_DRAW_EVERY_S = 0.5


class AskError(Exception):
    """A question that cannot be answered; the text is for the person, the exit code is 1."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A place, as it is written for scripts.

    ``path``: absolute. ``line``, ``column``, ``end_column`` (exclusive): from 1, in characters. ``name``, ``scope``,
    ``kind`` (a ``facts.Kind`` in lower case, or ``include``): of the symbol. ``role``: ``definition``, ``declaration``
    or ``reference``. ``text``: the line as it is on disk now, without white space around it; empty where the file is
    gone.
    """

    path: str
    line: int
    column: int
    end_column: int
    name: str
    scope: str
    kind: str
    role: str
    text: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """A place that a person names: absolute real path; line and column from 0, in characters."""

    path: str
    line: int
    column: int


def ask(question: Question, what: str, root: str, settings: Settings, as_json: bool) -> int:
    """Answer a question about a name or a ``file:line:column``; 0, or 1 where there is no answer."""

    def answer() -> None:
        with _opened(root, settings) as (db, roots, home):
            place = _place(what, home)
            if place is None:
                found = _about_name(db, roots, question, what)
            else:
                found = _about_place(db, roots, question, place, what)
            answers = _with_text(found)
            first = next(answers, None)
            if first is None:
                raise AskError(f"{what}: nothing is known of it in the index of {home}")
            _write(itertools.chain([first], answers), as_json)

    return _told_plainly(answer, (lambda _: []) if as_json else None)


def status(root: str, settings: Settings, as_json: bool) -> int:
    """Say what the index of a project holds, and what a run is at; 0, or 1 where there is no index.

    A script is told why it gets none: ``{"project": …, "error": …}``.
    """

    def answer() -> None:
        with _opened(root, settings) as (db, roots, home):
            held = index_status(db, roots)
            run = read_run(held.path)
            if as_json:
                print(json.dumps({"project": home, **asdict(held), "run": run and asdict(run)}))
            else:
                styled.write(map(_status_spans, _status_lines(home, held, run)), sys.stdout, _HANG)

    return _told_plainly(answer, (lambda why: {"project": root, "error": why}) if as_json else None)


def watch(root: str, settings: Settings, pause: Callable[[float], None] = time.sleep) -> int:
    """Show the run that is going on: on a terminal until the person has seen enough, elsewhere to the run's end.

    0, or 1 where there is no run and no index. ``pause``: waits for so many seconds.
    """
    if sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        _watch_on_terminal(root, settings, pause)
    run = _run_of(root, settings)
    if run is None:
        return _told_plainly(lambda: print("\n".join(_idle_lines(root, settings))))
    shown = ""
    while run is not None:
        line = run_line(run)
        if line != shown:
            print(line, flush=True)
        shown = line
        pause(_LINE_EVERY_S)
        run = _run_of(root, settings)
    return 0


def _watch_on_terminal(root: str, settings: Settings, pause: Callable[[float], None]) -> NoReturn:
    idle, seen = list[str](), None
    with contextlib.closing(RunView(sys.stdout)) as view:
        while True:
            home = _home(root, settings)
            path = _index_of(home, settings)
            run = read_run(path)
            if run is not None:
                view.show(home, run, time.time())
                seen = None
            else:
                written = on_disk(path)
                if written != seen:  # counting takes a while
                    try:
                        idle = _idle_lines(root, settings)
                    except AskError as error:
                        idle = [str(error)]
                    seen = written
                view.say(idle)
            pause(_DRAW_EVERY_S)


def _run_of(root: str, settings: Settings) -> Progress | None:
    return read_run(_index_of(_home(root, settings), settings))


def _index_of(home: str, settings: Settings) -> str:
    return find_index(home, settings.cache_dir, settings.compile_commands_dir)


def _idle_lines(root: str, settings: Settings) -> list[str]:
    """What is to be said while there is no run. Raises AskError."""
    with _opened(root, settings) as (db, roots, home):
        return ["nothing is being indexed now", *_status_lines(home, index_status(db, roots))]


def _told_plainly(answer: Callable[[], None], without: Callable[[str], object] | None = None) -> int:
    """The exit code of an answer. What is in its way is one line for the person.

    ``without``: what a script gets in place of an answer, for what was in its way.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that cannot show all of a source line
    try:
        answer()
    except AskError as error:
        print(f"cpplsp: {error}", file=sys.stderr)
        if without is not None:
            print(json.dumps(without(str(error))))
        return 1
    return 0


@contextlib.contextmanager
def _opened(root: str, settings: Settings) -> Iterator[tuple[sqlite3.Connection, Roots, str]]:
    """The index of a folder, or of the nearest one above that has one: in one state, its roots, that folder."""
    home = _home(root, settings)
    path = _index_of(home, settings)
    again = f"`cpplsp --index-only {home}` makes it anew"
    try:
        with contextlib.closing(open_reader(path)) as db, snapshot(db):
            yield db, _roots(home, settings), home
    except FileNotFoundError as error:
        raise AskError(f"there is no index of {root} yet: run `cpplsp --index-only {root}`") from error
    except CacheError as error:
        raise AskError(str(error)) from error
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            report_damage(path)
        raise AskError(f"the index {path} cannot be read ({error}): {again}") from error


def _home(root: str, settings: Settings) -> str:
    home = root
    while not os.path.exists(_index_of(home, settings)):
        above = os.path.dirname(home)
        if above == home:
            return root
        home = above
    return home


def _roots(home: str, settings: Settings) -> Roots:
    from cpplsp.project.project import Project, ProjectError  # here: `--help` and tests of this do without

    try:
        return Project.open(home, settings).roots
    except ProjectError:
        return Roots(home)


def _place(what: str, home: str) -> _Asked | None:
    """What is asked about, if that is a place and no name. Raises AskError for one that cannot be."""
    match = _PLACE.fullmatch(what)
    if match is None:
        return None
    given, line = match["path"], int(match["line"])
    if match["column"] is None:
        raise AskError(f"{what}: a column is missing; a place is FILE:LINE:COLUMN, both counted from 1")
    column = int(match["column"])
    path = next(
        (path for folder in (os.getcwd(), home) if os.path.isfile(path := real_path(given, folder))), None
    )
    if path is None:
        raise AskError(f"{what}: there is no file {given}, neither here nor in {home}")
    lines = _lines(path)
    if not 1 <= line <= len(lines):
        raise AskError(f"{what}: {given} has {count_text(len(lines), 'line')}, counted from 1")
    if not 1 <= column <= len(lines[line - 1]) + 1:
        columns = count_text(len(lines[line - 1]), "character")
        raise AskError(f"{what}: line {line} of {given} has {columns}, counted from 1")
    return _Asked(path, line - 1, column - 1)


def _lines(path: str) -> list[str]:
    """The lines of a file, without their ends. Raises AskError."""
    try:
        with open(path, "rb") as stream:
            text = stream.read()
    except OSError as error:
        raise AskError(f"{path}: cannot be read: {error.strerror}") from error
    bounds = [*line_starts(text), len(text)]
    # Each byte that is not UTF-8 is a character, as columns.py counts, and is shown as editors show it.
    parts = (text[begin:end].rstrip(b"\r\n") for begin, end in itertools.pairwise(bounds))
    return [part.decode("utf-8", "surrogateescape").translate(_UNREADABLE) for part in parts]


def _about_name(
    db: sqlite3.Connection, roots: Roots, question: Question, name: str
) -> Iterator[tuple[Place, FoundSymbol | None]]:
    if question == "symbols":
        yield from ((symbol.place, symbol) for symbol in search_symbols(db, roots, name, _MOST_SYMBOLS))
        return
    found = symbols_named(db, roots, name)
    if not found:
        near = [symbol.qualified_name for symbol in search_symbols(db, roots, name, _SUGGESTIONS)]
        hint = f"; did you mean {' or '.join(dict.fromkeys(near))}?" if near else ""
        raise AskError(f"nothing is called {name}{hint}")
    yield from _answered(db, roots, question, found, [])


def _about_place(
    db: sqlite3.Connection, roots: Roots, question: Question, asked: _Asked, what: str
) -> Iterator[tuple[Place, FoundSymbol | None]]:
    file = find_file(db, roots, asked.path)
    if file is None or not live_shards(db, file):
        raise AskError(f"{what}: the index has nothing of this file: no unit that was read includes it")
    included = included_at(db, roots, asked.path, asked.line)
    if included and question != "symbols":
        places = (
            included
            if question == "definition"
            else [at for one in included for at in includers(db, roots, one.path)]
        )
        yield from ((place, None) for place in places)
        return
    column = wide_map(db, roots, asked.path).to_bytes(asked.line, asked.column, _CHARACTERS)
    hits = symbols_at(db, roots, asked.path, asked.line, column)
    yield from _answered(db, roots, question, described(db, roots, [hit.symbol for hit in hits]), hits)


def _answered(
    db: sqlite3.Connection, roots: Roots, question: Question, found: list[FoundSymbol], hits: Sequence[Hit]
) -> Iterator[tuple[Place, FoundSymbol | None]]:
    """Places with their symbols: of one answer about several, each place has that which is declared there."""
    if question == "symbols":
        yield from ((symbol.place, symbol) for symbol in found)
        return
    by_place = {symbol.place: symbol for symbol in found}
    first = found[0] if found else None
    places: Iterable[Place]
    if question == "definition":
        nowhere = [Hit(symbol.symbol, Place("", 0, 0, 0, 0, symbol.place.wide)) for symbol in found]
        places = definitions(db, roots, hits or nowhere)
    else:
        ids = [hit.symbol for hit in hits] or [symbol.symbol for symbol in found]
        places = references(db, roots, ids, include_declarations=True) if ids else ()
    yield from ((place, by_place.get(place, first)) for place in places)


def _with_text(found: Iterable[tuple[Place, FoundSymbol | None]]) -> Iterator[Answer]:
    """Answers with the lines that they point to; places come file by file, and one file is held at a time."""
    path, lines = "", list[str]()
    for place, symbol in found:
        if place.path != path:
            path = place.path
            try:
                lines = _lines(path)
            except AskError:
                lines = []
        text = lines[place.line].strip() if place.line < len(lines) else ""
        yield Answer(
            path,
            place.line + 1,
            place.wide.from_bytes(place.line, place.start, _CHARACTERS) + 1,
            place.wide.from_bytes(place.line, place.end, _CHARACTERS) + 1,
            symbol.name if symbol is not None else "",
            symbol.scope if symbol is not None else "",
            Kind(symbol.kind).name.lower() if symbol is not None else "include",
            _role(place.roles),
            text,
        )


def _role(roles: int) -> str:
    if roles & Role.DEFINITION:
        return "definition"
    return "declaration" if roles & Role.DECLARATION else "reference"


def _write(answers: Iterable[Answer], as_json: bool) -> None:
    if as_json:
        print(json.dumps([asdict(answer) for answer in answers]))
        return
    here = real_path(os.getcwd())
    styled.write((_answer_spans(answer, here) for answer in answers), sys.stdout)


def _answer_spans(answer: Answer, here: str) -> styled.Line:
    """``path:line:column: text``, coloured as grep does, with every mention of the symbol in the line."""
    path = os.path.relpath(answer.path, here) if is_within(answer.path, here) else answer.path
    place = [(path, "magenta"), (":", "cyan"), (str(answer.line), "green"), (":", "cyan")]
    style = "bold red" if answer.role == "reference" else "bold yellow"
    named = re.split(rf"(\b{re.escape(answer.name)}\b)", answer.text) if answer.name else [answer.text]
    text = [(part, style if part == answer.name else "") for part in named]
    return [*place, (str(answer.column), "green"), (": ", "cyan"), *text]


def _status_lines(home: str, held: Status, run: Progress | None = None) -> Iterator[str]:
    changed = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(held.changed_s))
    states = ", ".join(f"{count} {_STATES.get(state, state)}" for state, count in held.units.items())
    yield f"project: {home}"
    if run is not None:
        yield from run_lines(run, time.time())
    yield f"index: {held.path}, {bytes_text(held.size_bytes)}, last written {changed}"
    yield f"units: {sum(held.units.values()):,}" + (f": {states}" if states else "")
    yield (
        f"{count_text(held.files, 'file')}, {count_text(held.symbols, 'symbol')}, "
        f"{count_text(held.occurrences, 'occurrence')}"
    )
    yield from map(_prelude_line, held.preludes)
    yield from _troubles("failed", held.failed)
    yield from _troubles("errors in", held.with_errors)


_ALARMING = {"failed": "bold red", "errors in": "bold yellow"}


def _status_spans(line: str) -> styled.Line:
    label, colon, rest = line.partition(": ")
    return [(label + colon, _ALARMING.get(label, "bold")), (rest, "")] if colon else [(line, "")]


_HANG = 2
_STATES = {"errors": "indexed with errors", "timed_out": "timed out"}


def _prelude_line(one: PreludeStatus) -> str:
    units = f"{count_text(one.units, 'unit')} like {one.example}"
    if not one.headers:
        return f"no prelude for {units}: {one.reason}"
    alone = f", {one.alone} of them read without it" if one.alone else ""
    left_out = f"; {one.reason}" if one.reason else ""
    return (
        f"prelude: {count_text(one.headers, 'header')} precompiled ({bytes_text(one.size_bytes)}) for {units}{alone}"
        f"{_compared(one) if one.facts else ''}{left_out}"
    )


def _compared(one: PreludeStatus) -> str:
    """What came of reading some units both with a prelude and without."""
    if not (one.lost or one.gained):
        return "; compared on a few units: it makes no difference"
    return (
        f"; compared on a few units: of {count_text(one.facts, 'entry', 'entries')} in the index it leaves out "
        f"{one.lost:,} and adds {one.gained:,}"
    )


def _troubles(what: str, units: Sequence[TroubledUnit]) -> Iterator[str]:
    yield from (f"{what}: {unit.path}: {unit.error}" for unit in units[:_MOST_TOLD])
    if len(units) > _MOST_TOLD:
        yield f"{what}: … and {len(units) - _MOST_TOLD} more (all of them: --json)"
