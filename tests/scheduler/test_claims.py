"""Claims: each header is reported once in each context, and a claim whose worker died is void."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cpplsp.scheduler.claims import Claims


def test_a_header_is_granted_once_in_a_context() -> None:
    claims = Claims({})
    assert claims.grant("c++", 1, ["a.h", "b.h"]) == [0, 1]
    assert claims.grant("c++", 2, ["b.h", "c.h", "a.h"]) == [1]
    assert claims.grant("c", 3, ["a.h"]) == [0]


def test_what_the_index_has_already_is_claimed() -> None:
    claims = Claims({"c++": {"a.h"}})
    assert claims.grant("c++", 1, ["a.h", "b.h"]) == [1]
    assert claims.is_claimed("c++", "a.h")
    assert not claims.is_claimed("c", "a.h")


def test_a_worker_is_told_what_is_new_since_its_last_job() -> None:
    claims = Claims({"c++": {"a.h"}})
    assert claims.brief("c++", 7) == (0, ["a.h"])
    claims.grant("c++", 1, ["b.h"])
    assert claims.brief("c++", 7) == (0, ["b.h"])
    assert claims.brief("c++", 7) == (0, [])


def test_a_worker_that_was_elsewhere_is_told_all_again() -> None:
    claims = Claims({"c++": {"a.h"}})
    claims.brief("c++", 7)
    claims.brief("c", 7)
    assert claims.brief("c++", 7) == (0, ["a.h"])


def test_a_new_worker_of_an_old_key_is_told_all() -> None:
    claims = Claims({"c++": {"a.h"}})
    claims.brief("c++", 7)
    claims.forget(7)
    assert claims.brief("c++", 7) == (0, ["a.h"])


def test_what_was_not_reported_when_a_unit_ends_is_void_and_raises_the_epoch() -> None:
    claims = Claims({})
    claims.brief("c++", 7)
    claims.grant("c++", 1, ["a.h", "b.h"])
    claims.reported(1, "a.h")
    assert claims.outstanding(1) == {"b.h"}
    assert claims.epoch("c++") == 0
    assert claims.end("c++", 1) == 1
    assert claims.epoch("c++") == 1
    assert claims.brief("c++", 7) == (1, ["a.h"])
    assert claims.grant("c++", 2, ["a.h", "b.h"]) == [1]


def test_a_unit_that_reported_all_leaves_the_epoch_alone() -> None:
    claims = Claims({})
    claims.grant("c++", 1, ["a.h"])
    claims.reported(1, "a.h")
    assert claims.end("c++", 1) == 0
    assert claims.brief("c++", 7) == (0, ["a.h"])


class Workers(RuleBasedStateMachine):
    """Workers take, report and die at will; each keeps the books that a worker keeps."""

    def __init__(self) -> None:
        super().__init__()
        self.claims = Claims({})
        self.known: dict[int, tuple[int, set[str]]] = {}
        self.open: dict[int, set[str]] = {}
        self.reported: set[str] = set()
        self.units = 0

    @rule(worker=st.integers(0, 2))
    def start(self, worker: int) -> None:
        epoch, news = self.claims.brief("x", worker)
        before = self.known.get(worker)
        known = before[1] if before and before[0] == epoch else set()
        self.known[worker] = (epoch, known | set(news))
        held = self.reported.union(*self.open.values())
        assert self.known[worker][1] == held, "a worker knows of every claim, and of no void one"

    @rule(files=st.lists(st.sampled_from("abcdef"), unique=True))
    def grant(self, files: list[str]) -> None:
        self.units += 1
        held = self.reported.union(*self.open.values())
        granted = {files[index] for index in self.claims.grant("x", self.units, files)}
        assert granted == set(files) - held
        self.open[self.units] = granted

    @rule(data=st.data())
    def report_some_and_end(self, data: st.DataObject) -> None:
        if not self.open:
            return
        unit = data.draw(st.sampled_from(sorted(self.open)))
        files = self.open.pop(unit)
        sent = data.draw(st.sets(st.sampled_from(sorted(files)))) if files else set()
        for path in sorted(sent):
            self.claims.reported(unit, path)
        assert self.claims.end("x", unit) == len(files - sent)
        self.reported |= sent

    @invariant()
    def claimed_is_what_is_reported_or_under_way(self) -> None:
        held = self.reported.union(*self.open.values())
        assert {path for path in "abcdef" if self.claims.is_claimed("x", path)} == held


Workers.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestWorkers = Workers.TestCase
