"""Which compilers may be run to ask them for their include folders.

A compile database may name any program. One is run only when it has a compiler's name and lies in a folder of the
system's own, or when the person allowed it with ``--query-driver``; never one that is part of the project.
"""

import os
import re
from collections.abc import Iterator, Sequence

from cpplsp.paths import is_within
from cpplsp.project.wrappers import is_compiler, is_wrapper

SYSTEM_FOLDERS = (
    "/usr/local/bin",
    "/usr/bin",
    "/bin",
    "/opt/homebrew/bin",
    "/Library/Developer/CommandLineTools/usr/bin",
    "/Applications/Xcode.app/Contents/Developer/Toolchains/XcodeDefault.xctoolchain/usr/bin",
    "/run/current-system/sw/bin",
)
_SYSTEM_PATTERN = re.compile(r"/usr/lib(?:64)?/llvm[-/]?[\d.]+/bin|/opt/rh/[\w.-]+/root/usr/bin")


class TrustedCompilers:
    """Finds compilers that may be run. ``patterns``: globs of ``--query-driver``; ``project``: a real path."""

    def __init__(self, patterns: Sequence[str], project: str, system_folders: Sequence[str] = SYSTEM_FOLDERS):
        self._patterns = [re.compile(_glob_expression(pattern)) for pattern in patterns]
        self._project = project
        self._system = tuple(dict.fromkeys((*system_folders, *map(os.path.realpath, system_folders))))

    def find(self, compiler: str, directory: str) -> str | None:
        """The path by which to run a compiler, as a command in ``directory`` names it; None: it must not be."""
        for path in self._candidates(compiler, directory):
            if os.path.isfile(path) and os.access(path, os.X_OK) and self._is_allowed(path):
                return path
        return None

    def exists(self, compiler: str, directory: str) -> bool:
        """Whether there is such a program at all, allowed or not."""
        return any(os.access(path, os.X_OK) for path in self._candidates(compiler, directory))

    def _candidates(self, compiler: str, directory: str) -> Iterator[str]:
        name = os.path.basename(compiler)
        if compiler != name:
            yield os.path.join(directory, compiler)
            if not is_wrapper(os.path.realpath(os.path.join(directory, compiler))):
                return
            # /usr/lib/ccache/g++ is ccache: the compiler is the one of that name in the system's folders.
        for folder in (*os.environ.get("PATH", "").split(os.pathsep), *self._system):
            if os.path.isabs(folder):
                yield os.path.join(folder, name)

    def _is_allowed(self, path: str) -> bool:
        real = os.path.realpath(path)
        if is_wrapper(real):
            return False
        in_folder = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        # As written only without "..": /allowed/../elsewhere/cc matches /allowed/**.
        written = [] if ".." in path.split("/") else [path]
        if any(pattern.fullmatch(one) for one in (*written, in_folder, real) for pattern in self._patterns):
            return True
        return is_compiler(path) and self._is_the_systems(in_folder, real)

    def _is_the_systems(self, path: str, real: str) -> bool:
        folders = (os.path.dirname(path), os.path.dirname(real))
        home = next((one for one in folders if one in self._system or _SYSTEM_PATTERN.fullmatch(one)), None)
        if home is None or os.stat(real).st_uid not in (0, os.getuid()):
            return False
        # A project that is the whole system (`/`, `/usr`) makes nothing in it suspect.
        return not is_within(real, self._project) or is_within(home, self._project)


def _glob_expression(pattern: str) -> str:
    """A glob as clangd reads it: ``**`` is anything, ``*`` and ``?`` anything but a slash."""
    parts = re.split(r"(\*\*|\*|\?)", pattern)
    meanings = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(meanings.get(part) or re.escape(part) for part in parts)
