"""The steps of the rater model's fit that leave the fit to the answers as it is: where and how wide the axis lies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from middlemost.consensus.numeric import variational
from middlemost.consensus.numeric.concluded import Ordered
from middlemost.consensus.numeric.variational import Posterior, Sums
from middlemost.core.numbers import encode_numbers


@pytest.fixture(scope="module")
def ordered() -> Ordered:
    """Five raters of different bias, scale and noise on forty items, in about standard units."""
    rng = np.random.default_rng(3)
    truth, bias, scale = rng.normal(size=40), np.array([0.9, 0.4, 0.1, 0.6, 0.3]), rng.uniform(0.6, 1.4, size=5)
    answer = bias + scale * truth[:, None] + rng.normal(size=(40, 5)) * rng.uniform(0.1, 0.6, size=5)
    item, rater = np.indices(answer.shape)
    columns = {"item": item.ravel(), "rater": rater.ravel(), "answer": answer.ravel()}
    return Ordered.of(encode_numbers(pl.DataFrame(columns)))


@pytest.fixture(scope="module")
def fit(ordered: Ordered) -> Posterior:
    """Raters and items known in part, the axis not yet moved."""
    begun = variational.begin(ordered)
    sums = Sums.of(ordered, begun.mean, begun.variance)
    return variational._items(variational._precisions(variational._raters(begun, sums), sums), ordered)


def by_hand(fit: Posterior, by: float) -> Posterior:
    """Items lower by so much, biases higher."""
    moved = replace(fit, mean=fit.mean - by, bias=fit.bias + by * fit.scale)
    return replace(
        moved,
        bias_variance=fit.bias_variance + 2 * by * fit.covariance + by**2 * fit.scale_variance,
        covariance=fit.covariance + by * fit.scale_variance,
    )


def error(fit: Posterior, ordered: Ordered) -> np.ndarray:
    return Sums.of(ordered, fit.mean, fit.variance).squared_error(fit)


@pytest.mark.parametrize("move", [variational._shifted, variational._stretched])
def test_the_fit_to_the_answers_stays(move: object, fit: Posterior, ordered: Ordered) -> None:
    moved = move(fit)  # type: ignore[operator]
    assert abs(moved.mean - fit.mean).max() > 0.01
    np.testing.assert_allclose(error(moved, ordered), error(fit, ordered), rtol=1e-9)
    lines = [each.bias + np.outer(each.mean, each.scale) for each in (fit, moved)]
    np.testing.assert_allclose(*lines, atol=1e-12)


def test_the_shift_makes_the_biases_smallest(fit: Posterior) -> None:
    shifted = variational._shifted(fit)
    least = shifted.bias_square.sum()
    assert least < fit.bias_square.sum()
    for by in (-0.1, -0.01, 0.01, 0.1):
        assert by_hand(shifted, by).bias_square.sum() > least
    assert float(shifted.product.sum()) == pytest.approx(0, abs=1e-9)


def test_the_prior_goes_along_with_the_items(fit: Posterior) -> None:
    shifted, stretched = variational._shifted(fit), variational._stretched(fit)
    np.testing.assert_allclose(shifted.mean - shifted.prior.mean, fit.mean - fit.prior.mean, atol=1e-12)
    ratio = stretched.variance / stretched.prior.variance
    np.testing.assert_allclose(ratio, fit.variance / fit.prior.variance)


@pytest.mark.parametrize("move", [variational._shifted, variational._stretched])
def test_the_bound_does_not_fall(move: object, fit: Posterior, ordered: Ordered) -> None:
    moved = move(fit)  # type: ignore[operator]
    bounds = [variational._bound(each, Sums.of(ordered, each.mean, each.variance)) for each in (fit, moved)]
    assert bounds[1] >= bounds[0]
