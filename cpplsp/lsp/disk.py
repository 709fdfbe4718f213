"""Files that are not open, as far as answers tell of places in them: what is no longer there must not be told.

The index says how a file looked when it was read (``columns.WideMap.look``). One that looks otherwise now is read: what
is told of it then is a token that bears the right name where the index has it. Whoever holds the index is told of it.
"""

import os
import re
from collections.abc import Callable, Collection
from functools import cached_property

from cpplsp.columns import BOM, WideMap
from cpplsp.content import content_hash, look, read_content
from cpplsp.query.files import Place

_WORD = re.compile(rb"[A-Za-z0-9_$\x80-\xff]")


class Disk:
    """The disk, as one answer sees it: each file is looked at once. ``notice``: told of files that have changed.

    Any thread may use it, one at a time.
    """

    def __init__(self, notice: Callable[[str], None]):
        self._notice = notice
        self._known: dict[str, _File] = {}

    def is_as_indexed(self, path: str, wide: WideMap) -> bool:
        """Whether a file (real path) has the text that ``wide`` is of; so has what no text is known of."""
        return not wide.content or self._changed(path, wide) is None

    def holds(self, place: Place, names: Collection[str] = ()) -> bool:
        """Whether a token is still there: a whole one, of one of these names if there are any."""
        if not place.wide.content:
            return True
        file = self._changed(place.path, place.wide)
        return file is None or file.has(place, names)

    def _changed(self, path: str, wide: WideMap) -> "_File | None":
        """A file that has another text than this indexed one: of several, while it is being read anew."""
        file = self._known.get(path)
        if file is None:
            file = self._known[path] = _File(path)
        if (file.look and file.look == wide.look) or file.content == wide.content:
            return None
        self._notice(path)
        return file


class _File:
    """A file as it is now; it is read when it is asked for its text. One that is gone has no lines."""

    def __init__(self, path: str):
        self._path = path
        try:
            found = os.stat(path)
        except OSError:
            self.look = None
        else:
            self.look = look(found)

    @cached_property
    def _text(self) -> bytes | None:
        try:
            return read_content(self._path)[0]
        except OSError:
            return None

    @cached_property
    def content(self) -> bytes:
        """The hash of its text; empty where it is gone."""
        return content_hash(self._text) if self._text is not None else b""

    @cached_property
    def _lines(self) -> list[bytes]:
        return (self._text or b"").removeprefix(BOM).splitlines()

    def has(self, place: Place, names: Collection[str]) -> bool:
        line = self._lines[place.line] if place.line < len(self._lines) else b""
        token = line[place.start : place.end]
        around = line[max(place.start - 1, 0) : place.start], line[place.end : place.end + 1]
        if not token or len(token) < place.end - place.start or any(map(_WORD.fullmatch, around)):
            return False
        spelled = token.decode("utf-8", "replace")
        return spelled in names if names else bool(_WORD.match(token))
