"""The recommended default."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from middlemost.consensus import DawidSkene, conclude
from middlemost.core.answers import Answers, encode
from middlemost.inference.proportion import clopper_pearson


@pytest.fixture(scope="module")
def bluebird(shared: Path) -> tuple[Answers, pl.DataFrame]:
    folder = shared / "data/bluebird"
    frames = [pl.read_csv(folder / name, infer_schema=False) for name in ("answers.csv", "truth.csv")]
    return encode(frames[0]), frames[1]


def test_the_fit_does_not_see_the_gold_that_judges_it(bluebird: tuple[Answers, pl.DataFrame]) -> None:
    answers, gold = bluebird
    assert conclude(answers, gold).labels.equals(DawidSkene().fit(answers).labels)


def test_the_share_of_wrong_labels_is_counted_with_its_exact_interval(bluebird: tuple[Answers, pl.DataFrame]) -> None:
    answers, gold = bluebird
    consensus = conclude(answers, gold.with_columns(drawn=pl.lit("random")))
    joined = consensus.labels.join(gold, on="item")
    wrong = int((joined["label"] != joined["label_right"]).sum())
    assert consensus.error is not None
    assert consensus.error.value == wrong / 108
    assert (consensus.error.low, consensus.error.high) == clopper_pearson(wrong, 108)
    assert consensus.error.n == 108


def test_without_gold_there_is_no_error_and_the_confidences_are_said_to_be_uncalibrated() -> None:
    answers = encode(pl.DataFrame({"item": list("aabb"), "rater": list("xyxy"), "answer": list("1122")}))
    consensus = conclude(answers)
    assert (consensus.error, consensus.calibrated) == (None, False)
    assert "not calibrated" in consensus.notices[-1]


def test_chosen_gold_gives_no_error(bluebird: tuple[Answers, pl.DataFrame]) -> None:
    answers, gold = bluebird
    consensus = conclude(answers, gold.with_columns(drawn=pl.lit("chosen")))
    assert consensus.error is None
    assert "was chosen" in consensus.notices[-1]


def test_of_mixed_gold_only_the_random_part_counts(bluebird: tuple[Answers, pl.DataFrame]) -> None:
    answers, gold = bluebird
    drawn = pl.Series("drawn", ["random"] * 40 + ["chosen"] * 68)
    consensus = conclude(answers, gold.with_columns(drawn))
    assert consensus.error is not None
    assert consensus.error.n == 40


def test_undeclared_gold_is_taken_as_random_and_that_is_said(bluebird: tuple[Answers, pl.DataFrame]) -> None:
    answers, gold = bluebird
    consensus = conclude(answers, dict(gold.rows()))
    assert consensus.error is not None
    assert any("taken as drawn at random" in notice for notice in consensus.notices)


def test_a_gold_label_that_nobody_gave_is_a_wrong_label() -> None:
    answers = encode(pl.DataFrame({"item": list("aabb"), "rater": list("xyxy"), "answer": list("1122")}))
    error = conclude(answers, {"a": "1", "b": "3"}).error
    assert error is not None
    assert error.value == 0.5


def test_gold_without_answers_gives_no_error_and_says_why() -> None:
    answers = encode(pl.DataFrame({"item": list("aabb"), "rater": list("xyxy"), "answer": list("1122")}))
    consensus = conclude(answers, {"z": "1"})
    assert consensus.error is None
    assert "has no answers" in consensus.notices[-1]
