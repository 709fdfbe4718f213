"""A compiler's arguments as libclang gets them. Pure: no file is looked at, no program run.

Nothing reaches libclang but what is of a form known here: an argument that nobody has thought of cannot load a
plugin, write a file, or stop libclang (which takes an unknown ``-f`` for an error). What would have loaded, run or
written something is named in :attr:`Translation.dropped`; the rest that is left out (output, linking, warnings, debug
information, optimisation) changes nothing in what code means.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from cpplsp.project import flags
from cpplsp.project.flags import words
from cpplsp.project.language import option_language


@dataclass(slots=True)
class Translation:
    """Arguments in kinds.

    ``language``: of ``-x``; '' when the file's name decides. ``standard``: of ``-std``, as written; '' for the
    compiler's own. ``target``: of ``--target``. ``meaning``: what changes how any text is read (macros and flags), in
    order. ``folders``: of include paths, as (option, folder), in order. ``forced``: of ``-include``.
    ``machine``: ``-m`` flags, before it is known whether the target has them. ``other``: paths that are none of
    these. ``asked``: what the compiler has to be told, too, when it is asked for its folders. ``dropped``: left
    out for trust. ``optimised``: what of an optimisation level code can see.
    """

    language: str = ""
    standard: str = ""
    target: str = ""
    needs_cxx20: bool = False
    optimised: str = ""
    meaning: list[str] = field(default_factory=list)
    folders: list[tuple[str, str]] = field(default_factory=list)
    forced: list[str] = field(default_factory=list)
    machine: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)


class _Kind(Enum):
    IGNORED = auto()
    MEANING = auto()
    FOLDER = auto()
    FORCED = auto()
    MACHINE = auto()
    ASKED = auto()
    SYSROOT = auto()
    LANGUAGE = auto()
    STANDARD = auto()
    TARGET = auto()
    OPTIMISED = auto()
    NEEDS_CXX20 = auto()
    OVERLAY = auto()
    TRUST = auto()
    NEXT = auto()  # its value is the next word: look both up together
    FRONTEND = auto()  # -Xclang X
    NESTED = auto()  # -Wp,X,Y
    END = auto()  # --


# By these names without a look-up in the class: there are hundreds of each in a command.
_FOLDER, _MEANING, _NEXT = _Kind.FOLDER, _Kind.MEANING, _Kind.NEXT

_Rule = tuple[_Kind, str, str]
_IGNORED: _Rule = (_Kind.IGNORED, "", "")
_MOST_RULES = 20_000


# Options that take the next word, and how option and word are written as one.
_SEPARATE = {
    **{option: option for option in ("-D", "-U", "-I", "-F", "-x", "-B", "-isysroot")},
    **{
        option: option
        for option in (
            "-isystem",
            "-iquote",
            "-idirafter",
            "-iframework",
            "-include",
            "-imacros",
            "-ivfsoverlay",
        )
    },
    **{option: option + "=" for option in ("--sysroot", "--std", "--config", "--language")},
    **{
        option: option + "="
        # Loads, runs or writes: refused, by these names.
        for option in words(
            "-load -mllvm -wrapper -specs -fplugin -fpass-plugin -include-pch -fmodule-file -Xassembler "
            "-fmodules-cache-path -fprebuilt-module-path --plugin --load --prefix -ccc-install-dir -ccc-gcc-name"
        )
    },
    "-target": "--target=",
    "-std": "-std=",
    "--include-directory": "-I",
    "--define-macro": "-D",
    "--undefine-macro": "-U",
    "--include": "-include",
    "--imacros": "-imacros",
    **dict.fromkeys(
        # Of no interest, and neither is their value, which is not even remembered.
        words(
            "-o -l -L -MF -MT -MQ -MJ -arch -u -z -T -e -G -Xlinker -Xcompiler -Xcuda-ptxas -Xarch_host -Xarch_device "
            "-framework -aux-info --param -dumpbase -dumpdir -dumpbase-ext -rpath -install_name -current_version "
            "-compatibility_version -serialize-diagnostics --serialize-diagnostics -dependency-file "
            "-index-store-path -index-unit-output-path -working-directory -gcc-toolchain -iprefix -iwithprefix "
            "-iwithprefixbefore -imultilib -imultiarch -resource-dir -gencode -weak_framework -bundle_loader -A "
            "-main-file-name -triple"
        ),
        "",
    ),
}

_FOLDER_OPTIONS = ("-isystem", "-iquote", "-idirafter", "-iframework")
_TRUST_PREFIXES = (
    "-fplugin",
    "-fpass-plugin",
    "-fmodule",
    "-fprebuilt-module",
    "-fimplicit-module",
    "-fcxx-modules",
    "-fbuild-session",
    "-fuse-ld",
    "-load",
    "--load",
    "-mllvm",
    "-Xclang=",
    "-B",
    "--prefix",
    "-ccc-",
    "-specs",
    "--specs",
    "--config",
    "-wrapper",
    "-include-pch",
    "-add-plugin",
    "-plugin",
    "--plugin",
    "-cc1",
    "-emit-",
    "-Xassembler",
    "--ld-path",
    "-fthinlto-index",
    "-fcas-",
    "-fdepscan",
    "--ptxas-path",
)
_TOLD_TO_THE_COMPILER = words("-nostdinc -nostdinc++ -nostdlibinc -m32 -m64 -mx32 -m16 -mthumb")
_PREFIXES_TOLD = (
    "-stdlib=",
    "--gcc-toolchain=",
    "--gcc-install-dir=",
    "-march=",
    "-mcpu=",
    "-mabi=",
    "-mfpu=",
    "-mfloat-abi=",
    "-mmcu=",
)
_FRONTEND_SEPARATE = frozenset(
    ("-include", "-include-pch", "-imacros", "-isystem", "-iquote", "-I", "-D", "-U")
)
_PLAIN = re.compile(r"[\w.+=,-]+")
_NUMBER = re.compile(r"[\d.]+")
_PRECOMPILED = re.compile(r"-include-pch=?(.+\.(?:h|hh|hpp|hxx|H|h\+\+))\.(?:pch|gch)", re.DOTALL)
"""A compiler's own precompiled header, which libclang could not read: the header that it was made of is named so."""


