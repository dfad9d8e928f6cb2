"""The recommended default, and how far it can be believed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from middlemost.consensus import MajorityVote, accuracy, conclude
from middlemost.consensus.blend import BLEND, Choice, choose, margin
from middlemost.core.answers import Answers, encode
from middlemost.core.gold import Gold, as_gold
from middlemost.core.results import Consensus
from middlemost.errors import SettingError
from middlemost.inference.proportion import clopper_pearson

FOUR = {"item": list("aabb"), "rater": list("xyxy"), "answer": list("1122")}


def read(shared: Path, name: str) -> tuple[Answers, pl.DataFrame]:
    folder = shared / "data" / name
    frames = [pl.read_csv(folder / part, infer_schema=False) for part in ("answers.csv", "truth.csv")]
    return encode(frames[0]), frames[1].select("item", "label")


def part(gold: pl.DataFrame, n: int, *, seed: int = 0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`n` gold items drawn at random, and the others."""
    mixed = gold.sample(fraction=1, shuffle=True, seed=seed)
    return mixed.head(n).with_columns(drawn=pl.lit("random")), mixed.tail(-n)


@pytest.fixture(scope="module")
def bluebird(shared: Path) -> tuple[Answers, pl.DataFrame]:
    return read(shared, "bluebird")


@pytest.fixture(scope="module")
def music(shared: Path) -> tuple[Answers, pl.DataFrame]:
    return read(shared, "music")


@pytest.fixture(scope="module")
def concluded(music: tuple[Answers, pl.DataFrame]) -> Consensus:
    return conclude(music[0], part(music[1], 100)[0])


def test_without_gold_there_is_no_error_and_the_confidences_are_said_to_be_uncalibrated() -> None:
    consensus = conclude(encode(pl.DataFrame(FOUR)))
    assert (consensus.error, consensus.calibrated, consensus.calibration) == (None, False, None)
    assert "not calibrated" in consensus.notices[-1]


def test_with_gold_the_labels_of_the_other_items_are_better(music: tuple[Answers, pl.DataFrame]) -> None:
    answers, gold = music
    before, after = [], []
    for seed in range(5):
        known, rest = part(gold, 50, seed=seed)
        before.append(accuracy(MajorityVote().fit(answers), rest).value)
        after.append(accuracy(conclude(answers, known), rest).value)
    assert np.mean(after) > np.mean(before) + 0.05


def test_confidences_are_nearer_to_the_share_right_than_those_without_gold(
    bluebird: tuple[Answers, pl.DataFrame],
) -> None:
    answers, gold = bluebird
    gaps = []
    for seed in range(10):
        known, rest = part(gold, 36, seed=seed)
        for consensus in (conclude(answers), conclude(answers, known)):
            items, _ = as_gold(rest).codes(answers)
            right = accuracy(consensus, rest).value
            gaps.append(abs(consensus.probabilities[items].max(axis=1).mean() - right))
    assert np.mean(gaps[1::2]) < 0.7 * np.mean(gaps[0::2])


def test_what_is_said_of_the_labels_is_consistent(concluded: Consensus, music: tuple[Answers, pl.DataFrame]) -> None:
    assert concluded.calibrated
    assert concluded.labels["confidence"].to_list() == pytest.approx(concluded.probabilities.max(axis=1).tolist())
    np.testing.assert_allclose(concluded.probabilities.sum(axis=1), 1)
    assert concluded.raters["n_answers"].sum() == len(music[0])
    assert ((concluded.raters["low"] <= concluded.raters["accuracy"]) & (concluded.raters["high"] <= 1)).all()
    assert concluded.confusion is not None
    np.testing.assert_allclose(concluded.confusion.sum(axis=2), 1)
    assert not any("not calibrated" in notice for notice in concluded.notices)


def test_the_share_of_wrong_labels_holds_for_the_items_without_gold(
    concluded: Consensus, music: tuple[Answers, pl.DataFrame]
) -> None:
    error = concluded.error
    assert error is not None
    assert error.low is not None
    assert error.high is not None
    wrong = 1 - accuracy(concluded, part(music[1], 100)[1]).value
    assert error.low < wrong < error.high
    assert (error.n, error.level) == (100, 0.95)


def test_a_lower_level_gives_a_narrower_interval(bluebird: tuple[Answers, pl.DataFrame]) -> None:
    known = part(bluebird[1], 36)[0]
    wide, narrow = (conclude(bluebird[0], known, level=level).error for level in (0.95, 0.8))
    assert wide is not None
    assert narrow is not None
    assert wide.value == narrow.value
    assert wide.low < narrow.low < narrow.high < wide.high  # type: ignore[operator]
    with pytest.raises(SettingError, match="level is 95"):
        conclude(bluebird[0], level=95)


