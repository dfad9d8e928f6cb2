"""Sets of labels, concluded label by label."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from middlemost.consensus import conclude
from middlemost.consensus.sets import conclude_sets
from middlemost.core.answers import Answers, encode
from middlemost.core.gold import Gold, as_gold
from middlemost.core.sets import as_sets, gold_sets
from middlemost.errors import SettingError

EMOTIONS = ("anger", "disgust", "fear", "joy", "sadness", "surprise")


def emotions(shared: Path, bar: int = 30) -> tuple[Answers, Gold]:
    """Ten raters and experts on 100 headlines (N_Emotion): the emotions that each of them rated `bar` or higher."""

    def sets(frame: pl.DataFrame) -> pl.DataFrame:
        number = pl.col("item").cast(pl.Int64) - 1
        frame = frame.with_columns(headline=number % 100, place=number // 100).filter(pl.col("place") < len(EMOTIONS))
        felt = pl.col("place").filter(pl.col("number") >= bar).replace_strict(dict(enumerate(EMOTIONS)))
        return frame.group_by("headline", "rater", maintain_order=True).agg(answer=felt.str.join("|"))

    folder = shared / "data/emotion_numeric"
    given = sets(pl.read_csv(folder / "answers.csv").rename({"answer": "number"}))
    truth = sets(pl.read_csv(folder / "truth.csv").rename({"label": "number"}).with_columns(rater=pl.lit("expert")))
    answers = encode(given.select(pl.col("headline").cast(pl.String).alias("item"), "rater", "answer"))
    known = truth.select(pl.col("headline").cast(pl.String).alias("item"), label="answer", drawn=pl.lit("random"))
    return answers, as_gold(known)


def coded(*rows: tuple[str, str, str]) -> Answers:
    return encode(pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row"))


def crowd(n: int = 60, raters: int = 5, seed: int = 0) -> tuple[Answers, dict[str, str]]:
    """Raters who miss or add one of four labels now and then."""
    rng = np.random.default_rng(seed)
    truth = rng.random((n, 4)) < 0.4
    said = truth[:, None] ^ (rng.random((n, raters, 4)) < 0.15)
    names = np.array(list("abcd"))
    rows = [(f"i{i:03d}", f"r{r}", "|".join(names[said[i, r]])) for i in range(n) for r in range(raters)]
    return coded(*rows), {f"i{i:03d}": "|".join(names[truth[i]]) for i in range(n)}


def test_each_label_is_concluded_as_its_own_question_would_be() -> None:
    answers, _ = crowd()
    found = conclude_sets(answers)
    frame = answers.frame()
    for place, label in enumerate(found.classes):
        holds = pl.col("answer").str.split("|").list.contains(label)
        asked = frame.with_columns(answer=pl.when(holds).then(pl.lit("yes")).otherwise(pl.lit("no")))
        alone = conclude(encode(asked))
        assert found.questions[label].labels.equals(alone.labels)
        assert np.array_equal(found.probabilities[:, place], alone.probabilities[:, 1])


def test_the_set_is_what_is_concluded_yes_and_as_sure_as_its_least_sure_label() -> None:
    found = conclude_sets(crowd()[0])
    for row, label, sure in zip(found.probabilities, *found.labels.select("label", "confidence"), strict=True):
        assert set(filter(None, label.split("|"))) == {
            name for name, p in zip(found.classes, row, strict=True) if p > 0.5
        }
        assert sure == pytest.approx(np.maximum(row, 1 - row).min())


def test_where_nobody_leaves_an_item_without_labels_none_ends_without() -> None:
    rows = [(f"i{i}", f"r{r}", "abc"[(i + r) % 3]) for i in range(6) for r in range(3)]
    assert all(conclude_sets(coded(*rows)).labels["label"])
    rows += [("nothing", f"r{r}", "") for r in range(3)]
    assert conclude_sets(coded(*rows)).labels.filter(item="nothing")["label"].to_list() == [""]


def test_neither_the_order_of_labels_in_a_set_nor_that_of_rows_matters() -> None:
    answers, gold = crowd()
    frame = answers.frame()
    turned = frame.with_columns(pl.col("answer").str.split("|").list.reverse().list.join("|")).sample(
        fraction=1, shuffle=True, seed=1
    )
    one, other = conclude_sets(answers, gold=gold), conclude_sets(encode(turned), gold=gold)
    assert one.labels["label"].equals(other.labels["label"])
    assert np.allclose(one.probabilities, other.probabilities, atol=1e-6)


def test_gold_judges_whole_sets_and_sets_confidences_right_without_judging_itself() -> None:
    answers, truth = crowd(n=200)
    gold = pl.DataFrame({"item": list(truth)[:60], "label": list(truth.values())[:60], "drawn": ["random"] * 60})
    found = conclude_sets(answers, gold=gold)
    assert found.calibrated
    assert found.error is not None
    assert found.held is not None
    assert found.held.height == found.error.n == 60
    wrong = found.held.filter(pl.col("label") != pl.col("truth")).height / 60
    assert found.error.value == wrong
    right = [truth[item] == label for item, label in found.labels.select("item", "label").tail(140).iter_rows()]
    assert found.error.low is not None
    assert found.error.high is not None
    assert found.error.low <= 1 - np.mean(right) <= found.error.high


def test_chosen_gold_gives_no_share_of_wrong_sets() -> None:
    answers, truth = crowd()
    gold = pl.DataFrame({"item": list(truth), "label": list(truth.values()), "drawn": ["chosen"] * len(truth)})
    found = conclude_sets(answers, gold=gold)
    assert (found.error, found.held, found.calibrated) == (None, None, False)


def test_a_label_that_gold_never_has_and_one_that_nobody_gives_are_no_obstacle() -> None:
    answers, truth = crowd(n=80)
    gold = {item: label.replace("a", "z") for item, label in truth.items()}
    found = conclude_sets(answers, gold=gold)
    assert found.error is not None
    lost = sum("z" in label for label in gold.values()) / len(gold)
    assert found.error.value >= lost


def test_the_emotions_of_headlines_are_found_better_with_gold(shared: Path) -> None:
    answers, gold = emotions(shared)
    answers, gold = as_sets(answers, "|"), gold_sets(gold, "|")
    with_gold, without = (conclude_sets(answers, gold=known) for known in (gold, None))
    truth = dict(zip(gold.items, gold.labels, strict=True))

    def wrong_labels(pairs: list[tuple[str, str]]) -> float:
        """The mean number of labels too many or missing."""
        return float(np.mean([len(members(said) ^ members(truth[item])) for item, said in pairs]))

    def members(text: str) -> set[str]:
        return set(filter(None, text.split("|")))

    assert with_gold.held is not None
    held = wrong_labels(with_gold.held.select("item", "label").rows())
    assert held < wrong_labels(without.labels.select("item", "label").rows())
    assert with_gold.error is not None
    assert 0.5 < with_gold.error.value < 0.65


@pytest.mark.parametrize(
    ("answers", "separator", "words"),
    [
        (["a|b"], "", "separator is empty"),
        ([""], "|", "Every answer is the empty set"),
        ([f"{n}" for n in range(501)], "|", "501 labels"),
    ],
)
def test_what_makes_no_sense_is_refused(answers: list[str], separator: str, words: str) -> None:
    rows = [(f"i{n}", "r", answer) for n, answer in enumerate(answers)]
    with pytest.raises(SettingError, match=words):
        conclude_sets(coded(*rows), separator=separator)


def test_one_item_with_one_answer_is_concluded_as_it_says() -> None:
    assert conclude_sets(coded(("i", "r", "b|a"))).labels["label"].to_list() == ["a|b"]
