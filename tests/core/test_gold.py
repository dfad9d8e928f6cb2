"""Gold: known labels and how they were drawn."""

from __future__ import annotations

import polars as pl
import pytest

from middlemost.core.answers import encode
from middlemost.core.gold import as_gold
from middlemost.errors import InputError

ANSWERS = encode(pl.DataFrame({"item": list("aabc"), "rater": list("xyxx"), "answer": list("1221")}))


def test_gold_is_read_from_a_mapping_or_a_frame() -> None:
    frame = pl.DataFrame({"item": ["a", "b"], "label": ["1", "2"]})
    for given in ({"a": "1", "b": "2"}, frame, as_gold(frame)):
        gold = as_gold(given)
        assert (gold.items.to_list(), gold.labels.to_list()) == (["a", "b"], ["1", "2"])


def test_gold_that_says_nothing_of_its_drawing_is_taken_as_random_and_says_so() -> None:
    gold = as_gold({"a": "1"})
    assert gold.drawn is None
    assert "taken as drawn at random" in gold.notices[0]
    assert len(gold.at_random()) == 1


@pytest.mark.parametrize("drawn", ["random", "chosen"])
def test_declared_gold_needs_no_notice(drawn: str) -> None:
    gold = as_gold(pl.DataFrame({"item": ["a"], "label": ["1"], "drawn": [drawn]}))
    assert (gold.drawn, gold.notices, len(gold.at_random())) == (drawn, (), int(drawn == "random"))


def test_of_mixed_gold_only_the_random_part_is_random() -> None:
    gold = as_gold(pl.DataFrame({"item": ["a", "b"], "label": ["1", "2"], "drawn": ["chosen", "random"]}))
    assert gold.drawn == "mixed"
    assert gold.at_random().items.to_list() == ["b"]


def test_codes_leave_out_items_without_answers_and_mark_labels_that_nobody_gave() -> None:
    item, label = as_gold({"c": "1", "nowhere": "1", "a": "9"}).codes(ANSWERS)
    assert (item.tolist(), label.tolist()) == ([2, 0], [0, -1])
    assert as_gold({"c": "1"}).codes(ANSWERS.take(ANSWERS.item != 2))[0].tolist() == []


def test_the_same_gold_twice_counts_once_and_two_labels_are_refused() -> None:
    assert len(as_gold(pl.DataFrame({"item": ["a", "a"], "label": ["1", "1"]}))) == 1
    with pytest.raises(InputError, match="Gold item 'a' has '1' and '2'"):
        as_gold(pl.DataFrame({"item": ["a", "a"], "label": ["1", "2"]}))


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ({"item": ["a"], "truth": ["1"]}, "no column label; it has item, truth"),
        ({"item": ["a", None], "label": ["1", "2"]}, "item in row 2 of the gold is empty"),
        ({"item": ["a"], "label": ["1"], "drawn": ["lottery"]}, "random or chosen"),
    ],
)
def test_bad_gold_is_refused_in_words(frame: dict[str, list[str]], words: str) -> None:
    with pytest.raises(InputError, match=words):
        as_gold(pl.DataFrame(frame))
