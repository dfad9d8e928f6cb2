"""Majority vote."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from middlemost.consensus import MajorityVote, accuracy
from middlemost.core.answers import encode

VOTES = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("uvwxyz"), st.sampled_from("123")), min_size=1)


def frame(rows: list[tuple[str, str, str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row")


def of_the_others(rows: list[tuple[str, str, str]], place: int) -> float | None:
    """What a vote is worth against the item's other votes, counted by hand."""
    item, _, answer = rows[place]
    others = [row[2] for n, row in enumerate(rows) if row[0] == item and n != place]
    if not others:
        return None
    most = max(others.count(label) for label in others)
    top = {label for label in others if others.count(label) == most}
    return (answer in top) / len(top)


@given(VOTES)
def test_a_raters_accuracy_leaves_out_their_own_vote(rows: list[tuple[str, str, str]]) -> None:
    raters = MajorityVote().fit(encode(frame(rows), repeats="all")).raters
    for rater, n_answers, accuracy_, low, high in raters.rows():
        worth = [of_the_others(rows, place) for place, row in enumerate(rows) if row[1] == rater]
        known = [one for one in worth if one is not None]
        assert n_answers == len(worth)
        if known:
            assert accuracy_ == pytest.approx(np.mean(known))
            assert 0 <= low <= high <= 1
        else:
            assert (accuracy_, low, high) == (None, None, None)


@given(VOTES)
def test_probabilities_are_the_shares_of_the_votes(rows: list[tuple[str, str, str]]) -> None:
    answers = encode(frame(rows), repeats="all")
    fit = MajorityVote().fit(answers)
    np.testing.assert_allclose(fit.probabilities, answers.counts() / answers.per_item()[:, None])
    assert (fit.labels["confidence"] == fit.labels["share"]).all()
    assert fit.labels["confidence"].to_list() == fit.probabilities.max(axis=1).tolist()


def test_gold_items_get_their_known_label() -> None:
    answers = encode(frame([("a", "x", "1"), ("a", "y", "1"), ("b", "x", "2")]))
    fit = MajorityVote().fit(answers, gold={"a": "2"})
    assert fit.labels["label"].to_list() == ["2", "2"]
    assert fit.raters["accuracy"].to_list() == [0.0, 0.0]


def test_an_item_without_answers_gets_the_shares_of_all_answers() -> None:
    answers = encode(frame([("a", "x", "1"), ("b", "x", "2"), ("b", "y", "2"), ("b", "z", "1")]))
    fit = MajorityVote().fit(answers.take(answers.item == 1))
    np.testing.assert_allclose(fit.probabilities[0], [1 / 3, 2 / 3])
    assert fit.labels["label"].to_list() == ["2", "2"]


def test_accuracy_counts_a_tie_as_its_expectation_and_an_unknown_label_as_wrong() -> None:
    fit = MajorityVote().fit(encode(frame([("a", "x", "1"), ("a", "y", "2"), ("b", "x", "2"), ("c", "x", "2")])))
    estimate = accuracy(fit, {"a": "1", "b": "2", "c": "9", "unanswered": "1"})
    assert (estimate.value, estimate.n) == (0.5, 3)


def test_accuracy_without_gold_that_has_answers_says_so() -> None:
    fit = MajorityVote().fit(encode(frame([("a", "x", "1")])))
    estimate = accuracy(fit, {"z": "1"})
    assert (estimate.low, estimate.note) == (None, "no gold item has answers")


def test_an_item_may_have_more_answers_than_a_byte_counts() -> None:
    """255, 256 and 257 of one kind beside 300 of another: no count runs over."""
    for few in (255, 256, 257):
        rows = [("a", f"r{n}", "1" if n < few else "2") for n in range(few + 300)]
        fit = MajorityVote().fit(encode(frame(rows)))
        np.testing.assert_allclose(fit.probabilities, [[few / (few + 300), 300 / (few + 300)]])
        assert fit.labels["n_answers"].to_list() == [few + 300]
