"""An index of made-up symbols, through the store's own writer: for measuring at sizes that no project here has.

Names are of words, in camel and snake case, with the prefixes and suffixes that people give them; they stand in
classes, those in namespaces. A file has some 250 symbols, and uses of its own and of others'; few are used much.
"""

import hashlib
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from cpplsp.facts import Declaration, FileFacts, Kind, Occurrence, Role
from cpplsp.paths import Roots
from cpplsp.store.index import Index

_WORDS = re.findall(
    r"\w+",
    """
    abort accept access account actor adapter add address agent alias align alloc allow anchor apply arena
    argument array assert assign async atomic attach attribute auth auto back backup base batch begin bind
    bit blob block blob body bool bound branch buffer build bundle byte cache call cancel capacity cast
    channel char check child chunk claim class clean clear client clock close code collect column command
    commit compact compare compile compress config connect const construct consume context control convert
    copy core count cpu create cursor custom data date debug decode default defer delete delta depth destroy
    detach device dictionary diff digest direct disk dispatch document domain double down drop dump edge
    edit element emit empty enable encode end engine entry enum epoch equal erase error escape event
    exception execute exit expect explicit export extend extract factory fail fast feature fetch fiber field
    file fill filter final find first fixed flag flat flush fold folder force format forward frame free
    front function fuse future gather gauge generate get global graph grid group guard handle hash head
    header heap hint history hook host http id image impl import index info init inline inner input insert
    instance int integer interface internal invoke io item iterator job join json kernel key kind label
    lambda last latch layer layout lazy leaf length level library limit line link list listen literal load
    local lock log logger long loop lower macro main make manager map mark match matrix max measure member
    memory merge message meta method metric min mirror mode model module monitor move multi mutex name
    native nested network next node normalize note notify null number object observer offset open operator
    option order origin outer output overflow owner pack page pair panic parent parse part pass patch path
    pattern pause peer pending pipe pixel place plan play plugin point pointer policy poll pool pop port
    position post prefetch prefix prepare previous print priority process producer profile program promise
    property protocol provider proxy publish pull push query queue quota random range rank rate raw read
    ready real record recover reduce ref refresh region register release reload remote remove render repair
    replace reply report request reserve reset resize resolve resource response restore result retry return
    reverse role root rotate route row rule run safe sample scale scan schedule schema scope score screen
    script search section seek segment select self send sequence serial server service session set shape
    shard share shift signal simple single size skip slice slot small snapshot socket sort source space span
    spin split stack stage start state static status step stop storage store stream string strip struct
    style sub submit sum super suspend swap switch symbol sync system table tag tail target task template
    test text thread tick time timer token total trace track transaction transfer transform transport tree
    trigger trim try tuple type unique unit unlock update upload upper use user utf valid value variable
    vector verify version view virtual visit volume wait wake walk watch weak weight window word work worker
    world wrap write writer yield zero zone
    """,
)
_KINDS = (Kind.METHOD, Kind.FIELD, Kind.FUNCTION, Kind.CLASS, Kind.ENUMERATOR, Kind.VARIABLE, Kind.MACRO)
_SHARES = tuple(accumulate((38, 24, 10, 9, 12, 5, 2)))
_A_FILE = 250
_USES_A_SYMBOL = 4


@dataclass(frozen=True, slots=True)
class _Symbol:
    id: int
    name: str
    scope: str
    kind: int


def synthesise(index: Index, root: Path, symbols: int, seed: int) -> list[str]:
    """Fill an index with so many symbols, if it does not have these already; some of their names, qualified."""
    chance = random.Random(seed)
    uses = random.Random(seed)
    made = f"{symbols} symbols, seed {seed}"
    is_there = index.meta("synthetic") == made
    every: list[_Symbol] = []
    for number in range(0, symbols, _A_FILE):
        new = list(_file_symbols(chance, number, min(_A_FILE, symbols - number)))
        every.extend(new)
        path = str(root / f"{chance.choice(_WORDS)}/{chance.choice(_WORDS)}_{number}.cc")
        if not is_there:
            index.put_file(_facts(uses, path, new, every), "c++")
    index.set_meta("synthetic", made)
    index.checkpoint()
    chosen = (chance.choice(every) for _ in range(2000))
    return [f"{one.scope}::{one.name}" if one.scope else one.name for one in chosen]


def open_index(path: str, root: Path) -> Index:
    """The index of a project that is not there."""
    return Index(path, Roots(str(root)))


def _file_symbols(chance: random.Random, first: int, count: int) -> Iterator[_Symbol]:
    space = chance.choice(_WORDS[:60])
    scope = space
    for number in range(first, first + count):
        [kind] = chance.choices(_KINDS, cum_weights=_SHARES)
        name = _name(chance, kind)
        inside = "" if kind == Kind.MACRO else scope if kind in (Kind.METHOD, Kind.FIELD) else space
        identity = hashlib.blake2b(f"{number} {name}".encode(), digest_size=8).digest()
        yield _Symbol(int.from_bytes(identity, "little", signed=True), name, inside, kind)
        if kind == Kind.CLASS:
            scope = f"{space}::{name}"


def _name(chance: random.Random, kind: int) -> str:
    words = chance.choices(_WORDS, k=chance.choice((1, 1, 2, 2, 2, 3, 3, 4)))
    camel = "".join(word.capitalize() for word in words)
    snake = "_".join(words)
    if kind == Kind.CLASS:
        return camel
    if kind == Kind.FIELD:
        return chance.choice((snake + "_", "m_" + camel, snake))
    if kind == Kind.ENUMERATOR:
        return chance.choice(("k" + camel, snake.upper()))
    if kind == Kind.MACRO:
        return snake.upper()
    return chance.choice((camel, snake, camel[0].lower() + camel[1:]))


def _facts(chance: random.Random, path: str, new: list[_Symbol], every: list[_Symbol]) -> FileFacts:
    declarations, occurrences = [], []
    for line, one in enumerate(new):
        length = len(one.name)
        declarations.append(
            Declaration(
                *(line, 0, one.id, one.name, one.kind, True, line, 0, line, length),
                *(one.scope, 0, False),
            )
        )
        occurrences.append(Occurrence(line, 0, length, one.id, int(Role.DEFINITION)))
        for at in range(_USES_A_SYMBOL):
            # Few are used much: the product of chances falls off as real uses do.
            used = (
                every[int(len(every) * chance.random() ** 3)] if chance.random() < 0.5 else chance.choice(new)
            )
            occurrences.append(Occurrence(line, 40 * (at + 1), len(used.name), used.id, int(Role.REFERENCE)))
    digest = hashlib.blake2b(path.encode(), digest_size=16).digest()
    return FileFacts(path, digest, digest, b"", False, declarations, occurrences, [], [])
