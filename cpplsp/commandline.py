"""What the command line takes: its commands, their options, and the help that names them.

One declaration of it all, by which arguments are read, help is written and shells complete.
"""

import argparse
import sys
import textwrap
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cpplsp import __version__
from cpplsp.config import ConfigError, Option, flag_name, options, parse_bytes

LOOPBACK = "127.0.0.1"
QUESTIONS = ("definition", "references", "symbols")
SHELLS = ("bash", "zsh", "fish", "tcsh")

_USAGE = """\
cpplsp [--stdio | --tcp [HOST:]PORT]         serve an editor
       cpplsp --index-only [ROOT] [--retry-failed]  bring an index up to date
       cpplsp COMMAND …"""
_ABOUT = "A language server for C and C++: answers from an index, within a memory budget."
_AND_SETTINGS = " Every setting is an option, too: cpplsp --help-settings."
_WIDTH = 79
_DAY_S = 86_400

if TYPE_CHECKING:
    _Commands = argparse._SubParsersAction[argparse.ArgumentParser]


class _Parser(argparse.ArgumentParser):
    """The whole command line. Its help is a screen of 24 lines and 80 columns."""

    commands: "_Commands"

    def format_help(self) -> str:
        """The ways of use, a line for each command, and the settings by name."""
        commands = [f"  {one.metavar:23}{one.help}" for one in self.commands._get_subactions()]
        settings = "  ".join(_flags_text(name, option).replace(" ", "\0") for name, option in options())
        lines = textwrap.wrap(
            settings, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
        )
        return "\n".join(
            [
                *(f"usage: {_USAGE}", "", _ABOUT, ""),
                *("commands (cpplsp COMMAND --help tells more):", *commands, ""),
                *("options: --json (for scripts)  --version  -h, --help", ""),
                "settings of every command (--help-settings explains them; files can hold them):",
                *(line.replace("\0", " ") for line in lines),
                "",
            ]
        )


class _Help(argparse.Action):
    """Writes a text, and ends."""

    def __init__(self, option_strings: Sequence[str], dest: str, *, text: Callable[[], str], help: str):
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, default=argparse.SUPPRESS, help=help)
        self._text = text

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Write it."""
        print(self._text(), end="")
        parser.exit()


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read a command line. Raises SystemExit for wrong usage.

    ``command`` is None for a server and for an indexer, ``root`` is as given. Settings are attributes by their names,
    None where they are not given.
    """
    words = sys.argv[1:] if argv is None else list(argv)
    whole = parser()
    if "--index-only" not in words:
        _expect_known_options(whole, words)
        arguments = whole.parse_args(words)
        if arguments.retry_failed:
            whole.error("--retry-failed goes with --index-only")
        if getattr(arguments, "watch", False) and arguments.json:
            whole.error("--watch does not go with --json")
        if arguments.command == "completion" and arguments.json:
            whole.error("--json does not go with completion")
        return arguments
    # A ROOT stands where another line has its command.
    indexer = argparse.ArgumentParser(prog="cpplsp", usage=_USAGE, add_help=False, allow_abbrev=False)
    _add_main(indexer, whole.format_help)
    indexer.add_argument("words", nargs="*")
    arguments = indexer.parse_intermixed_args(words)
    if len(arguments.words) > 1:
        named = " ".join(arguments.words)
        indexer.error(f"--index-only takes one ROOT, not {len(arguments.words)} words: {named}")
    arguments.command = None
    arguments.root = arguments.words[0] if arguments.words else arguments.root
    return arguments


def _expect_known_options(whole: _Parser, words: Sequence[str]) -> None:
    """Name an unknown option before the command: argparse would take what follows it for the command, and name that."""
    for word in words:
        if word in whole.commands.choices:
            return
        if word.startswith("--") and word.partition("=")[0] not in whole._option_string_actions:
            whole.error(f"unrecognized arguments: {word}")


def parser(*, with_settings: bool = False) -> _Parser:
    """All of it. ``with_settings``: explain them with each command, as completion needs it; else the whole has them."""
    whole = _Parser(prog="cpplsp", usage=_USAGE, add_help=False, allow_abbrev=False)
    _add_main(whole, whole.format_help)
    whole.commands = whole.add_subparsers(
        dest="command", metavar="COMMAND", prog="cpplsp", parser_class=argparse.ArgumentParser
    )
    for add in (_add_status, _add_query, _add_doctor, _add_cache, _add_completion):
        add(whole.commands)
    for one in whole.commands.choices.values():
        _add_settings(one, argparse.SUPPRESS, explained=with_settings)
    return whole


def _add_main(to: argparse.ArgumentParser, help_text: Callable[[], str]) -> None:
    to.add_argument("-h", "--help", action=_Help, text=help_text, help="this")
    to.add_argument(
        "--help-settings", action=_Help, text=_settings_text, help="what can be set, and what it does"
    )
    to.add_argument("--version", action="version", version=f"cpplsp {__version__}", help="of cpplsp")
    way = to.add_mutually_exclusive_group()
    way.add_argument("--stdio", action="store_true", help="serve on stdin and stdout (the default)")
    way.add_argument("--tcp", metavar="[HOST:]PORT", type=address, help=f"serve on a socket ({LOOPBACK})")
    way.add_argument("--index-only", action="store_true", help="bring ROOT's index up to date, and exit")
    to.add_argument(
        "--retry-failed",
        action="store_true",
        help="with --index-only: try units again that crashed, hung or took too much memory",
    )
    to.add_argument("--root", metavar="ROOT", help=argparse.SUPPRESS)
    to.add_argument("--json", action="store_true", help="write JSON: for scripts")
    # Editors' client libraries add it; the parent's process id comes with `initialize` as well.
    to.add_argument("--clientProcessId", help=argparse.SUPPRESS)
    _add_settings(to, None)


