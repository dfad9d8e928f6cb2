"""Raters are judged by the others, never by their own answers."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

from middlemost.consensus import DawidSkene, FastDawidSkene, PooledDawidSkene, conclude
from middlemost.consensus.clamp import Clamp
from middlemost.consensus.judged import judged_by_others, judged_by_weights
from middlemost.core.answers import Answers, encode
from middlemost.core.operator import SparseOperator

METHODS = [DawidSkene(), FastDawidSkene(), PooledDawidSkene()]
ROWS = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("uvwx"), st.sampled_from("123")), min_size=1)


@pytest.fixture(scope="module")
def answers() -> Answers:
    """Five raters right in .85 of 100 items, a sixth who guesses on 100 items that nobody else answered."""
    dice = np.random.default_rng(0)
    truth = [str(number % 2) for number in range(200)]
    together = [
        (f"i{n}", f"r{r}", truth[n] if dice.random() < 0.85 else str(1 - int(truth[n])))
        for n in range(100)
        for r in range(5)
    ]
    alone = [(f"i{n}", "alone", str(dice.integers(2))) for n in range(100, 200)]
    return encode(pl.DataFrame(together + alone, schema=["item", "rater", "answer"], orient="row"))


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_who_answered_what_nobody_else_did_cannot_be_judged(answers: Answers, method: DawidSkene) -> None:
    alone = method.fit(answers).raters.filter(rater="alone").row(0, named=True)
    assert (alone["accuracy"], alone["low"], alone["high"]) == (None, None, None)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_an_answer_does_not_vouch_for_itself(answers: Answers, method: DawidSkene) -> None:
    """Take one rater's answers away, label by the rest, and the rater is as good as the fit with them says."""
    said = method.fit(answers).raters.filter(rater="r2")["accuracy"][0]
    without = method.fit(answers.take(answers.rater != 3)).labels.select("item", "label")
    assert answers.raters[3] == "r2"
    own = answers.frame().filter(rater="r2").join(without, on="item")
    assert said == pytest.approx((own["answer"] == own["label"]).mean(), abs=0.06)


def test_gold_judges_raters_whom_nobody_else_can(answers: Answers) -> None:
    gold = {f"i{n}": str(n % 2) for n in range(100, 200)}
    alone = DawidSkene().fit(answers, gold).raters.filter(rater="alone").row(0, named=True)
    assert 0.35 < alone["accuracy"] < 0.65


def test_the_default_judges_by_the_others_with_gold_too(answers: Answers) -> None:
    raters = conclude(answers, {f"i{n}": str(n % 2) for n in range(40)}).raters
    assert raters.filter(rater="alone")["accuracy"][0] is None
    assert raters.filter(rater="r0")["accuracy"][0] < 0.95


def by_hand(answers: Answers, parts: np.ndarray, clamp: Clamp) -> tuple[np.ndarray, np.ndarray]:
    """Each answer against the sum of the `parts` (answers, classes) that other raters gave to the item."""
    known = dict(zip(clamp.items.tolist(), clamp.classes.tolist(), strict=True))
    right, compared = np.zeros(answers.n_raters), np.zeros(answers.n_raters)
    for item, rater, answer in zip(answers.item, answers.rater, answers.answer, strict=True):
        others = (answers.item == item) & (answers.rater != rater)
        if item in known or others.any():
            said = softmax(parts[others].sum(axis=0))[answer]
            right[rater] += known[item] == answer if item in known else said
            compared[rater] += 1
    return right, compared


@given(ROWS, st.booleans(), st.booleans(), st.sampled_from([1.0, 300.0]))
def test_each_answer_is_held_against_those_of_the_others(
    rows: list[tuple[str, str, str]], once: bool, gold: bool, strength: float
) -> None:
    """Whether raters answered an item once or again, with gold and without, and however sure the answers are."""
    rows = list({row[:2]: row for row in rows}.values()) if once else rows
    answers = encode(pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row"), repeats="all")
    clamp = Clamp(np.zeros(int(gold), np.int32), np.full(int(gold), answers.n_classes - 1, np.int32))
    dice = np.random.default_rng(0)
    logs = -strength * dice.random((answers.n_raters, answers.n_classes, answers.n_classes))
    parts = logs[answers.rater, :, answers.answer]
    operator = SparseOperator.of(answers)
    judged = judged_by_others(operator, operator.scores(logs), logs, clamp)
    np.testing.assert_allclose(judged, by_hand(answers, parts, clamp), atol=1e-9)

    weights = strength * dice.normal(size=len(answers))
    votes = weights[:, None] * (answers.answer[:, None] == np.arange(answers.n_classes))
    scores = np.zeros((answers.n_items, answers.n_classes))
    np.add.at(scores, answers.item, votes)
    judged = judged_by_weights(answers, clamp, scores, weights)
    np.testing.assert_allclose(judged, by_hand(answers, votes, clamp), atol=1e-9)
