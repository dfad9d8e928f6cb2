"""The recommended default, without a choice to make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from middlemost.consensus.blend import Candidates, Choice, blended, choose, fit_models, margin, model_frame
from middlemost.consensus.pooled_dawid_skene import PooledDawidSkene
from middlemost.consensus.score import error_share
from middlemost.core.answers import Answers
from middlemost.core.gold import Gold, GoldLike, as_gold
from middlemost.core.results import Calibration, Consensus
from middlemost.core.short_rows import maxima
from middlemost.errors import SettingError
from middlemost.inference.rectified import Rectified, rectified_share
from middlemost.inference.reliability import error_by_class, reliability

ENOUGH = 20  # gold items drawn at random from which confidences can be set right

WITHOUT_GOLD = "The confidences are not calibrated: without gold there is nothing to measure them against."
UNCALIBRATED = "The confidences are not calibrated: they are usually too high."
FAR_APART = 3  # standard errors by which a sample hardly ever differs from the rest
NOT_A_SAMPLE = (
    "The gold items do not look like a random sample: they are {} to label than the others. The share of wrong labels "
    "holds for items like them, not for all."
)


def conclude(answers: Answers, gold: GoldLike | None = None, *, level: float = 0.95, seed: int = 0) -> Consensus:
    """Labels by the default method; with gold (mapping item -> label, or frame), set right by it.

    Without gold it is `PooledDawidSkene`. From 20 gold items drawn at random, majority vote, Wawa, pooled Dawid-Skene
    and MACE, none of which sees the gold, are blended with weights, a temperature and class intercepts that gold
    decides (or one of them is taken alone, where gold clearly prefers it). What is then said of the result is
    cross-fitted: no gold item has a say in its own score.
    `calibrated` is true, `calibration` says how, and `error` is the share of wrong labels among the items without gold
    at confidence `level`. Gold items keep the label that their answers lead to.

    With fewer gold items the labels are those without gold, and the gold only counts how many are wrong. Gold that was
    chosen, not drawn at random, says nothing of other items: it is left out. `notices` says which is the case.

    >>> import polars as pl
    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aaabbbccc"), "rater": list("xyzxyzxyz"), "answer": list("112221112")})
    >>> str(conclude(encode(frame), gold={"a": "1", "b": "2", "c": "1"}).error)
    '.000 (.000 to .708)'
    """
    _require_level(level)
    if gold is None:
        return _noting(PooledDawidSkene(seed=seed).fit(answers), WITHOUT_GOLD)
    gold = as_gold(gold)
    n = len(gold.at_random().codes(answers)[0])
    if n < ENOUGH:
        return _counted(answers, gold, n, level, seed)
    return calibrated(answers, fit_models(answers, seed=seed), gold, level=level, seed=seed)


def calibrated(
    answers: Answers, models: Sequence[Consensus], gold: GoldLike, *, level: float = 0.95, seed: int = 0
) -> Consensus:
    """Models of the same answers, fitted without gold, pooled and set right by gold drawn at random: see `conclude`."""
    _require_level(level)
    gold = as_gold(gold)
    item, label = gold.at_random().codes(answers)
    if len(item) < ENOUGH:
        raise SettingError(f"{len(item)} gold items drawn at random have answers.", mend=f"It takes {ENOUGH}.")
    return _calibrated(Candidates.of(models, item, label), answers, gold, level, seed)


def _require_level(level: float) -> None:
    if not 0 < level < 1:
        raise SettingError(f"level is {level}.", mend="It is a number between 0 and 1, such as .95.")


def _counted(answers: Answers, gold: Gold, n: int, level: float, seed: int) -> Consensus:
    """Labels without a look at the gold, which is too little to set anything right by; it can count, though."""
    consensus = PooledDawidSkene(seed=seed).fit(answers)
    if n:
        items = "1 gold item" if n == 1 else f"{n} gold items"
        notices = [f"{UNCALIBRATED} {items} can tell the share of wrong labels roughly; {ENOUGH} could calibrate."]
    else:
        why = "was chosen" if gold.drawn == "chosen" else "has no answers"
        notices = [UNCALIBRATED, f"The gold {why}, so it cannot tell the share of wrong labels among all items."]
    return replace(_noting(consensus, *gold.notices, *notices), error=error_share(consensus, gold, level=level))


def _calibrated(models: Candidates, answers: Answers, gold: Gold, level: float, seed: int) -> Consensus:
    choices = models.choices(seed=seed)
    chosen = choose(choices)
    pool, probabilities = models.pooled(chosen)
    used = tuple(models.fitted[place] for place in chosen.models)
    consensus = blended(answers, used, probabilities, name=chosen.name, seed=seed)
    found = _rectified(consensus, models, chosen, level)
    frame = model_frame(choices, chosen, pool, models.label)
    return replace(
        _noting(consensus, *gold.notices, *_about(found, models)),
        calibrated=True,
        calibration=_calibration(answers, models, chosen, margin(chosen, choices), frame, found.apart),
        error=found.error,
    )


def _rectified(consensus: Consensus, models: Candidates, chosen: Choice, level: float) -> Rectified:
    doubt = 1 - maxima(consensus.probabilities)
    rest = consensus.labels["n_answers"].to_numpy() > 0
    rest[models.item] = False
    released = consensus.probabilities[models.item].argmax(axis=1)
    return rectified_share(
        (chosen.said != models.label).astype(float),
        1 - maxima(chosen.held),
        doubt[models.item],
        doubt[rest],
        counted=int(np.count_nonzero(released != models.label)),
        level=level,
    )


def _calibration(
    answers: Answers,
    models: Candidates,
    chosen: Choice,
    ahead: tuple[float, float],
    frame: pl.DataFrame,
    apart: float,
) -> Calibration:
    truth = pl.Series([None if code < 0 else code for code in models.label.tolist()], dtype=pl.Int32)
    held = pl.DataFrame(
        {
            "item": answers.items.gather(models.item),
            "truth": answers.classes.gather(truth),
            "label": answers.classes.gather(chosen.said),
            "confidence": maxima(chosen.held),
        }
    )
    return Calibration(
        chosen=chosen.name,
        margin=ahead[0],
        margin_error=ahead[1],
        models=frame,
        held=held,
        reliability=reliability(maxima(chosen.held), chosen.said == models.label),
        by_class=error_by_class(chosen.said, models.label, answers.classes),
        apart=apart,
    )


def _about(found: Rectified, models: Candidates) -> list[str]:
    """What a reader has to know of the gold."""
    notices = []
    if abs(found.apart) > FAR_APART:
        notices.append(NOT_A_SAMPLE.format("harder" if found.apart > 0 else "easier"))
    if lost := int(np.count_nonzero(models.label < 0)):
        notices.append(f"Gold labels of {lost:,} items are nobody's answer: such labels count as wrong.")
    return notices


def _noting(consensus: Consensus, *notices: str) -> Consensus:
    return replace(consensus, notices=(*consensus.notices, *notices))
