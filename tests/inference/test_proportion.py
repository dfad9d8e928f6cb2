"""Intervals for a share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from middlemost.inference.proportion import clopper_pearson, clustered, jeffreys


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


def test_the_interval_of_a_clustered_share_holds_the_truth_as_often_as_it_says() -> None:
    """Ten raters of different minds, twenty answers each: taken as independent the answers would hold it far less."""
    rng, truth, n = np.random.default_rng(0), 0.4, np.full(10, 20.0)
    shares = rng.beta(4 * truth, 4 * (1 - truth), (1_000, 10))
    seen = rng.binomial(20, shares).astype(float)
    ends = np.array([clustered(k, n) for k in seen])
    plain = np.array([clopper_pearson(float(k.sum()), 200) for k in seen])
    holds, naive = (((e[:, 0] <= truth) & (truth <= e[:, 1])).mean() for e in (ends, plain))
    assert 0.92 <= holds <= 0.99
    assert naive < 0.7


def test_a_clustered_share_rests_on_no_more_than_its_answers_and_no_less_than_its_clusters() -> None:
    assert clustered(np.zeros(5), np.full(5, 40.0)) == jeffreys(0.0, 5.0)
    k, n = np.array([1.0, 0.0, 1.0, 0.0, 1.0, 1.0]), np.ones(6)
    low, high = clustered(k, n)
    assert low <= jeffreys(4.0, 6.0)[0]
    assert high >= jeffreys(4.0, 6.0)[1]
    assert clustered(np.array([3.0]), np.array([9.0])) == (0.0, 1.0)
