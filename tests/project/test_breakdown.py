"""Agreement taken apart: what is said of labels, raters, pairs and groups, and of uneven numbers of answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from middlemost.agreement import Alpha
from middlemost.core.answers import Answers, encode
from middlemost.files.answers import read_answers
from middlemost.files.groups import Groups, read_groups
from middlemost.project.breakdown import MOST_LABELS, Breakdown, break_down
from middlemost.project.found import Given
from middlemost.project.study import study


def crowd(n: int = 200, raters: int = 6, classes: int = 3, right: float = 0.8, seed: int = 0) -> pl.DataFrame:
    """Raters of one skill on items in turn."""
    rng = np.random.default_rng(seed)
    guesses = rng.integers(0, classes, (n, raters))
    said = np.where(rng.random((n, raters)) < right, np.arange(n)[:, None] % classes, guesses)
    rows = [(f"i{i:03d}", f"r{r}", f"c{said[i, r]}") for i in range(n) for r in range(raters)]
    return pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row")


def taken_apart(frame: pl.DataFrame | Answers, groups: Groups | None = None, *, in_order: bool = False) -> Breakdown:
    answers = frame if isinstance(frame, Answers) else encode(frame)
    alpha = Alpha(draws=200)
    return break_down(answers, alpha.measure(answers), alpha, groups or Groups(), in_order=in_order)


def until_two_ahead(frame: pl.DataFrame) -> pl.DataFrame:
    """What adaptive collection would have asked: until one label leads by two."""
    kept = []
    for _, own in frame.group_by("item", maintain_order=True):
        seen: dict[str, int] = {}
        for row in own.rows():
            kept.append(row)
            seen[row[2]] = seen.get(row[2], 0) + 1
            first, second = sorted([*seen.values(), 0, 0], reverse=True)[:2]
            if first - second >= 2:
                break
    return pl.DataFrame(kept, schema=frame.schema, orient="row")


def test_the_rater_who_costs_most_and_the_pair_that_agrees_least_come_first() -> None:
    rng = np.random.default_rng(1)
    guess = pl.Series([f"c{code}" for code in rng.integers(0, 3, 1_200)])
    frame = crowd().with_columns(answer=pl.when(pl.col("rater") == "r3").then(guess).otherwise("answer"))
    found = taken_apart(frame)
    assert found.raters is not None
    assert found.pairs is not None
    assert found.raters["rater"][0] == "r3"
    assert "r3" in found.pairs.select("first", "second").row(0)
    assert found.pairs.height == 15


def test_of_many_labels_the_commonest_are_taken_one_by_one_each_as_if_alone() -> None:
    frame = crowd(n=400, classes=40)
    common = frame["answer"].value_counts().sort("count", descending=True)["answer"][0]
    found = taken_apart(frame).labels
    assert found is not None
    assert found.height == MOST_LABELS
    against = frame.with_columns(answer=pl.when(pl.col("answer") == common).then(pl.lit("it")).otherwise(pl.lit("no")))
    alone = taken_apart(against.with_columns(answer="answer"))
    (value,) = found.filter(label=common)["value"]
    assert alone.labels is None  # two labels: each is the other's mirror
    assert value == pytest.approx(Alpha(draws=100).measure(encode(against)).value, abs=2e-3)


def test_each_group_of_raters_is_measured_and_who_has_none_is_left_out() -> None:
    groups = read_groups(pl.DataFrame({"rater": ["r0", "r1", "r2", "r3"], "country": ["UK", "UK", "FR", "FR"]}))
    ((grouping, frame),) = taken_apart(crowd(), groups).groups
    assert grouping.name == "country"
    assert frame.select("group", "n_raters", "n_answers").rows() == [("FR", 2, 400), ("UK", 2, 400)]
    lonely = read_groups(pl.DataFrame({"rater": ["nobody"], "country": ["UK"]}))
    found = taken_apart(crowd(), lonely)
    assert found.groups == ()
    assert found.left_out == ("None of the raters has a group.",)


def test_where_disputed_items_were_asked_again_the_first_answers_decide_if_their_order_is_known() -> None:
    frame = until_two_ahead(crowd(right=0.6))
    answers = encode(frame)
    shown = Alpha(draws=200).measure(answers)
    known, unknown = (taken_apart(answers, in_order=in_order) for in_order in (True, False))
    assert known.uneven is not None
    assert known.uneven.adaptive
    assert known.uneven.on_first is not None
    fixed = Alpha(draws=200).measure(encode(crowd(right=0.6)))
    assert abs(known.deciding(shown).value - fixed.value) < abs(shown.value - fixed.value)
    assert unknown.uneven is not None
    assert unknown.uneven.adaptive
    assert unknown.deciding(shown) == shown


def test_numbers_of_answers_that_have_nothing_to_do_with_them_change_nothing() -> None:
    rng = np.random.default_rng(0)
    found = taken_apart(crowd().filter(pl.Series(rng.random(1_200) < 0.7)), in_order=True)
    assert found.uneven is not None
    assert not found.uneven.adaptive
    assert taken_apart(crowd()).uneven is None


@pytest.mark.parametrize(("name", "adaptive"), [("multipico", False), ("weather_cf", False), ("music", True)])
def test_real_sets_show_whether_they_asked_again(shared: Path, name: str, adaptive: bool) -> None:
    uneven = taken_apart(read_answers(next((shared / "data" / name).glob("answers.csv*")))).uneven
    assert uneven is not None
    assert uneven.adaptive is adaptive


def test_the_interval_over_raters_is_shown_where_it_is_much_wider_only(shared: Path) -> None:
    wide = taken_apart(read_answers(shared / "data/bluebird/answers.csv"))
    assert wide.over_raters is not None
    assert wide.over_raters.resampled == "raters"
    assert taken_apart(crowd(n=60, raters=20)).over_raters is None


def test_what_cannot_be_measured_is_not_taken_apart() -> None:
    frame = pl.DataFrame({"item": list("abc"), "rater": ["r"] * 3, "answer": list("xyx")})
    found = taken_apart(frame)
    assert (found.labels, found.raters, found.pairs, found.uneven, found.over_raters) == (None,) * 5


def test_the_report_measures_repeats_of_raters_with_themselves() -> None:
    once = crowd(n=60, raters=3)
    again = once.filter(pl.col("item") < "i030")
    frame = pl.concat([once.with_columns(round=1), again.with_columns(round=2)])
    intra = study(encode(frame)).agreeing.intra
    assert intra is not None
    assert intra.agreement.value == 1.0
    assert intra.n_repeats == again.height
    assert study(encode(once)).agreeing.intra is None


def test_groups_reach_the_report() -> None:
    groups = read_groups(pl.DataFrame({"item": [f"i{n:03d}" for n in range(200)], "half": ["a", "b"] * 100}))
    found = study(encode(crowd()), given=Given(groups=groups)).agreeing.breakdown.groups
    assert [(one.name, frame["group"].to_list()) for one, frame in found] == [("half", ["a", "b"])]
