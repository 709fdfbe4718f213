"""What the server and its processes take, as clangd tells of it."""

import os
from collections.abc import Iterable

from cpplsp.lsp.memory import memory_tree
from cpplsp.runstate import ProcessUse


def leaf(size: int) -> dict[str, int]:
    return {"_self": size, "_total": size}


def test_components_add_up() -> None:
    own = os.getpid()
    sizes = {own: 60, 7: 20, 8: 100, 9: 90}

    def measure(pids: Iterable[int]) -> dict[int, int]:
        return {pid: sizes[pid] for pid in pids if pid in sizes}

    uses = [
        ProcessUse(own, "server", 1),
        ProcessUse(7, "nursery", 1),
        ProcessUse(8, "worker", 1, "src/a.cc", 2.5),
        ProcessUse(9, "worker", 1),
        ProcessUse(10, "worker", 1, "src/gone.cc", 2.5),
    ]
    indexing = {"nursery": leaf(20), "worker 8 src/a.cc": leaf(100), "worker 9": leaf(90)}
    assert memory_tree(uses, measure) == {
        "_self": 0,
        "_total": 270,
        "server": leaf(60),
        "indexing": {"_self": 0, "_total": 210, **indexing},
    }


def test_nurseries_of_two_folders_are_both_there() -> None:
    uses = [ProcessUse(7, "nursery", 1), ProcessUse(8, "nursery", 1)]
    tree = memory_tree(uses, lambda pids: dict.fromkeys(pids, 5))
    assert tree["indexing"] == {"_self": 0, "_total": 10, "nursery": leaf(5), "nursery 8": leaf(5)}


def test_without_indexing_there_is_the_server() -> None:
    tree = memory_tree([])
    assert tree["indexing"] == {"_self": 0, "_total": 0}
    assert tree["server"]["_total"] == tree["_total"]  # type: ignore[index]
    assert tree["_total"] > 10 << 20  # type: ignore[operator]


def test_what_reads_unsaved_texts_counts() -> None:
    tree = memory_tree([], lambda pids: dict.fromkeys(pids, 5), unsaved=[7, 8])
    assert tree["unsaved texts"] == {"_self": 0, "_total": 10, "process 7": leaf(5), "process 8": leaf(5)}
    assert tree["_total"] == 15
