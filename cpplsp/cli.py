"""The command line: which of cpplsp's three lives this process leads – server, indexer, or one question.

Each is imported only when it is led: a server loads no terminal library, an indexer no protocol library, and
a question neither.
"""

import argparse
import asyncio
import contextlib
import dataclasses
import errno
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, cast

from cpplsp import __version__
from cpplsp.config import ConfigError, Option, Settings, flag_name, load_settings, options

if TYPE_CHECKING:
    from cpplsp.ask import Question
    from cpplsp.indexer import Indexer
    from cpplsp.runstate import Summary

_USAGE = """\
cpplsp [--stdio | --tcp [HOST:]PORT]    language server, on stdio unless told otherwise
       cpplsp --index-only [ROOT] [--json]    bring a project's index up to date, and exit
       cpplsp status [ROOT] [--json|--watch]  what an index holds, and what a run is at
       cpplsp query definition|references|symbols WHAT [--root ROOT] [--json]
                                              WHAT: a name (ns::Class::method), or file:line:col"""
_LOOPBACK = "127.0.0.1"
_QUESTIONS = ("definition", "references", "symbols")
_TRY_AGAIN_EVERY_S = 1.0
"""How often it is looked whether a process that writes the same index is done."""

EXIT_CANNOT = 1
EXIT_USAGE = 2


class CommandError(Exception):
    """A command that cannot be carried out; the text is for the person, the exit code is 1."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; the result is the exit code (2, wrong usage, is raised as SystemExit)."""
    _open_standard_streams()
    parser = _parser()
    arguments = parser.parse_intermixed_args(argv)
    try:
        _expect_a_folder()
        code = _dispatch(parser, arguments)
        sys.stdout.flush()  # here, where what goes wrong can be said, and not at exit
        return code
    except (ConfigError, CommandError) as error:
        print(f"cpplsp: {error}", file=sys.stderr)
        return EXIT_CANNOT
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BrokenPipeError:
        # Whoever read us (`head`) has seen enough. Nothing may be flushed into that pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except OSError as error:
        # A full disk under `> file`, a table of open files that is full: the person's machine, not a defect of ours.
        print(f"cpplsp: {error.filename or 'the system says'}: {error.strerror or error}", file=sys.stderr)
        if sys.stdout is not None and error.errno == errno.ENOSPC:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_CANNOT


def _expect_a_folder() -> None:
    """Raises CommandError in a folder that was deleted: nothing relative has a meaning there."""
    try:
        os.getcwd()
    except FileNotFoundError:
        raise CommandError("the folder in which this was started is gone: start it in another one") from None


def _open_standard_streams() -> None:
    """Give what was started with closed standard streams empty ones: else a file of ours gets their numbers."""
    for descriptor, stream in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(descriptor)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)  # the lowest free number: this one
            setattr(sys, stream, os.fdopen(opened, "w" if opened else "r", encoding="utf-8"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cpplsp",
        usage=_USAGE,
        description="C/C++ language server that answers from an SQLite index and keeps a memory budget.",
        allow_abbrev=False,
    )
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--version", action="version", version=f"cpplsp {__version__}")
    way = parser.add_argument_group("what to do").add_mutually_exclusive_group()
    way.add_argument("--stdio", action="store_true", help="serve on stdin and stdout (the default)")
    way.add_argument("--tcp", metavar="[HOST:]PORT", type=_address, help=f"serve on a socket ({_LOOPBACK})")
    way.add_argument("--index-only", action="store_true", help="bring ROOT's index up to date, and exit")
    parser.add_argument(
        "--retry-failed",
        action="store_true",
        help="try units again that crashed, hung or took too much memory",
    )
    parser.add_argument("--root", metavar="ROOT", help="the project that `query` asks about (default: here)")
    parser.add_argument("--json", action="store_true", help="write JSON: for scripts")
    parser.add_argument("--watch", action="store_true", help="with `status`: show a run while it goes on")
    # Editors' client libraries add it; the parent's process id comes with `initialize` as well.
    parser.add_argument("--clientProcessId", help=argparse.SUPPRESS)
    settings = parser.add_argument_group(
        "settings (each can be written to a file, too: docs/configuration.md)"
    )
    for name, option in options():
        _add_setting(settings, name, option)
    return parser


def _add_setting(group: "argparse._ArgumentGroup", name: str, option: Option) -> None:
    flags = [option.short_flag] if option.short_flag else []
    flags += [flag_name(spelling) for spelling in (name, *option.synonyms)]
    group.add_argument(*flags, dest=name, metavar=option.value, help=option.doc.replace("%", "%%"))


def _address(text: str) -> tuple[str, int]:
    """``[HOST:]PORT``; loopback unless a host is asked for by name."""
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 <= int(port) < 1 << 16:
        raise argparse.ArgumentTypeError(f"{text!r} is not [HOST:]PORT with a port from 0 to 65535")
    return host.strip("[]") or _LOOPBACK, int(port)


def _dispatch(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> int:
    words: list[str] = arguments.words
    if arguments.watch and (words[:1] != ["status"] or arguments.index_only or arguments.json):
        _wrong(parser, "--watch goes with `status`, and not with --json")
    flags = {name: getattr(arguments, name) for name, _ in options()}
    if arguments.index_only:
        _expect(parser, words, 1, "--index-only")
        root = _root(parser, words[0] if words else arguments.root)
        return _index_only(root, flags, arguments.json, retry_failed=arguments.retry_failed)
    if arguments.retry_failed:
        _wrong(parser, "--retry-failed goes with --index-only")
    if not words:
        return _serve(arguments.tcp, flags)
    command, *rest = words
    if command not in ("status", "query"):
        _wrong(parser, f"there is no command {command!r}")
    if command == "status":
        _expect(parser, rest, 1, "status")
        return _status(_root(parser, rest[0] if rest else arguments.root), flags, arguments)
    if len(rest) != 2 or rest[0] not in _QUESTIONS:
        _wrong(parser, f"query needs one of {', '.join(_QUESTIONS)}, and a name or file:line:col")
    return _query(cast("Question", rest[0]), rest[1], _root(parser, arguments.root), flags, arguments.json)


def _expect(parser: argparse.ArgumentParser, words: list[str], most: int, command: str) -> None:
    if len(words) > most:
        _wrong(parser, f"{command} takes one ROOT, not {len(words)} words: {' '.join(words)}")


def _wrong(parser: argparse.ArgumentParser, message: str) -> NoReturn:
    parser.error(message)


def _root(parser: argparse.ArgumentParser, given: str | None) -> str:
    root = os.path.realpath(given or ".")
    if not os.path.isdir(root):
        _wrong(parser, f"{given} is not a folder")
    return root


def _start_log(settings: Settings, default_level: str) -> None:
    """Log to the file, or to stderr; there, unless more is asked for, from ``default_level`` up."""
    level = settings.log_level
    if not settings.log_file and level == Settings().log_level:
        level = default_level
    try:
        handler = logging.FileHandler(settings.log_file) if settings.log_file else logging.StreamHandler()
    except OSError as error:
        raise ConfigError(f"cannot write the log file {settings.log_file}: {error.strerror}") from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler])