class ArgumentTable:
    """Translates arguments, one command after another; what an argument is, is found out once."""

    def __init__(self) -> None:
        self._rules: dict[str, _Rule] = {}

    def translate(self, arguments: Iterable[str]) -> Translation:
        """The arguments of one command, without the compiler and with response files expanded."""
        done = Translation()
        frontend: list[str] = []
        rules, meaning, folders = self._rules, done.meaning, done.folders
        following = iter(arguments)
        for word in following:
            rule = rules.get(word) or self._learn(word)
            kind = rule[0]
            if kind is _NEXT:
                value = next(following, None)
                if value is None:
                    break
                if not rule[1]:
                    continue
                rule = rules.get(rule[1] + value) or self._learn(rule[1] + value)
                kind = rule[0]
            if kind is _FOLDER:
                folders.append(rule[1:])
            elif kind is _MEANING:
                meaning.append(rule[1])
            elif kind is _Kind.FRONTEND:
                frontend.append(next(following, ""))
            elif kind is _Kind.END:
                break
            elif kind is not _Kind.IGNORED:
                self._apply(rule, done)
        if frontend:
            self._frontend(frontend, done)
        return done

    def _learn(self, word: str) -> _Rule:
        if word[:1] != "-":
            return _IGNORED  # the main file, another input: most are seen once
        if len(self._rules) >= _MOST_RULES:
            self._rules.clear()
        rule = self._rules[word] = _classify(word)
        return rule

    def _apply(self, rule: _Rule, done: Translation) -> None:
        """What is too rare to be quick."""
        kind, text, more = rule
        if kind is _Kind.TRUST:
            done.dropped.append(text)
        elif kind is _Kind.FORCED:
            if text not in done.forced:
                done.forced.append(text)
        elif kind is _Kind.LANGUAGE:
            done.language = option_language(text) or ""
        elif kind is _Kind.STANDARD:
            done.standard = text
        elif kind is _Kind.TARGET:
            done.target = text
            done.asked.append(f"--target={text}")
        elif kind is _Kind.MACHINE:
            done.machine.append(text)
            if more:
                done.asked.append(text)
        elif kind is _Kind.ASKED:
            done.asked.append(text)
        elif kind is _Kind.SYSROOT:
            done.other.append(text + more)
            done.asked.append(text + more)
        elif kind is _Kind.OVERLAY:
            done.other += ("-ivfsoverlay", text)
        elif kind is _Kind.OPTIMISED:
            done.optimised = text
        elif kind is _Kind.NEEDS_CXX20:
            done.needs_cxx20 = True
        elif kind is _Kind.NESTED:
            self._nested(text, done)

    def _nested(self, text: str, done: Translation) -> None:
        """Arguments for the preprocessor: macros and include paths are taken, and its own outputs left out."""
        arguments = text.split(",")[1:]
        if all(word[:2] in ("-D", "-U", "-I", "-M") or not word.startswith("-") for word in arguments):
            inner = self.translate(arguments)
            done.meaning += inner.meaning
            done.folders += inner.folders
            done.dropped += inner.dropped
        else:
            done.dropped.append(text)

    def _frontend(self, arguments: list[str], done: Translation) -> None:
        """``-Xclang`` arguments: macros, include paths and ``-include``; all else is refused."""
        at = 0
        while at < len(arguments):
            word = arguments[at]
            at += 1
            if word in _FRONTEND_SEPARATE and at < len(arguments):
                inner = self.translate((word, arguments[at]))
                at += 1
            elif word[:2] in ("-D", "-U", "-I") and len(word) > 2:
                inner = self.translate((word,))
            else:
                done.dropped.append(f"-Xclang {word}")
                continue
            done.meaning += inner.meaning
            done.folders += inner.folders
            done.forced += (path for path in inner.forced if path not in done.forced)
            done.dropped += inner.dropped


