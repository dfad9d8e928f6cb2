"""The share of wrong labels from gold and from the items without gold together."""

from __future__ import annotations

import numpy as np
import pytest

from middlemost.core.estimate import Estimate
from middlemost.inference.proportion import clopper_pearson
from middlemost.inference.rectified import Rectified, rectified_share


def drawn(seed: int, *, n_gold: int = 50, n: int = 1_000, bias: float = 0.0) -> tuple[Rectified, float, float]:
    """An estimate from gold drawn at random, the plain share among the gold, and the share among the others."""
    rng = np.random.default_rng(seed)
    chance = rng.choice([0.02, 0.1, 0.45], size=n)
    wrong, doubt = (rng.random(n) < chance).astype(float), np.clip(chance + bias, 0, 1)
    gold = doubt[:n_gold]
    counted = int(wrong[:n_gold].sum())
    found = rectified_share(wrong[:n_gold], gold, gold, doubt[n_gold:], counted=counted, level=0.9)
    return found, counted / n_gold, float(wrong[n_gold:].mean())


def ends(estimate: Estimate) -> tuple[float, float]:
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low, estimate.high


def test_the_interval_holds_the_share_among_the_items_without_gold_as_often_as_it_says() -> None:
    held = [ends(found.error)[0] <= share <= ends(found.error)[1] for found, _, share in map(drawn, range(300))]
    assert np.mean(held) >= 0.9


def test_the_estimate_is_nearer_than_the_plain_share_among_the_gold() -> None:
    draws = [drawn(seed) for seed in range(300)]
    rectified = np.mean([abs(found.error.value - share) for found, _, share in draws])
    plain = np.mean([abs(counted - share) for _, counted, share in draws])
    assert rectified < 0.8 * plain


def test_with_much_gold_it_is_right_however_wrong_the_model_is() -> None:
    found, _, share = drawn(0, n_gold=5_000, n=20_000, bias=-0.1)
    assert found.error.value == pytest.approx(share, abs=0.02)


def test_the_interval_is_never_wider_than_that_of_the_gold_alone() -> None:
    for seed in range(50):
        found, plain, _ = drawn(seed, bias=0.2)
        low, high = ends(found.error)
        exact = clopper_pearson(round(plain * 50), 50, 0.9)
        assert high - low <= exact[1] - exact[0] + 1e-12
        assert low <= found.error.value <= high


def test_items_that_do_not_look_like_the_gold_have_no_say() -> None:
    wrong, gold = np.repeat([1.0, 0.0], [5, 45]), np.linspace(0.0, 0.2, 50)
    alike, apart = (
        rectified_share(wrong, gold, gold, elsewhere, counted=5)
        for elsewhere in (np.tile(gold, 20), np.tile(gold, 20) + 0.5)
    )
    assert abs(alike.apart) < 1.28
    assert apart.apart < -3
    assert alike.error == apart.error


def test_where_all_items_are_gold_the_gold_speaks() -> None:
    wrong, doubt = np.repeat([1.0, 0.0], [10, 90]), np.full(100, 0.1)
    found = rectified_share(wrong, doubt, doubt, np.empty(0), counted=10)
    assert found.error.value == pytest.approx(0.1)
    assert ends(found.error) == pytest.approx(clopper_pearson(10, 100))


def test_no_error_among_the_gold_is_no_proof_of_none() -> None:
    nothing = np.zeros(50)
    found = rectified_share(nothing, nothing, nothing, np.zeros(500), counted=0)
    assert ends(found.error) == clopper_pearson(0, 50)
