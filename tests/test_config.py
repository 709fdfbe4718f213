"""Settings: what each layer may say, and what a person reads when it cannot be used."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cpplsp import config
from cpplsp.config import ConfigError, Settings, load_settings, parse_memory

GIB = 1 << 30


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's folder, which is the working directory, with a home of its own."""
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def user_file(text: str) -> Path:
    path = Path(config._user_file())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def load(project: Path, **layers: object) -> Settings:
    layers.setdefault("environ", {})
    return load_settings(str(project), **layers)  # type: ignore[arg-type]


def test_without_any_layer_the_defaults_hold(project: Path) -> None:
    assert load(project) == Settings()


def test_a_later_layer_wins_over_each_earlier_one(project: Path) -> None:
    seen = [load(project).jobs]
    user_file("jobs = 1")
    seen.append(load(project).jobs)
    (project / ".cpplsp.toml").write_text("jobs = 2")
    seen.append(load(project).jobs)
    seen.append(load(project, environ={"CPPLSP_JOBS": "3"}).jobs)
    seen.append(load(project, environ={"CPPLSP_JOBS": "3"}, lsp={"jobs": 4}).jobs)
    seen.append(load(project, environ={"CPPLSP_JOBS": "3"}, lsp={"jobs": 4}, flags={"jobs": 5}).jobs)
    assert seen == [None, 1, 2, 3, 4, 5]


def test_none_from_the_editor_or_a_flag_and_an_empty_variable_are_unset(project: Path) -> None:
    user_file('jobs = 7\nlog_level = "debug"')
    found = load(
        project, environ={"CPPLSP_JOBS": ""}, lsp={"jobs": None, "logLevel": None}, flags={"jobs": None}
    )
    assert (found.jobs, found.log_level) == (7, "debug")


@pytest.mark.parametrize("name", ["CPPLSP_MAX_WORKERS", "CPPLSP_JOBS"])
def test_max_workers_is_another_name_of_jobs(project: Path, name: str) -> None:
    assert load(project, environ={name: "6"}).jobs == 6


def test_the_editor_writes_options_its_own_way_and_may_wrap_them(project: Path) -> None:
    section = {
        "memoryBudget": "2G",
        "compileCommandsDir": "out",
        "queryDriver": ["/opt/*/g++"],
        "maxWorkers": 3,
    }
    plain, wrapped = load(project, lsp=section), load(project, lsp={"cpplsp": section})
    assert plain == wrapped
    assert plain.memory_budget == "2G"
    assert plain.compile_commands_dir == str(project / "out")
    assert plain.query_driver == ("/opt/*/g++",)
    assert plain.jobs == 3


