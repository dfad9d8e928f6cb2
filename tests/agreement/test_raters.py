"""Other raters, one rater less, one label at a time: where agreement comes from and how far it reaches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from middlemost.agreement import (
    COEFFICIENTS,
    Alpha,
    CongerKappa,
    FleissKappa,
    GwetAC,
    PercentAgreement,
    by_group,
    by_label,
    by_rater,
)
from middlemost.core.answers import Answers, encode
from middlemost.errors import InputError, SettingError

from .conftest import crossed, raw, read

KINDS = [pytest.param(kind, id=name) for name, kind in COEFFICIENTS.items()]
MORE = [Alpha("ordinal", draws=100), Alpha("interval", draws=100), GwetAC("quadratic", draws=100)]
ALL = [*(kind(draws=100) for kind in COEFFICIENTS.values()), *MORE]  # type: ignore[call-arg]
NAMES = [f"{method.name}-{n}" for n, method in enumerate(ALL)]


def repeated(shared: Path) -> Answers:
    """A table with missing answers and one that repeats a rater's own."""
    path = shared / "data/agreement_reference/answers_irrcac_raw_5observers.csv"
    again = pl.DataFrame({"item": ["1"], "rater": ["Observer1"], "answer": ["2"]})
    return encode(pl.concat([pl.read_csv(path, infer_schema=False), again]), repeats="all")


@pytest.mark.parametrize("coefficient", ALL, ids=NAMES)
def test_leaving_a_rater_out_is_measuring_without_the_rater(shared: Path, coefficient: Any) -> None:
    answers = repeated(shared)
    frame = by_rater(answers, coefficient)
    whole = coefficient.measure(answers).value
    assert frame.height == 5
    for rater, without, change in frame.select("rater", "without", "change").rows():
        left = coefficient.measure(answers.take(answers.raters.gather(answers.rater).to_numpy() != rater))
        assert without == pytest.approx(left.value, abs=1e-12)
        assert change == pytest.approx(left.value - whole, abs=1e-12)


@pytest.mark.parametrize("coefficient", ALL, ids=NAMES)
def test_a_rater_who_counts_twice_is_a_second_rater_whom_nobody_compares_with_the_first(
    shared: Path, coefficient: Any
) -> None:
    answers = raw(shared, "cac.raw4raters")
    statistic, _ = coefficient.statistic(answers)
    value = statistic.of_raters(answers)(np.array([2.0, 1, 0, 1]))
    copy = answers.frame().filter(pl.col("rater") == answers.raters[0]).with_columns(rater=pl.lit("copy"))
    doubled = encode(pl.concat([answers.frame().filter(pl.col("rater") != answers.raters[2]), copy]))
    with_copies = coefficient.measure(doubled).value
    assert np.isfinite(value)
    assert value != pytest.approx(with_copies, abs=1e-9)  # there, the copies agree with each other


def test_pairs_of_copies_are_not_compared() -> None:
    answers = crossed("121", "211", "122", "222")
    statistic, _ = PercentAgreement().statistic(answers)
    twice = statistic.of_raters(answers)(np.array([2.0, 1, 0]))
    assert twice == pytest.approx(PercentAgreement().measure(answers.take(answers.rater < 2)).value)


def test_kappa_where_raters_count_several_times_is_that_of_the_pairs_of_different_raters() -> None:
    rows, copies = ["1212", "2221", "1112", "3312", "3322"], np.array([2.0, 1, 3, 0])
    answers = crossed(*rows)
    shares = [{c: sum(row[g] == c for row in rows) / 5 for c in "123"} for g in range(4)]
    pairs = [(g, h, copies[g] * copies[h]) for g in range(4) for h in range(4) if g != h]
    times = sum(weight for _, _, weight in pairs)
    observed = sum(weight * np.mean([row[g] == row[h] for row in rows]) for g, h, weight in pairs) / times
    chance = sum(weight * sum(shares[g][c] * shares[h][c] for c in "123") for g, h, weight in pairs) / times
    for kind, value in ((PercentAgreement, observed), (CongerKappa, (observed - chance) / (1 - chance))):
        statistic, _ = kind().statistic(answers)
        assert statistic.of_raters(answers)(copies) == pytest.approx(value)


def test_alpha_where_raters_count_several_times_never_compares_an_answer_with_itself() -> None:
    rows, copies = ["1212", "2221", "1112", "3312", "3322"], [2, 1, 3, 0]
    every = [(i, g, row[g], copies[g]) for i, row in enumerate(rows) for g in range(4)]
    pairs = [(a[0] == b[0], a[2] != b[2], a[3] * b[3]) for a in every for b in every if a is not b]
    within = np.average([d for same, d, _ in pairs if same], weights=[w for same, _, w in pairs if same])
    overall = np.average([d for _, d, _ in pairs], weights=[w for *_, w in pairs])
    statistic, _ = Alpha().statistic(crossed(*rows))
    assert statistic.of_raters(crossed(*rows))(np.array(copies, dtype=float)) == pytest.approx(1 - within / overall)


@pytest.mark.parametrize("kind", KINDS)
def test_an_interval_over_raters_holds_the_value_and_is_the_same_each_time(shared: Path, kind: Any) -> None:
    answers = read(shared / "data/agreement_reference/answers_fleiss1971_diagnoses.csv")
    first, second = (kind(interval="raters", draws=200).measure(answers) for _ in range(2))
    assert first == second
    assert first.low < first.value < first.high
    assert first.resampled == "raters"


