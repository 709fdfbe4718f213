"""What a project says of one file: its compile command; and what a person is told about a project."""

from dataclasses import dataclass, field

_MOST_NOTES = 20


@dataclass(frozen=True, slots=True)
class CompileCommand:
    """How one file is compiled.

    ``directory``: absolute, where relative arguments count from. ``file``: absolute real path of the main file;
    it need not exist. ``arguments``: compiler first, as written; response files are not expanded yet.
    """

    directory: str
    file: str
    arguments: tuple[str, ...]


@dataclass(slots=True)
class Notes:
    """What a person should be told: each thing once, the first twenty in words, the rest as a number."""

    _texts: dict[str, None] = field(default_factory=dict)
    _more: int = 0

    def add(self, text: str) -> None:
        """Add a note unless it is there."""
        if text in self._texts:
            return
        if len(self._texts) < _MOST_NOTES:
            self._texts[text] = None
        else:
            self._more += 1

    def clear(self) -> None:
        """Forget all."""
        self._texts.clear()
        self._more = 0

    def texts(self) -> list[str]:
        """The notes in the order in which they came."""
        more = [f"… and {self._more} more"] if self._more else []
        return [*self._texts, *more]
