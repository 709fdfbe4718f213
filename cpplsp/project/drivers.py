"""What a compiler adds by itself: its include folders, its target, its default standard. Asked of it, once.

libclang would look for a gcc by rules of its own; the compiler that builds the project knows better. It is run as
``LC_ALL=C CC -E -dM -v -x LANGUAGE FLAGS /dev/null`` when it may be (``trust``), else the system's own is.
"""

import logging
import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

from cpplsp.project.commands import Note, Notes
from cpplsp.project.language import is_cxx
from cpplsp.project.looks import Looks
from cpplsp.project.trust import TrustedCompilers

log = logging.getLogger(__name__)

_WITHIN_S = 15.0
_MOST_BYTES = 4 << 20
_MOST_QUESTIONS = 100
"""So many runs of compilers; a database with a thousand sysroots gets the plain answer from then on."""
_SYSTEM_COMPILERS = {True: ("c++", "g++", "clang++"), False: ("cc", "gcc", "clang")}
_NO_COMPILER_FOLDERS = ("/usr/local/include", "/usr/include")

_SEARCHED = re.compile(r"^#include <\.\.\.> search starts here:$(.*?)^End of search list\.$", re.M | re.S)
_TARGET = re.compile(r"^Target: (\S+)$", re.M)
_MACRO = re.compile(r"^#define (__cplusplus|__STDC_VERSION__|__STRICT_ANSI__) (\d+)L?$", re.M)
_BUILTIN = re.compile(r".*/lib\w*/(?:gcc(?:-cross)?/[^/]+/[^/]+/include(?:-fixed)?|clang/[^/]+/include)")
_OWN_CXX = re.compile(r"/(?:c\+\+|g\+\+)(?:[/-]|$)")

# The last year-and-month of each standard that its macro has had, drafts included.
_CXX_YEARS = ((199711, "98"), (201103, "11"), (201402, "14"), (201703, "17"), (202002, "20"), (202302, "23"))
_C_YEARS = ((199499, "89"), (199901, "99"), (201112, "11"), (201710, "17"))


@dataclass(frozen=True, slots=True)
class Toolchain:
    """What a compiler adds by itself.

    ``folders``: where system headers are, real paths in order, with libclang's builtin headers in the place of the
    compiler's own, which are ``builtin`` ('' where it has none). ``target``, ``standard``: '' where it did not say.
    """

    folders: tuple[str, ...]
    builtin: str
    target: str
    standard: str


def is_builtin(folder: str) -> bool:
    """Whether a folder (a real path) is a compiler's own builtin headers, which no other compiler can read."""
    return _BUILTIN.fullmatch(folder) is not None


def read_answer(errors: str, macros: str, language: str, resource: str) -> Toolchain | None:
    """What a compiler printed with ``-v`` and ``-dM``; ``resource``: libclang's builtin headers. None: no answer."""
    searched = _SEARCHED.search(errors)
    if searched is None:
        return None
    lines = (line.strip() for line in searched[1].splitlines())
    real = [os.path.realpath(line) for line in lines if line.startswith("/") and not line.endswith(")")]
    builtin = next((folder for folder in real if is_builtin(folder)), "")
    folders = list(dict.fromkeys(resource if folder == builtin else folder for folder in real))
    folders = [folder for folder in folders if folder == resource or not is_builtin(folder)]
    if folders and resource not in folders:
        at = max((index + 1 for index, folder in enumerate(folders) if _OWN_CXX.search(folder)), default=0)
        folders.insert(at, resource)
    target = _TARGET.search(errors)
    return Toolchain(
        tuple(folders), builtin, target[1] if target else "", _standard(macros, is_cxx(language))
    )


def _standard(macros: str, cxx: bool) -> str:
    """The standard that a compiler reads by, from the macros that it predefines."""
    defined = dict(_MACRO.findall(macros))
    if not defined:
        return ""
    dialect = "c" if "__STRICT_ANSI__" in defined else "gnu"
    year = int(defined.get("__cplusplus" if cxx else "__STDC_VERSION__", 0))
    if cxx:
        return f"{dialect}++{next((name for last, name in _CXX_YEARS if year <= last), '26')}"
    return f"{dialect}{next((name for last, name in _C_YEARS if year <= last), '23')}"