def _serve(address: tuple[str, int] | None, flags: dict[str, object]) -> int:
    from cpplsp.lsp.server import run_server

    # The project is not known before the editor names it; the log has to be there before that.
    _start_log(load_settings(os.getcwd(), environ=os.environ, flags=flags), "info")
    return run_server(address, flags)


def _status(root: str, flags: dict[str, object], arguments: argparse.Namespace) -> int:
    from cpplsp import ask

    settings = load_settings(root, environ=os.environ, flags=flags)
    _start_log(settings, "warning")
    return ask.watch(root, settings) if arguments.watch else ask.status(root, settings, arguments.json)


def _query(question: "Question", what: str, root: str, flags: dict[str, object], as_json: bool) -> int:
    from cpplsp import ask

    settings = load_settings(root, environ=os.environ, flags=flags)
    _start_log(settings, "warning")
    return ask.ask(question, what, root, settings, as_json)


def _index_only(root: str, flags: dict[str, object], as_json: bool, *, retry_failed: bool) -> int:
    from cpplsp.indexer import Indexer
    from cpplsp.project.project import Project, ProjectError
    from cpplsp.scheduler.processes import StartError
    from cpplsp.store.connection import CacheError
    from cpplsp.terminal import progress_display, summary_text

    settings = load_settings(root, environ=os.environ, flags=flags)
    _start_log(settings, "warning")
    display = progress_display(sys.stderr)
    try:
        project = Project.open(root, settings)
        indexer = Indexer(project, settings, display.show, retry_failed=retry_failed)
        with contextlib.closing(indexer):
            summary = asyncio.run(_run_until_told(indexer, display.say))
    except (ProjectError, CacheError, StartError) as error:
        raise CommandError(str(error)) from error
    finally:
        display.close()
    if isinstance(summary, signal.Signals):
        print(
            "cpplsp: stopped; what was indexed is kept, and the next run goes on from there", file=sys.stderr
        )
        return 128 + summary
    print(summary_text(summary), file=sys.stderr if as_json else sys.stdout)
    if as_json:
        print(json.dumps(dataclasses.asdict(summary)))
    # A database that is broken before its first entry leaves nothing to index; the notes say where.
    return 0 if summary.units or project.complete else EXIT_CANNOT


async def _run_until_told(indexer: "Indexer", say: Callable[[str], None]) -> "Summary | signal.Signals":
    """Index to the end, or until a signal says to stop; the workers are gone when this returns."""
    loop = asyncio.get_running_loop()
    told: asyncio.Future[signal.Signals] = loop.create_future()

    def stop(number: signal.Signals) -> None:
        if told.done():
            os._exit(128 + number)  # told twice: at once (workers end with us)
        told.set_result(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    run = asyncio.create_task(_run_when_free(indexer, say))
    either: list[asyncio.Future[Any]] = [run, told]
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if not run.done():
        await indexer.stop()
        run.cancel()  # it may be waiting
        return told.result()
    return run.result()


async def _run_when_free(indexer: "Indexer", say: Callable[[str], None]) -> "Summary":
    """Index as soon as no other process writes this index."""
    from cpplsp.store.connection import LockedError

    has_said = False
    while True:
        try:
            return await indexer.run()
        except LockedError as error:
            if not has_said:
                say(f"{error}: waiting for it")
            has_said = True
        await asyncio.sleep(_TRY_AGAIN_EVERY_S)
