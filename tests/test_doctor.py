"""``cpplsp doctor``: that it finds each thing that can be wrong, says what to do, and is content where nothing is."""

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.sources import Sources

from cpplsp import doctor, examination
from cpplsp.config import Settings
from cpplsp.doctor import Check
from cpplsp.scheduler.capacity import Machine
from cpplsp.store.connection import SCHEMA_VERSION


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    made = Sources(tmp_path.resolve())
    made.write(a_cc="int a;\n", b_c="int b;\n")
    made.commands("a.cc", "b.c")
    return made


def states(found: Iterator[Check]) -> list[tuple[str, str]]:
    return [(check.name, check.state) for check in found]


def only(found: Iterator[Check]) -> Check:
    [check] = found
    return check


def test_nothing_is_wrong_where_all_is_well(sources: Sources, capsys: pytest.CaptureFixture[str]) -> None:
    sources.run()
    assert doctor.doctor(str(sources.root), sources.settings, as_json=False) == 0
    *lines, verdict = capsys.readouterr().out.splitlines()
    assert verdict == "nothing is wrong"
    assert [line[:6] for line in lines] == ["ok    "] * len(lines)
    assert any("compile_commands.json: 2 commands, written just now" in line for line in lines)
    assert any(f"{sources.path}: whole, " in line for line in lines)


def test_a_script_gets_every_check_and_a_verdict(
    sources: Sources, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = replace(sources.settings, resource_dir=str(tmp_path))
    assert doctor.doctor(str(sources.root), settings, as_json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["project"], told["ok"]) == (str(sources.root), False)
    by_name = {check["name"]: check for check in told["checks"]}
    assert by_name["builtin headers"]["state"] == "wrong"
    assert "--resource-dir" in by_name["builtin headers"]["advice"]
    assert "nothing can be indexed" in by_name["trial"]["found"]
    assert by_name["libclang"]["state"] == "ok"


def test_a_python_with_an_old_sqlite_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 26, 0))
    check = only(doctor._python())
    assert (check.state, "SQLite 3.35 or later" in check.advice) == ("wrong", True)


@pytest.mark.parametrize("text", [None, b"", b"\x7fELF no library"])
def test_a_libclang_that_cannot_be_loaded_is_wrong(tmp_path: Path, text: bytes | None) -> None:
    path = tmp_path / "libclang.so"
    if text is not None:
        path.write_bytes(text)
    check = only(doctor._library(Settings(libclang=str(path))))
    assert check.state == "wrong"
    assert "cannot be loaded: OSError" in check.found
    assert "--libclang" in check.advice


def test_a_check_that_fails_is_told_and_ends_no_other(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Settings) -> Iterator[Check]:
        raise ValueError("no sense")

    monkeypatch.setattr(examination, "memory", fail)
    found = {check.name: check for check in doctor.checks(str(sources.root), sources.settings)}
    assert "no sense" in found["memory"].found
    assert found["memory"].state == "wrong"
    assert found["trial"].state == "ok"


def test_a_folder_with_nothing_to_index_is_wrong(tmp_path: Path) -> None:
    check = only(examination.project(str(tmp_path), Settings(compile_commands_dir=str(tmp_path))))
    assert (check.name, check.state) == ("compile commands", "wrong")
    assert "there is no compile_commands.json" in check.found
    assert check.advice.startswith("name the folder that has it")


def test_a_database_with_nothing_in_it_is_wrong(sources: Sources) -> None:
    (sources.root / "compile_commands.json").write_text("[]")
    check = only(examination.project(str(sources.root), sources.settings))
    assert (check.name, check.state) == ("compile commands", "wrong")
    assert "configure" in check.advice


@pytest.mark.parametrize(
    "text", ["", '[{"file": ', "[{}, {}, 7]", '[{"file": "a.rs", "command": "rustc a.rs"}]']
)
def test_a_database_of_which_nothing_can_be_read_is_wrong_once_and_told_what_to_do(
    sources: Sources, text: str
) -> None:
    (sources.root / "compile_commands.json").write_text(text)
    check = only(examination.project(str(sources.root), sources.settings))
    assert (check.name, check.state) == ("compile commands", "wrong")
    assert str(sources.root / "compile_commands.json") in check.found
    assert "build" in check.advice


def test_a_database_that_is_broken_in_the_middle_is_noted(sources: Sources) -> None:
    path = sources.root / "compile_commands.json"
    path.write_text(path.read_text()[:-1] + ",")
    found = list(examination.project(str(sources.root), sources.settings))
    [noted] = [check for check in found if check.state != "ok"]
    assert (noted.state, noted.advice) == ("note", "have the build system write it anew")
    assert "not valid JSON" in noted.found


def test_no_database_is_noted_once(sources: Sources) -> None:
    (sources.root / "compile_commands.json").unlink()
    noted = [
        check for check in examination.project(str(sources.root), sources.settings) if check.state != "ok"
    ]
    assert [check.name for check in noted] == ["compile commands"]
    assert "no compile_commands.json" in noted[0].found
    assert "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON" in noted[0].advice


