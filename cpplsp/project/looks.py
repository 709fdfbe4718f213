"""Files that something was made from, and how they looked then."""

import os


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
        found = os.stat(path)
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino
