"""Setting probabilities right against gold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from middlemost.inference.calibration import (
    TRUST,
    Floats,
    cross_fitted,
    fit_average,
    fit_pool,
    folds,
    log_floored,
    log_losses,
)


def claims(n: int, right: float, sure: float, *, seed: int = 0) -> tuple[Floats, np.ndarray]:
    """Probabilities of two classes that claim to be `sure` and are `right` so often, and the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(2, size=n)
    said = np.where(rng.random(n) < right, truth, 1 - truth)
    return np.where(np.arange(2) == said[:, None], sure, 1 - sure), truth


def test_a_model_that_claims_too_much_is_brought_down_to_how_often_it_is_right() -> None:
    probabilities, truth = claims(2_000, right=0.8, sure=0.999)
    log = log_floored(probabilities)
    pooled = fit_pool([log], truth).apply([log])
    assert pooled.max(axis=1).mean() == pytest.approx((probabilities.argmax(axis=1) == truth).mean(), abs=0.01)


def test_without_gold_the_log_odds_of_the_models_count_half_together() -> None:
    pool = fit_pool([np.zeros((0, 3))] * 4, np.empty(0, dtype=np.int64))
    np.testing.assert_allclose(pool.weights, TRUST / 4)
    np.testing.assert_allclose(pool.intercepts, 0)


def test_of_two_models_the_one_that_gold_bears_out_weighs_more() -> None:
    good, truth = claims(200, right=0.9, sure=0.95)
    noise, _ = claims(200, right=0.5, sure=0.95, seed=1)
    weights = fit_pool([log_floored(noise), log_floored(good)], truth).weights
    assert weights[0] < 0.1 < weights[1]


def test_a_copy_of_a_model_adds_nothing_that_gold_does_not_see() -> None:
    probabilities, truth = claims(2_000, right=0.8, sure=0.95)
    log = log_floored(probabilities)
    alone, twice = (fit_pool([log] * n, truth).apply([log] * n) for n in (1, 2))
    np.testing.assert_allclose(alone, twice, atol=0.01)


def test_a_class_that_the_models_give_too_often_is_given_less() -> None:
    probabilities = np.tile([0.6, 0.4], (300, 1))
    truth = np.repeat([0, 1], [60, 240])
    log = log_floored(probabilities)
    assert fit_pool([log], truth).apply([log])[0, 1] > 0.7


def test_the_pool_is_where_the_objective_is_highest() -> None:
    probabilities, truth = claims(60, right=0.7, sure=0.9)
    log = log_floored(probabilities)
    pool = fit_pool([log], truth)

    def loss(weight: float) -> float:
        moved = type(pool)(np.array([weight]), pool.intercepts).apply([log])
        return float(log_losses(moved, truth).sum()) + 0.5 * ((weight - TRUST) / 0.2) ** 2

    best = loss(float(pool.weights[0]))
    assert best < loss(float(pool.weights[0]) + 0.01)
    assert best < loss(float(pool.weights[0]) - 0.01)


def test_a_gold_item_has_no_say_in_its_own_probabilities() -> None:
    probabilities, truth = claims(40, right=0.8, sure=0.9)
    log, fold = log_floored(probabilities), folds(40)
    changed = truth.copy()
    changed[fold == 0] = 1 - changed[fold == 0]
    first, second = (cross_fitted([log], labels, fold)[fold == 0] for labels in (truth, changed))
    np.testing.assert_array_equal(first, second)


def test_folds_are_of_nearly_the_same_size_and_the_same_each_time() -> None:
    assert sorted(np.bincount(folds(23)).tolist()) == [4, 4, 5, 5, 5]
    assert folds(23).tolist() == folds(23).tolist()


def test_a_label_that_is_none_of_the_classes_makes_the_pool_less_sure() -> None:
    probabilities, truth = claims(100, right=0.9, sure=0.99)
    log = log_floored(probabilities)
    lost = np.where(np.arange(100) < 30, -1, truth)
    sure = [fit_pool([log], labels).apply([log]).max(axis=1).mean() for labels in (truth, lost)]
    assert sure[1] < sure[0]


def test_hundreds_of_classes_are_no_trouble() -> None:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(500), size=50)
    log = log_floored(probabilities)
    pool = fit_pool([log], rng.integers(500, size=50))
    assert not pool.intercepts.any()
    np.testing.assert_allclose(pool.apply([log]).sum(axis=1), 1)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 30), n_classes=st.integers(1, 5), n_models=st.integers(1, 4))
def test_any_gold_gives_finite_probabilities_that_do_not_depend_on_the_order_of_classes(
    seed: int, n: int, n_classes: int, n_models: int
) -> None:
    rng = np.random.default_rng(seed)
    logs = [log_floored(np.eye(n_classes)[rng.integers(n_classes, size=n)]) for _ in range(n_models)]
    label = rng.integers(-1, n_classes, size=n)
    order = rng.permutation(n_classes)
    position = np.append(np.argsort(order), -1)
    turned = [np.ascontiguousarray(log[:, order]) for log in logs]
    first = fit_pool(logs, label).apply(logs)
    second = fit_pool(turned, position[label]).apply(turned)
    assert np.isfinite(first).all()
    np.testing.assert_allclose(first[:, order], second, atol=1e-9)


def test_before_any_gold_a_guest_counts_for_nothing() -> None:
    average = fit_average([np.zeros((0, 3))] * 3, np.empty(0, dtype=np.int64), guests=1)
    np.testing.assert_allclose(average.weights, [TRUST / 2, TRUST / 2, 0])
    np.testing.assert_allclose(average.shares, [0.5, 0.5])


def test_a_guest_is_let_in_as_far_as_gold_bears_it_out() -> None:
    own, truth = claims(60, right=0.75, sure=0.9)
    good, noise = claims(60, right=0.5, sure=0.9, seed=1)[0], claims(60, right=0.5, sure=0.9, seed=2)[0]
    good[:50] = np.where(np.arange(2) == truth[:50, None], 0.9, 0.1)
    logs = [log_floored(one) for one in (own, good, noise)]
    average = fit_average(logs, truth, guests=2)
    without, with_good, with_noise, _ = average.shares
    assert with_good > 0.7
    assert max(without, with_noise) < 0.05
    assert average.weights[1] > 0.4 > 0.05 > abs(average.weights[2])
    assert fit_average([logs[0], logs[2]], truth, guests=1).shares[0] > 0.6


def test_an_average_speaks_for_its_pools_in_their_shares() -> None:
    logs = [log_floored(claims(30, right=0.8, sure=0.9, seed=seed)[0]) for seed in range(3)]
    average = fit_average(logs, claims(30, right=0.8, sure=0.9)[1], guests=1)
    said = sum(share * pool.apply(logs) for share, pool in zip(average.shares, average.pools, strict=True))
    np.testing.assert_allclose(average.apply(logs), said)
    np.testing.assert_allclose(average.apply(logs).sum(axis=1), 1)
    assert average.pools[0].weights[2] == 0 != average.pools[1].weights[2]


def test_the_evidence_is_the_chance_of_the_labels_before_the_weights_are_known() -> None:
    """By drawing weights and intercepts from what is believed of them beforehand."""
    probabilities, truth = claims(25, right=0.8, sure=0.9)
    log = log_floored(probabilities)
    rng = np.random.default_rng(0)
    weights = rng.normal(TRUST, 0.2, size=40_000)
    intercepts = rng.normal(0, 0.5, size=(40_000, 2))
    scores = weights[:, None, None] * log + intercepts[:, None]
    chances = scores - np.logaddexp.reduce(scores, axis=2, keepdims=True)
    drawn = np.log(np.exp(chances[:, np.arange(25), truth].sum(axis=1)).mean())
    assert fit_pool([log], truth).evidence == pytest.approx(drawn, abs=0.05)