def _add_status(commands: "_Commands") -> None:
    made = _command(commands, "status", "[ROOT]", "what a project's index holds, what a run is at")
    made.epilog = _AND_SETTINGS
    _add_root(made)
    made.add_argument("--watch", action="store_true", help="show a run while it goes on")


def _add_query(commands: "_Commands") -> None:
    made = _command(commands, "query", "ASKED WHAT", "definition, references or symbols of a name or a place")
    made.epilog = f"A place is answered by path:line:column, counted from 1, in characters.{_AND_SETTINGS}"
    made.add_argument("asked", metavar="ASKED", choices=QUESTIONS, help=", ".join(QUESTIONS))
    made.add_argument(
        "what",
        metavar="WHAT",
        help=(
            "a name (ns::Class::method) or FILE:LINE:COLUMN; for symbols also some letters of names, in their order"
        ),
    )
    made.add_argument(
        *("--root",), metavar="ROOT", default=argparse.SUPPRESS, help="the project (default: this folder)"
    )


def _add_doctor(commands: "_Commands") -> None:
    made = _command(commands, "doctor", "[ROOT]", "what is wrong with the set-up, what to do about it")
    made.epilog = f"Exit code 1 if something is wrong; what is only worth knowing is 0.{_AND_SETTINGS}"
    _add_root(made)


def _add_cache(commands: "_Commands") -> None:
    made = _command(commands, "cache", "list|prune|path", "which indexes there are; delete some; say where")
    made.epilog = (
        "prune deletes the indexes of projects that are gone and those of other versions of cpplsp, if it is not told"
        f" what else; never one that is written now; one shipped here and not used yet only with --gone.{_AND_SETTINGS}"
    )
    made.add_argument("action", metavar="ACTION", choices=("list", "prune", "path"), help="list, prune, path")
    _add_root(made, "with path: the project (default: this folder)")
    pruning = made.add_argument_group("what prune deletes")
    pruning.add_argument("--gone", action="store_true", help="indexes whose project's folder is not here")
    pruning.add_argument(
        *("--older-than",), metavar="DAYS", type=_days, help="indexes that were not used for so long"
    )
    pruning.add_argument(
        *("--max-size",), metavar="SIZE", type=_size, help="the longest unused ones, until all take less"
    )
    pruning.add_argument("--dry-run", action="store_true", help="say what would be deleted, and do nothing")


def _add_completion(commands: "_Commands") -> None:
    summary = "a script by which your shell completes all this"
    made = _command(commands, "completion", "SHELL", summary, has_json=False)
    made.epilog = f'For bash, in ~/.bashrc: eval "$(cpplsp completion bash)".{_AND_SETTINGS}'
    made.add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS))


def _command(
    commands: "_Commands", name: str, takes: str, summary: str, *, has_json: bool = True
) -> argparse.ArgumentParser:
    made = commands.add_parser(
        name, help=summary, description=f"cpplsp {name}: {summary}.", allow_abbrev=False
    )
    [*_, listed] = commands._get_subactions()
    listed.metavar = f"{name} {takes}"
    if has_json:
        made.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help="write JSON: for scripts"
        )
    return made


def _add_root(to: argparse.ArgumentParser, text: str = "the project (default: this folder)") -> None:
    # SUPPRESS: else one that was named before the command, with --root, would be overwritten.
    to.add_argument("root", metavar="ROOT", nargs="?", default=argparse.SUPPRESS, help=text)


def _add_settings(to: "argparse._ActionsContainer", default: str | None, *, explained: bool = True) -> None:
    """``default``: SUPPRESS where the settings before the command's name would be overwritten by it."""
    for name, option in options():
        flags = [option.short_flag] if option.short_flag else []
        flags += [flag_name(spelling) for spelling in (name, *option.synonyms)]
        text = option.doc.replace("%", "%%") if explained else argparse.SUPPRESS
        to.add_argument(*flags, dest=name, metavar=option.value, default=default, help=text)


def _settings_text() -> str:
    about = argparse.ArgumentParser(prog="cpplsp", usage="cpplsp … SETTING…", add_help=False)
    about.epilog = "Files, the environment and editors can hold them, too: docs/configuration.md."
    _add_settings(about.add_argument_group("settings"), argparse.SUPPRESS)
    return about.format_help()


def _flags_text(name: str, option: Option) -> str:
    short = f"{option.short_flag}, " if option.short_flag else ""
    return f"{short}{flag_name(name)} {option.value}"


def address(text: str) -> tuple[str, int]:
    """``[HOST:]PORT``; loopback unless a host is asked for by name."""
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 <= int(port) < 1 << 16:
        raise argparse.ArgumentTypeError(f"{text!r} is not [HOST:]PORT with a port from 0 to 65535")
    return host.strip("[]") or LOOPBACK, int(port)


def _days(text: str) -> float:
    """Days, as seconds."""
    try:
        days = float(text.removesuffix("d"))
    except ValueError:
        days = -1
    if not 0 <= days < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days")
    return days * _DAY_S


def _size(text: str) -> int:
    """An amount of disk, as bytes."""
    try:
        return parse_bytes(text)
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