@pytest.mark.parametrize("kind", KINDS)
def test_an_interval_over_raters_does_not_depend_on_names(shared: Path, kind: Any) -> None:
    frame = (
        read(shared / "data/bluebird/answers.csv")
        .frame()
        .filter(pl.col("rater").str.ends_with("3") | pl.col("rater").str.ends_with("7"))
    )
    renamed = frame.with_columns(
        item=pl.col("item").str.reverse(),
        rater=pl.col("rater").str.reverse(),
        answer=pl.col("answer").replace_strict({"0": "z", "1": "a"}),
    )
    first, second = (kind(interval="raters", draws=100).measure(encode(rows)) for rows in (frame, renamed))
    assert (first.low, first.high) == pytest.approx((second.low, second.high))


def test_raters_who_differ_in_kind_make_the_interval_over_raters_the_wider_one(shared: Path) -> None:
    """Three raters who know, three who guess: other raters matter more than other items."""
    rng = np.random.default_rng(0)
    truth = rng.integers(3, size=400)
    answers = [truth] * 3 + [rng.integers(3, size=400) for _ in range(3)]
    cells = {
        "item": np.tile(np.arange(400), 6),
        "rater": np.repeat(np.arange(6), 400),
        "answer": np.concatenate(answers),
    }
    coded = encode(pl.DataFrame(cells))
    items, raters = (Alpha(interval=over).measure(coded) for over in ("items", "raters"))  # type: ignore[arg-type]
    assert raters.high - raters.low > 3 * (items.high - items.low)  # type: ignore[operator]


def test_two_raters_are_too_few_to_draw_from() -> None:
    agreement = Alpha(interval="raters").measure(crossed("12", "11", "22", "21"))
    assert agreement.low is None
    assert "2 raters are too few" in (agreement.note or "")


@pytest.mark.parametrize("kind", [Alpha, FleissKappa, GwetAC, CongerKappa])
def test_the_published_error_and_the_bootstrap_tell_the_same_on_many_items(shared: Path, kind: Any) -> None:
    answers = read(shared / "data/rte/answers.csv")
    agreement = kind().measure(answers)
    assert agreement.high - agreement.low == pytest.approx(2 * 1.96 * agreement.standard_error, rel=0.1)


def test_an_ordinal_alpha_has_no_published_error_and_says_so() -> None:
    agreement = Alpha("ordinal", interval="formula").measure(crossed("12", "23", "11", "33"))
    assert agreement.standard_error is None
    assert "no standard error is published" in (agreement.note or "")


def test_kappa_by_label_of_fleiss_1971(shared: Path) -> None:
    frame = by_label(read(shared / "data/agreement_reference/answers_fleiss1971_diagnoses.csv"))
    assert frame["label"].to_list() == ["1", "2", "3", "4", "5"]
    assert frame["value"].to_list() == pytest.approx([0.245, 0.245, 0.520, 0.471, 0.566], abs=5.1e-4)
    assert (frame["low"] < frame["value"]).all()


def test_a_label_called_other_is_no_trouble() -> None:
    frame = pl.DataFrame({"item": list("aabb"), "rater": list("xyxy"), "answer": ["other", "x", "other", "other"]})
    assert by_label(encode(frame))["label"].to_list() == ["other", "x"]


def test_how_often_a_rater_agrees_with_the_others_on_the_same_items() -> None:
    frame = by_rater(crossed("112", "12 ", "2  ")).sort("rater")
    assert frame["agrees"].to_list() == pytest.approx([1 / 3, 1 / 3, 0])
    assert frame["n_answers"].to_list() == [3, 2, 1]


def test_a_rater_whom_nobody_meets_has_no_share_of_agreement() -> None:
    assert by_rater(crossed("11 ", "22 ", "  1")).filter(pl.col("rater") == "r2")["agrees"].to_list() == [None]


def test_the_rater_who_costs_most_agreement_comes_first() -> None:
    assert by_rater(crossed("112", "221", "112", "221", "111"))["rater"][0] == "r2"


@pytest.mark.parametrize("as_frame", [True, False])
def test_groups_of_items_are_measured_apart(shared: Path, as_frame: bool) -> None:
    path = shared / "data/agreement_reference/answers_irrcac_raw_gender.csv"
    group = pl.read_csv(path, infer_schema=False).select("item", "group").unique()
    answers = raw(shared, "cac.raw.gender")
    frame = by_group(answers, group if as_frame else dict(group.rows()))
    women = group.filter(pl.col("group") == "F")["item"]
    alone = Alpha().measure(answers.take(answers.items.gather(answers.item).is_in(women.to_list()).to_numpy()))
    assert frame["group"].to_list() == ["F", "M"]
    assert frame.select("value", "low", "high").row(0) == pytest.approx((alone.value, alone.low, alone.high))


def test_groups_of_raters_are_measured_apart() -> None:
    frame = by_group(
        crossed("1122", "1112", "2221"), {"r0": "a", "r1": "a", "r2": "b"}, PercentAgreement(), of="raters"
    )
    assert frame.select("group", "n_raters", "n_answers").rows() == [("a", 2, 6), ("b", 1, 3)]
    assert frame["value"][0] == 1
    assert "no item has two answers" in frame["note"][1]


def test_groups_that_name_nobody_are_refused() -> None:
    with pytest.raises(InputError, match="None of the items"):
        by_group(crossed("11"), {"nobody": "a"})
    with pytest.raises(SettingError, match="of is 'labels'"):
        by_group(crossed("11"), {}, of="labels")  # type: ignore[arg-type]
    twice = pl.DataFrame({"item": ["i0", "i0"], "group": ["a", "b"]})
    with pytest.raises(InputError, match="two groups"):
        by_group(crossed("11"), twice)
    with pytest.raises(InputError, match="3 columns"):
        by_group(crossed("11"), twice.with_columns(more=pl.lit(1)))
