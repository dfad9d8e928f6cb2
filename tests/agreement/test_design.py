"""Agreement where disputed items were asked again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from middlemost.agreement import Alpha, PercentAgreement, fixed_design
from middlemost.core.answers import Answers, encode
from middlemost.errors import SettingError

from .conftest import crossed, read


def adaptively(answers: Answers, seed: int) -> Answers:
    """Ask each item's raters in random order, two first, then until one answer leads by two."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(answers))
    order = order[np.argsort(answers.item[order], kind="stable")]
    kept = []
    for rows in np.split(order, np.cumsum(answers.per_item())[:-1]):
        for asked in range(2, len(rows) + 1):
            votes = np.sort(np.bincount(answers.answer[rows[:asked]], minlength=2))[::-1]
            if votes[0] - votes[1] >= 2:
                break
        kept.extend(rows[:asked])
    return answers.take(np.array(kept))


def test_the_first_answers_undo_the_bias_of_adaptive_collection(shared: Path) -> None:
    answers = read(shared / "data/rte/answers.csv")
    truth = PercentAgreement(draws=100).measure(answers).value
    runs = [adaptively(answers, seed) for seed in range(10)]
    naive = np.mean([Alpha(draws=100).measure(run).value for run in runs])
    whole = Alpha(draws=100).measure(answers).value
    fixed = [fixed_design(run) for run in runs]
    equal = np.mean([PercentAgreement(draws=100).measure(part).value for part in fixed])
    assert equal == pytest.approx(truth, abs=0.01)
    assert np.mean([Alpha(draws=100).measure(part).value for part in fixed]) == pytest.approx(whole, abs=0.02)
    assert abs(naive - whole) > 0.1


def test_a_fixed_design_is_left_as_it_is() -> None:
    answers = crossed("121", "222", "112")
    assert len(fixed_design(answers)) == len(answers)
    assert Alpha().measure(fixed_design(answers)) == Alpha().measure(answers)


def test_it_says_what_it_took_and_what_it_left_out() -> None:
    part = fixed_design(crossed("121", "22 ", "1  "))
    (notice,) = part.notices
    assert notice == "Only the first 2 answers to each item are used: 4 of 6; 1 items with fewer are left out."


def test_the_order_is_that_of_rows_and_of_rounds_first() -> None:
    frame = pl.DataFrame({"item": ["a"] * 3, "rater": list("xyz"), "answer": list("121"), "round": [2, 1, 1]})
    assert fixed_design(encode(frame), 2).frame()["rater"].to_list() == ["y", "z"]
    assert fixed_design(encode(frame.drop("round")), 2).frame()["rater"].to_list() == ["x", "y"]


@pytest.mark.parametrize(("each", "words"), [(1, "two answers"), (9, "No item has 9")])
def test_impossible_numbers_are_refused(each: int, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        fixed_design(crossed("12", "21"), each)
