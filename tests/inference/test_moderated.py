"""Moderated variances."""

from __future__ import annotations

import numpy as np
import pytest

from middlemost.inference.moderated import moderate


def drawn(prior: float, freedom: int, n: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """True variances with so many degrees of freedom and scale 9, and what `freedom` of their own show of them."""
    rng = np.random.default_rng(0)
    true = 9 * prior / rng.chisquare(prior, n)
    return true, true * rng.chisquare(freedom, n) / freedom


@pytest.mark.parametrize("prior", [4.0, 20.0])
def test_the_freedom_and_scale_of_the_variances_are_found(prior: float) -> None:
    _, seen = drawn(prior, 9)
    variance, freedom = moderate(np.append(seen, 0.0), np.append(np.full(4000, 9.0), 0.0))
    assert freedom[-1] == pytest.approx(prior, rel=0.25)
    assert variance[-1] == pytest.approx(9, rel=0.1)


def test_moderated_variances_are_nearer_the_truth() -> None:
    true, seen = drawn(8.0, 3)
    variance, _ = moderate(seen, np.full(4000, 3.0))
    assert np.abs(np.log(variance / true)).mean() < 0.6 * np.abs(np.log(seen / true)).mean()


def test_one_group_keeps_its_own_variance_and_freedom() -> None:
    variance, freedom = moderate(np.array([5.0]), np.array([7.0]))
    assert (variance[0], freedom[0]) == (pytest.approx(5), 7)


def test_the_unit_does_not_matter() -> None:
    _, seen = drawn(8.0, 2, 50)
    first, second = moderate(seen, np.full(50, 2.0))[0], moderate(1e6 * seen, np.full(50, 2.0))[0]
    np.testing.assert_allclose(1e6 * first, second)
