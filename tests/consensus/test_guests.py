"""A model's probabilities beside the votes: they help where they know something, and are never a second witness."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from middlemost.consensus import MajorityVote, PooledDawidSkene, accuracy, conclude
from middlemost.consensus.blend import BLEND, VOTES, fit_models
from middlemost.consensus.conclude import calibrated
from middlemost.core.answers import Answers, encode
from middlemost.core.gold import Gold
from middlemost.core.probabilities import Probabilities
from middlemost.core.results import Consensus
from middlemost.errors import InputError, SettingError

Floats = NDArray[np.float64]


class Case(NamedTuple):
    answers: Answers
    truth: list[str]
    model: Floats
    fitted: tuple[Consensus, ...]

    def probabilities(self, values: Floats) -> Probabilities:
        return Probabilities(self.answers.items, self.answers.classes, values)

    def sure(self, label: NDArray[np.integer]) -> Probabilities:
        """A model that gives these labels .99."""
        n = self.answers.n_classes
        return self.probabilities(np.where(np.arange(n) == label[:, None], 0.99, 0.01 / (n - 1)))

    def majority(self) -> Probabilities:
        shares = self.fitted[0].probabilities
        return self.sure((shares + 1e-9 * np.random.default_rng(0).random(shares.shape)).argmax(axis=1))

    def gold(self, n: int, seed: int) -> tuple[Gold, Gold]:
        """Gold drawn at random, and the rest."""
        order = np.random.default_rng(seed).permutation(len(self.truth))
        labels = pl.Series(self.truth)
        known, rest = (Gold(self.answers.items.gather(p), labels.gather(p), "random") for p in (order[:n], order[n:]))
        return known, rest

    def concluded(self, model: Probabilities | None, *, n: int = 50, draws: int = 10) -> list[tuple[Consensus, Gold]]:
        drawn = [self.gold(n, seed) for seed in range(draws)]
        return [(calibrated(self.answers, self.fitted, known, model=model), rest) for known, rest in drawn]


class Mean(NamedTuple):
    accuracy: float
    log_loss: float
    claim: float
    gap: float
    covered: float


def means(found: list[tuple[Consensus, Gold]]) -> Mean:
    rows = []
    for consensus, rest in found:
        item, label = rest.positions(consensus.items, consensus.classes)
        own = consensus.probabilities[item]
        right, claim = accuracy(consensus, rest).value, float(own.max(axis=1).mean())
        loss = -np.log(np.maximum(own[np.arange(len(label)), label], 1e-9)).mean()
        error = consensus.error
        assert error is not None
        assert error.low is not None
        assert error.high is not None
        rows.append((right, loss, claim, abs(claim - right), error.low <= 1 - right <= error.high))
    return Mean(*np.mean(rows, axis=0))


@pytest.fixture(scope="module")
def images(shared: Path) -> Case:
    """Images with three votes each, and a model that was trained on these votes (CIFAR-10N, ResNet-18)."""
    stored = np.load(shared / "data" / "cifar10n" / "cifar10n.npz")
    drawn = np.sort(np.random.default_rng(1).choice(len(stored["true"]), 1_500, replace=False))
    rows = [(f"{row:05}", f"s{slot}", str(vote)) for row in drawn for slot, vote in enumerate(stored["votes"][row])]
    answers = encode(pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row"))
    values = stored["probs_resnet18_aggregate"][drawn].astype(float)
    truth = stored["true"][drawn].astype(str).tolist()
    return Case(answers, truth, values / values.sum(axis=1, keepdims=True), fit_models(answers))


@pytest.fixture(scope="module")
def rte(shared: Path) -> Case:
    """Half of the raters of a textual set; the other half's pooled Dawid-Skene is the model."""
    folder = shared / "data" / "rte"
    frame = pl.read_csv(folder / "answers.csv", infer_schema=False)
    ours = pl.col("rater").str.slice(1).cast(pl.Int64) % 2 == 0
    own, others = frame.filter(ours), frame.filter(~ours)
    both = sorted(set(own["item"]) & set(others["item"]))
    answers, beside = (encode(part.filter(pl.col("item").is_in(both))) for part in (own, others))
    labels = pl.read_csv(folder / "truth.csv", infer_schema=False)
    truth = pl.DataFrame({"item": answers.items}).join(labels, on="item", how="left", maintain_order="left")["label"]
    return Case(answers, truth.to_list(), PooledDawidSkene().fit(beside).probabilities, fit_models(answers))


