"""How the collection goes: agreement over time, and when it will be done."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from middlemost.core.answers import Answers, encode
from middlemost.core.questions import Choice
from middlemost.project.course import DAY, forecast, over_time

TONE = Choice(id="tone", ask="?", options=[{"id": "a"}, {"id": "b"}])  # type: ignore[list-item]


def given(n_items: int, agree: np.ndarray) -> tuple[Answers, np.ndarray]:
    """Two answers an item, a minute apart; the second is the first where they `agree`."""
    rng = np.random.default_rng(0)
    first = rng.integers(2, size=n_items)
    second = np.where(agree, first, 1 - first)
    rows = [
        (f"i{n:04d}", rater, "ab"[said[n]]) for n in range(n_items) for rater, said in (("x", first), ("y", second))
    ]
    frame = pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row")
    return encode(frame), 60.0 * np.arange(2 * n_items)


def test_agreement_that_falls_is_seen_to_fall() -> None:
    answers, times = given(400, np.arange(400) < 200)
    windows = over_time(TONE, answers, times)
    assert [one.n_items for one in windows] == [34] * 4 + [33] * 8
    assert all(one.value == 1 for one in windows[:5])
    assert all(one.value < 0 for one in windows[-5:])
    assert all(a.end <= b.begin for a, b in pairwise(windows))


def test_the_order_of_answers_does_not_matter() -> None:
    answers, times = given(100, np.ones(100, dtype=bool))
    order = np.random.default_rng(1).permutation(len(answers))
    mixed = Answers(
        answers.items,
        answers.raters,
        answers.classes,
        *(c[order] for c in (answers.item, answers.rater, answers.answer)),
    )
    assert over_time(TONE, mixed, times[order]) == over_time(TONE, answers, times)


def test_too_few_items_give_no_windows() -> None:
    answers, times = given(59, np.ones(59, dtype=bool))
    assert over_time(TONE, answers, times) == ()
    assert over_time(TONE, None, np.empty(0)) == ()


def test_a_steady_pace_tells_the_day() -> None:
    times = DAY * np.arange(0, 10, 0.01)
    found = forecast(times, 500, now=10 * DAY, seconds=36.0)
    assert found is not None
    assert found.a_day == pytest.approx(100, rel=0.01)
    assert found.done_at == pytest.approx(15 * DAY, rel=0.01)
    assert found.latest is not None
    assert found.earliest < found.done_at < found.latest
    assert found.latest - found.earliest < 0.3 * DAY
    assert found.hours == 5.0


def test_work_in_one_burst_has_no_latest_day() -> None:
    times = np.append(0.0, 9.9 * DAY + np.arange(1000.0))
    found = forecast(times, 500, now=10 * DAY, seconds=None)
    assert found is not None
    assert found.latest is None
    assert found.hours is None


@pytest.mark.parametrize(
    ("times", "left"), [(np.arange(1000.0), 0), (np.arange(19.0) * DAY / 2, 5), (np.arange(500.0), 5), (np.empty(0), 5)]
)
def test_where_there_is_no_pace_there_is_no_forecast(times: np.ndarray, left: int) -> None:
    assert forecast(times, left, now=(times.max() if len(times) else 0.0), seconds=1.0) is None


def test_what_was_done_long_ago_is_not_the_pace() -> None:
    old, new = np.arange(5000.0), 100 * DAY + DAY * np.arange(0, 5, 0.1)
    found = forecast(np.append(old, new), 10, now=105 * DAY, seconds=None)
    assert found is not None
    assert found.a_day == pytest.approx(10, rel=0.05)
