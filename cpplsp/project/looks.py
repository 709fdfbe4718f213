"""Files that something was made from, and how they looked then."""

import os

from cpplsp.content import look


class Looks:
    """Size, modification time and inode of files; what is not there looks like nothing."""

    def __init__(self) -> None:
        self._noted: dict[str, tuple[int, int, int] | None] = {}

    def note(self, path: str) -> None:
        """Note how a file looks now, before it is read: the first time counts."""
        if path not in self._noted:
            self._noted[path] = _look(path)

    def have_changed(self) -> bool:
        """Whether any of them looks otherwise now."""
        return any(_look(path) != noted for path, noted in self._noted.items())

    def clear(self) -> None:
        """Forget all."""
        self._noted.clear()


def _look(path: str) -> tuple[int, int, int] | None:
    try:
        return look(os.stat(path))
    except OSError:
        return None
