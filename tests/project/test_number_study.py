"""Numbers: how far they are to be trusted, and what is odd about them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from middlemost.core.numbers import NumericAnswers, encode_numbers
from middlemost.errors import InputError
from middlemost.files.gold import read_gold
from middlemost.files.numbers import read_numbers
from middlemost.project.number_study import NumberStudy, study_numbers


def crowd(n: int = 100, raters: int = 5, noise: float = 2.0, seed: int = 0) -> tuple[NumericAnswers, dict[str, str]]:
    """Raters with a bias each, on items spread by ten."""
    rng = np.random.default_rng(seed)
    truth, bias = rng.normal(50, 10, n), rng.normal(0, 2, raters)
    said = (truth[:, None] + bias + rng.normal(0, noise, (n, raters))).round(1)
    rows = [(f"i{i:03d}", f"r{r}", said[i, r]) for i in range(n) for r in range(raters)]
    frame = pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row")
    return encode_numbers(frame), {f"i{i:03d}": f"{truth[i]:.1f}" for i in range(n)}


def kinds(found: NumberStudy) -> dict[str, int]:
    return {oddity.kind: oddity.n for oddity in found.oddities}


def changed(answers: NumericAnswers, **rater: float) -> NumericAnswers:
    """The same, where raters give one number to everything."""
    frame = answers.frame().with_columns(pl.col("answer").cast(pl.Float64))
    for name, number in rater.items():
        frame = frame.with_columns(answer=pl.when(pl.col("rater") == name).then(number).otherwise("answer"))
    return encode_numbers(frame)


def test_numbers_near_gold_may_be_trained_on_and_the_headline_says_by_how_much_they_miss() -> None:
    answers, truth = crowd()
    found = study_numbers(answers, truth)
    assert found.gold_check is not None
    miss = found.gold_check.distance.mean_absolute
    estimates = found.consensus.estimates
    known = np.abs(estimates["estimate"].to_numpy() - np.array([float(truth[item]) for item in estimates["item"]]))
    assert miss.value == pytest.approx(known.mean())
    assert found.verdict.answer == "yes"
    assert f"miss by {miss.value:.2f} in the mean" in found.verdict.headline


@pytest.mark.parametrize(("noise", "answer"), [(2.0, "yes"), (18.0, "with care"), (90.0, "no")])
def test_the_noisier_the_numbers_the_worse_the_verdict(noise: float, answer: str) -> None:
    answers, truth = crowd(noise=noise, n=300)
    frame = answers.frame().with_columns(pl.col("answer").cast(pl.Float64) * (3 if answer == "no" else 1))
    assert study_numbers(encode_numbers(frame), truth).verdict.answer == answer


def test_without_gold_steadiness_is_no_proof_and_noise_is_no_steadiness() -> None:
    steady, noisy = (study_numbers(crowd(noise=noise)[0]) for noise in (1.0, 40.0))
    assert (steady.verdict.answer, noisy.verdict.answer) == ("unknown", "unknown")
    assert steady.verdict.headline.startswith("Perhaps. The numbers are steady")
    assert noisy.verdict.headline.startswith("Not before a check. Other raters would give other numbers")
    assert "check-these.csv" in steady.verdict.reasons[0].mend
    assert steady.steady is not None
    assert noisy.steady is not None
    assert steady.steady > 0.95 > noisy.steady


def test_numbers_that_are_all_too_high_are_found_by_gold_alone() -> None:
    answers, truth = crowd()
    low = {item: f"{float(number) - 7:.1f}" for item, number in truth.items()}
    (reason,) = [one for one in study_numbers(answers, low).verdict.reasons if "too high" in one.words]
    assert "by 7." in reason.words or "by 6." in reason.words
    assert not [one for one in study_numbers(answers, truth).verdict.reasons if "too high" in one.words]


def test_gold_that_was_chosen_decides_nothing() -> None:
    answers, truth = crowd()
    gold = pl.DataFrame({"item": list(truth), "label": list(truth.values()), "drawn": ["chosen"] * len(truth)})
    verdict = study_numbers(answers, gold).verdict
    assert verdict.answer == "unknown"
    assert verdict.reasons[0].grave
    assert verdict.reasons[0].words.startswith("The gold was chosen")


def test_a_rater_who_always_gives_the_same_number_and_a_slip_of_the_hand_are_found() -> None:
    answers, _ = crowd()
    assert kinds(study_numbers(answers)) == {}
    stuck = study_numbers(changed(answers, r2=50.0))
    assert kinds(stuck)["constant"] == 1
    frame = answers.frame().with_columns(pl.col("answer").cast(pl.Float64)).with_row_index()
    slipped = frame.with_columns(answer=pl.when(pl.col("index") == 7).then(5_000.0).otherwise("answer"))
    (far,) = [one for one in study_numbers(encode_numbers(slipped)).oddities if one.kind == "far"]
    assert (far.n, far.examples) == (1, ("i001: 5,000",))


def test_the_items_whose_answers_lie_furthest_apart_are_shown_with_all_of_them() -> None:
    frame = crowd()[0].frame().with_columns(pl.col("answer").cast(pl.Float64))
    apart = [("odd", f"r{r}", number) for r, number in enumerate([0.0, 100.0, 50.0])]
    frame = pl.concat([frame, pl.DataFrame(apart, schema=frame.schema, orient="row")])
    first = study_numbers(encode_numbers(frame)).disputed[0]
    assert (first.item, first.values) == ("odd", (0.0, 50.0, 100.0))
    assert first.low is not None
    assert first.high is not None
    assert first.low < first.estimate < first.high


@pytest.mark.parametrize(
    ("rows", "headline"),
    [
        ([("i", "r", 1.0)], "No. Every answer is the same number."),
        ([("i", f"r{r}", float(r)) for r in range(9)], "Too little to say: 1 item."),
        ([(f"i{i}", "r", float(i)) for i in range(40)], "Nobody can tell. Nearly every item rests on one answer."),
        ([(f"i{i}", f"r{r}", 5.0) for i in range(40) for r in range(3)], "No. Every answer is the same number."),
    ],
)
def test_too_little_is_said_to_be_too_little(rows: list[tuple[str, str, float]], headline: str) -> None:
    frame = pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row")
    for gold in (None, {"i": "1"}):
        assert study_numbers(encode_numbers(frame), gold).verdict.headline == headline


def test_gold_that_is_no_number_is_a_mistake() -> None:
    with pytest.raises(InputError, match="not a number"):
        study_numbers(crowd()[0], {"i000": "high"})


@pytest.mark.parametrize(
    ("name", "answer", "miss", "error"),
    [("emotion_numeric", "with care", 12.59, 17.85), ("wordsim353", "yes", 0.178, 0.227)],
)
def test_real_numbers_against_their_gold(shared: Path, name: str, answer: str, miss: float, error: float) -> None:
    folder = shared / "data" / name
    found = study_numbers(read_numbers(folder / "answers.csv"), read_gold(folder / "truth.csv"))
    assert found.gold_check is not None
    assert found.gold_check.distance.mean_absolute.value == pytest.approx(miss, rel=5e-3)
    assert found.gold_check.distance.root_mean_square.value == pytest.approx(error, rel=5e-3)
    assert found.verdict.answer == answer
    plain = dict(found.others)["mean"].mean_absolute.value
    assert plain == pytest.approx({"emotion_numeric": 12.022}.get(name, plain), abs=1e-3)


def test_galtons_ox_is_weighed_by_its_percentiles(shared: Path) -> None:
    table = pl.read_csv(shared / "data/galton1907/percentiles.csv")
    frame = table.select(item=pl.lit("ox"), rater=pl.format("p{}", "percentile"), answer="estimate_lb")
    found = study_numbers(encode_numbers(frame), {"ox": "1198"})
    (row,) = found.consensus.estimates.to_dicts()
    assert found.consensus.method == "huber"  # one answer a rater tells no bias
    assert row["low"] < 1198 < row["high"]
    assert row["estimate"] == pytest.approx(1198, abs=5)
    assert found.verdict.headline == "Too little to say: 1 item."


def test_a_full_table_gets_the_coefficients_of_full_tables_and_others_do_not(shared: Path) -> None:
    full = [found.name for found in study_numbers(crowd()[0]).agreements]
    assert full == ["alpha", "icc", "concordance", "mean-spearman"]
    sparse = study_numbers(read_numbers(shared / "data/emotion_numeric/answers.csv"))
    assert [found.name for found in sparse.agreements] == ["alpha"]
    assert sparse.agreements[0].value == pytest.approx(0.3575, abs=5e-4)
