"""Claims: each header is reported once in each context, and a claim whose worker died is void."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cpplsp.scheduler.claims import Claims
from cpplsp.shapes import pack, tells_all_of

WHOLE = b""


def whole(*paths: str) -> list[tuple[str, bytes]]:
    """Files of which nothing is skipped."""
    return [(path, WHOLE) for path in paths]


def test_a_header_is_granted_once_in_a_context() -> None:
    claims = Claims({})
    assert claims.grant("c++", 1, whole("a.h", "b.h")) == [0, 1]
    assert claims.grant("c++", 2, whole("b.h", "c.h", "a.h")) == [1]
    assert claims.grant("c", 3, whole("a.h")) == [0]


def test_a_header_is_granted_again_where_other_text_of_it_is_compiled() -> None:
    claims = Claims({})
    without, otherwise = pack([(5, 9)]), pack([(2, 4)])
    assert claims.grant("c++", 1, [("a.h", without)]) == [0]
    assert claims.grant("c++", 2, [("a.h", without)]) == []
    assert claims.grant("c++", 3, [("a.h", otherwise)]) == [0]
    assert claims.grant("c++", 4, [("a.h", pack([(2, 4), (5, 9)]))]) == []
    assert claims.grant("c++", 5, [("a.h", WHOLE)]) == [0]
    assert claims.shapes("c++", "a.h") == (without, otherwise, WHOLE)
    assert claims.brief("c++", 7) == (0, ["a.h"])


def test_what_the_index_has_already_is_claimed() -> None:
    claims = Claims({"c++": {"a.h": [WHOLE], "p.h": [pack([(5, 9)])]}})
    assert claims.grant("c++", 1, [*whole("a.h", "b.h", "p.h"), ("p.h", pack([(5, 9)]))]) == [1, 2]
    assert claims.shapes("c++", "a.h") == (WHOLE,)
    assert not claims.shapes("c", "a.h")


def test_a_worker_is_told_what_is_new_since_its_last_job() -> None:
    claims = Claims({"c++": {"a.h": [WHOLE]}})
    assert claims.brief("c++", 7) == (0, ["a.h"])
    claims.grant("c++", 1, whole("b.h"))
    assert claims.brief("c++", 7) == (0, ["b.h"])
    assert claims.brief("c++", 7) == (0, [])


def test_a_worker_that_was_elsewhere_is_told_all_again() -> None:
    claims = Claims({"c++": {"a.h": [WHOLE]}})
    claims.brief("c++", 7)
    claims.brief("c", 7)
    assert claims.brief("c++", 7) == (0, ["a.h"])


def test_a_new_worker_of_an_old_key_is_told_all() -> None:
    claims = Claims({"c++": {"a.h": [WHOLE]}})
    claims.brief("c++", 7)
    claims.forget(7)
    assert claims.brief("c++", 7) == (0, ["a.h"])


def test_what_was_not_reported_when_a_unit_ends_is_void_and_raises_the_epoch() -> None:
    claims = Claims({})
    claims.brief("c++", 7)
    claims.grant("c++", 1, whole("a.h", "b.h"))
    claims.reported(1, "a.h", WHOLE)
    assert claims.outstanding(1) == {("b.h", WHOLE)}
    assert claims.epoch("c++") == 0
    assert claims.end("c++", 1) == 1
    assert claims.epoch("c++") == 1
    assert claims.brief("c++", 7) == (1, ["a.h"])
    assert claims.grant("c++", 2, whole("a.h", "b.h")) == [1]


def test_a_void_claim_leaves_those_of_other_shapes() -> None:
    claims = Claims({})
    skipped = pack([(5, 9)])
    claims.grant("c++", 1, [("a.h", skipped)])
    claims.reported(1, "a.h", skipped)
    claims.grant("c++", 2, whole("a.h"))
    claims.end("c++", 2)
    assert claims.shapes("c++", "a.h") == (skipped,)
    assert claims.brief("c++", 7) == (1, ["a.h"])
    assert claims.grant("c++", 3, whole("a.h")) == [0]


def test_a_unit_that_reported_all_leaves_the_epoch_alone() -> None:
    claims = Claims({})
    claims.grant("c++", 1, whole("a.h"))
    claims.reported(1, "a.h", WHOLE)
    assert claims.end("c++", 1) == 0
    assert claims.brief("c++", 7) == (0, ["a.h"])


SHAPES = [b"", pack([(1, 2)]), pack([(3, 4)]), pack([(1, 2), (3, 4)]), pack([(0, 9)])]
Claimed = set[tuple[str, bytes]]


class Workers(RuleBasedStateMachine):
    """Workers take, report and die at will; each keeps the books that a worker keeps."""

    def __init__(self) -> None:
        super().__init__()
        self.claims = Claims({})
        self.known: dict[int, tuple[int, set[str]]] = {}
        self.open: dict[int, Claimed] = {}
        self.reported: Claimed = set()
        self.asked: Claimed = set()
        """Since claims last became void."""
        self.units = 0

    def held(self) -> Claimed:
        return self.reported.union(*self.open.values())

    @rule(worker=st.integers(0, 2))
    def start(self, worker: int) -> None:
        epoch, news = self.claims.brief("x", worker)
        before = self.known.get(worker)
        known = before[1] if before and before[0] == epoch else set()
        self.known[worker] = (epoch, known | set(news))
        held = {path for path, _ in self.held()}
        assert self.known[worker][1] == held, "a worker knows of every claim, and of no void one"

    @rule(files=st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(SHAPES)))
    def grant(self, files: dict[str, bytes]) -> None:
        self.units += 1
        held = self.held()
        asked = list(files.items())
        granted = {asked[index] for index in self.claims.grant("x", self.units, asked)}
        assert granted == {
            (path, shape)
            for path, shape in asked
            if not any(tells_all_of(other, shape) for one, other in held if one == path)
        }
        self.open[self.units] = granted
        self.asked.update(asked)

    @rule(data=st.data())
    def report_some_and_end(self, data: st.DataObject) -> None:
        if not self.open:
            return
        unit = data.draw(st.sampled_from(sorted(self.open)))
        files = self.open.pop(unit)
        sent = data.draw(st.sets(st.sampled_from(sorted(files)))) if files else set()
        for path, shape in sorted(sent):
            self.claims.reported(unit, path, shape)
        assert self.claims.end("x", unit) == len(files - sent)
        self.reported |= sent
        if files - sent:
            self.asked = self.held()

    @invariant()
    def claimed_is_what_is_reported_or_under_way(self) -> None:
        held = self.held()
        assert {(path, shape) for path in "abcdef" for shape in self.claims.shapes("x", path)} == held

    @invariant()
    def all_that_was_asked_for_is_told(self) -> None:
        held = self.held()
        assert all(
            any(tells_all_of(other, shape) for one, other in held if one == path)
            for path, shape in self.asked
        )


Workers.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestWorkers = Workers.TestCase
