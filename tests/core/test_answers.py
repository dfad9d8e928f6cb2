"""Coding at the door."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from middlemost.core.answers import encode
from middlemost.errors import InputError, SettingError

NAMES = st.text(min_size=0, max_size=6)
ROWS = st.lists(st.tuples(NAMES, NAMES, NAMES), min_size=1, max_size=30)


def frame(rows: list[tuple[str, ...]], *more: str) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["item", "rater", "answer", *more], orient="row")


@given(ROWS)
def test_codes_give_back_the_rows_that_went_in(rows: list[tuple[str, ...]]) -> None:
    answers = encode(frame(rows), repeats="all")
    assert answers.frame().rows() == rows


@given(ROWS)
def test_names_are_unique_and_sorted_by_code_point(rows: list[tuple[str, ...]]) -> None:
    answers = encode(frame(rows), repeats="all")
    for place, names in enumerate((answers.items, answers.raters, answers.classes)):
        assert names.to_list() == sorted({row[place] for row in rows})


@given(ROWS)
def test_the_last_answer_of_a_rater_to_an_item_counts(rows: list[tuple[str, ...]]) -> None:
    answers = encode(frame(rows))
    last = {(item, rater): answer for item, rater, answer in rows}
    assert {(i, r): a for i, r, a in answers.frame().rows()} == last
    assert len(answers) == len(last)
    assert bool(answers.notices) == (len(last) < len(rows))


def test_the_notice_counts_what_was_dropped() -> None:
    answers = encode(frame([("a", "ann", "1"), ("a", "ann", "2"), ("a", "bob", "1"), ("a", "ann", "3")]))
    assert answers.notices == ("2 answers repeat a rater's own on the same item: the last one counts.",)


def test_every_row_counts_where_there_are_rounds() -> None:
    answers = encode(frame([("a", "ann", "1", 1), ("a", "ann", "2", 2)], "round"))
    assert answers.counts().tolist() == [[1, 1]]
    assert answers.round is not None
    assert answers.round.tolist() == [1, 2]


def test_the_last_round_wins_over_the_last_row() -> None:
    answers = encode(frame([("a", "ann", "2", 2), ("a", "ann", "1", 1)], "round"), repeats="last")
    assert answers.frame()["answer"].to_list() == ["2"]


@pytest.mark.parametrize(("early", "late"), [("9.5", "10"), ("2026-01-09T10:00", "2026-01-10T09:00")])
def test_the_latest_time_wins_over_the_last_row(early: str, late: str) -> None:
    answers = encode(frame([("a", "ann", "new", late), ("a", "ann", "old", early)], "time"))
    assert answers.frame()["answer"].to_list() == ["new"]


def test_one_question_is_chosen() -> None:
    rows = frame([("a", "ann", "1", "q1"), ("a", "ann", "yes", "q2")], "question")
    answers = encode(rows, question="q2")
    assert (answers.question, answers.classes.to_list()) == ("q2", ["yes"])
    assert encode(rows.head(1)).question == "q1"


@pytest.mark.parametrize(("question", "words"), [(None, "2 questions: q1, q2"), ("q3", "Nobody answered 'q3'")])
def test_an_unclear_question_is_refused(question: str | None, words: str) -> None:
    rows = frame([("a", "ann", "1", "q1"), ("a", "ann", "yes", "q2")], "question")
    with pytest.raises(InputError, match=words):
        encode(rows, question=question)


def test_missing_columns_are_named() -> None:
    with pytest.raises(InputError, match="no column rater or answer; there are item, worker"):
        encode(pl.DataFrame({"item": ["a"], "worker": ["b"]}))


def test_an_empty_value_is_refused_with_its_row() -> None:
    with pytest.raises(InputError, match="The answer in row 2 is empty") as caught:
        encode(pl.DataFrame({"item": ["a", "b"], "rater": ["x", "x"], "answer": ["1", None]}))
    assert caught.value.place is not None
    assert caught.value.place.column == "answer"


def test_a_round_that_is_no_number_is_refused_with_its_row() -> None:
    with pytest.raises(InputError, match="round in row 2"):
        encode(frame([("a", "x", "1", "1"), ("a", "x", "1", "two")], "round"))


def test_no_answers_at_all_are_refused() -> None:
    with pytest.raises(InputError, match="no answers"):
        encode(frame([]))


def test_an_unknown_rule_for_repeats_is_refused() -> None:
    with pytest.raises(SettingError, match="'first'"):
        encode(frame([("a", "x", "1")]), repeats="first")  # type: ignore[arg-type]


def test_a_part_keeps_the_axes() -> None:
    answers = encode(frame([("a", "x", "1", 1, 2.5), ("b", "y", "2", 1, None)], "round", "seconds"))
    part = answers.take(np.array([False, True]))
    assert (part.n_items, part.n_raters, part.n_classes, len(part)) == (2, 2, 2, 1)
    assert part.per_item().tolist() == [0, 1]
    assert part.frame().row(0) == ("b", "y", "2", 1, None)


def test_ids_that_are_no_strings_are_read_as_text() -> None:
    answers = encode(pl.DataFrame({"item": [10, 9], "rater": [1, 1], "answer": [True, False]}))
    assert answers.items.to_list() == ["10", "9"]
    assert answers.classes.to_list() == ["false", "true"]
