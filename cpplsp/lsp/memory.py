"""What the server and its processes take: clangd's request, so that editors' views of it work."""

import asyncio
import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from cpplsp.runstate import ProcessUse
from cpplsp.scheduler.machine import tree_bytes

if TYPE_CHECKING:
    from cpplsp.lsp.server import Server

MEMORY_USAGE = "$/memoryUsage"
"""No parameters; result: clangd's ``MemoryTree``: ``_self`` and ``_total`` in bytes, and the components by name."""

MemoryTree: TypeAlias = "dict[str, int | MemoryTree]"

Measure: TypeAlias = Callable[[Iterable[int]], dict[int, int]]


def register(server: "Server") -> None:
    """Answer this request, and say so where clangd does."""
    session = server.session
    server.protocol.extensions["memoryUsageProvider"] = True

    @server.feature(MEMORY_USAGE)
    async def memory_usage(_params: Any) -> msgspec.Raw:
        processes, unsaved = session.processes(), session.unsaved_pids()
        tree = await asyncio.to_thread(lambda: memory_tree(processes, unsaved=unsaved))
        return msgspec.Raw(msgspec.json.encode(tree))


def memory_tree(
    processes: Sequence[ProcessUse], measure: Measure = tree_bytes, *, unsaved: Sequence[int] = ()
) -> MemoryTree:
    """Measure this process and those that index for it, as they are now: proportional set sizes.

    ``unsaved``: process ids of what reads unsaved texts.

    Takes milliseconds a process: not for the event loop.
    """
    own = os.getpid()
    others = [one for one in processes if one.pid != own]
    sizes = measure([own, *unsaved, *(one.pid for one in others)])
    parts: dict[str, MemoryTree] = {}
    for one in others:
        if one.pid in sizes:
            name = _name(one)
            parts[f"{name} {one.pid}" if name in parts else name] = _leaf(sizes[one.pid])
    typed: dict[str, MemoryTree] = {f"process {pid}": _leaf(sizes[pid]) for pid in unsaved if pid in sizes}
    tree: dict[str, MemoryTree] = {"server": _leaf(sizes.get(own, 0)), "indexing": _node(parts)}
    if typed:
        tree["unsaved texts"] = _node(typed)
    return _node(tree)


def _name(process: ProcessUse) -> str:
    words = (process.role, str(process.pid) if process.role == "worker" else "", process.unit or "")
    return " ".join(filter(None, words))


def _leaf(size_bytes: int) -> MemoryTree:
    return {"_self": size_bytes, "_total": size_bytes}


def _node(parts: dict[str, MemoryTree]) -> MemoryTree:
    total = sum(part["_total"] for part in parts.values())  # type: ignore[misc]  # totals are numbers
    return {"_self": 0, "_total": total, **parts}
