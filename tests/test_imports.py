"""The order of the packages: data flows one way, and so do imports (docs/ARCHITECTURE.md)."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import cpplsp

SOURCE = Path(cpplsp.__file__).parent
BASE = {
    "facts",
    "protocol",
    "paths",
    "columns",
    "content",
    "config",
    "shapes",
    "manifest",
    "amounts",
    "runstate",
}
ORDER = ["project", "scheduler", "prelude", "worker", "store", "text", "query", "lsp"]
# What puts the packages together: nothing in a package imports it, but lsp the indexer and the live reader.
SHELLS = {
    *(
        "indexer",
        "indexing",
        "live",
        "planning",
        "bodies",
        "preambles",
        "preluding",
        "cli",
        "ask",
        "terminal",
        "__main__",
    ),
    *("commandline", "completion", "caches", "doctor", "examination", "styled"),
}
# Outside libraries, and who may know them.
OWNERS = {
    "clang": ("worker",),
    "pygls": ("lsp",),
    "lsprotocol": ("lsp",),
    "rich": ("terminal", "styled"),
    "shtab": ("completion",),
}
MODULES = sorted(SOURCE.rglob("*.py"))


def part_of(module: str) -> str:
    """``cpplsp.store.index`` is part of ``store``, ``cpplsp.paths`` is ``paths``, ``cpplsp`` is ``""``."""
    return module.split(".")[1] if "." in module else ""


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, at its top or inside a function, for types too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide which package is meant"
            assert node.module is not None
            for alias in node.names:
                is_module = (SOURCE.parent / node.module.replace(".", "/") / f"{alias.name}.py").exists()
                is_package = (SOURCE.parent / node.module.replace(".", "/") / alias.name).is_dir()
                yield f"{node.module}.{alias.name}" if is_module or is_package else node.module


def allowed(part: str) -> set[str]:
    """The parts of cpplsp that a part may import, itself and the version number included."""
    if part in SHELLS:
        return {"", *BASE, *ORDER, *SHELLS}
    if part in BASE or part == "":
        return {"", *BASE}
    if part == "worker":
        return {"", *BASE, "worker"}
    lower = set(ORDER[: ORDER.index(part) + 1]) - {"worker"}
    return {"", *BASE, *lower, *({"indexer", "live"} if part == "lsp" else set())}


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_module_imports_from_lower_packages_only(path: Path) -> None:
    part = part_of(module_name(path))
    assert part in {"", *BASE, *ORDER, *SHELLS}, f"{part} has no place in the order of packages"
    wrong = [
        name
        for name in imports(path)
        if name.split(".")[0] == "cpplsp" and part_of(name) not in allowed(part)
    ]
    assert not wrong, f"{module_name(path)} stands below what it imports"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_library_is_known_to_its_owner_only(path: Path) -> None:
    part = part_of(module_name(path))
    strangers = [
        name
        for name in imports(path)
        if (owners := OWNERS.get(name.split(".")[0])) is not None and part not in owners
    ]
    assert not strangers


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_sql_is_written_in_store_and_query_only(path: Path) -> None:
    if part_of(module_name(path)) in {"store", "query"}:
        return
    texts = (
        node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)
    )
    statements = ("SELECT ", "INSERT ", "UPDATE ", "DELETE FROM", "CREATE TABLE", "PRAGMA ", "BEGIN ")
    found = [text for text in texts if isinstance(text, str) and text.lstrip().startswith(statements)]
    assert not found


def loaded_by(module: str) -> set[str]:
    """Top-level names of all that a fresh interpreter has loaded after importing a module."""
    code = f"import sys, {module}; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("module", "never"),
    [
        ("cpplsp.cli", {"rich", "pygls", "lsprotocol", "clang", "sqlite3", "platformdirs", "shtab"}),
        ("cpplsp.ask", {"rich", "pygls", "lsprotocol", "clang"}),
        ("cpplsp.config", {"rich", "pygls", "lsprotocol", "platformdirs", "asyncio"}),
        ("cpplsp.indexer", {"rich", "pygls", "lsprotocol", "clang"}),
        ("cpplsp.terminal", {"rich", "pygls", "lsprotocol", "clang"}),
        ("cpplsp.lsp.server", {"rich", "clang"}),
    ],
)
def test_a_process_loads_only_what_its_life_needs(module: str, never: set[str]) -> None:
    assert not loaded_by(module) & never
