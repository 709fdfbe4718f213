"""Amounts as a person reads them."""

import pytest

from cpplsp import amounts

MIB = 1 << 20


@pytest.mark.parametrize(
    ("seconds", "text"), [(7, "0:07"), (59.6, "1:00"), (750, "12:30"), (10931, "3:02:11")]
)
def test_a_time_left_is_written_like_a_clock(seconds: float, text: str) -> None:
    assert amounts.clock_text(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 KiB"), (2048, "2 KiB"), (312 * MIB, "312 MiB"), (4 << 30, "4.0 GiB")]
)
def test_an_amount_of_memory_is_written_in_its_unit(number: int, text: str) -> None:
    assert amounts.bytes_text(number) == text


def test_amounts_that_share_a_unit_leave_it_out() -> None:
    assert amounts.mib_text(312 * MIB + MIB // 4) == "312"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (7_199, "1 hour ago"),
        (86_399, "23 hours ago"),
        (864_000, "10 days ago"),
    ],
)
def test_an_age(seconds: float, text: str) -> None:
    assert amounts.ago_text(seconds) == text


def test_a_plural_that_takes_more_than_an_s() -> None:
    assert [amounts.count_text(number, "index", "indexes") for number in (1, 2_000)] == [
        "1 index",
        "2,000 indexes",
    ]
