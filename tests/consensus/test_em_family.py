"""The models of raters fitted by EM: what they share, and what sets each apart."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from middlemost.consensus import (
    AGGREGATORS,
    DawidSkene,
    FastDawidSkene,
    MajorityVote,
    OneCoin,
    OrdinalDawidSkene,
    PooledDawidSkene,
    ZenCrowd,
    accuracy,
    confusion_frame,
    predict,
)
from middlemost.core.answers import Answers, encode
from middlemost.core.results import Consensus
from middlemost.errors import InputError, SettingError

MATRICES = (DawidSkene, FastDawidSkene, PooledDawidSkene)
COINS = (OneCoin, ZenCrowd)
WARM = [method for method in AGGREGATORS.values() if method.traits.start]
UNSURE = "can't tell"


def crowd(n_items: int = 300, seed: int = 0, rate: float = 0.8) -> tuple[Answers, dict[str, str]]:
    """Six raters right with chances .55 to .95 and their truth; each answers most items."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(3, size=n_items)
    skill = np.linspace(0.55, 0.95, 6)
    item, rater = (grid.ravel() for grid in np.meshgrid(np.arange(n_items), np.arange(6), indexing="ij"))
    answer = np.where(rng.random(item.size) < skill[rater], truth[item], rng.integers(3, size=item.size))
    frame = pl.DataFrame({"item": item, "rater": rater, "answer": answer}).sample(fraction=rate, seed=seed)
    return encode(frame), {str(n): str(label) for n, label in enumerate(truth)}


def unsure_crowd() -> tuple[Answers, dict[str, str]]:
    """The same, where the raters cannot tell half of the items of class 2, and few others."""
    answers, truth = crowd()
    rng = np.random.default_rng(1)
    chance = [0.5 if truth[item] == "2" else 0.03 for item in answers.frame()["item"]]
    unsure = pl.Series(rng.random(len(answers)) < np.array(chance))
    frame = answers.frame().with_columns(answer=pl.when(unsure).then(pl.lit(UNSURE)).otherwise("answer"))
    return encode(frame), truth


@pytest.mark.parametrize("method", [*MATRICES, *COINS, OrdinalDawidSkene])
def test_the_objective_never_falls(method: Any) -> None:
    answers, _ = crowd()
    history = np.array(method(tol=0, max_iter=60).fit(answers).history)
    assert (np.diff(history) > -1e-8).all()
    assert history[-1] > history[0]


@pytest.mark.parametrize("method", [*MATRICES, *COINS])
def test_a_fit_that_ran_out_of_steps_says_so(method: Any) -> None:
    fit = method(max_iter=1).fit(crowd()[0])
    assert (fit.n_iter, fit.converged) == (1, False)
    assert "did not converge" in fit.notices[-1]


@pytest.mark.parametrize("method", [*MATRICES, *COINS])
@pytest.mark.parametrize("settings", [{"max_iter": 0}, {"tol": -1.0}, {"tol": float("nan")}])
def test_impossible_settings_are_refused(method: Any, settings: dict[str, float]) -> None:
    with pytest.raises(SettingError, match=next(iter(settings))):
        method(**settings)


@pytest.mark.parametrize("method", COINS)
def test_the_log_likelihood_of_a_coin_is_that_of_the_model(method: Any) -> None:
    answers, _ = crowd()
    fit = method(smoothing=0, tol=1e-12, max_iter=1000).fit(answers)
    chance = fit.raters["reliability"].to_numpy()
    likelihood = np.tile(fit.class_prior, (answers.n_items, 1))
    for item, rater, answer in zip(answers.item, answers.rater, answers.answer, strict=True):
        likelihood[item] *= np.where(np.arange(3) == answer, chance[rater], (1 - chance[rater]) / 2)
    assert fit.log_likelihood == pytest.approx(np.log(likelihood.sum(axis=1)).sum(), abs=1e-4)
    np.testing.assert_allclose(fit.probabilities, likelihood / likelihood.sum(axis=1, keepdims=True), atol=1e-4)


