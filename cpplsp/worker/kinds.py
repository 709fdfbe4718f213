"""What a cursor declares: libclang's cursor kinds (``CXCursorKind``) as kinds of symbols."""

from cpplsp.facts import Kind

MACRO_DEFINITION = 501
MACRO_EXPANSION = 502
LABEL_STATEMENT = 201
RECORD_CURSORS = frozenset((2, 3, 4, 31, 32))  # struct, union, class, class template, partial specialisation
FUNCTION_CURSORS = frozenset((8, 21, 24, 25, 26, 30))

KINDS = {
    1: Kind.VARIABLE,  # a structured binding: libclang has no kind for it
    2: Kind.STRUCT,
    3: Kind.UNION,
    4: Kind.CLASS,
    5: Kind.ENUM,
    6: Kind.FIELD,
    7: Kind.ENUMERATOR,
    8: Kind.FUNCTION,
    9: Kind.VARIABLE,
    10: Kind.PARAMETER,
    20: Kind.TYPE_ALIAS,
    21: Kind.METHOD,
    22: Kind.NAMESPACE,
    24: Kind.CONSTRUCTOR,
    25: Kind.DESTRUCTOR,
    26: Kind.CONVERSION,
    27: Kind.TEMPLATE_PARAMETER,
    28: Kind.TEMPLATE_PARAMETER,
    29: Kind.TEMPLATE_PARAMETER,
    30: Kind.FUNCTION,
    31: Kind.CLASS,
    32: Kind.CLASS,
    33: Kind.NAMESPACE_ALIAS,
    36: Kind.TYPE_ALIAS,
    LABEL_STATEMENT: Kind.LABEL,
    MACRO_DEFINITION: Kind.MACRO,
    601: Kind.TYPE_ALIAS,
    604: Kind.CONCEPT,
}
