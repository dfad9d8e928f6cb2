"""Raters beside themselves: how often they give the same answer again, and what that bounds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import middlemost as mm
from middlemost.agreement import PercentAgreement, intra_rater
from middlemost.agreement.intra import right_at_most
from middlemost.core.answers import Answers, encode
from middlemost.core.gold import as_gold
from middlemost.core.results import IntraRater
from middlemost.inference.proportion import jeffreys


def rounds(*raters: str) -> Answers:
    """One string a rater, "11 12 22": what they answered to each item, round by round."""
    rows = [
        (f"i{item}", f"r{rater}", answer, number)
        for rater, items in enumerate(raters)
        for item, answered in enumerate(items.split())
        for number, answer in enumerate(answered)
    ]
    return encode(pl.DataFrame(rows, schema=["item", "rater", "answer", "round"], orient="row"))


def simulated(confusions: list[list[list[float]]], *, n: int = 400, seed: int = 0) -> Answers:
    """Two rounds by raters with these confusion matrices, on `n` items of evenly spread classes."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(len(confusions[0]), size=n)
    rows = [
        (f"i{item}", f"r{rater}", str(rng.choice(len(table), p=table[label])), number)
        for rater, table in enumerate(confusions)
        for item, label in enumerate(truth)
        for number in (1, 2)
    ]
    return encode(pl.DataFrame(rows, schema=["item", "rater", "answer", "round"], orient="row"))


def ends(found: IntraRater) -> tuple[float, float]:
    assert found.agreement.low is not None
    assert found.agreement.high is not None
    return found.agreement.low, found.agreement.high


@pytest.mark.parametrize(
    ("level", "value"), [("nominal", 0.6964098989), ("ordinal", 0.8190591318), ("interval", 0.8418663762)]
)
def test_the_first_anaesthetist_agrees_with_themselves_as_krippendorffs_alpha_of_the_rounds_says(
    level: str, value: float
) -> None:
    """The values of the package krippendorff 0.9.0, the three rounds taken for coders."""
    found = intra_rater(mm.read_answers(mm.example("anaesthetists")), level=level)  # type: ignore[arg-type]
    assert found.alpha.value == pytest.approx(value)
    assert (found.n_repeats, found.alpha.n_items, found.alpha.n_raters) == (90, 45, 1)


def test_the_agreement_is_the_share_of_equal_pairs_of_rounds_averaged_over_items() -> None:
    found = intra_rater(rounds("111 112 22", "11 12"))
    assert found.agreement.value == pytest.approx((1 + 1 / 3 + 1 + 1 + 0) / 5)
    expected = pl.DataFrame({"rater": ["r1", "r0"], "n_items": [2, 3], "n_repeats": [2, 5], "agreement": [0.5, 7 / 9]})
    found_raters = found.raters.sort("n_repeats")
    assert found_raters.select(expected.columns[:3]).equals(expected.select(expected.columns[:3]))
    assert found_raters["agreement"].to_list() == pytest.approx(expected["agreement"].to_list())
    assert found_raters.row(1)[4:] == pytest.approx(jeffreys(7 / 3, 3))


def test_answers_of_different_raters_are_not_compared() -> None:
    assert intra_rater(rounds("11 22 11", "22 11 22")).agreement.value == 1


def test_only_what_a_rater_answered_again_counts() -> None:
    answers = encode(
        pl.DataFrame({"item": list("aabcd"), "rater": list("xxxyx"), "answer": list("12111")}), repeats="all"
    )
    found = intra_rater(answers)
    assert (found.agreement.n_items, found.agreement.n_answers, found.agreement.value) == (1, 2, 0)


def test_with_three_raters_or_more_the_interval_is_for_other_raters() -> None:
    """One of four raters answers at random: with other raters it could be none or two, so the interval is wide."""
    steady, wild = "11 22 " * 50, "11 12 21 22 " * 25
    many, few = intra_rater(rounds(steady, steady, steady, wild)), intra_rater(rounds(steady, wild))
    assert (many.agreement.resampled, few.agreement.resampled) == ("raters", "items")
    assert "other items and the same raters" in (few.agreement.note or "")
    assert ends(many) == pytest.approx((0.625, 1.0))
    assert ends(few)[1] - ends(few)[0] < 0.15


def test_the_interval_for_other_raters_holds_what_raters_of_the_kind_reach() -> None:
    rng = np.random.default_rng(1)
    held = []
    for seed in range(60):
        p = rng.uniform(0.6, 1.0, size=25)
        answers = simulated([[[q, 1 - q], [1 - q, q]] for q in p], n=12, seed=seed)
        low, high = ends(intra_rater(answers, draws=200))
        reached = 1 - 2 * (0.8 - (0.8**2 + 0.4**2 / 12))
        held.append(low <= reached <= high)
    assert np.mean(held) >= 0.85