def test_the_calibration_shows_what_it_rests_on(concluded: Consensus) -> None:
    found = concluded.calibration
    assert found is not None
    assert found.n_gold == found.reliability["n"].sum() == found.by_class["given"].sum() == 100
    assert found.chosen == concluded.method == BLEND
    assert found.models["log_loss"].is_sorted()
    assert set(found.models["model"]) > {BLEND, "majority-vote"}
    assert found.models["weight"].abs().sum() == pytest.approx(1)
    best = found.models.filter(pl.col("model") != BLEND)["log_loss"].min()
    own = found.models.filter(pl.col("model") == BLEND)["log_loss"][0]
    assert found.margin == pytest.approx(best - own)


def test_a_gold_label_does_not_help_its_own_item(music: tuple[Answers, pl.DataFrame]) -> None:
    """One label changed moves what is said of the items of other folds, and not of its own."""
    known = part(music[1], 50)[0].sort("item")
    first, second = known["label"][0], next(label for label in known["label"] if label != known["label"][0])
    wrong = known.with_columns(
        label=pl.when(pl.col("item") == known["item"][0]).then(pl.lit(second)).otherwise("label")
    )
    assert first != second
    held = [conclude(music[0], gold).calibration.held for gold in (known, wrong)]  # type: ignore[union-attr]
    assert held[0]["confidence"][0] == held[1]["confidence"][0]
    assert held[0]["confidence"].to_list() != held[1]["confidence"].to_list()


def test_neither_the_order_of_the_gold_nor_that_of_the_answers_matters(bluebird: tuple[Answers, pl.DataFrame]) -> None:
    answers, gold = bluebird
    known = part(gold, 40)[0]
    turned = encode(answers.frame().reverse())
    first, second = conclude(answers, known), conclude(turned, known.reverse())
    assert first.error == second.error
    np.testing.assert_allclose(first.probabilities, second.probabilities, atol=1e-9)
    assert first.labels["label"].equals(second.labels["label"])


def test_the_names_of_the_labels_do_not_matter(music: tuple[Answers, pl.DataFrame]) -> None:
    answers, gold = music
    names = {label: f"{99 - int(label)}" for label in answers.classes}
    known = part(gold, 60)[0]
    renamed = encode(answers.frame().with_columns(pl.col("answer").replace_strict(names)))
    first = conclude(answers, known)
    second = conclude(renamed, known.with_columns(pl.col("label").replace_strict(names)))
    assert first.labels["label"].replace_strict(names).equals(second.labels["label"])
    np.testing.assert_allclose(first.labels["confidence"], second.labels["confidence"], atol=1e-6)


def test_with_too_little_gold_nothing_is_changed_but_the_wrong_labels_are_counted(
    bluebird: tuple[Answers, pl.DataFrame],
) -> None:
    answers, gold = bluebird
    known = part(gold, 19)[0]
    plain, consensus = conclude(answers), conclude(answers, known)
    assert consensus.labels.equals(plain.labels)
    assert not consensus.calibrated
    joined = plain.labels.join(known, on="item")
    wrong = int((joined["label"] != joined["label_right"]).sum())
    assert consensus.error is not None
    assert (consensus.error.low, consensus.error.high) == clopper_pearson(wrong, 19)
    assert "20 could calibrate" in consensus.notices[-1]


def test_chosen_gold_gives_no_error_and_calibrates_nothing(bluebird: tuple[Answers, pl.DataFrame]) -> None:
    answers, gold = bluebird
    consensus = conclude(answers, gold.with_columns(drawn=pl.lit("chosen")))
    assert (consensus.error, consensus.calibrated) == (None, False)
    assert "was chosen" in consensus.notices[-1]


def test_of_mixed_gold_only_the_random_part_counts(bluebird: tuple[Answers, pl.DataFrame]) -> None:
    answers, gold = bluebird
    drawn = pl.Series("drawn", ["random"] * 40 + ["chosen"] * 68)
    mixed, random = conclude(answers, gold.with_columns(drawn)), conclude(answers, gold.head(40))
    assert mixed.error == random.error
    np.testing.assert_array_equal(mixed.probabilities, random.probabilities)


def test_undeclared_gold_is_taken_as_random_and_that_is_said(bluebird: tuple[Answers, pl.DataFrame]) -> None:
    answers, gold = bluebird
    consensus = conclude(answers, dict(gold.rows()))
    assert consensus.error is not None
    assert any("taken as drawn at random" in notice for notice in consensus.notices)


def test_gold_that_was_said_to_be_random_but_is_much_easier_is_found_out(
    music: tuple[Answers, pl.DataFrame],
) -> None:
    answers, gold = music
    sure = conclude(answers).labels.filter(pl.col("n_answers") >= 5).sort("share", "item", descending=True)["item"]
    easy = gold.filter(pl.col("item").is_in(sure.head(100).to_list()))
    consensus = conclude(answers, Gold(easy["item"], easy["label"], "random"))
    assert consensus.calibration is not None
    assert consensus.calibration.apart < -3
    assert any("easier to label" in notice for notice in consensus.notices)


