"""Dirichlet distributions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betaln, digamma

from middlemost.inference.dirichlet import divergence, expected_log

SHAPES = st.lists(st.floats(0.1, 50), min_size=2, max_size=2).map(np.array)


@given(SHAPES, SHAPES)
def test_the_divergence_of_two_classes_is_that_of_beta_distributions(first: np.ndarray, second: np.ndarray) -> None:
    expected = betaln(*second) - betaln(*first) + ((first - second) * (digamma(first) - digamma(first.sum()))).sum()
    assert divergence(first, second, expected_log(first)) == pytest.approx(expected, abs=1e-9)
    assert expected > -1e-9


def test_a_prior_counts_once_for_each_that_it_stands_for() -> None:
    concentration, prior = np.random.default_rng(0).uniform(0.5, 9, size=(4, 3, 5)), np.array([[2.0], [1.0], [3.0]])
    prior = np.broadcast_to(prior, (3, 5))
    logs = expected_log(concentration)
    one_by_one = sum(divergence(concentration[i, j], prior[j], logs[i, j]) for i in range(4) for j in range(3))
    assert divergence(concentration, prior, logs) == pytest.approx(one_by_one)