def test_a_coin_keeps_gold_items_at_the_likelihood_of_their_class() -> None:
    answers, truth = crowd(30)
    fit = OneCoin(smoothing=0).fit(answers, gold=truth)
    known = np.array([int(truth[item]) for item in fit.items])
    right = (answers.answer == known[answers.item]).astype(float)
    share = np.bincount(answers.rater, weights=right) / answers.per_rater()
    expected = np.log(np.where(right > 0, share[answers.rater], (1 - share[answers.rater]) / 2)).sum()
    assert fit.log_likelihood == pytest.approx(expected + np.log(fit.class_prior[known]).sum())


def test_zencrowd_holds_all_classes_equally_likely() -> None:
    assert ZenCrowd().fit(crowd()[0]).class_prior.tolist() == [1 / 3] * 3


def test_a_coin_takes_more_classes_than_a_matrix_could() -> None:
    rows = [(f"i{n}", f"r{n + step}", f"c{n}") for n in range(2000) for step in (0, 1)]
    answers = encode(pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row"))
    assert OneCoin().fit(answers).labels["label"].n_unique() == 2000
    with pytest.raises(SettingError, match="GiB"):
        DawidSkene().fit(answers)


def test_hard_decisions_take_fewer_steps(shared: Path) -> None:
    answers = read(shared, "music")
    assert FastDawidSkene().fit(answers).n_iter < DawidSkene().fit(answers).n_iter / 3


def test_hard_decisions_on_the_patients_of_1979(shared: Path) -> None:
    frame = pl.read_csv(shared / "reference/dawid_skene_1979_anesthesia.csv", infer_schema=False)
    patients = encode(frame.rename({"rating": "answer"}), repeats="all")
    soft, hard = DawidSkene().fit(patients), FastDawidSkene().fit(patients)
    assert (soft.labels["label"] == hard.labels["label"]).sum() >= 44
    assert hard.log_likelihood == pytest.approx(soft.log_likelihood, rel=0.02)


def test_pooling_tells_more_of_raters_with_few_answers() -> None:
    answers, truth = crowd(40, rate=0.5)
    alone, pooled = DawidSkene().fit(answers), PooledDawidSkene().fit(answers)
    assert accuracy(pooled, truth).value >= accuracy(alone, truth).value
    assert pooled.labels["confidence"].mean() < alone.labels["confidence"].mean()  # type: ignore[operator]


def test_a_stronger_pool_brings_raters_closer_together() -> None:
    answers, _ = crowd(40)
    spreads = []
    for strength in (0.1, 8.0, 1e4):
        confusion = PooledDawidSkene(strength=strength).fit(answers).confusion
        assert confusion is not None
        spreads.append(confusion.std(axis=0).mean())
    assert spreads == sorted(spreads, reverse=True)


def test_raters_who_err_alike_are_believed_less() -> None:
    answers, _ = crowd()
    mean = [PooledDawidSkene(correlation=c).fit(answers).labels["confidence"].mean() for c in (0.0, 0.1, 0.5)]
    assert mean == sorted(mean, reverse=True)  # type: ignore[type-var]


def test_the_pooled_log_likelihood_is_of_all_answers_under_the_returned_model() -> None:
    answers, _ = crowd()
    fit = PooledDawidSkene().fit(answers)
    assert fit.confusion is not None
    likelihood = np.tile(fit.class_prior, (answers.n_items, 1))
    for item, rater, answer in zip(answers.item, answers.rater, answers.answer, strict=True):
        likelihood[item] *= fit.confusion[rater, :, answer]
    assert fit.log_likelihood == pytest.approx(np.log(likelihood.sum(axis=1)).sum())


# Scales


def scale(n_items: int = 400, seed: int = 0) -> tuple[Answers, dict[str, str]]:
    """Eight raters on a scale from 1 to 7, three answers an item: spreads .4 to 1.6, the last two a class too high."""
    rng = np.random.default_rng(seed)
    truth, spread = rng.integers(1, 8, size=n_items), np.linspace(0.4, 1.6, 8)
    item = np.repeat(np.arange(n_items), 3)
    rater = np.concatenate([rng.choice(8, size=3, replace=False) for _ in range(n_items)])
    seen = truth[item] + (rater >= 6) + spread[rater] * rng.normal(size=item.size)
    answer = np.clip(np.rint(seen), 1, 7).astype(int)
    answers = encode(pl.DataFrame({"item": item, "rater": rater, "answer": answer}))
    return answers, {str(n): str(label) for n, label in enumerate(truth)}


def test_a_scale_is_read_better_when_its_order_is_known() -> None:
    answers, truth = scale()
    ordinal = OrdinalDawidSkene().fit(answers)
    assert accuracy(ordinal, truth).value > accuracy(DawidSkene().fit(answers), truth).value + 0.05
    assert accuracy(ordinal, truth).value > accuracy(MajorityVote().fit(answers), truth).value + 0.05


def test_the_bias_and_spread_of_raters_are_found() -> None:
    raters = OrdinalDawidSkene().fit(scale(1500)[0]).raters
    bias, spread = raters["bias"].to_numpy(), raters["spread"].to_numpy()
    # A bias that all share cannot be told from the items.
    assert (bias[6:].mean() - bias[:6].mean()) == pytest.approx(1, abs=0.25)
    assert np.corrcoef(spread, np.linspace(0.4, 1.6, 8))[0, 1] > 0.9


def test_ten_comes_after_nine_and_words_come_in_the_order_given() -> None:
    answers, _ = scale()
    numbers = OrdinalDawidSkene().fit(answers)
    names = {str(n): name for n, name in enumerate(["", "8", "9", "10", "11", "12", "13", "14"])}
    shifted = OrdinalDawidSkene().fit(encode(answers.frame().with_columns(pl.col("answer").replace_strict(names))))
    assert shifted.labels["label"].to_list() == [names[label] for label in numbers.labels["label"]]
    words = {str(n): name for n, name in enumerate(["", "awful", "bad", "poor", "fair", "good", "fine", "best"])}
    worded = encode(answers.frame().with_columns(pl.col("answer").replace_strict(words)))
    given = OrdinalDawidSkene(order=tuple(words.values())[1:]).fit(worded)
    assert given.labels["label"].to_list() == [words[label] for label in numbers.labels["label"]]
    assert "ordered by name" in OrdinalDawidSkene().fit(worded).notices[-1]
    with pytest.raises(SettingError, match="order does not have"):
        OrdinalDawidSkene(order=("awful", "bad")).fit(worded)


def test_real_scales_are_read_without_a_fall_of_the_objective(shared: Path) -> None:
    for name in ("paraphrase_likert", "convabuse"):
        fit = OrdinalDawidSkene().fit(read(shared, name))
        assert fit.converged
        assert (np.diff(fit.history) > -1e-6).all()
        assert not any("by name" in notice for notice in fit.notices)


# Earlier results


@pytest.mark.parametrize("method", WARM)
def test_a_few_new_answers_are_soon_taken_in(method: Any) -> None:
    answers, _ = crowd(3000)
    old = method().fit(answers.take(np.arange(len(answers)) < len(answers) - 20))
    batch, warm = method().fit(answers), method().fit(answers, start=old)
    assert warm.n_iter <= batch.n_iter
    assert (batch.objective - warm.objective) / abs(batch.objective) < 1e-5
    assert (warm.labels["label"] == batch.labels["label"]).mean() > 0.995


@pytest.mark.parametrize("method", WARM)
def test_an_earlier_result_may_have_other_items_raters_and_classes(method: Any) -> None:
    frame = crowd()[0].frame()
    old = method().fit(encode(frame.filter(pl.col("rater") != "3").head(400)))
    new = pl.DataFrame({"item": ["new"] * 5, "rater": list("91345"), "answer": ["7"] * 5})
    more = pl.concat([frame, new])
    warm = method().fit(encode(more.tail(900)), start=old)
    assert np.isfinite(warm.probabilities).all()
    assert warm.labels.filter(item="new")["label"].to_list() == ["7"]


# What is known of raters from elsewhere


@pytest.mark.parametrize("method", MATRICES)
def test_history_decides_between_raters_who_disagree(method: Any) -> None:
    history = pl.DataFrame(
        [("good", "1", "1", 90), ("good", "1", "2", 10), ("good", "2", "2", 90), ("good", "2", "1", 10)]
        + [("bad", label, answer, 50) for label in "12" for answer in "12"],
        schema=["rater", "label", "answer", "count"],
        orient="row",
    )
    rows = [(f"i{n}", rater, "12"[(n + (rater == "bad")) % 2]) for n in range(10) for rater in ("good", "bad")]
    answers = encode(pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row"))
    labels = method().fit(answers, history=history).labels.sort("item")["label"].to_list()
    assert labels == ["12"[n % 2] for n in range(10)]


def test_history_counts_like_answers_to_gold_items() -> None:
    answers, truth = crowd()
    mask = np.array([int(item) < 150 for item in answers.frame()["item"]])
    old, new = encode(answers.frame().filter(mask)), encode(answers.frame().filter(~mask))
    known = confusion_frame(old, DawidSkene().fit(old, gold=truth))
    prior = dict.fromkeys("012", 1 / 3)
    apart = DawidSkene(class_prior=prior, tol=1e-10).fit(new, history=known)
    at_once = DawidSkene(class_prior=prior, tol=1e-10).fit(
        answers, gold={item: label for item, label in truth.items() if int(item) < 150}
    )
    later = at_once.probabilities[[int(item) >= 150 for item in at_once.items]]
    np.testing.assert_allclose(apart.probabilities, later, atol=1e-3)


def test_history_of_others_is_left_out_and_bad_history_is_refused() -> None:
    answers, _ = crowd(30)
    stranger = pl.DataFrame({"rater": ["nobody", "1"], "label": ["1", "x"], "answer": ["1", "1"], "count": [1e6, 1e6]})
    np.testing.assert_allclose(
        DawidSkene().fit(answers, history=stranger).probabilities, DawidSkene().fit(answers).probabilities
    )
    with pytest.raises(InputError, match="no column count"):
        DawidSkene().fit(answers, history=stranger.drop("count"))
    with pytest.raises(InputError, match=r"row 1 of the history is not a number from 0 up"):
        DawidSkene().fit(answers, history=stranger.with_columns(count=-1))


def test_the_confusion_frame_has_shares_with_intervals(shared: Path) -> None:
    frame = pl.read_csv(shared / "reference/dawid_skene_1979_anesthesia.csv", infer_schema=False)
    patients = encode(frame.rename({"rating": "answer"}), repeats="all")
    told = confusion_frame(patients, DawidSkene(smoothing=0, tol=1e-12).fit(patients))
    published = json.loads((shared / "reference/dawid_skene_1979_em_mle.json").read_text())["error_rates"]
    np.testing.assert_allclose(told["share"].to_numpy().reshape(5, 4, 4), published, atol=1e-5)
    assert told.select((pl.col("low") <= pl.col("share")) & (pl.col("share") <= pl.col("high"))).to_series().all()
    assert told.filter(rater=told["rater"][0])["count"].sum() == pytest.approx(135)


def test_a_label_that_a_rater_never_met_has_no_share() -> None:
    answers = encode(pl.DataFrame({"item": list("aab"), "rater": list("xyx"), "answer": list("112")}))
    told = confusion_frame(answers, MajorityVote().fit(answers)).filter(rater="y", label="2")
    assert told["share"].to_list() == told["low"].to_list() == [None, None]


# Class shares that are known


def test_known_class_shares_are_held() -> None:
    answers, _ = crowd()
    fit = DawidSkene(class_prior={"0": 2, "1": 1, "2": 1}).fit(answers)
    assert fit.class_prior.tolist() == [0.5, 0.25, 0.25]
    assert (np.diff(fit.history) > -1e-8).all()


def test_class_shares_need_every_class_and_positive_numbers() -> None:
    with pytest.raises(SettingError, match="no share for '2'"):
        DawidSkene(class_prior={"0": 1, "1": 1}).fit(crowd()[0])
    with pytest.raises(SettingError, match=r"class_prior\['0'\] is 0"):
        DawidSkene(class_prior={"0": 0})


# Abstentions


@pytest.mark.parametrize("method", MATRICES)
def test_an_abstention_is_evidence_but_never_a_label(method: Any) -> None:
    answers, truth = unsure_crowd()
    fit = method(abstain=UNSURE).fit(answers)
    assert UNSURE not in fit.labels["label"].to_list()
    assert fit.probabilities[:, fit.classes.to_list().index(UNSURE)].max() == 0
    np.testing.assert_allclose(fit.probabilities.sum(axis=1), 1)
    silent = encode(answers.frame().filter(pl.col("answer") != UNSURE))
    assert accuracy(fit, truth).value > accuracy(method().fit(silent), truth).value
    assert (np.diff(fit.history) > -1e-8).all()


def test_an_abstention_is_neither_right_nor_wrong_of_a_rater() -> None:
    answers, truth = unsure_crowd()
    fit = DawidSkene(abstain=UNSURE).fit(answers, gold=truth)
    real = answers.frame().filter(pl.col("answer") != UNSURE)
    right = real.with_columns(right=pl.col("answer") == pl.col("item").replace_strict(truth))
    shares = right.group_by("rater").agg(pl.col("right").mean()).sort("rater")["right"].to_list()
    assert fit.raters["accuracy"].to_list() == pytest.approx(shares)
    assert fit.raters["n_answers"].sum() == len(answers)


@pytest.mark.parametrize("method", MATRICES)
def test_where_everybody_abstains_there_is_nothing_to_fit(method: Any) -> None:
    answers = encode(pl.DataFrame({"item": ["a", "b"], "rater": ["x", "y"], "answer": [UNSURE, UNSURE]}))
    with pytest.raises(InputError, match="All answers are"):
        method(abstain=UNSURE).fit(answers)


@pytest.mark.parametrize("method", MATRICES)
def test_an_item_with_nothing_but_abstentions_gets_a_label_all_the_same(method: Any) -> None:
    rows = [("a", "x", UNSURE), ("a", "y", UNSURE), ("b", "x", "1"), ("b", "y", "1"), ("c", "x", "2")]
    answers = encode(pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row"))
    labels = method(abstain=UNSURE).fit(answers, gold={"a": UNSURE}).labels
    assert labels["label"][0] in ("1", "2")
    assert labels["confidence"].is_between(0.3, 1).all()


# Prediction


@pytest.mark.parametrize("method", [method for method in AGGREGATORS.values() if method.traits.predicts])
def test_new_items_are_labelled_without_another_fit(method: Any) -> None:
    answers, truth = crowd(600)
    mask = np.array([int(item) < 300 for item in answers.frame()["item"]])
    old, new = encode(answers.frame().filter(mask)), encode(answers.frame().filter(~mask))
    told = predict(method().fit(old), new)
    assert told.labels["item"].equals(new.items)
    assert accuracy(told, truth).value >= accuracy(method().fit(new), truth).value - 0.03


def test_prediction_of_the_same_items_is_the_fit() -> None:
    answers, _ = crowd()
    fit = DawidSkene().fit(answers)
    told = predict(fit, answers)
    np.testing.assert_allclose(told.probabilities, fit.probabilities, atol=1e-12)
    assert told.log_likelihood == pytest.approx(fit.log_likelihood)


def test_an_unknown_rater_is_taken_as_the_mean_of_the_known() -> None:
    answers, _ = crowd()
    fit = DawidSkene().fit(answers)
    assert fit.confusion is not None
    told = predict(fit, encode(pl.DataFrame({"item": ["n"], "rater": ["nobody"], "answer": ["1"]})))
    mean = np.average(fit.confusion, axis=0, weights=fit.raters["n_answers"].to_numpy())
    chances = fit.class_prior * mean[:, 1]
    np.testing.assert_allclose(told.probabilities[0], chances / chances.sum())


def test_a_new_answer_that_is_no_class_is_told_and_left_out() -> None:
    fit = DawidSkene().fit(crowd()[0])
    told = predict(fit, encode(pl.DataFrame({"item": ["n", "n"], "rater": ["1", "2"], "answer": ["1", "?"]})))
    assert told.classes.to_list() == ["0", "1", "2"]
    assert "1 answers are none of the classes" in told.notices[0]


def test_a_method_without_matrices_cannot_predict() -> None:
    with pytest.raises(SettingError, match="no confusion matrices"):
        predict(OneCoin().fit(crowd()[0]), crowd()[0])


# Real sets


def read(shared: Path, name: str) -> Answers:
    (path,) = (shared / "data" / name).glob("answers.csv*")
    return encode(pl.read_csv(path, infer_schema=False))


def log_loss(consensus: Consensus, gold: pl.DataFrame) -> float:
    """Of the gold items with answers, probabilities clipped at 10⁻⁹; a label outside the answers counts as that."""
    place = {item: row for row, item in enumerate(consensus.items)}
    column = {label: row for row, label in enumerate(consensus.classes)}
    rows = [(place[item], column.get(label)) for item, label in gold.rows() if item in place]
    chances = [0.0 if label is None else consensus.probabilities[item, label] for item, label in rows]
    return float(-np.log(np.clip(chances, 1e-9, 1)).mean())


SETS = [
    *("rte", "bluebird", "dog", "face", "product", "possent", "barzan", "sentpol_amt", "weather_amt", "weather_cf"),
    *("music", "sentpol", "trec", "relevance", "adult", "fact_eval"),
]


def of_set(shared: Path, name: str) -> tuple[Answers, pl.DataFrame, dict[str, Any]]:
    (path,) = (shared / "data" / name).glob("truth.csv*")
    peers = pl.read_csv(shared / "reference/peer_accuracy_real_data.csv").filter(dataset=name).row(0, named=True)
    return read(shared, name), pl.read_csv(path, infer_schema=False).select("item", "label"), peers


@pytest.mark.parametrize("name", SETS)
def test_one_coin_is_not_below_the_peers(shared: Path, name: str) -> None:
    answers, gold, peers = of_set(shared, name)
    estimate = accuracy(OneCoin().fit(answers), gold)
    assert estimate.value >= peers["ck_OneCoinDS"] - max(0.002, 2 / (estimate.n or 1)) - 1e-5


@pytest.mark.parametrize("name", SETS)
def test_pooling_has_less_log_loss_than_dawid_skene_on_every_set(shared: Path, name: str) -> None:
    answers, gold, _ = of_set(shared, name)
    assert log_loss(PooledDawidSkene().fit(answers), gold) < log_loss(DawidSkene().fit(answers), gold)


def test_pooling_is_more_accurate_in_the_mean_than_every_single_peer(shared: Path) -> None:
    means = json.loads((shared / "reference/peer_accuracy_means.json").read_text())["means"]
    best = max(mean for peer, mean in means.items() if peer != "best_peer")
    ours = [accuracy(PooledDawidSkene().fit(of_set(shared, name)[0]), of_set(shared, name)[1]).value for name in SETS]
    assert np.mean(ours) > best


def test_methods_do_not_keep_anything_between_fits() -> None:
    answers, _ = crowd()
    method = PooledDawidSkene()
    first = method.fit(answers)
    method.fit(replace(answers, answer=answers.answer[::-1].copy()))
    assert np.array_equal(method.fit(answers).probabilities, first.probabilities)