@pytest.mark.parametrize("name", ["images", "rte"])
def test_a_model_that_knows_something_makes_labels_better_and_stays_calibrated(
    name: str, request: pytest.FixtureRequest
) -> None:
    case: Case = request.getfixturevalue(name)
    without, beside = means(case.concluded(None)), means(case.concluded(case.probabilities(case.model)))
    assert beside.accuracy > without.accuracy + 0.005
    assert beside.log_loss < 0.85 * without.log_loss
    assert beside.gap < 0.035
    assert beside.covered >= 0.9


@pytest.mark.parametrize("name", ["images", "rte"])
@pytest.mark.parametrize("copy", ["majority", "pooled"])
def test_a_copy_of_the_votes_does_not_raise_the_claimed_confidence(
    name: str, copy: str, request: pytest.FixtureRequest
) -> None:
    """The product of votes and model, as if they erred apart, claims too much at once."""
    case: Case = request.getfixturevalue(name)
    model = case.majority() if copy == "majority" else case.probabilities(case.fitted[2].probabilities)
    votes, beside = case.concluded(None), case.concluded(model)
    without, found = means(votes), means(beside)
    assert found.claim < without.claim + 0.01
    assert found.log_loss < without.log_loss + 0.01
    joint = votes[0][0].probabilities * model.values
    assert (joint / joint.sum(axis=1, keepdims=True)).max(axis=1).mean() > without.claim + 0.04


@pytest.mark.parametrize("name", ["images", "rte"])
@pytest.mark.parametrize("kind", ["noise", "constant", "flat"])
def test_a_useless_model_does_almost_no_harm(name: str, kind: str, request: pytest.FixtureRequest) -> None:
    case: Case = request.getfixturevalue(name)
    n_items, n_classes = case.model.shape
    model = {
        "noise": case.sure(np.random.default_rng(5).integers(n_classes, size=n_items)),
        "constant": case.sure(np.zeros(n_items, dtype=np.int64)),
        "flat": case.probabilities(np.full_like(case.model, 1 / n_classes)),
    }[kind]
    without, beside = means(case.concluded(None)), means(case.concluded(model))
    assert beside.accuracy > without.accuracy - 0.005
    assert beside.log_loss < without.log_loss + 0.01
    assert abs(beside.claim - without.claim) < 0.01


def test_the_calibration_shows_what_the_model_adds(images: Case) -> None:
    known, _ = images.gold(100, 0)
    consensus = conclude(images.answers, known, model=images.probabilities(images.model))
    assert consensus.calibration is not None
    frame = consensus.calibration.models
    assert set(frame["model"]) == {BLEND, VOTES, "model", "majority-vote", "wawa", "pooled-dawid-skene", "mace"}
    loss, weight = (dict(frame.select("model", column).iter_rows()) for column in ("log_loss", "weight"))
    assert loss[BLEND] < loss[VOTES]
    assert weight["model"] > 0.2
    assert weight[BLEND] is weight[VOTES] is None
    assert sum(abs(one) for one in weight.values() if one is not None) == pytest.approx(1)


def test_several_models_are_told_apart_by_name(images: Case) -> None:
    noise = images.sure(np.random.default_rng(5).integers(10, size=len(images.truth)))
    known, _ = images.gold(100, 0)
    models = {"network": images.probabilities(images.model), "oracle": noise}
    found = conclude(images.answers, known, model=models).calibration
    assert found is not None
    weight = dict(found.models.select("model", "weight").iter_rows())
    assert abs(weight["oracle"]) < 0.05 < weight["network"]
    with pytest.raises(SettingError, match="called 'mace'"):
        conclude(images.answers, known, model={"mace": noise})
    with pytest.raises(SettingError, match="no model among"):
        conclude(images.answers, known, model={})


@pytest.mark.parametrize(
    ("gold", "there"),
    [
        (None, "there is no gold"),
        (Gold(pl.Series(["a"]), pl.Series(["1"]), "chosen"), "this gold was chosen"),
        ({"a": "1", "b": "2"}, "here 2 such items have answers"),
        ({"z": "1"}, "here 0 such items have answers"),
    ],
)
def test_without_enough_gold_a_model_is_refused_and_the_mend_is_told(gold: object, there: str) -> None:
    answers = encode(pl.DataFrame({"item": list("aabb"), "rater": list("xyxy"), "answer": list("1122")}))
    model = pl.DataFrame({"item": ["a", "b"], "1": [0.9, 0.5], "2": [0.1, 0.5]})
    with pytest.raises(SettingError, match="may err where the raters err") as raised:
        conclude(answers, gold, model=model)  # type: ignore[arg-type]
    assert raised.value.mend == f"It takes 20 gold items drawn at random ({there}); or leave the model out."


