"""The shape of a reading: which text of a file the preprocessor skipped in it.

Two units with one command line may still read a header in different ways: one defines a macro before it includes it.
What a reading can tell is what is *not* skipped in it; so one that skips only text that another skips too makes
the other needless.

A shape is the skipped ranges as byte offsets, in order, two little-endian 32-bit numbers each: ``b""`` where nothing is
skipped. Offsets mean something for one content of a file only.
"""

import struct
from collections.abc import Collection, Iterable, Iterator

MOST_SHAPES = 8
"""From so many readings of a header on, only one in which new text is compiled is worth another."""

_RANGE = struct.Struct("<II")

Ranges = list[tuple[int, int]]


def pack(ranges: Iterable[tuple[int, int]]) -> bytes:
    """Ranges of byte offsets, in order, as a shape."""
    return b"".join(_RANGE.pack(begin, end) for begin, end in ranges)


def unpack(shape: bytes) -> Ranges:
    """The inverse of :func:`pack`."""
    return list(_RANGE.iter_unpack(shape))


def common(one: Ranges, other: Ranges) -> Ranges:
    """What is in both: both in order, none of their own ranges overlapping."""
    return list(_common(one, other))


def in_all(skipped: Iterable[Ranges]) -> Ranges:
    """What is in each of these, one or more."""
    first, *others = skipped
    for other in others:
        first = common(first, other)
    return first


def _common(one: Ranges, other: Ranges) -> Iterator[tuple[int, int]]:
    at = by = 0
    while at < len(one) and by < len(other):
        begin, end = max(one[at][0], other[by][0]), min(one[at][1], other[by][1])
        if begin < end:
            yield begin, end
        if one[at][1] < other[by][1]:
            at += 1
        else:
            by += 1


def tells_all_of(shape: bytes, other: bytes) -> bool:
    """Whether a reading of this shape skips nothing that one of the other shape compiles."""
    if shape in (b"", other):
        return True
    skipped = unpack(shape)
    return common(skipped, unpack(other)) == skipped


def is_told(shape: bytes, shapes: Collection[bytes]) -> bool:
    """Whether readings of these shapes leave a reading of this one nothing to tell.

    That is so if one of them tells all that it does. Of a header that was read in :data:`MOST_SHAPES` ways, it is
    enough that they do so together.
    """
    if any(tells_all_of(one, shape) for one in shapes):
        return True
    if len(shapes) < MOST_SHAPES:
        return False
    return tells_all_of(pack(in_all(map(unpack, shapes))), shape)
