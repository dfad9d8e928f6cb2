"""Intervals for a share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from middlemost.inference.proportion import clopper_pearson, jeffreys


@given(st.integers(1, 200), st.data())
def test_the_exact_interval_inverts_the_binomial_test(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    low, high = clopper_pearson(k, n)
    assert 0 <= low <= k / n <= high <= 1
    if k > 0:
        assert binom.sf(k - 1, n, low) == pytest.approx(0.025)
    if k < n:
        assert binom.cdf(k, n, high) == pytest.approx(0.025)


def test_without_observations_the_exact_interval_is_everything() -> None:
    assert clopper_pearson(0, 0) == (0.0, 1.0)


@given(st.floats(0, 50), st.floats(0, 50))
def test_jeffreys_takes_fractions_and_holds_the_share(right: float, wrong: float) -> None:
    low, high = jeffreys(right, right + wrong)
    assert 0 <= low <= high <= 1
    if right + wrong > 0:
        assert low - 1e-9 <= right / (right + wrong) <= high + 1e-9


def test_jeffreys_works_on_arrays() -> None:
    low, high = jeffreys(np.array([0.0, 7.5]), np.array([10.0, 10.0]))
    assert low[0] == 0
    assert (low[1], high[1]) == jeffreys(7.5, 10.0)
