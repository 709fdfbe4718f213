"""$/memoryUsage, clangd's extension of the protocol."""

from collections.abc import Callable

from support.conversation import Conversation
from support.editor import Project

Make = Callable[..., Project]


def test_it_is_told_of_where_clangd_tells_and_works_with_no_indexing(
    indexed: Make, talks: list[Conversation]
) -> None:
    talks.append(talk := Conversation(indexed("int x;"), {}))
    assert talk.initialized["capabilities"]["memoryUsageProvider"] is True
    assert talk.initialized["capabilities"]["hoverProvider"]
    tree = talk.ask("$/memoryUsage", None)
    assert tree["_self"] == 0
    assert tree["_total"] == tree["server"]["_total"] + tree["indexing"]["_total"]
    assert tree["server"]["_self"] == tree["server"]["_total"] > 10 << 20
    assert talk.end() == 0


def test_processes_that_index_are_in_it_with_what_they_read(project: Make, talks: list[Conversation]) -> None:
    made = project("// file: stuck.cc\nint x;\n")
    made.environment["CPPLSP_FAULT"] = "hang@start:stuck.cc"
    talks.append(talk := Conversation(made, {}))
    indexing: dict[str, dict[str, int]] = {}
    while not any(name.endswith(" stuck.cc") for name in indexing):
        indexing = talk.ask("$/memoryUsage", None)["indexing"]
        talk.listen()
    assert set(indexing) >= {"_self", "_total", "nursery"}
    worker = next(name for name in indexing if name.endswith(" stuck.cc"))
    assert worker.split()[0] == "worker"
    assert indexing[worker]["_total"] > 1 << 20
    assert talk.end() == 0
