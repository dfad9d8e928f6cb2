"""The operator: two products with the answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from middlemost.core.answers import Answers, encode
from middlemost.core.operator import SparseOperator
from middlemost.errors import SettingError


@pytest.fixture
def answers() -> Answers:
    rng = np.random.default_rng(0)
    columns = {
        "item": rng.integers(20, size=100),
        "rater": rng.integers(6, size=100),
        "answer": rng.integers(3, size=100),
    }
    return encode(pl.DataFrame(columns), repeats="all")


def test_scores_sum_the_logarithms_of_each_answer(answers: Answers) -> None:
    table = np.random.default_rng(1).normal(size=(6, 3, 3))
    expected = np.zeros((20, 3))
    for item, rater, answer in zip(answers.item, answers.rater, answers.answer, strict=True):
        expected[item] += table[rater, :, answer]
    np.testing.assert_allclose(SparseOperator.of(answers).scores(table), expected, atol=1e-12)


def test_counts_spread_each_answer_over_the_posterior(answers: Answers) -> None:
    posterior = np.random.default_rng(1).dirichlet(np.ones(3), size=20)
    expected = np.zeros((6, 3, 3))
    for item, rater, answer in zip(answers.item, answers.rater, answers.answer, strict=True):
        expected[rater, :, answer] += posterior[item]
    np.testing.assert_allclose(SparseOperator.of(answers).counts(posterior), expected, atol=1e-12)


def test_the_order_of_rows_does_not_matter_to_the_last_bit(answers: Answers) -> None:
    table = np.random.default_rng(1).normal(size=(6, 3, 3))
    shuffled = answers.take(np.random.default_rng(2).permutation(len(answers)))
    assert (SparseOperator.of(answers).scores(table) == SparseOperator.of(shuffled).scores(table)).all()


@pytest.mark.parametrize("most", [1, 7, 30])
def test_the_parts_that_it_goes_through_do_not_matter(answers: Answers, most: int) -> None:
    rng = np.random.default_rng(1)
    whole = SparseOperator.of(answers.take(rng.random(100) < 0.5)).weighted(rng.random(20))
    parts = replace(whole, most=most)
    table, posterior = rng.normal(size=(6, 3, 3)), rng.dirichlet(np.ones(3), size=20)
    assert (parts.scores(table) == whole.scores(table)).all()
    np.testing.assert_allclose(parts.counts(posterior), whole.counts(posterior), atol=1e-12)
    assert (parts.votes() == whole.votes()).all()


def test_single_precision_differs_by_no_more_than_its_rounding(answers: Answers) -> None:
    double = replace(SparseOperator.of(answers), most=8)
    single = replace(double, single=True)
    rng = np.random.default_rng(1)
    table, posterior = rng.normal(size=(6, 3, 3)), rng.dirichlet(np.ones(3), size=20)
    np.testing.assert_allclose(single.scores(table), double.scores(table), atol=1e-5)
    np.testing.assert_allclose(single.counts(posterior), double.counts(posterior), rtol=1e-6, atol=1e-6)
    assert single.scores(table).dtype == single.counts(posterior).dtype == np.float64
    assert (single.scores(table) != double.scores(table)).any()
    assert not double.single


def test_votes_are_the_counts_in_small_numbers(answers: Answers) -> None:
    votes = SparseOperator.of(answers).votes()
    assert (votes == answers.counts()).all()
    assert votes.dtype == np.uint8
    many = encode(pl.DataFrame({"item": ["a"] * 300, "rater": ["x"] * 300, "answer": ["1"] * 300}), repeats="all")
    assert SparseOperator.of(many).votes().tolist() == [[300]]


def test_weights_are_of_items(answers: Answers) -> None:
    operator, weights = SparseOperator.of(answers), np.random.default_rng(1).random(20)
    table, posterior = np.random.default_rng(2).normal(size=(6, 3, 3)), np.full((20, 3), 1 / 3)
    weighted = operator.weighted(weights)
    np.testing.assert_allclose(weighted.scores(table), operator.scores(table) * weights[:, None])
    np.testing.assert_allclose(weighted.counts(posterior), operator.counts(posterior * weights[:, None]))


def test_free_texts_are_refused_before_memory_runs_out() -> None:
    names = pl.Series([f"text {n}" for n in range(20_000)])
    frame = pl.DataFrame({"item": names, "rater": names, "answer": names})
    with pytest.raises(SettingError, match=r"20,000 different answers .* free text"):
        SparseOperator.of(encode(frame))
