"""What an index knows: the nouns that workers report, the store keeps and queries return.

Lines are 0-based and columns are 0-based **byte** columns of the UTF-8 text that clang read, everywhere
but in what a person or an LSP client sees (``lsp.positions`` and ``cli`` convert). A byte-order mark is not
counted: column 0 of a file with a BOM is the byte after it.

Structs are encoded as arrays (msgpack): the order of their fields is part of the wire, see ``protocol``.
"""

from enum import IntEnum, IntFlag

from msgspec import Struct


class Kind(IntEnum):
    """What a symbol is. Numbers are stored: append, never renumber (or raise the schema version)."""

    UNKNOWN = 0
    NAMESPACE = 1
    NAMESPACE_ALIAS = 2
    CLASS = 3
    STRUCT = 4
    UNION = 5
    ENUM = 6
    ENUMERATOR = 7
    FUNCTION = 8
    METHOD = 9
    STATIC_METHOD = 10
    CONSTRUCTOR = 11
    DESTRUCTOR = 12
    CONVERSION = 13
    FIELD = 14
    STATIC_FIELD = 15
    VARIABLE = 16
    PARAMETER = 17
    TYPE_ALIAS = 18
    TEMPLATE_PARAMETER = 19
    USING = 20
    CONCEPT = 21
    MACRO = 22
    LABEL = 23


FUNCTION_KINDS = frozenset(
    (
        Kind.FUNCTION,
        Kind.METHOD,
        Kind.STATIC_METHOD,
        Kind.CONSTRUCTOR,
        Kind.DESTRUCTOR,
        Kind.CONVERSION,
    )
)
SCOPE_KINDS = frozenset((Kind.NAMESPACE, Kind.CLASS, Kind.STRUCT, Kind.UNION, Kind.ENUM))
"""What other declarations that are not local stand in."""


class Role(IntFlag):
    """How an occurrence uses its symbol. The low nine bits are clang's ``CXSymbolRole``."""

    DECLARATION = 1 << 0
    DEFINITION = 1 << 1
    REFERENCE = 1 << 2
    READ = 1 << 3
    WRITE = 1 << 4
    CALL = 1 << 5
    DYNAMIC = 1 << 6
    ADDRESS_OF = 1 << 7
    IMPLICIT = 1 << 8
    AMBIGUOUS = 1 << 9  # one of several symbols that the name may mean, as in a template not yet instantiated
    UNDEFINITION = 1 << 10  # of a macro, by ``#undef``
    INACTIVE = 1 << 11  # in a branch that the preprocessor skipped: told by name and scope
    IN_MACRO = 1 << 12  # in an argument of a macro, or where a macro's use makes it
    KEYWORD = 1 << 13  # by ``auto``, ``this``, ``override`` …, which lead there and are no reference


class Trait(IntFlag):
    """What more is known of a declared symbol, as flags. Numbers are stored."""

    READONLY = 1 << 0  # a constant, a const method
    STATIC = 1 << 1
    VIRTUAL = 1 << 2
    ABSTRACT = 1 << 3  # a pure virtual method, a class that has one
    DEPRECATED = 1 << 4
    SCOPED = 1 << 5  # ``enum class``
    MENTIONED = (
        1 << 6
    )  # a class by ``friend class X;``, ``struct X* p``: declared so where nothing else declares it


class Relation(IntEnum):
    """How two symbols relate: ``subject RELATION object``."""

    DERIVES_FROM = 1
    OVERRIDES = 2
    SPECIALIZES = 3


class Occurrence(Struct, frozen=True, array_like=True, gc=False):
    """One place where a symbol is named. ``symbol`` and ``enclosing`` are symbol ids (0: none).

    ``enclosing``: what the place stands in: the innermost function, class … around it or, outside of functions, the
    variable, field, enumerator or alias whose declaration extends over it.
    """

    line: int
    column: int
    length: int
    symbol: int
    roles: int
    enclosing: int = 0


