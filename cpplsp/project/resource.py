"""Where clang's builtin headers (``stddef.h``, ``immintrin.h`` …) are: those of clang 18, as libclang is 18."""

import glob
import importlib.util
import os
from collections.abc import Iterator

CLANG_VERSION = "18"
_INSTALLED = (
    f"/usr/lib/llvm-{CLANG_VERSION}/lib/clang",
    f"/usr/lib/llvm/{CLANG_VERSION}/lib/clang",
    "/usr/lib/clang",
    "/usr/lib64/clang",
    "/usr/local/lib/clang",
    f"/opt/homebrew/opt/llvm@{CLANG_VERSION}/lib/clang",
    f"/usr/local/opt/llvm@{CLANG_VERSION}/lib/clang",
)


def is_resource_dir(path: str) -> bool:
    """Whether a folder holds builtin headers."""
    return os.path.isfile(os.path.join(path, "include", "stddef.h"))


def find_resource_dir() -> str | None:
    """The real path of clang 18's: of a clang on the machine, else of the ``clang-tidy`` wheel. Nothing is run."""
    return next((os.path.realpath(path) for path in _candidates() if is_resource_dir(path)), None)


def _candidates() -> Iterator[str]:
    for folder in _INSTALLED:
        yield os.path.join(folder, CLANG_VERSION)
        yield from sorted(glob.glob(os.path.join(folder, CLANG_VERSION + ".*")), reverse=True)
    wheel = importlib.util.find_spec("clang_tidy")
    for folder in (wheel.submodule_search_locations if wheel else None) or ():
        yield os.path.join(folder, "data", "lib", "clang", CLANG_VERSION)
