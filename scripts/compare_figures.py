"""Figures of how two servers' answers agree, and the answers that differ; and how a request is put to both.

An answer is a set of texts, or what each of some texts is (the kind of a symbol, the type of a token).
Counted is where the reference answers. Scores are between 0 and 1.
"""

import difflib
import os
import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal
from urllib.parse import unquote, urlparse

from compare_places import Search
from lspclient import AnswerError, Server

Answer = AbstractSet[str] | Mapping[str, str]
Answers = Mapping[str, Answer]
Score = Callable[[Answer, Answer], float]

_BUILTIN = re.compile(r"^.*/lib/clang/\d+/include/")
_TOKEN = re.compile(r"\w+|[^\w\s]")


def equally(theirs: Answer, ours: Answer) -> float:
    """F1 of sets."""
    whole = len(theirs) + len(ours)
    return 2 * len(set(theirs) & set(ours)) / whole if whole else 1.0


def meeting(theirs: Answer, ours: Answer) -> float:
    """Whether some of it is the same."""
    return float(bool(set(theirs) & set(ours)))


def having(theirs: Answer, ours: Answer) -> float:
    """How much of the reference's there is."""
    return len(set(theirs) & set(ours)) / len(theirs) if theirs else 1.0


def alike(theirs: Answer, ours: Answer) -> float:
    """How often, of what both know, they say the same."""
    both = set(theirs) & set(ours)
    left, right = dict(theirs), dict(ours)
    same = sum(left[one] == right[one] for one in both)
    return same / len(both) if both else 1.0


def reading_alike(theirs: Answer, ours: Answer) -> float:
    """How many of the tokens of two texts are the same, in their order."""
    tokens = [_TOKEN.findall(" ".join(one)) for one in (theirs, ours)]
    return difflib.SequenceMatcher(None, *tokens, autojunk=False).ratio() if theirs or ours else 1.0


@dataclass
class Row:
    """One aspect's figures, and the answers that differ.

    ``total``: of the scores. ``both``, ``only_reference``, ``only_judged``: single texts over all answers together.
    """

    name: str
    meaning: str
    score: Score
    asked: int = 0
    total: float = 0.0
    same: int = 0
    both: int = 0
    only_reference: int = 0
    only_judged: int = 0
    differing: list[str] = field(default_factory=list)
    labels: tuple[str, str] = ("clangd", "cpplsp")

    def add(self, subject: str, theirs: Answer, ours: Answer | AnswerError) -> None:
        """Count the answers about one subject; an error is one that has nothing of the other."""
        if not theirs:
            return
        if isinstance(ours, AnswerError):
            self.asked += 1
            self.only_reference += len(theirs)
            self.differing.append(f"{self.name} at {subject}:\n    {self.labels[1]}: {ours}")
            return
        score = self.score(theirs, ours)
        self.asked += 1
        self.total += score
        self.same += score == 1.0
        if self.score is alike:  # what only one of them knows is the business of another row
            both = set(theirs) & set(ours)
            theirs, ours = _only(dict(theirs), both), _only(dict(ours), both)
        left, right = _items(theirs), _items(ours)
        self.both += len(left & right)
        self.only_reference += len(left - right)
        self.only_judged += len(right - left)
        if score < 1.0:
            self.differing.append(
                f"{self.name} at {subject}:\n"
                f"    {self.labels[0]}: {_some(left - right)}\n    {self.labels[1]}: {_some(right - left)}"
            )

    @property
    def agreement(self) -> float:
        """Mean score, in per cent."""
        return per_cent(self.total, self.asked)

    def figures(self) -> dict[str, str | float | None]:
        """All figures; None where single texts are not what is compared."""
        by_text = self.score not in (meeting, reading_alike)
        together = {
            "together": per_cent(2 * self.both, 2 * self.both + self.only_reference + self.only_judged),
            "precision": per_cent(self.both, self.both + self.only_judged),
            "recall": per_cent(self.both, self.both + self.only_reference),
        }
        return {
            "row": self.name,
            "asked": self.asked,
            "agree": self.agreement,
            "same": per_cent(self.same, self.asked),
            **(together if by_text else dict.fromkeys(together)),
        }


def per_cent(part: float, whole: int) -> float:
    """All, where there is nothing."""
    return 100 * part / whole if whole else 100.0


def _only(answer: dict[str, str], wanted: AbstractSet[str]) -> dict[str, str]:
    return {one: what for one, what in answer.items() if one in wanted}


def _items(answer: Answer) -> set[str]:
    if isinstance(answer, Mapping):
        return {f"{one} = {what}" for one, what in answer.items()}
    return set(answer)


def _some(items: set[str]) -> str:
    """At most six of them."""
    texts = sorted(items)
    return " | ".join(texts[:6]) + (f" … {len(texts)}" if len(texts) > 6 else "") or "–"


def spot(server: Server, path: str, *numbers: int) -> str:
    """A place as a person counts, relative to the project; clang's builtin headers are one, whichever clang's."""
    inside = _BUILTIN.sub("<builtin>/", os.path.realpath(path))
    if inside.startswith(f"{server.root}/"):
        inside = os.path.relpath(inside, server.root)
    return ":".join([inside, *(str(number + 1) for number in numbers)])


def path_of(uri: str) -> str:
    """The path of a file's URI."""
    return unquote(urlparse(uri).path)


class Method:
    """One request. ``capability``: without it a server is not asked; ``aspects``: what is compared, and how.

    ``about``: what it is asked about.
    """

    name: ClassVar[str]
    capability: ClassVar[str]
    about: ClassVar[Literal["places", "files", "searches"]] = "places"
    aspects: ClassVar[Mapping[str, tuple[Score, str]]]

    def __init__(self) -> None:
        self.rows = {
            aspect: Row(f"{self.name} {aspect}".strip(), meaning, score)
            for aspect, (score, meaning) in self.aspects.items()
        }

    def offered_by(self, server: Server) -> bool:
        """Whether a server says that it answers this."""
        return not self.capability or bool(server.capabilities.get(self.capability))

    def applies(self, _reference: Server, _subject: Any) -> bool:
        """Whether the reference's answer is worth comparing with."""
        return True

    def compare(self, reference: Server, judged: Server, subject: Any) -> None:
        """Ask both."""
        if not self.applies(reference, subject):
            return
        try:
            theirs = self.ask(reference, subject)
        except AnswerError:
            return
        ours: Answers | AnswerError
        try:
            ours = self.ask(judged, subject)
        except AnswerError as error:
            ours = error
        shown = str(subject) if isinstance(subject, (str, Search)) else spot(reference, *subject)
        for aspect, row in self.rows.items():
            answer = ours if isinstance(ours, AnswerError) else ours.get(aspect, set())
            row.add(shown, theirs.get(aspect, set()), answer)

    def ask(self, server: Server, subject: Any) -> Answers:
        """One server's answers, by aspect."""
        raise NotImplementedError