@given(st.lists(st.floats(0.001, 1), min_size=2, max_size=6))
def test_no_answer_is_right_more_often_than_the_bound_allows(weights: list[float]) -> None:
    """However a rater spreads their answers: at the same agreement, the best case is that the rest is spread evenly."""
    shares = np.array(weights) / sum(weights)
    assert shares.max() <= right_at_most(float((shares**2).sum()), len(shares)) + 1e-9


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 9))
def test_the_bound_is_a_share_that_rises_with_the_agreement(one: float, other: float, n_classes: int) -> None:
    low, high = sorted((one, other))
    assert 0 < right_at_most(low, n_classes) <= right_at_most(high, n_classes) <= 1 + 1e-12


def test_the_bound_is_what_a_rater_reaches_whose_errors_are_evenly_spread() -> None:
    table = [[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]]
    assert intra_rater(simulated([table], n=4_000)).most_right.value == pytest.approx(0.8, abs=0.02)


def test_raters_agree_with_each_other_no_more_than_with_themselves() -> None:
    rng = np.random.default_rng(0)
    answers = simulated([rng.dirichlet([4, 1, 1], size=3).tolist() for _ in range(6)])
    first = answers.take(answers.round == 1)  # type: ignore[arg-type]
    assert PercentAgreement().measure(first).value < intra_rater(answers).agreement.value


@pytest.mark.parametrize("name", ["relevance", "adult", "fact_eval"])
def test_on_real_answers_the_bounds_hold(shared: Path, name: str) -> None:
    folder = shared / "data" / name
    answers = mm.read_answers(folder / "answers.csv.gz", repeats="all")
    found = intra_rater(answers)
    item, label = as_gold(pl.read_csv(folder / "truth.csv", infer_schema=False).select("item", "label")).codes(answers)
    truth = np.full(answers.n_items, -2)
    truth[item] = label
    right = (truth[answers.item] == answers.answer)[truth[answers.item] > -2].mean()
    assert right < found.most_right.value
    assert PercentAgreement().measure(answers).value < found.agreement.value
    assert found.n_repeats == answers.repeated()


def test_without_repeats_nothing_is_measured_and_the_reason_is_given() -> None:
    found = intra_rater(encode(pl.DataFrame({"item": list("aab"), "rater": list("xyx"), "answer": list("121")})))
    for agreement in (found.agreement, found.alpha):
        assert (agreement.value, agreement.low, agreement.high, agreement.n_items) == (0.0, None, None, 0)
        assert agreement.note == "no rater answered an item twice, so nothing is measured and the value is set to 0"
    assert (found.most_right.value, found.most_right.low, found.n_repeats, found.raters.height) == (1.0, None, 0, 0)
    assert found.sentence == "There is nothing to say: no rater answered an item twice."


@pytest.mark.parametrize(
    ("given", "agreement", "alpha"),
    [
        ("11 22", "nobody ever gave another answer", "nobody ever gave another answer"),
        ("11 11", "nobody ever gave another answer", "the coefficient is set to 0"),
        ("12", "one rater answered one item again", "one rater answered one item again"),
        ("11 12", "other items and the same rater", "too few items"),
    ],
)
def test_few_repeats_give_declared_values_with_the_reason(given: str, agreement: str, alpha: str) -> None:
    found = intra_rater(rounds(given))
    assert agreement in (found.agreement.note or "")
    assert alpha in (found.alpha.note or "")
    assert np.isfinite([found.agreement.value, found.alpha.value, found.most_right.value]).all()


def test_the_sentence_says_what_the_value_bounds() -> None:
    sentence = intra_rater(mm.read_answers(mm.example("anaesthetists"))).sentence
    assert sentence.startswith("Asked again, a rater gives the same answer in 81 % of cases.")
    assert sentence.endswith("a single answer is right in at most 90 % of cases.")


def test_neither_the_order_of_rows_nor_names_matter() -> None:
    rng = np.random.default_rng(3)
    answers = simulated([rng.dirichlet([3, 1, 1], size=3).tolist() for _ in range(5)], n=20)
    frame = answers.frame()
    renamed = frame.with_columns(
        pl.col("answer").replace_strict({"0": "z", "1": "y", "2": "x"}),
        pl.col("rater").replace_strict({f"r{n}": f"{9 - n}" for n in range(5)}),
    )
    first, *others = (intra_rater(encode(one)) for one in (frame, frame.sample(fraction=1, shuffle=True), renamed))
    for other in others:
        for one, two in ((first.agreement, other.agreement), (first.alpha, other.alpha)):
            assert (one.value, one.low, one.high) == pytest.approx((two.value, two.low, two.high))
