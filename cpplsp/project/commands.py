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


@dataclass(frozen=True, slots=True)
class Note:
    """What a person should be told: what was ``found``, and ``advice`` on what to do about it, if anything can be."""

    found: str
    advice: str = ""

    def __str__(self) -> str:
        """Both as one text."""
        return f"{self.found}. {self.advice[0].upper()}{self.advice[1:]}" if self.advice else self.found


@dataclass(slots=True)
class Notes:
    """What a person should be told: each thing once, the first twenty in words, the rest as a number."""

    _notes: dict[Note, None] = field(default_factory=dict)
    _more: int = 0

    def add(self, found: str, advice: str = "") -> None:
        """Add a :class:`Note` unless it is there."""
        note = Note(found, advice)
        if note in self._notes:
            return
        if len(self._notes) < _MOST_NOTES:
            self._notes[note] = None
        else:
            self._more += 1

    def clear(self) -> None:
        """Forget all."""
        self._notes.clear()
        self._more = 0

    def all(self) -> list[Note]:
        """The notes in the order in which they came."""
        return [*self._notes, *([Note(f"… and {self._more} more")] if self._more else [])]

    def texts(self) -> list[str]:
        """The same, each as one text."""
        return [str(note) for note in self.all()]