def small(*, n: int = 40, seed: int = 0) -> tuple[Answers, dict[str, str], pl.DataFrame]:
    """Answers "1" and "2" of three raters, four in five right; gold; a model that is right."""
    rng = np.random.default_rng(seed)
    truth = {f"i{row:02}": str(rng.integers(1, 3)) for row in range(n)}
    rows = [
        (item, rater, label if rng.random() < 0.8 else str(3 - int(label)))
        for item, label in truth.items()
        for rater in "xyz"
    ]
    model = pl.DataFrame(
        {"item": list(truth), "1": [0.9 if label == "1" else 0.1 for label in truth.values()]}
    ).with_columns((1 - pl.col("1")).alias("2"))
    return encode(pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row")), truth, model


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda model: model.head(38), "The model says nothing of 2 items that have answers, such as 'i38'."),
        (lambda model: model.tail(39), "The model says nothing of 1 item that has answers, such as 'i00'."),
        (lambda model: model.rename({"2": "two"}), "Raters answered '2', and the model has no such class."),
        (lambda model: {"bert": model.rename({"2": "2 "})}, "and model 'bert' has no such class. Did you mean '2 '?"),
    ],
)
def test_a_model_that_lacks_items_or_classes_is_refused(change: object, message: str) -> None:
    answers, gold, model = small()
    with pytest.raises(InputError) as raised:
        conclude(answers, gold, model=change(model))  # type: ignore[operator]
    assert message in str(raised.value)


def test_items_that_nobody_answered_are_left_out_and_said_so() -> None:
    answers, gold, model = small()
    more = pl.concat([model, pl.DataFrame({"item": ["new", "newer"], "1": [0.5, 1.0], "2": [0.5, 0.0]})])
    consensus, same = conclude(answers, gold, model=more), conclude(answers, gold, model=model)
    np.testing.assert_allclose(consensus.probabilities, same.probabilities)
    assert consensus.items.equals(answers.items)
    notice = "What the model says of 2 items that nobody answered is left out: gold tells nothing of such items."
    assert notice in consensus.notices
    assert notice not in same.notices


def test_where_neither_raters_nor_model_say_anything_nothing_is_claimed() -> None:
    answers, gold, model = small()
    without = answers.take(answers.item != 0)
    consensus = conclude(without, gold, model=model.tail(39))
    sure = conclude(without, gold, model=model)
    assert consensus.labels["n_answers"][0] == 0
    assert consensus.probabilities[0].max() < 0.7 < sure.probabilities[0].max()
    np.testing.assert_allclose(consensus.probabilities[1:], sure.probabilities[1:])


def test_a_class_that_only_the_model_knows_can_be_the_label() -> None:
    """A third of the items are of a class that no rater was offered; the model finds it."""
    answers, gold, model = small(n=90)
    third = dict.fromkeys(list(gold)[::3], "3")
    values = model.with_columns(
        pl.when(pl.col("item").is_in(list(third))).then(0.02).otherwise(pl.col(name)).alias(name) for name in ("1", "2")
    ).with_columns((1 - pl.col("1") - pl.col("2")).clip(0, 1).alias("3"))
    consensus = conclude(answers, gold | third, model=values)
    assert consensus.classes.to_list() == ["1", "2", "3"]
    assert consensus.probabilities.shape == (90, 3)
    found = consensus.labels.filter(pl.col("item").is_in(list(third)))
    assert (found["label"] == "3").all()
    assert found["share"].to_list() == [0.0] * 30
    assert not any("nobody's answer" in notice for notice in consensus.notices)
    unused = conclude(answers, gold, model=model.with_columns(pl.lit(0.0).alias("3")))
    assert unused.classes.to_list() == ["1", "2"]


def test_neither_the_order_of_the_rows_nor_that_of_the_columns_matters() -> None:
    answers, gold, model = small()
    turned = model.reverse().select("2", "item", "1")
    one, two = conclude(answers, gold, model=model), conclude(answers, gold, model=turned)
    np.testing.assert_array_equal(one.probabilities, two.probabilities)
    assert one.error == two.error
    assert one.labels["label"].equals(two.labels["label"])
    assert MajorityVote().fit(answers).items.equals(one.items)
