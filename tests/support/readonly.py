"""Folders that cannot be written, for root too: by a process without the right to override modes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def unprivileged(*argv: str) -> list[str]:
    """A command as it is run by somebody for whom the modes of files hold."""
    if os.geteuid() != 0:
        return list(argv)
    without = "-dac_override,-dac_read_search"
    return ["setpriv", f"--bounding-set={without}", f"--inh-caps={without}", *argv]


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nothing in a folder can be written, as on a disk that is mounted so; afterwards it can again."""
    below = list(folder.rglob("*"))
    for path in (*below, folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        yield
    finally:
        for path in (folder, *below):
            path.chmod(0o755 if path.is_dir() else 0o644)
