"""Reading a file with libclang as an invocation says."""

import os
from collections.abc import Sequence
from pathlib import Path

from cpplsp.config import Settings
from cpplsp.facts import FileFacts, UnitState
from cpplsp.project.commands import CompileCommand
from cpplsp.project.project import Invocation, Project
from cpplsp.protocol import Job, UnitDone
from cpplsp.worker.session import Session
from support.cpp import libclang


def read(
    path: str, directory: str, arguments: Sequence[str], facts: list[FileFacts] | None = None
) -> UnitDone:
    """Index one file in a session of its own; the facts of all files of its folder go into ``facts``."""
    job = Job(1, path, directory, list(arguments), "", 0, [], (os.path.dirname(path), "", ""))
    session = Session(libclang(), "", 0)
    before = os.getcwd()
    try:
        sent = [] if facts is None else facts
        return session.run(job, lambda claims: list(range(len(claims))), sent.append)
    finally:
        os.chdir(before)
        session.close()


def check_reads(path: str, directory: str, arguments: Sequence[str]) -> None:
    """The file has no error when read so."""
    done = read(path, directory, arguments)
    assert (done.error, done.errors, done.state) == ("", 0, UnitState.INDEXED), arguments


def open_project(root: Path, settings: Settings | None = None) -> Project:
    """A project with nothing but a file, so that it can be opened."""
    root.mkdir(parents=True, exist_ok=True)
    if not (root / "main.cc").exists():
        (root / "main.cc").write_text("int main() { return 0; }\n")
    return Project.open(str(root), settings or Settings())


def invoke(project: Project, *arguments: str, file: str = "main.cc", compiler: str = "g++") -> Invocation:
    """What libclang gets for a command in the project's root."""
    path = os.path.join(project.root, file)
    return project.invocation(CompileCommand(project.root, path, (compiler, *arguments)))