def test_a_relative_path_counts_from_the_layer_that_has_it(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = user_file('compile_commands_dir = "out"')
    assert load(project).compile_commands_dir == str(written.parent / "out")
    (project / ".cpplsp.toml").write_text('compile_commands_dir = "out"')
    monkeypatch.chdir(tmp_path)
    assert load(project).compile_commands_dir == str(project / "out")
    assert load(project, flags={"compile_commands_dir": "out"}).compile_commands_dir == str(tmp_path / "out")


def test_a_tilde_is_the_home_folder(project: Path) -> None:
    assert load(project, flags={"cache_dir": "~/cache"}).cache_dir == os.path.join(
        os.environ["HOME"], "cache"
    )


@pytest.mark.parametrize("name", [name for name, option in config.options() if option.person_only])
def test_a_project_cannot_choose_what_is_run_loaded_or_written(
    project: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    (project / ".cpplsp.toml").write_text(f'{name} = "/tmp/evil"')
    assert load(project) == Settings()
    assert f"`{name}` is ignored: a project cannot choose it" in caplog.text


def test_what_a_project_cannot_choose_is_just_this() -> None:
    kept = {name for name, option in config.options() if option.person_only}
    assert kept == {"libclang", "resource_dir", "query_driver", "cache_dir", "log_file"}


def test_an_unknown_option_is_named_with_the_nearest_one(
    project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (project / ".cpplsp.toml").write_text('memory_buget = "4G"')
    assert load(project, environ={"CPPLSP_JOB": "3", "CPPLSP_OF_ANOTHER_TOOL": "x"}) == Settings()
    assert "no option `memory_buget`; did you mean `memory_budget`?" in caplog.text
    assert "no option `CPPLSP_JOB`; did you mean `CPPLSP_JOBS`?" in caplog.text
    assert "ANOTHER_TOOL" not in caplog.text


def test_a_file_that_is_not_toml_is_named_with_the_line(project: Path) -> None:
    (project / ".cpplsp.toml").write_text("jobs = 2\njobs = = 3")
    with pytest.raises(ConfigError, match=r"\.cpplsp\.toml: not valid TOML: .*line 2, column 8"):
        load(project)


def test_a_pipe_in_place_of_a_file_is_not_waited_for(project: Path) -> None:
    os.mkfifo(project / ".cpplsp.toml")
    with pytest.raises(ConfigError, match=r"\.cpplsp\.toml: cannot be read: it is no regular file"):
        load_settings(str(project), environ={})


def test_a_file_that_is_nested_too_deeply_is_named(project: Path) -> None:
    (project / ".cpplsp.toml").write_text("jobs = " + "[" * 10_000)
    with pytest.raises(ConfigError, match=r"\.cpplsp\.toml: not valid TOML: nested too deeply"):
        load_settings(str(project), environ={})


def test_a_path_that_cannot_be_one_is_refused(project: Path) -> None:
    (project / ".cpplsp.toml").write_text(r'compile_commands_dir = "a\u0000b"')
    with pytest.raises(ConfigError, match="NUL character"):
        load_settings(str(project), environ={})


def test_a_file_that_is_not_utf8_is_named(project: Path) -> None:
    (project / ".cpplsp.toml").write_bytes(b'log_level = "\xff"')
    with pytest.raises(ConfigError, match=r"\.cpplsp\.toml: not UTF-8"):
        load(project)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"jobs": 0}, "`jobs`: 0 is not a whole number from 1 up"),
        ({"jobs": "many"}, "`jobs`: 'many' is not a whole number from 1 up"),
        ({"jobs": True}, "`jobs`: True is not a whole number"),
        ({"memory_budget": "lots"}, "`memory_budget`: 'lots' is no amount of memory: write it like 4G"),
        ({"memory_budget": [4]}, "`memory_budget`: \\[4\\] is not text"),
        ({"prelude": "on"}, "`prelude`: 'on' is none of auto, system, off"),
        ({"query_driver": 5}, "`query_driver`: 5 is neither a list of patterns"),
        ({"libclang": 5}, "`libclang`: 5 is not text"),
    ],
)
def test_a_value_that_cannot_be_used_is_explained(
    project: Path, flags: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigError, match=f"the command line: {message}"):
        load(project, flags=flags)


def test_patterns_are_written_with_commas_in_text(project: Path) -> None:
    found = load(project, environ={"CPPLSP_QUERY_DRIVER": "/opt/arm/bin/*-g++, ~/x/gcc,"})
    assert found.query_driver == ("/opt/arm/bin/*-g++", os.path.join(os.environ["HOME"], "x/gcc"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4G", 4 * GIB),
        ("4g", 4 * GIB),
        (" 1.5 GiB ", 3 * GIB // 2),
        ("512M", GIB // 2),
        ("512MB", GIB // 2),
        ("1T", 1024 * GIB),
        ("65536K", GIB // 16),
        (str(GIB), GIB),
        ("50%", 8 * GIB),
        ("100 %", 16 * GIB),
    ],
)
def test_an_amount_of_memory_is_read(text: str, expected: int) -> None:
    assert parse_memory(text, 16 * GIB) == expected


@pytest.mark.parametrize("text", ["", "G", "4X", "-4G", "4", "63M", "0%", "101%", "four"])
def test_an_amount_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_memory(text, 16 * GIB)


def test_the_page_has_the_options_as_they_are_declared() -> None:
    script = Path(__file__).parent.parent / "scripts" / "generate_configuration.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_option_is_documented_under_all_its_names() -> None:
    page = (Path(__file__).parent.parent / "docs" / "configuration.md").read_text("utf-8")
    sections = {part.split("\n", 1)[0].strip("` "): part for part in page.split("\n## ")[1:]}
    for field in dataclasses.fields(Settings):
        section = sections.get(field.name)
        assert section is not None, f"docs/configuration.md says nothing of {field.name}"
        option = dict(config.options())[field.name]
        spellings = (
            config.flag_name(field.name),
            config.environment_name(field.name),
            f"cpplsp.{config.editor_name(field.name)}",
            option.doc,
            *option.synonyms,
        )
        for wanted in spellings:
            assert wanted in section, f"docs/configuration.md: the section on {field.name} lacks {wanted!r}"
        assert ("not from a project" in section) == option.person_only
        if field.default:
            assert f"Default: `{field.default}`" in section
