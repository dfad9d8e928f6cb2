"""Answers as votes."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from middlemost.consensus.ballot import Ballot
from middlemost.core.answers import Answers, encode
from middlemost.errors import SettingError

ROWS = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("uvwx"), st.sampled_from("123")), min_size=1)


def answers_of(rows: list[tuple[str, str, str]]) -> Answers:
    return encode(pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row"), repeats="all")


@given(ROWS)
def test_votes_of_equal_weight_are_the_counts(rows: list[tuple[str, str, str]]) -> None:
    answers = answers_of(rows)
    votes = Ballot.of(answers).votes(np.ones(answers.n_raters))
    assert votes.tolist() == answers.counts().tolist()


@given(ROWS)
def test_votes_and_credits_are_each_others_transpose(rows: list[tuple[str, str, str]]) -> None:
    answers = answers_of(rows)
    rng = np.random.default_rng(0)
    for voter in (None, np.arange(len(answers)) // 2):
        ballot = Ballot.of(answers, voter)
        weights = rng.random(answers.n_raters if voter is None else int(voter.max()) + 1)
        worth = rng.random((answers.n_items, answers.n_classes))
        there, back = (ballot.votes(weights) * worth).sum(), (ballot.credits(worth) * weights).sum()
        assert there == pytest.approx(back)


@given(ROWS)
def test_a_voter_for_each_rater_and_answer_counts_what_each_rater_said(rows: list[tuple[str, str, str]]) -> None:
    answers = answers_of(rows)
    pairs = answers.rater.astype(np.int64) * answers.n_classes + answers.answer
    different, voter, times = np.unique(pairs, return_inverse=True, return_counts=True)
    said = Ballot.of(answers, voter).credits(np.ones((answers.n_items, answers.n_classes)))
    assert len(said) == len(different)
    assert said.tolist() == times.tolist()


def test_a_free_text_for_a_label_is_refused_before_it_fills_the_memory() -> None:
    names = pl.Series([f"{n:06d}" for n in range(20_000)])
    codes = np.arange(20_000, dtype=np.int32)
    with pytest.raises(SettingError, match="free text"):
        Ballot.of(Answers(names, names, names, codes, codes, codes))