def _classify(word: str) -> _Rule:
    """What one argument is (an option and its value in one)."""
    head = word[:2]
    separate = _SEPARATE.get(word)
    if separate is not None:
        return _Kind.NEXT, separate, ""
    if head in ("-D", "-U"):
        return _Kind.MEANING, word, ""
    if head in ("-I", "-F"):
        return (_Kind.FOLDER, head, word[2:]) if word != "-I-" else _IGNORED
    if header := _PRECOMPILED.fullmatch(word):
        return _Kind.FORCED, header[1], ""
    if word.startswith(_TRUST_PREFIXES):
        return _Kind.TRUST, word, ""
    if head == "-f":
        return _classify_feature(word)
    if head == "-O":
        return _Kind.OPTIMISED, _optimisation(word[2:]), ""
    if word in flags.MEANING:
        return _Kind.MEANING, word, ""
    if head == "-m" or word in ("-EL", "-EB"):
        if _PLAIN.fullmatch(word) is None:
            return _IGNORED
        told = word in _TOLD_TO_THE_COMPILER or word.startswith(_PREFIXES_TOLD)
        return _Kind.MACHINE, word, "told" if told else ""
    return _classify_path(word) if head == "-i" else _classify_rest(word)


def _classify_feature(word: str) -> _Rule:
    """``-f…``."""
    name = word[5:] if word.startswith("-fno-") else word[2:]
    option, _, value = word.partition("=")
    if name in flags.MEANING_BOTH or word in flags.MEANING:
        return _Kind.MEANING, word, ""
    if word in flags.NEEDS_CXX20:
        return _Kind.NEEDS_CXX20, "", ""
    if option == "-fopenmp":
        return _Kind.MEANING, option, ""  # whichever the runtime
    if option in flags.MEANING_NUMBER and _NUMBER.fullmatch(value):
        return _Kind.MEANING, word, ""
    if option.startswith("-fcf-protection"):
        return _Kind.MACHINE, word, ""
    if option in ("-fsanitize", "-fno-sanitize"):
        known = [one for one in value.split(",") if one in flags.SANITIZERS]
        return (_Kind.MEANING, f"{option}={','.join(known)}", "") if known else _IGNORED
    return _IGNORED


def _classify_path(word: str) -> _Rule:
    """``-i…``, joined with its value."""
    for option in _FOLDER_OPTIONS:
        if word.startswith(option):
            return _Kind.FOLDER, option, word[len(option) :]
    if word.startswith("-include"):
        return _Kind.FORCED, word.removeprefix("-include"), ""
    if word.startswith("-imacros"):
        return _Kind.MEANING, word, ""
    if word.startswith("-isysroot"):
        return _Kind.SYSROOT, "-isysroot", word.removeprefix("-isysroot")
    if word.startswith("-ivfsoverlay"):
        return _Kind.OVERLAY, word.removeprefix("-ivfsoverlay").removeprefix("="), ""
    return _IGNORED


def _classify_rest(word: str) -> _Rule:
    """``-x``, ``-std``, ``--target`` and the like."""
    option, is_joined, value = word.partition("=")
    if word.startswith("-x"):
        return _Kind.LANGUAGE, word[2:], ""
    if is_joined:
        if option in ("-std", "--std"):
            return _Kind.STANDARD, value, ""
        if option == "--target":
            # clang reads a configuration file of that name, which may load a plugin: it must not be a path.
            return (_Kind.TARGET, value, "") if _PLAIN.fullmatch(value) else (_Kind.TRUST, word, "")
        if option == "--language":
            return _Kind.LANGUAGE, value, ""
        if option == "--sysroot":
            return _Kind.SYSROOT, "--sysroot=", value
        if option in ("--define-macro", "--undefine-macro", "--include-directory", "--include", "--imacros"):
            return _classify(_SEPARATE[option] + value)
        if word.startswith(_PREFIXES_TOLD):
            return _Kind.ASKED, word, ""
    simple: dict[str, _Rule] = {
        "-ansi": (_Kind.STANDARD, "ansi", ""),
        "--ansi": (_Kind.STANDARD, "ansi", ""),
        "-pthreads": (_Kind.MEANING, "-pthread", ""),
        "--": (_Kind.END, "", ""),
        "-Xclang": (_Kind.FRONTEND, "", ""),
        "-Xpreprocessor": (_Kind.NEXT, "-Wp,", ""),
    }
    if word in simple:
        return simple[word]
    if word in _TOLD_TO_THE_COMPILER:
        return _Kind.ASKED, word, ""
    if word.startswith("-Wp,"):
        return _Kind.NESTED, word, ""
    return _IGNORED


def _optimisation(level: str) -> str:
    """What of an optimisation level code can see: whether there is one, whether for size, and fast mathematics.

    The number changes nothing; that there is one defines ``__OPTIMIZE__``, by which glibc's headers, among others,
    choose between declarations and inline definitions.
    """
    if level == "0":
        return ""
    if level in ("s", "z"):
        return "-Os"
    return "-Ofast" if level == "fast" else "-O1"


def spelled(folders: Sequence[tuple[str, str]]) -> list[str]:
    """Include paths as arguments."""
    spelling: list[str] = []
    for option, folder in folders:
        if len(option) == 2:
            spelling.append(option + folder)
        else:
            spelling += (option, folder)
    return spelling
