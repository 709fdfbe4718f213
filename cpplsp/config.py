"""Settings: one typed record, read from layers of which the later one wins.

Weakest first: defaults, the user's ``config.toml``, the project's ``.cpplsp.toml``, the environment
(``CPPLSP_*``), what the editor sends (``cpplsp.*``), flags. An option is declared once, as a field of
:class:`Settings`; its name in each layer and its flag follow from that, and a test holds
``docs/configuration.md`` to it.

A project is data that may come from anyone: what names a program, a library or a place outside the project
is not taken from ``.cpplsp.toml`` (``person_only``).
"""

import difflib
import logging
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Literal

from cpplsp.content import read_content

log = logging.getLogger(__name__)

PROJECT_FILE = ".cpplsp.toml"
USER_FILE = "config.toml"
ENVIRONMENT_PREFIX = "CPPLSP_"

LEAST_BUDGET_BYTES = 64 << 20
"""Below this not even one worker can read a file."""

_MEMORY = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:(%)|([KMGT])?(?:i?B)?)\s*", re.IGNORECASE)
_SCALE = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


class ConfigError(Exception):
    """A setting that cannot be used; the text says where it stands, what is wrong, and what is right."""


@dataclass(frozen=True, slots=True)
class Option:
    """What is to be known of an option beside its name and default.

    ``form``: how its text is read; a path may be relative to the folder of its layer. ``value``: its
    placeholder in a usage line. ``person_only``: not taken from a project's own file. ``synonyms``: other
    names of it. ``doc``: a sentence, for the command line; ``more``: what docs/configuration.md says beside it
    (Markdown); ``default``: what there is without it, where the default of the field does not say it.
    """

    doc: str
    form: Literal["path", "count", "memory", "text", "choice", "list"]
    value: str
    person_only: bool = False
    choices: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    short_flag: str = ""
    more: str = ""
    default: str = ""


def _about(option: Option) -> dict[str, Option]:
    return {"option": option}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person can decide. Paths are absolute here, whichever way they were written."""

    compile_commands_dir: str | None = field(
        default=None,
        metadata=_about(
            Option(
                "Folder that holds compile_commands.json, where it is not found by itself.",
                "path",
                "DIR",
                more=(
                    "By default the database is looked for in the project's folder and its parents, and "
                    "in `build/` below each."
                ),
            )
        ),
    )
    cache_dir: str | None = field(
        default=None,
        metadata=_about(
            Option(
                "Folder of all indexes, in place of the user's cache folder.",
                "path",
                "DIR",
                person_only=True,
                more=(
                    "Each project has a folder of its own in it, readable by its user only. It can be "
                    "deleted at any time: the next run makes it anew."
                ),
            )
        ),
    )
    jobs: int | None = field(
        default=None,
        metadata=_about(
            Option(
                "At most so many index workers. Memory and CPUs may allow fewer.",
                "count",
                "N",
                synonyms=("max_workers",),
                short_flag="-j",
                more=(
                    "By default as many as there are CPUs for this process (affinity and cgroup quota "
                    "count), and never more than memory allows."
                ),
            )
        ),
    )
    memory_budget: str | None = field(
        default=None,
        metadata=_about(
            Option(
                "Memory for cpplsp, workers included: bytes with K, M, G or T, or a share of the machine's.",
                "memory",
                "4G|50%",
                more=(
                    "K, M, G and T are powers of 1024. What the cgroup allows and what the machine has "
                    "free hold besides: the least counts."
                ),
            )
        ),
    )
    prelude: str = field(
        default="auto",
        metadata=_about(
            Option(
                "Headers that units share precompiled: those they have in common, standard ones, or none.",
                "choice",
                "auto|system|off",
                choices=("auto", "system", "off"),
                more=(
                    "Results do not depend on it. Where few units need work, headers are small, or units "
                    "do not fit what they would share, every unit is read by itself all the same; `cpplsp "
                    "status` says how it is."
                ),
            )
        ),
    )
    query_driver: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            Option(
                "Patterns (with commas between) of compilers that may be run to ask for their include paths, "
                "beside the system's own.",
                "list",
                "GLOBS",
                person_only=True,
                more=(
                    "A compiler named in a compile database is run only if a pattern has its path, like "
                    "clangd's option of that name. The compilers in the system's own folders are allowed "
                    "by default."
                ),
                default="the system's compilers",
            )
        ),
    )
    libclang: str | None = field(
        default=None,
        metadata=_about(
            Option(
                "The libclang to load, in place of the one installed with cpplsp.",
                "path",
                "PATH",
                person_only=True,
                more=("It has to be libclang 18: its index API is bound structure by structure."),
            )
        ),
    )
    resource_dir: str | None = field(
        default=None,
        metadata=_about(
            Option(
                "Folder with clang's builtin headers in include/.",
                "path",
                "DIR",
                person_only=True,
                more=(
                    "By default a clang of the same version on the machine, else the headers that come "
                    "with cpplsp (the `clang-tidy` wheel)."
                ),
            )
        ),
    )
    log_level: str = field(
        default="info",
        metadata=_about(
            Option(
                "How much is logged.",
                "choice",
                "error|warning|info|debug",
                choices=("error", "warning", "info", "debug"),
                more=("`debug` names every unit with its memory and CPU time."),
            )
        ),
    )
    log_file: str | None = field(
        default=None,
        metadata=_about(
            Option(
                "File to which the log is appended, in place of stderr.",
                "path",
                "FILE",
                person_only=True,
                more=("stdout belongs to the protocol and is never logged to."),
            )
        ),
    )


def options() -> Iterator[tuple[str, Option]]:
    """Each option's name, as in TOML files, with what is to be known of it."""
    for one in fields(Settings):
        yield one.name, _option_of(one)


