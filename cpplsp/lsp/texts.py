"""The text of a document, for what is answered from the text itself."""

from collections.abc import Callable

from cpplsp.lsp.session import Session


def text_of(session: Session, uri: str) -> Callable[[], bytes]:
    """What reads a document, on any thread: the buffer of now, or what is on disk; nothing where there is neither."""
    document, path = session.documents.get(uri), session.real_path(uri)
    if document is None:
        return lambda: _on_disk(path or "")
    text = document.text
    return lambda: text.encode("utf-8", "surrogatepass")


def _on_disk(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""
