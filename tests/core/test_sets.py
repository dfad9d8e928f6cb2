"""Sets of labels in one spelling."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from middlemost.core.answers import encode
from middlemost.core.gold import as_gold
from middlemost.core.sets import Members, as_sets, gold_sets

LABELS = st.sets(st.sampled_from(["toxic", "insult", "threat", "ok"]))


@given(st.lists(LABELS, min_size=1, max_size=20), st.sampled_from(["|", ";", ", "]))
def test_what_is_taken_apart_is_what_was_joined(sets: list[set[str]], separator: str) -> None:
    found = Members.of(pl.Series([separator.join(one) for one in sets]), separator)
    assert [set(found.labels.filter(pl.Series(row))) for row in found.table] == sets
    assert found.texts(separator).to_list() == [separator.join(sorted(one)) for one in sets]


def test_spellings_of_one_set_become_one_answer_and_the_word_for_none_the_empty_set() -> None:
    frame = pl.DataFrame({"item": list("aab"), "rater": list("xyx"), "answer": ["b|a", "a | b", "none"]})
    answers = as_sets(encode(frame), "|", empty="none")
    assert answers.classes.to_list() == ["", "a|b"]
    assert answers.answer.tolist() == [1, 1, 0]
    gold = gold_sets(as_gold({"a": "b|a", "b": "none"}), "|", empty="none")
    assert gold.labels.to_list() == ["a|b", ""]