def _option_of(one: "Field[object]") -> Option:
    option = one.metadata["option"]
    assert isinstance(option, Option)
    return option


def flag_name(name: str) -> str:
    """``memory_budget`` as ``--memory-budget``."""
    return "--" + name.replace("_", "-")


def environment_name(name: str) -> str:
    """``memory_budget`` as ``CPPLSP_MEMORY_BUDGET``."""
    return ENVIRONMENT_PREFIX + name.upper()


def editor_name(name: str) -> str:
    """``memory_budget`` as ``memoryBudget``."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


@dataclass(frozen=True, slots=True)
class _Layer:
    """One source of settings: ``where`` names it for the person, ``names`` spell the options its way."""

    where: str
    values: Mapping[str, object]
    folder: str
    names: Mapping[str, str]
    is_project: bool = False


def load_settings(
    root: str,
    *,
    environ: Mapping[str, str],
    lsp: Mapping[str, object] | None = None,
    flags: Mapping[str, object] | None = None,
) -> Settings:
    """Bring the layers together for the project at ``root``.

    ``lsp``: the editor's ``cpplsp`` section, or an object that holds it under that name; None in it is
    "unset". ``flags``: by field name; None is "not given". Raises :class:`ConfigError`. What is ignored is
    logged as a warning.
    """
    values: dict[str, object] = {}
    for layer in _layers(root, environ, lsp or {}, flags or {}):
        values.update(_read(layer))
    return Settings(**values)  # type: ignore[arg-type]  # each value was read by its option's form


def _layers(
    root: str, environ: Mapping[str, str], lsp: Mapping[str, object], flags: Mapping[str, object]
) -> Iterator[_Layer]:
    plain = _names(str)
    user_file = _user_file()
    yield _Layer(user_file, _toml(user_file), os.path.dirname(user_file), plain)
    project_file = os.path.join(root, PROJECT_FILE)
    yield _Layer(project_file, _toml(project_file), root, plain, is_project=True)
    cwd = os.getcwd()
    environment = {
        key: value for key, value in environ.items() if key.startswith(ENVIRONMENT_PREFIX) and value
    }
    yield _Layer("the environment", environment, cwd, _names(environment_name))
    inner = lsp.get("cpplsp")
    section = inner if isinstance(inner, Mapping) else lsp
    yield _Layer("the editor's settings", section, root, _names(editor_name))
    yield _Layer("the command line", flags, cwd, plain)


def _names(spelling: Callable[[str], str]) -> dict[str, str]:
    """Every spelling that a layer knows, synonyms too, with the option that it means."""
    return {spelling(known): name for name, option in options() for known in (name, *option.synonyms)}


def _user_file() -> str:
    import platformdirs  # here: it costs more than this whole module, and tests of a setting do not need it

    return os.path.join(platformdirs.user_config_dir("cpplsp"), USER_FILE)


def _toml(path: str) -> Mapping[str, object]:
    try:
        return tomllib.loads(read_content(path)[0].decode())
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: not valid TOML: nested too deeply") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text: {error}") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error


def _read(layer: _Layer) -> dict[str, object]:
    """Read what one layer sets, by option name."""
    about = dict(options())
    found: dict[str, object] = {}
    for key, raw in layer.values.items():
        if raw is None:
            continue
        name = layer.names.get(key)
        if name is None:
            _warn_unknown(layer, key)
        elif layer.is_project and about[name].person_only:
            log.warning(
                "%s: `%s` is ignored: a project cannot choose it. "
                "Set it in your own %s, in the environment or by %s",
                layer.where,
                key,
                USER_FILE,
                flag_name(name),
            )
        else:
            try:
                found[name] = _value(about[name], raw, layer.folder)
            except ConfigError as error:
                raise ConfigError(f"{layer.where}: `{key}`: {error}") from None
    return found


def _warn_unknown(layer: _Layer, key: str) -> None:
    """Name what is not known and go on: other versions of cpplsp read the same files."""
    close = difflib.get_close_matches(key, layer.names, n=1)
    if close:
        log.warning("%s: there is no option `%s`; did you mean `%s`?", layer.where, key, close[0])
    elif not key.startswith(ENVIRONMENT_PREFIX):
        log.warning("%s: there is no option `%s`", layer.where, key)


def _value(option: Option, raw: object, folder: str) -> object:
    """Read a value in the form of its option. Raises ConfigError without the place: the caller adds it."""
    if option.form == "list":
        return _globs(raw)
    if option.form == "count":
        return _count(raw)
    if option.form == "memory" and isinstance(raw, int) and not isinstance(raw, bool):
        raw = str(raw)
    if not isinstance(raw, str):
        raise ConfigError(f"{raw!r} is not text")
    if "\0" in raw:
        raise ConfigError(f"{raw!r} has a NUL character in it")
    if option.form == "path":
        return os.path.abspath(os.path.join(folder, os.path.expanduser(raw))) if raw else None
    if option.form == "memory":
        parse_memory(raw, 1 << 50)
        return raw
    if option.form == "choice" and raw not in option.choices:
        raise ConfigError(f"{raw!r} is none of {', '.join(option.choices)}")
    return raw


def _count(raw: object) -> int:
    if isinstance(raw, str) and raw.strip().isdecimal():
        raw = int(raw)
    if isinstance(raw, bool) or not isinstance(raw, int) or raw < 1:
        raise ConfigError(f"{raw!r} is not a whole number from 1 up")
    return raw


def _globs(raw: object) -> tuple[str, ...]:
    if isinstance(raw, str):
        raw = raw.split(",")
    if not isinstance(raw, list | tuple) or not all(isinstance(one, str) for one in raw):
        raise ConfigError(f"{raw!r} is neither a list of patterns nor text with commas between them")
    return tuple(os.path.expanduser(one.strip()) for one in raw if one.strip())


def parse_memory(text: str, total_bytes: int) -> int:
    """``4G``, ``512M``, ``1.5GiB``, ``50%`` (of ``total_bytes``) or plain bytes, as bytes.

    Raises ConfigError. K, M, G and T are powers of 1024, as ``free`` and cgroups count.
    """
    match = _MEMORY.fullmatch(text)
    if match is None:
        raise ConfigError(f"{text!r} is no amount of memory: write it like 4G, 512M or 50%")
    number, percent, scale = match.groups()
    if percent:
        if not 0 < float(number) <= 100:
            raise ConfigError(f"{text!r} is no share of memory: it goes from 1% to 100%")
        return int(total_bytes * float(number) / 100)
    amount = _scaled(number, scale)
    if amount < LEAST_BUDGET_BYTES:
        raise ConfigError(f"{text!r} is too little: one worker needs {LEAST_BUDGET_BYTES >> 20}M at least")
    return amount


def parse_bytes(text: str) -> int:
    """``4G``, ``512M``, ``1.5GiB`` or plain bytes, as bytes. Raises ConfigError."""
    match = _MEMORY.fullmatch(text)
    if match is None or match[2]:
        raise ConfigError(f"{text!r} is no size: write it like 4G or 512M")
    return _scaled(match[1], match[3])


def _scaled(number: str, scale: str | None) -> int:
    return int(float(number) * _SCALE[(scale or "").upper()])
