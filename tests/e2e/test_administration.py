"""Requests and commands about the index: what it holds, made anew, tried again, paused; and who includes a file."""

from collections.abc import Callable
from typing import Any

import pytest
from support.conversation import AnswerError, Conversation
from support.editor import Project

Make = Callable[..., Project]

WANTS_STATE = {"experimental": {"cpplsp": {"indexState": True}}, "window": {"workDoneProgress": True}}
CODE = """\
// file: a.h
int a();
// file: main.cc
#include "a.h"
int main() { return a(); }
// file: bad.cc
int bad() { return unknown; }
"""


def states(talk: Conversation) -> list[dict[str, Any]]:
    return [note["params"] for note in talk.notes if note["method"] == "cpplsp/indexState"]


def until_phase(talk: Conversation, *phases: str) -> dict[str, Any]:
    """Wait until the last state told is of one of these phases."""
    for _ in range(600):
        if states(talk) and states(talk)[-1]["phase"] in phases:
            return states(talk)[-1]
        talk.listen()
    raise AssertionError(f"still {states(talk)[-1:]}")


def command(talk: Conversation, name: str) -> None:
    assert name in talk.initialized["capabilities"]["executeCommandProvider"]["commands"]
    assert talk.ask("workspace/executeCommand", {"command": name}) is None


def test_a_client_that_wants_it_is_told_how_far_indexing_is(project: Make, talks: list[Conversation]) -> None:
    made = project(CODE)
    talks.append(talk := Conversation(made, WANTS_STATE))
    last = until_phase(talk, "idle")
    told = [state["phase"] for state in states(talk)]
    assert told[0] == "reading"
    assert "indexing" in told
    assert (last["folder"], last["total"], last["failed"], last["withErrors"]) == (str(made.folder), 2, 0, 1)
    assert last["database"] == str(made.folder / "compile_commands.json")
    assert talk.end() == 0


def test_a_project_without_a_compile_database_is_known(project: Make, talks: list[Conversation]) -> None:
    made = project(CODE)
    (made.folder / "compile_commands.json").unlink()
    talks.append(talk := Conversation(made, WANTS_STATE))
    assert until_phase(talk, "idle")["database"] == ""
    assert talk.end() == 0


def test_others_are_told_nothing_of_it(project: Make, talks: list[Conversation]) -> None:
    talks.append(talk := Conversation(project(CODE), {"experimental": {"cpplsp": True}}))
    talk.ask("workspace/symbol", {"query": "a"})
    talk.until_idle()
    assert states(talk) == []
    assert talk.end() == 0


def test_the_status_has_what_went_wrong_with_its_place(project: Make, talks: list[Conversation]) -> None:
    made = project(CODE)
    talks.append(talk := Conversation(made, WANTS_STATE))
    until_phase(talk, "idle")
    [folder] = talk.ask("cpplsp/indexStatus", None)
    assert (folder["folder"], folder["state"]["phase"]) == (str(made.folder), "idle")
    index = folder["index"]
    assert index["units"] == {"indexed": 1, "errors": 1}
    assert (index["failed"], index["files"]) == ([], 3)
    [bad] = index["withErrors"]
    assert (bad["uri"], bad["path"], bad["state"], bad["errors"]) == (
        made.uri("bad.cc"),
        "bad.cc",
        "errors",
        1,
    )
    assert bad["error"].endswith("use of undeclared identifier 'unknown'")
    assert bad["location"]["uri"] == made.uri("bad.cc")
    assert bad["location"]["range"]["start"] == {"line": 0, "character": 19}
    assert talk.end() == 0


def test_a_folder_without_an_index_has_a_status(project: Make, talks: list[Conversation]) -> None:
    made = project()  # nothing to index
    talks.append(talk := Conversation(made, WANTS_STATE))
    state = until_phase(talk, "failed")
    assert "there is nothing to index" in state["message"]
    [folder] = talk.ask("cpplsp/indexStatus", None)
    assert (folder["index"], folder["state"]["phase"]) == (None, "failed")
    assert talk.end() == 0


def test_failed_units_are_tried_again_when_asked_for(project: Make, talks: list[Conversation]) -> None:
    made = project(CODE)
    made.environment["CPPLSP_FAULT"] = "crash@start:bad.cc"
    talks.append(talk := Conversation(made, WANTS_STATE))
    assert until_phase(talk, "idle")["failed"] == 1
    [folder] = talk.ask("cpplsp/indexStatus", None)
    assert [one["state"] for one in folder["index"]["failed"]] == ["crashed"]
    assert talk.end() == 0
    del made.environment["CPPLSP_FAULT"]
    talks.append(talk := Conversation(made, WANTS_STATE))
    assert until_phase(talk, "idle")["failed"] == 1, "what crashed is left alone by itself"
    talk.notes.clear()
    command(talk, "cpplsp.index.retryFailed")
    assert until_phase(talk, "idle")["failed"] == 0
    assert talk.end() == 0


def test_an_index_is_made_anew_when_asked_for(project: Make, talks: list[Conversation]) -> None:
    made = project(CODE)
    made.index()
    talks.append(talk := Conversation(made, WANTS_STATE))
    until_phase(talk, "idle")
    assert "indexing" not in {state["phase"] for state in states(talk)}
    talk.notes.clear()
    command(talk, "cpplsp.index.rebuild")
    until_phase(talk, "idle")
    assert next(state["done"] for state in states(talk) if state["phase"] == "indexing") == 0
    assert "is made anew, as was asked for" in talk.log
    assert talk.end() == 0


def test_indexing_is_paused_and_goes_on(project: Make, talks: list[Conversation]) -> None:
    made = project(CODE)
    made.environment["CPPLSP_FAULT"] = "hang@start:bad.cc"
    talks.append(talk := Conversation(made, WANTS_STATE))
    until_phase(talk, "indexing")
    while states(talk)[-1]["done"] < 1:
        talk.listen()
    command(talk, "cpplsp.index.pause")
    assert until_phase(talk, "paused")["phase"] == "paused"
    assert [one["name"] for one in talk.ask("workspace/symbol", {"query": "main"})] == ["main"]
    talk.tell("workspace/didChangeWatchedFiles", {"changes": [{"uri": made.uri(), "type": 2}]})
    [folder] = talk.ask("cpplsp/indexStatus", None)
    assert folder["state"]["phase"] == "paused"
    command(talk, "cpplsp.index.resume")
    until_phase(talk, "indexing")
    assert talk.end() == 0


def test_the_lines_that_include_a_file(indexed: Make, talks: list[Conversation]) -> None:
    made = indexed(CODE)
    talks.append(talk := Conversation(made, {}))
    [place] = talk.ask("cpplsp/includers", {"uri": made.uri("a.h")})
    assert (place["uri"], place["range"]["start"]) == (made.uri("main.cc"), {"line": 0, "character": 0})
    assert talk.ask("cpplsp/includers", {"uri": made.uri("main.cc")}) == []
    with pytest.raises(AnswerError, match="needs the uri of a document"):
        talk.ask("cpplsp/includers", {})
    assert talk.end() == 0
