"""Many raters, many classes: sparse tables give what dense ones would, and memory stays with the answers."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from middlemost.agreement import Alpha, BrennanPrediger, CohenKappa, CongerKappa, FleissKappa, GwetAC, PercentAgreement
from middlemost.core.answers import Answers
from middlemost.errors import SettingError

from .conftest import read


def coded(item: np.ndarray, rater: np.ndarray, answer: np.ndarray, sizes: tuple[int, int, int]) -> Answers:  # type: ignore[type-arg]
    names = [pl.Series([f"{n:07d}" for n in range(size)]) for size in sizes]
    return Answers(*names, item.astype(np.int32), rater.astype(np.int32), answer.astype(np.int32))


def test_conger_s_kappa_of_a_crowd_is_its_definition(shared: Path) -> None:
    answers = read(shared / "data/rte/answers.csv")
    shares = np.zeros((answers.n_raters, answers.n_classes))
    np.add.at(shares, (answers.rater, answers.answer), 1)
    shares /= shares.sum(axis=1, keepdims=True)
    n = answers.n_raters
    expected = ((shares @ shares.T).sum() - (shares**2).sum()) / (n * (n - 1))
    observed = PercentAgreement(draws=100).measure(answers).value
    kappa = CongerKappa(draws=100).measure(answers)
    assert kappa.value == pytest.approx((observed - expected) / (1 - expected))


def test_many_classes_give_the_textbook_values() -> None:
    rng = np.random.default_rng(0)
    first = rng.integers(400, size=2_000)
    second = np.where(rng.random(2_000) < 0.5, first, rng.integers(400, size=2_000))
    answers = coded(
        np.repeat(np.arange(2_000), 2), np.tile([0, 1], 2_000), np.stack([first, second], 1).ravel(), (2_000, 2, 400)
    )
    observed = (first == second).mean()
    shares = np.bincount(np.append(first, second), minlength=400) / 4_000
    chance = {
        PercentAgreement: 0.0,
        FleissKappa: (shares**2).sum(),
        GwetAC: (shares * (1 - shares)).sum() / 399,
        BrennanPrediger: 1 / 400,
        CohenKappa: (np.bincount(first, minlength=400) * np.bincount(second, minlength=400)).sum() / 2_000**2,
    }
    for kind, expected in chance.items():
        agreement = kind(draws=100).measure(answers)  # type: ignore[call-arg]
        assert agreement.value == pytest.approx((observed - expected) / (1 - expected)), kind
        assert agreement.low < agreement.value < agreement.high, kind


@pytest.mark.parametrize(
    "coefficient", [Alpha(draws=100), FleissKappa(draws=100), GwetAC(draws=100), Alpha("interval", draws=100)]
)
def test_memory_grows_neither_with_items_times_raters_nor_with_items_times_classes(coefficient: Alpha) -> None:
    n = 60_000
    rng = np.random.default_rng(0)
    item, rater = np.repeat(np.arange(n // 2), 2), rng.permutation(n)
    answers = coded(item, rater, rng.integers(20_000, size=n), (n // 2, n, 20_000))
    tracemalloc.start()
    agreement = coefficient.measure(answers)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert abs(agreement.value) < 0.1
    assert peak < 200e6


def test_a_hundred_thousand_raters_with_one_answer_each_have_agreement_by_items_and_none_by_pairs() -> None:
    n = 100_000
    rng = np.random.default_rng(0)
    answers = coded(np.arange(n) // 4, np.arange(n), rng.integers(3, size=n), (n // 4, n, 3))
    assert abs(FleissKappa(draws=100).measure(answers).value) < 0.02
    kappa = CohenKappa(draws=100).measure(answers)
    assert (kappa.value, kappa.low) == (0.0, None)
    assert "no two raters share two items" in (kappa.note or "")


def test_pairs_of_raters_times_classes_beyond_reason_are_refused() -> None:
    n = 20_000
    rng = np.random.default_rng(0)
    answers = coded(np.arange(n) // 2, rng.integers(120, size=n), np.arange(n) // 2, (n // 2, 120, n // 2))
    with pytest.raises(SettingError, match="too many to compare"):
        CohenKappa().measure(answers)
