"""Methods that give each rater one weight: by hand, by law, and beside the peers."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from middlemost.consensus import BWA, CATD, KOS, MajorityVote, Wawa, ZeroBasedSkill
from middlemost.core.answers import Answers, encode
from middlemost.errors import SettingError

ROWS = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("uvwx"), st.sampled_from("123")), min_size=1)
WEIGHING = [BWA, CATD, KOS, Wawa, ZeroBasedSkill]


def answers_of(rows: list[tuple[str, str, str]]) -> Answers:
    return encode(pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row"), repeats="all")


def crowd(*, skills: tuple[float, ...], n_items: int = 200, n_classes: int = 3) -> tuple[Answers, np.ndarray]:
    """Everybody answers everything, right with their own chance, else any other class; with the truth."""
    rng = np.random.default_rng(1)
    truth = rng.integers(n_classes, size=n_items)
    right = rng.random((n_items, len(skills))) < np.array(skills)
    wrong = (truth[:, None] + rng.integers(1, n_classes, size=right.shape)) % n_classes
    answer = np.where(right, truth[:, None], wrong)
    item, rater = np.indices(answer.shape)
    columns = {"item": item.ravel(), "rater": rater.ravel(), "answer": answer.ravel()}
    frame = pl.DataFrame(columns).select(pl.all().cast(pl.String).str.zfill(3))
    return encode(frame), truth


@pytest.mark.parametrize("method", WEIGHING)
def test_the_better_rater_weighs_more(method: Any) -> None:
    answers, truth = crowd(skills=(0.95, 0.8, 0.65, 0.5, 0.3), n_items=400)
    fit = method().fit(answers)
    weights = fit.raters["weight"].to_list()
    assert weights == sorted(weights, reverse=True)
    right = (fit.probabilities.argmax(axis=1) == truth).mean()
    assert right >= (MajorityVote().fit(answers).probabilities.argmax(axis=1) == truth).mean()


@pytest.mark.parametrize("method", WEIGHING)
def test_gold_turns_the_scales(method: Any) -> None:
    """Two who copy each other outvote the honest third, until gold shows them up."""
    rows = [(f"{n:02d}", rater, "1" if rater == "z" else "2") for n in range(30) for rater in "xyz"]
    rows += [(f"{n:02d}", "z", str(n % 2 + 1)) for n in range(30, 60)] + [("99", "x", "2"), ("99", "z", "1")]
    gold = {f"{n:02d}": "1" for n in range(29)}
    fit = method().fit(answers_of(rows), gold)
    weights = dict(fit.raters.select("rater", "weight").rows())
    assert weights["z"] > weights["x"]
    assert fit.labels.filter(item="29")["label"].item() == "1"


def test_wawa_by_hand() -> None:
    rows = [("a", "x", "1"), ("a", "y", "1"), ("a", "z", "2"), ("b", "x", "1"), ("b", "y", "2"), ("c", "z", "2")]
    fit = Wawa(power=1).fit(answers_of(rows))
    assert fit.raters["weight"].to_list() == pytest.approx([3 / 4, 3 / 4, 1 / 2])
    np.testing.assert_allclose(fit.probabilities, [[3 / 4, 1 / 4], [1 / 2, 1 / 2], [0, 1]])


def test_without_power_wawa_is_the_majority() -> None:
    answers, _ = crowd(skills=(0.9, 0.7, 0.4))
    np.testing.assert_allclose(Wawa(power=0).fit(answers).probabilities, MajorityVote().fit(answers).probabilities)


def test_zero_based_skill_ends_where_weights_are_agreement_with_the_weighted_vote() -> None:
    answers, _ = crowd(skills=(0.9, 0.7, 0.6, 0.4))
    fit = ZeroBasedSkill().fit(answers)
    best = np.isclose(fit.probabilities, fit.probabilities.max(axis=1, keepdims=True))
    credit = (best / best.sum(axis=1, keepdims=True)).ravel()[answers.cells()]
    agreement = np.bincount(answers.rater, credit) / answers.per_rater()
    np.testing.assert_allclose(fit.raters["weight"], agreement, atol=1e-5)
    assert fit.converged


def test_catd_trusts_one_right_answer_less_than_many() -> None:
    rows = [(f"{n:02d}", rater, "12"[n % 2]) for n in range(20) for rater in "xyz"] + [("00", "new", "1")]
    weights = dict(CATD().fit(answers_of(rows)).raters.select("rater", "weight").rows())
    assert weights["new"] < weights["x"] == pytest.approx(weights["y"])


def test_kos_reads_a_contrary_rater_backwards() -> None:
    answers, truth = crowd(skills=(0.9, 0.9, 0.9, 0.05), n_classes=2)
    fit = KOS().fit(answers)
    assert fit.raters["weight"].to_list()[3] < 0
    assert (fit.probabilities.argmax(axis=1) == truth).mean() > 0.9


def test_kos_without_other_answers_to_hear_of_is_the_vote() -> None:
    fit = KOS().fit(answers_of([("a", "x", "1"), ("b", "y", "2")]))
    assert fit.probabilities.tolist() == [[1, 0], [0, 1]]


def test_bwa_pulls_an_item_with_few_answers_towards_the_classes_shares() -> None:
    rows = [(f"{n:02d}", rater, "1") for n in range(9) for rater in "xyz"] + [("99", "x", "2")]
    loose, tight = (BWA(pull=pull).fit(answers_of(rows)).probabilities[-1, 1] for pull in (1.0, 100.0))
    assert tight < loose < 1


@given(ROWS, st.booleans())
def test_equal_weights_are_the_majority(rows: list[tuple[str, str, str]], again: bool) -> None:
    """Over rounds, in which raters may answer an item again, or without."""
    frame = pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row")
    answers = encode(frame.with_columns(round=pl.lit(1)) if again else frame)
    plain = MajorityVote().fit(answers)
    fit = MajorityVote(weights=dict.fromkeys(answers.raters, 2.0)).fit(answers)
    np.testing.assert_allclose(fit.probabilities, plain.probabilities)
    assert fit.labels["label"].equals(plain.labels["label"])
    for name in ("accuracy", "low", "high"):
        np.testing.assert_allclose(fit.raters[name].fill_null(-1), plain.raters[name].fill_null(-1), atol=1e-12)


def test_raters_without_a_weight_of_their_own_have_one() -> None:
    rows = [("a", "x", "1"), ("a", "y", "2"), ("a", "z", "2")]
    fit = MajorityVote(weights={"x": 3}).fit(answers_of(rows))
    assert fit.probabilities.tolist() == [[0.6, 0.4]]
    assert fit.raters["weight"].to_list() == [3, 1, 1]
    assert fit.raters["accuracy"].to_list() == [0, 0, 0]


def test_a_weight_that_cannot_be_is_refused() -> None:
    with pytest.raises(SettingError, match=r"The weight of x is -1\."):
        MajorityVote(weights={"x": -1})
    with pytest.raises(SettingError, match="'nobody', who gave no answer"):
        MajorityVote(weights={"nobody": 1}).fit(answers_of([("a", "x", "1")]))


@pytest.mark.parametrize(
    ("method", "setting", "value"),
    [
        *((Wawa, "power", -1), (ZeroBasedSkill, "max_iter", 0), (CATD, "alpha", 1), (CATD, "smoothing", 0)),
        *((BWA, "pull", 0), (KOS, "tol", float("nan")), (BWA, "shape", float("inf"))),
    ],
)
def test_a_setting_that_cannot_be_is_refused(method: Any, setting: str, value: float) -> None:
    with pytest.raises(SettingError, match=f"^{setting} is "):
        method(**{setting: value})
