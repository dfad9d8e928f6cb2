"""Agreement between groups of raters."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from middlemost.agreement import Alpha, between_groups
from middlemost.agreement.between import NO_SPREAD, NOTHING_SHARED
from middlemost.core.answers import Answers, encode
from middlemost.errors import SettingError

GROUPS = {"a": "one", "b": "one", "x": "two", "y": "two"}


def answers(*rows: tuple[str, str, str]) -> Answers:
    return encode(pl.DataFrame(list(rows), schema=["item", "rater", "answer"], orient="row"))


def crowd(n: int = 60, seed: int = 0, numbers: bool = False) -> Answers:
    """Four raters, two and two of one mind, on items of which some lack an answer."""
    rng = np.random.default_rng(seed)
    rows = []
    for item in range(n):
        minds = rng.integers(1, 4, 2)
        for name, mind in zip("abxy", (minds[0], minds[0], minds[1], minds[1]), strict=True):
            said = mind if rng.random() < 0.8 else rng.integers(1, 4)
            if rng.random() < 0.85:
                rows.append((f"i{item}", name, str(said) if numbers else f"c{said}"))
    return answers(*rows)


def by_hand(given: Answers, apart) -> float:
    """From the definition, pair by pair."""
    rows = given.frame()
    halves = [rows.filter(pl.col("rater").is_in(names)) for names in (["a", "b"], ["x", "y"])]
    both = halves[0].join(halves[1], on="item", suffix="_2")
    shared = sorted(set(both["item"]))
    weight = {item: int((rows["item"] == item).sum()) for item in shared}
    of = {
        item: np.mean([apart(p, q) for p, q in both.filter(item=item).select("answer", "answer_2").iter_rows()])
        for item in shared
    }
    observed = sum(weight[item] * of[item] for item in shared) / sum(weight.values())
    first, second = (half.filter(pl.col("item").is_in(shared))["answer"].to_list() for half in halves)
    return 1 - observed / np.mean([apart(p, q) for p in first for q in second])


def test_it_is_what_its_definition_says_pair_by_pair() -> None:
    given = crowd()
    found = between_groups(given, GROUPS, Alpha(draws=100)).row(0, named=True)
    assert found["value"] == pytest.approx(by_hand(given, lambda p, q: p != q))
    assert found["low"] < found["value"] < found["high"]
    numbers = crowd(numbers=True)
    found = between_groups(numbers, GROUPS, Alpha(level="interval", draws=100)).row(0, named=True)
    assert found["value"] == pytest.approx(by_hand(numbers, lambda p, q: (float(p) - float(q)) ** 2))


def test_groups_of_one_mind_each_agree_less_between_than_within() -> None:
    given = crowd(300)
    within = Alpha(draws=100).measure(given.take(given.rater < 2)).value
    found = between_groups(given, GROUPS, Alpha(draws=100)).row(0, named=True)
    assert found["high"] < within - 0.3


def test_neither_row_order_nor_names_of_labels_matter() -> None:
    given = crowd(40)
    expected = between_groups(given, GROUPS, Alpha(draws=100)).drop("first", "second").row(0)
    mixed = given.take(np.random.default_rng(1).permutation(len(given)))
    renamed = pl.col("answer").replace({"c1": "z", "c2": "b", "c3": "a"})
    other = encode(given.frame().with_columns(renamed), repeats="all")
    for one in (mixed, other):
        assert between_groups(one, GROUPS, Alpha(draws=100)).drop("first", "second").row(0) == pytest.approx(expected)


def test_what_cannot_be_measured_is_declared_with_its_reason() -> None:
    apart = answers(("i", "a", "1"), ("j", "x", "1"))
    assert between_groups(apart, GROUPS).row(0)[2:] == (0, 0.0, None, None, NOTHING_SHARED)
    same = answers(("i", "a", "1"), ("i", "x", "1"), ("j", "a", "1"), ("j", "x", "1"))
    assert between_groups(same, GROUPS).row(0, named=True)["note"] == NO_SPREAD


def test_raters_of_no_group_are_left_out_and_every_two_groups_have_a_row() -> None:
    given = crowd(30)
    found = between_groups(given, {"a": "k", "b": "l", "x": "m"}, Alpha(draws=100))
    assert found.select("first", "second").rows() == [("k", "l"), ("k", "m"), ("l", "m")]


def test_the_ordinal_level_is_refused_in_words() -> None:
    with pytest.raises(SettingError, match="interval"):
        between_groups(crowd(numbers=True), GROUPS, Alpha(level="ordinal"))
