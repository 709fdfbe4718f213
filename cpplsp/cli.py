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
from typing import TYPE_CHECKING, Any

from cpplsp import commandline
from cpplsp.config import ConfigError, Settings, load_settings, options
from cpplsp.paths import real_path

if TYPE_CHECKING:
    from cpplsp.indexer import Indexer
    from cpplsp.runstate import Summary

_TRY_AGAIN_EVERY_S = 1.0
"""How often it is looked whether a process that writes the same index is done."""

EXIT_CANNOT = 1

_WHAT_THIS_IS = """\
cpplsp is a language server: an editor starts it, and speaks to it on stdin.
It waits for that now; Ctrl-C ends it. `cpplsp --help` says what it does in a
shell, `cpplsp doctor` whether it has all that it needs here."""


class CommandError(Exception):
    """A command that cannot be carried out; the text is for the person, the exit code is 1."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; the result is the exit code (2, wrong usage, is raised as SystemExit)."""
    _open_standard_streams()
    arguments = commandline.parse(argv)
    try:
        _expect_a_folder()
        code = _dispatch(arguments)
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


def _dispatch(arguments: argparse.Namespace) -> int:
    flags = {name: getattr(arguments, name) for name, _ in options()}
    command: str | None = arguments.command
    if command == "completion":
        from cpplsp.completion import script

        print(script(arguments.shell))
        return 0
    if command is None and not arguments.index_only:
        return _serve(arguments.tcp, flags)
    root = _root(arguments.root)
    settings = load_settings(root, environ=os.environ, flags=flags)
    _start_log(settings, "warning")
    if command is None:
        return _index_only(root, settings, arguments.json, retry_failed=arguments.retry_failed)
    if command == "doctor":
        from cpplsp.doctor import doctor

        return doctor(root, settings, arguments.json)
    if command == "cache":
        return _cache(root, settings, arguments)
    from cpplsp import ask

    if command == "query":
        return ask.ask(arguments.asked, arguments.what, root, settings, arguments.json)
    return ask.watch(root, settings) if arguments.watch else ask.status(root, settings, arguments.json)


def _root(given: str | None) -> str:
    root = real_path(given or ".")
    if not os.path.isdir(root):
        commandline.parser().error(f"{given} is not a folder")
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
    is_person = address is None and sys.stdin.isatty()
    return run_server(address, flags, _WHAT_THIS_IS if is_person else "")


def _cache(root: str, settings: Settings, arguments: argparse.Namespace) -> int:
    from cpplsp import caches

    if arguments.action == "path":
        return caches.path(root, settings, arguments.json)
    if arguments.action == "list":
        return caches.show(settings, arguments.json)
    what = caches.Unwanted(arguments.gone, arguments.older_than, arguments.max_size)
    return caches.prune(settings, what, arguments.json, dry_run=arguments.dry_run)


def _index_only(root: str, settings: Settings, as_json: bool, *, retry_failed: bool) -> int:
    from cpplsp.indexer import Indexer
    from cpplsp.project.project import Project, ProjectError
    from cpplsp.scheduler.processes import StartError
    from cpplsp.store.connection import CacheError
    from cpplsp.store.location import take_over
    from cpplsp.terminal import progress_display, summary_text

    display = progress_display(sys.stderr)
    try:
        project = Project.open(root, settings)
        take_over(root, settings.cache_dir, settings.compile_commands_dir)
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
