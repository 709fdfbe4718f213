"""Giving a name another one, in all files of the project; and whether that can be done."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NoReturn

import msgspec
from lsprotocol import types
from msgspec import Struct
from pygls.exceptions import JsonRpcException

from cpplsp.content import content_hash, read_content
from cpplsp.lsp.positions import Cursor, Outward
from cpplsp.lsp.wire import Range
from cpplsp.lsp.workspace import Question
from cpplsp.paths import Roots
from cpplsp.query.files import indexed_contents
from cpplsp.query.navigation import symbols_at
from cpplsp.query.rename import Edit, RenameError, find_renamable, rename
from cpplsp.text.identifiers import Text

if TYPE_CHECKING:
    from cpplsp.lsp.server import Server

_UNCERTAIN = "uncertain"


class Refusal(JsonRpcException):
    """A rename that was refused; the client shows why."""

    CODE = int(types.LSPErrorCodes.RequestFailed)


class PrepareRename(Struct, frozen=True):
    """The name to be changed, and what to put into the field for the new one."""

    range: Range
    placeholder: str


class TextEdit(Struct, frozen=True, rename="camel", omit_defaults=True, gc=False):
    """One change of a text. ``annotation_id``: what the client asks about before it makes the change."""

    range: Range
    new_text: str
    annotation_id: str | None = None


class VersionedDocument(Struct, frozen=True, gc=False):
    """A document; ``version``: what the edits were made for, if it is open."""

    uri: str
    version: int | None


class TextDocumentEdit(Struct, frozen=True, rename="camel"):
    """The changes of one document."""

    text_document: VersionedDocument
    edits: tuple[TextEdit, ...]


class ChangeAnnotation(Struct, frozen=True, rename="camel"):
    """What a client asks before it makes changes."""

    label: str
    needs_confirmation: bool
    description: str


class WorkspaceEdit(Struct, frozen=True, rename="camel", omit_defaults=True):
    """Changes of many documents: with versions, or by URI for clients that take no versions."""

    changes: Mapping[str, Sequence[TextEdit]] | None = None
    document_changes: Sequence[TextDocumentEdit] | None = None
    change_annotations: Mapping[str, ChangeAnnotation] | None = None


ANNOTATIONS = {
    _UNCERTAIN: ChangeAnnotation(
        "Rename where the name is not compiled",
        True,
        "In code that no compile command reads, or in templates",
    )
}


@dataclass(frozen=True, slots=True)
class Screen:
    """What a client has open (texts as a file has them, and versions, by real path), and what edits it takes."""

    texts: Mapping[str, bytes]
    versions: Mapping[str, int]
    takes_versions: bool
    takes_annotations: bool


def register(server: "Server") -> None:
    """Answer these requests."""

    async def ask(
        params: types.PrepareRenameParams | types.RenameParams,
        question: Callable[[Cursor], Question[PrepareRename | WorkspaceEdit]],
    ) -> msgspec.Raw:
        try:
            found = await server.session.ask_at(params.text_document.uri, params.position, question)
        except RenameError as error:
            refuse(str(error))
        if not found:
            refuse("there is no name here that can be changed, or it is not in the index yet")
        return msgspec.Raw(msgspec.json.encode(found[0]))

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    async def prepare_rename(params: types.PrepareRenameParams) -> msgspec.Raw:
        await server.session.settled(is_whole=True)
        outward, screen = server.session.outward(), screen_of(server)
        return await ask(
            params, lambda cursor: lambda db, roots: [prepare(db, roots, cursor, outward, screen)]
        )

    @server.feature(types.TEXT_DOCUMENT_RENAME)
    async def rename_symbol(params: types.RenameParams) -> msgspec.Raw:
        session, new = server.session, params.new_name
        await session.settled(is_whole=True)
        outward, screen = session.outward(), screen_of(server)
        return await ask(
            params, lambda cursor: lambda db, roots: [find_rename(db, roots, cursor, outward, new, screen)]
        )


def refuse(reason: str) -> NoReturn:
    """Answer that it cannot be done."""
    raise Refusal(reason)


def screen_of(server: "Server") -> Screen:
    """What the client has on its screen now."""
    workspace = server.client_capabilities.workspace
    edits = workspace.workspace_edit if workspace is not None else None
    documents = list(server.session.documents)
    return Screen(
        {one.path: one.encoded() for one in documents},
        {one.path: one.version for one in documents},
        bool(edits and edits.document_changes),
        bool(edits and edits.document_changes and edits.change_annotation_support),
    )


def prepare(
    db: sqlite3.Connection, roots: Roots, cursor: Cursor, outward: Outward, screen: Screen
) -> PrepareRename:
    """The name at the cursor, if it can be changed. Raises RenameError."""
    hits = symbols_at(db, roots, cursor.path, cursor.line, cursor.column)
    place, name = find_renamable(db, roots, hits, cursor.column, _reader(db, roots, screen))
    return PrepareRename(outward.range(place), name)


def find_rename(
    db: sqlite3.Connection, roots: Roots, cursor: Cursor, outward: Outward, new: str, screen: Screen
) -> WorkspaceEdit:
    """Every change that gives the name at the cursor another one. Raises RenameError."""
    hits = symbols_at(db, roots, cursor.path, cursor.line, cursor.column)
    reads = _reader(db, roots, screen)
    found = rename(db, roots, hits, cursor.column, new, reads)
    by_path = {path: list(edits) for path, edits in groupby(found.edits, lambda edit: edit.place.path)}
    for path in screen.texts:
        if path in by_path or not found.is_local:
            there, shown = Text(path, reads(path) or b""), Text(path, screen.texts[path])
            _check_screen(there, shown, by_path.get(path, []), found.old, outward)
    return workspace_edit(by_path, new, outward, screen)


def _reader(db: sqlite3.Connection, roots: Roots, screen: Screen) -> Callable[[str], bytes | None]:
    """What reads files: as they are on the screen, where the index tells of that text, else as they are on disk."""

    def read(path: str) -> bytes | None:
        shown = screen.texts.get(path)
        if shown is not None and indexed_contents(db, roots, path) == {content_hash(shown)}:
            return shown
        return on_disk(path)

    return read


def _check_screen(there: Text, shown: Text, edits: Sequence[Edit], name: str, outward: Outward) -> None:
    """Refuse where what is on the screen has the name at other places than what was read. Raises RenameError."""
    if there.content == shown.content:
        return
    is_same = len(there.spelled(name)) == len(shown.spelled(name))
    if not is_same or not all(outward.holds(edit.place) for edit in edits):
        raise RenameError(f"{there.path} has unsaved changes that have to do with {name}: save it first")


def workspace_edit(
    by_path: Mapping[str, Sequence[Edit]], new: str, outward: Outward, screen: Screen
) -> WorkspaceEdit:
    """Edits as the client takes them."""
    changes = {
        path: tuple(
            TextEdit(
                outward.range(edit.place),
                new,
                None if edit.is_certain or not screen.takes_annotations else _UNCERTAIN,
            )
            for edit in edits
        )
        for path, edits in by_path.items()
    }
    if not screen.takes_versions:
        return WorkspaceEdit(changes={outward.paths.uri(path): found for path, found in changes.items()})
    documents = [
        TextDocumentEdit(VersionedDocument(outward.paths.uri(path), screen.versions.get(path)), found)
        for path, found in changes.items()
    ]
    is_asked = any(edit.annotation_id is not None for found in changes.values() for edit in found)
    return WorkspaceEdit(document_changes=documents, change_annotations=ANNOTATIONS if is_asked else None)


def on_disk(path: str) -> bytes | None:
    """The text of a file; None where it cannot be read."""
    try:
        return read_content(path)[0]
    except OSError:
        return None