def test_a_database_older_than_what_it_is_made_from_is_noted(sources: Sources) -> None:
    database, cmake = sources.root / "compile_commands.json", sources.root / "CMakeLists.txt"
    cmake.touch()
    os.utime(database, (1_000_000_000, 1_000_000_000))
    check = next(examination.project(str(sources.root), sources.settings))
    assert check.state == "note"
    assert "CMakeLists.txt changed since" in check.found
    assert "days ago" in check.found
    os.utime(cmake, (900_000_000, 900_000_000))
    assert next(examination.project(str(sources.root), sources.settings)).state == "ok"


def test_sources_that_are_not_there_are_noted(sources: Sources) -> None:
    sources.commands("a.cc", "gone.cc", "b.c")
    noted = [
        check for check in examination.project(str(sources.root), sources.settings) if check.state != "ok"
    ]
    [check] = noted
    assert check.found == f"1 of 3 are not there: {sources.root / 'gone.cc'}"


def test_each_compiler_is_asked_and_one_that_may_not_be_run_is_noted(sources: Sources) -> None:
    command = f"{sources.root}/bin/c++ -c a.cc"
    entries = [{"directory": str(sources.root), "file": "a.cc", "command": command}]
    path = sources.root / "compile_commands.json"
    path.write_text(json.dumps([*json.loads(path.read_text()), *entries]))
    (sources.root / "bin").mkdir()
    compiler = sources.root / "bin" / "c++"
    compiler.write_text("#!/bin/sh\nexit 1\n")
    compiler.chmod(0o755)
    found = {check.name: check for check in examination.project(str(sources.root), sources.settings)}
    assert found["compiler g++ (c++)"].state == "ok"
    assert found["compiler gcc (c)"].state == "ok"
    refused = found[f"compiler {compiler} (c++)"]
    assert refused.state == "note"
    assert f"--query-driver='{compiler}'" in refused.advice


def test_memory_is_told_and_too_little_of_it_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert only(examination.memory(Settings())).state == "ok"
    little = only(examination.memory(Settings(memory_budget="100M")))
    assert little.state == "note"
    assert "100 MiB may be taken" in little.found


def test_what_a_container_leaves_is_told() -> None:
    def look(free: int) -> Machine:
        return Machine(cpus=3, total_bytes=8 << 30, available_bytes=4 << 30, cgroup_free_bytes=free)

    roomy = only(examination.memory(Settings(), lambda: look(2 << 30)))
    assert roomy.state == "ok"
    assert "4.0 GiB of 8.0 GiB are free, 2.0 GiB in this cgroup" in roomy.found
    assert "3 workers with heavy units (400 MiB), on 3 CPUs" in roomy.found
    assert "1 worker with" in only(examination.memory(Settings(jobs=1), lambda: look(2 << 30))).found
    full = only(examination.memory(Settings(), lambda: look(0)))
    assert "0 KiB in this cgroup" in full.found


@pytest.mark.parametrize("folder", ["/proc/cpplsp", "/dev/null/cpplsp", "/dev/null"])
def test_a_cache_that_cannot_be_written_is_wrong(folder: str) -> None:
    check = only(examination.cache(Settings(cache_dir=folder)))
    assert check.state == "wrong"
    assert f"{folder} cannot be written" in check.found
    assert "--cache-dir" in check.advice


def test_a_disk_that_is_full_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 1 << 20})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    check = only(examination.cache(Settings(cache_dir=str(tmp_path / "cache"))))
    assert (check.state, "1 MiB free" in check.found) == ("note", True)
    assert "cpplsp cache prune" in check.advice


def test_no_index_yet_is_as_it_should_be(sources: Sources) -> None:
    check = only(examination.index(str(sources.root), sources.settings))
    assert (check.state, check.found[:8]) == ("ok", "none yet")


def test_units_with_errors_are_noted(sources: Sources) -> None:
    sources.write(a_cc="int a = ;\n")
    sources.run()
    check = only(examination.index(str(sources.root), sources.settings))
    assert check.state == "note"
    assert check.found.endswith("; 1 unit with errors")
    assert "cpplsp status" in check.advice


def test_an_index_of_another_version_is_noted(sources: Sources) -> None:
    sources.run()
    with contextlib.closing(sqlite3.connect(sources.path)) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    check = only(examination.index(str(sources.root), sources.settings))
    assert check.state == "note"
    assert "another version of cpplsp" in check.found
    assert "makes it anew" in check.advice


@pytest.mark.parametrize("at", [0, 8192])
def test_a_damaged_index_is_wrong(sources: Sources, at: int) -> None:
    size = sources.run().cache_bytes
    with open(sources.path, "r+b") as stream:
        stream.seek(at)
        stream.write(b"\xff" * (size - at))
    check = only(examination.index(str(sources.root), sources.settings))
    assert check.state == "wrong"
    assert "is damaged" in check.found
    assert f"cpplsp --index-only {sources.root}" in check.advice


def test_a_trial_that_has_errors_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_TRIAL", "#include <no_such_header>\n")
    check = only(doctor._trial(Settings()))
    assert check.state == "wrong"
    assert "'no_such_header' file not found" in check.found
    assert "apt-get install g++" in check.advice