class Declaration(Struct, frozen=True, array_like=True, gc=False):
    """One declaration or definition of a symbol, with what a person is told about the symbol.

    ``line``, ``column``: of the name. ``begin_*``/``end_*``: the whole declaration, end exclusive.
    ``scope``: qualified name of what it stands in (``ns::Class``), empty at file level.
    ``container``: symbol id of what it stands in (0: the file). ``local``: inside a function body or
    parameter list, so not part of an outline or of a search for symbols.
    ``type``: as clang spells it, of a value; what a function returns; what an alias stands for; empty for others.
    ``value``: of an enumerator or a constant, in decimal or as a literal; empty where it is not known.
    ``type_symbol``: symbol id of the class, enum, alias or template parameter that ``type`` is made of, behind
    pointers, references, arrays and smart pointers (0: none). ``traits``: :class:`Trait` flags.
    """

    line: int
    column: int
    symbol: int
    name: str
    kind: int
    definition: bool
    begin_line: int
    begin_column: int
    end_line: int
    end_column: int
    scope: str
    container: int
    local: bool
    type: str = ""
    value: str = ""
    type_symbol: int = 0
    traits: int = 0


class SymbolRelation(Struct, frozen=True, array_like=True, gc=False):
    """``subject`` relates to ``object`` (symbol ids) as ``relation`` (a :class:`Relation`) says."""

    subject: int
    relation: int
    object: int


class Include(Struct, frozen=True, array_like=True, gc=False):
    """An ``#include`` directive on ``line``; ``target`` is the absolute real path that it led to."""

    line: int
    target: str


class FileFacts(Struct, frozen=True, array_like=True, gc=False):
    """What one reading of one file found: the unit of a transaction and of replacement.

    ``path``: absolute real path. ``content``: 16-byte BLAKE2b of the bytes that clang read. ``digest``: the
    same of the facts themselves, so that equal readings are known as equal without comparing them.
    ``wide``: characters outside ASCII, as ``columns.encode_wide`` packs them (empty for an ASCII file).
    ``partial``: a file outside the project of which only the declarations referred to are reported;
    such facts are added to what is known of the file and replace nothing.
    ``skipped``: the reading's shape (``shapes``): what of the file the preprocessor skipped.
    """

    path: str
    content: bytes
    digest: bytes
    wide: bytes
    partial: bool
    declarations: list[Declaration]
    occurrences: list[Occurrence]
    relations: list[SymbolRelation]
    includes: list[Include]
    skipped: bytes = b""


class MoreFacts(Struct, frozen=True, array_like=True, gc=False):
    """More of what one reading of a file found, where that is too much for one piece: see ``FileFacts``."""

    declarations: list[Declaration] = []
    occurrences: list[Occurrence] = []
    relations: list[SymbolRelation] = []
    includes: list[Include] = []


class FileVersion(Struct, frozen=True, array_like=True, gc=False):
    """A file that a unit depends on (its main file too), and the content (BLAKE2b-16) that clang read.

    ``skipped``: what of it the preprocessor skipped (``shapes``); empty for files outside the project.
    ``guarded``: whether a guard makes including it a second time mean nothing.
    """

    path: str
    content: bytes
    skipped: bytes = b""
    guarded: bool = False


class UnitState(IntEnum):
    """Where a translation unit stands. ``PENDING`` ones are work; the rest have been tried."""

    PENDING = 0
    INDEXED = 1
    ERRORS = 2  # indexed, with errors: its facts are kept, the first error is in its row
    FAILED = 3  # libclang could not read it at all
    CRASHED = 4  # the worker died in it, twice
    TIMED_OUT = 5
    COVERED = 6  # read in the same way as an earlier unit of its file: never work
    OUT_OF_MEMORY = 7  # it needs more than the memory budget leaves a worker that is alone


FAILED_STATES = frozenset((UnitState.FAILED, UnitState.CRASHED, UnitState.TIMED_OUT, UnitState.OUT_OF_MEMORY))
"""States of a unit of which there are no facts, or old ones."""
