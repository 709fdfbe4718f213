"""What the client is told: each thing once."""

from lsprotocol import types

from cpplsp.lsp.client import Client


class Notified:
    def __init__(self) -> None:
        self.sent: list[tuple[str, object]] = []

    def notify(self, method: str, params: object) -> None:
        self.sent.append((method, params))


def test_a_warning_and_an_error_are_each_shown_once() -> None:
    protocol = Notified()
    client = Client(protocol)  # type: ignore[arg-type]
    for _ in range(2):
        client.show_warning("it cannot be written")
        client.show_error("there is nothing to index")
    assert protocol.sent == [
        (
            types.WINDOW_SHOW_MESSAGE,
            types.ShowMessageParams(types.MessageType.Warning, "cpplsp: it cannot be written"),
        ),
        (
            types.WINDOW_SHOW_MESSAGE,
            types.ShowMessageParams(types.MessageType.Error, "cpplsp: there is nothing to index"),
        ),
    ]
