"""How the collection goes: agreement over time, and when it will be done at the pace that it has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from middlemost.agreement import Alpha
from middlemost.core.answers import Answers
from middlemost.core.questions import Question, Scale
from middlemost.core.values import CODE, NUMBER

MOST_WINDOWS, LEAST_ITEMS = 12, 30
DAY, LOOK_BACK = 86_400.0, 14 * 86_400.0
SHARES, LEAST_ANSWERS, LEAST_SECONDS = 12, 20, 600.0
LEVEL = 0.9
DRAWS = 200

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Window:
    """Agreement on the items that were answered last between two times (Unix seconds); no interval if it has none."""

    begin: float
    end: float
    n_items: int
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Forecast:
    """When the `left` answers will be there if the pace stays as it has been since `since`.

    `a_day` answers; `done_at` with its 90 % interval, whose end is None where the pace may come to nothing. `hours`: of
    raters' work that are left; None where nobody knows how long an answer takes.
    """

    left: int
    since: float
    a_day: float
    done_at: float
    earliest: float
    latest: float | None
    hours: float | None


def over_time(question: Question, answers: Answers | None, times: Floats) -> tuple[Window, ...]:
    """Krippendorff's alpha in up to twelve windows of as many items each, thirty at least; none for fewer than two.

    `times` (answers,): Unix seconds. An item belongs to the time of its last answer. Only for choices and numbers.
    """
    if answers is None or question.kind not in (CODE, NUMBER):
        return ()
    if answers.round is not None:  # repeats say nothing of agreement between raters
        first = answers.round == 1
        answers, times = answers.take(first), times[first]
    last = np.full(answers.n_items, -np.inf)
    np.maximum.at(last, answers.item, times)
    several = np.flatnonzero(answers.per_item() > 1)
    parts = min(MOST_WINDOWS, len(several) // LEAST_ITEMS)
    if parts < 2:
        return ()
    order = several[np.argsort(last[several], kind="stable")]
    return tuple(_windows(_alpha(question), answers, last, np.array_split(order, parts)))


def _windows(method: Alpha, answers: Answers, last: Floats, parts: list[NDArray[np.intp]]) -> Iterator[Window]:
    part_of = np.full(answers.n_items, -1)
    for number, items in enumerate(parts):
        part_of[items] = number
    of_answer = part_of[answers.item]
    for number, items in enumerate(parts):
        found = method.measure(answers.take(of_answer == number))
        yield Window(
            float(last[items[0]]), float(last[items[-1]]), len(items), float(found.value), found.low, found.high
        )


def _alpha(question: Question) -> Alpha:
    if question.kind is CODE:
        return Alpha(interval="formula")
    ordinal = isinstance(question, Scale) and question.look == "likert"
    return Alpha(level="ordinal" if ordinal else "interval", draws=DRAWS)


def forecast(times: Floats, left: int, *, now: float, seconds: float | None) -> Forecast | None:
    """From the times of the answers so far; None where all are there, or too few to tell a pace.

    The interval is Student's over twelve equal shares of the time since the first answer, two weeks ago at most.
    `seconds`: what an answer takes.
    """
    times = times[(times > now - LOOK_BACK) & (times <= now)]
    if left <= 0 or len(times) < LEAST_ANSWERS or now - times.min() < LEAST_SECONDS:
        return None
    since = float(times.min())
    counts, _ = np.histogram(times, bins=SHARES, range=(since, now))
    share = (now - since) / SHARES
    pace = counts.mean() / share
    off = counts.std(ddof=1) / np.sqrt(SHARES) / share * stdtrit(SHARES - 1, (1 + LEVEL) / 2)
    slow = pace - off
    return Forecast(
        left=left,
        since=since,
        a_day=float(pace * DAY),
        done_at=float(now + left / pace),
        earliest=float(now + left / (pace + off)),
        latest=float(now + left / slow) if slow > 0.01 * pace else None,
        hours=None if seconds is None else left * seconds / 3600,
    )