class Drivers:
    """Asks compilers, each question once. ``resource``: libclang's builtin headers, a real path."""

    def __init__(self, trusted: TrustedCompilers, resource: str, notes: Notes):
        self._trusted = trusted
        self._resource = resource
        self._notes = notes
        self._answers: dict[tuple[str, str, str, tuple[str, ...]], Toolchain] = {}
        self._runs: dict[tuple[str, str, tuple[str, ...]], Toolchain | None] = {}
        self._looks = Looks()

    def have_changed(self) -> bool:
        """Whether a compiler that was asked has been replaced, by an upgrade for instance."""
        return self._looks.have_changed()

    def refresh(self) -> None:
        """Forget the answers if a compiler has changed."""
        if self.have_changed():
            self._looks.clear()
            self._answers.clear()
            self._runs.clear()

    def ask(self, compiler: str, directory: str, language: str, flags: tuple[str, ...]) -> Toolchain:
        """What a compiler (as a command in ``directory`` names it; '' for the system's) adds for a language.

        ``flags``: of the command, those that change the answer, with absolute paths. There is always an
        answer: another compiler's, or none but libclang's own headers, and then a note on what to do.
        """
        where = directory if "/" in compiler and not compiler.startswith("/") else ""
        key = (compiler, where, language, flags)
        known = self._answers.get(key)
        if known is None:
            known = self._answers[key] = self._ask(compiler, directory, language, flags)
        return known

    def _ask(self, compiler: str, directory: str, language: str, flags: tuple[str, ...]) -> Toolchain:
        if compiler:
            path = self._trusted.find(compiler, directory)
            answer = self._run(path, language, flags) if path else None
            if answer is not None:
                return answer
            why = self._why(compiler, directory, path, language)
        else:
            why = Note("")
        for name in _SYSTEM_COMPILERS[is_cxx(language)]:
            path = self._trusted.find(name, "/")
            answer = self._run(path, language, flags) if path and name != compiler else None
            if answer is not None:
                if why.found:
                    self._notes.add(
                        f"{why.found}. The include folders of {path} are used instead", why.advice
                    )
                return answer
        self._notes.add(
            f"{why.found}{why.found and '. '}No {'C++' if is_cxx(language) else 'C'} compiler was found to ask for "
            "the standard headers, so most will be missing",
            "install one (on Debian or Ubuntu: apt-get install g++)",
        )
        folders = tuple(folder for folder in _NO_COMPILER_FOLDERS if os.path.isdir(folder))
        return Toolchain((self._resource, *folders), "", "", "")

    def _why(self, compiler: str, directory: str, path: str | None, language: str) -> Note:
        """Why a compiler has not answered."""
        if path:
            return Note(
                f"{path} did not say where its headers are",
                f"see what `{path} -E -v -x {language} /dev/null` says",
            )
        if not self._trusted.exists(compiler, directory):
            return Note(
                f"There is no compiler {compiler}, which the compile database names",
                "install it, or configure the project's build here",
            )
        full = os.path.join(directory, compiler) if "/" in compiler else f"**/{compiler}"
        return Note(
            f"The compiler {compiler} is not asked for its headers: it is not one of the system's, and a compile "
            "database alone cannot have a program run",
            f"if you trust it: --query-driver='{full}'",
        )

    def _run(self, path: str, language: str, flags: tuple[str, ...]) -> Toolchain | None:
        self._looks.note(path)
        key = (path, language, flags)
        if key not in self._runs and len(self._runs) >= _MOST_QUESTIONS:
            key = (path, language, ())
        if key not in self._runs:
            answer = self._query(*key)
            if answer is None and key[2]:
                # It may not know a flag: of another compiler, or clang's of gcc.
                answer = self._run(path, language, ())
            self._runs[key] = answer
        return self._runs[key]

    def _query(self, path: str, language: str, flags: tuple[str, ...]) -> Toolchain | None:
        output = _output([path, "-E", "-dM", "-v", "-x", language, *flags, "/dev/null"])
        answer = read_answer(output[1], output[0], language, self._resource) if output else None
        log.info("asked %s for its headers (%s %s): %s", path, language, " ".join(flags), answer)
        return answer


def _output(command: Sequence[str]) -> tuple[str, str] | None:
    """What a program wrote to stdout and stderr, if it ended well, in time, and did not say too much."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            env={**os.environ, "LC_ALL": "C"},
            start_new_session=True,
        )
    except OSError as error:
        log.warning("cannot run %s: %s", command[0], error)
        return None
    with process:
        texts = _read_all(process)
        if texts is None:
            os.killpg(process.pid, signal.SIGKILL)
            log.warning("%s did not come to an end, or did not stop talking: killed", command[0])
            return None
        try:
            return texts if process.wait(timeout=_WITHIN_S) == 0 else None
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return None


def _read_all(process: "subprocess.Popen[bytes]") -> tuple[str, str] | None:
    assert process.stdout is not None
    assert process.stderr is not None
    texts = {process.stdout: bytearray(), process.stderr: bytearray()}
    until_s = time.monotonic() + _WITHIN_S
    with selectors.DefaultSelector() as selector:
        for stream in texts:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(max(until_s - time.monotonic(), 0))
            if not ready:
                return None
            for key, _ in ready:
                part = os.read(key.fd, 1 << 16)
                if not part:
                    selector.unregister(key.fileobj)
                texts[key.fileobj] += part  # type: ignore[index]  # the streams that were registered
            if sum(map(len, texts.values())) > _MOST_BYTES:
                return None
    out, errors = (bytes(text).decode("utf-8", "replace") for text in texts.values())
    return out, errors