def test_a_gold_label_that_nobody_gave_is_a_wrong_label() -> None:
    error = conclude(encode(pl.DataFrame(FOUR)), {"a": "1", "b": "3"}).error
    assert error is not None
    assert error.value == 0.5


def test_many_gold_labels_that_nobody_gave_are_told_and_counted(bluebird: tuple[Answers, pl.DataFrame]) -> None:
    answers, gold = bluebird
    lost = gold.with_columns(label=pl.when(pl.int_range(pl.len()) < 54).then(pl.lit("neither")).otherwise("label"))
    consensus = conclude(answers, lost)
    assert consensus.error is not None
    assert consensus.error.value == pytest.approx(0.55, abs=0.08)
    assert "nobody's answer" in consensus.notices[-1]


def test_gold_without_answers_gives_no_error_and_says_why() -> None:
    consensus = conclude(encode(pl.DataFrame(FOUR)), {"z": "1"})
    assert consensus.error is None
    assert "has no answers" in consensus.notices[-1]


@pytest.mark.parametrize("n", [12, 54])
def test_gold_labels_that_nobody_gave_are_told_however_much_gold_there_is(
    bluebird: tuple[Answers, pl.DataFrame], n: int
) -> None:
    answers, gold = bluebird
    known = part(gold, n)[0].with_columns(label=pl.when(pl.int_range(n) < 3).then(pl.lit("neither")).otherwise("label"))
    notices = conclude(answers, known).notices
    assert any("The labels of 3 gold items are nobody's answer" in notice for notice in notices)


def test_gold_in_quite_other_words_says_that_every_label_is_wrong(bluebird: tuple[Answers, pl.DataFrame]) -> None:
    answers, gold = bluebird
    consensus = conclude(answers, gold.with_columns(label="other " + pl.col("label"), drawn=pl.lit("random")))
    assert consensus.error is not None
    assert consensus.error.value == 1
    assert np.isfinite(consensus.probabilities).all()
    assert "The labels of 108 gold items are nobody's answer" in consensus.notices[-1]


@pytest.mark.parametrize("n", [12, 40])
def test_gold_of_one_class_does_not_speak_for_the_others(bluebird: tuple[Answers, pl.DataFrame], n: int) -> None:
    answers, gold = bluebird
    known = gold.filter(pl.col("label") == "1").head(n).with_columns(drawn=pl.lit("random"))
    consensus = conclude(answers, known)
    assert "All gold items are '1': how sure the other labels are, and how often missed, is not known." in (
        consensus.notices
    )
    assert set(consensus.labels["label"]) == {"0", "1"}
    both = conclude(answers, part(gold, n)[0])
    assert not any("All gold items" in notice for notice in both.notices)
    if consensus.calibration is not None:
        missed = dict(consensus.calibration.by_class.select("label", "missed").iter_rows())
        assert missed["0"] is None


def test_gold_items_without_answers_are_counted_out_loud(bluebird: tuple[Answers, pl.DataFrame]) -> None:
    answers, gold = bluebird
    known, _ = part(gold, 30)
    more = pl.concat([known, known.head(2).with_columns(item="unknown " + pl.col("item"))])
    consensus = conclude(answers, more)
    assert consensus.error == conclude(answers, known).error
    assert "2 gold items have no answers: nothing is learned from them." in consensus.notices


def test_gold_partly_chosen_and_partly_drawn_counts_by_the_part_drawn(bluebird: tuple[Answers, pl.DataFrame]) -> None:
    answers, gold = bluebird
    drawn, rest = part(gold, 30)
    mixed = pl.concat([drawn, rest.with_columns(drawn=pl.lit("chosen"))])
    one, two = conclude(answers, mixed), conclude(answers, drawn)
    assert one.error == two.error
    np.testing.assert_array_equal(one.probabilities, two.probabilities)


def test_one_class_and_plenty_of_gold_is_no_trouble() -> None:
    items = [f"i{number:02}" for number in range(30)]
    answers = encode(pl.DataFrame({"item": items, "rater": ["x"] * 30, "answer": ["1"] * 30}))
    consensus = conclude(answers, dict.fromkeys(items, "1"))
    assert consensus.error is not None
    assert consensus.error.value == 0
    assert consensus.labels["confidence"].to_list() == [1.0] * 30


def test_one_model_is_taken_alone_only_where_gold_clearly_prefers_it() -> None:
    half = np.full((50, 2), 0.5)
    noise = np.random.default_rng(0).normal(0, 0.2, size=50)
    losses = {BLEND: np.full(50, 0.5), "level": 0.49 + noise - noise.mean(), "better": np.full(50, 0.4)}
    blend, level, better = (Choice(name, (0,), half, loss) for name, loss in losses.items())
    assert choose([blend, level]) is blend
    assert choose([blend, level, better]) is better
    assert margin(better, [blend, level, better])[0] == pytest.approx(0.09)
