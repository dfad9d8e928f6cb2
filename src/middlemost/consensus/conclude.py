"""The recommended default, without a choice to make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from middlemost.consensus.blend import Candidates, Choice, blended, choose, fit_models, margin, model_frame
from middlemost.consensus.guests import as_models, padded, seated, widened
from middlemost.consensus.pooled_dawid_skene import PooledDawidSkene
from middlemost.consensus.score import error_share
from middlemost.core.answers import Answers
from middlemost.core.gold import Gold, GoldLike, as_gold
from middlemost.core.probabilities import ModelLike
from middlemost.core.results import Calibration, Consensus
from middlemost.core.short_rows import maxima
from middlemost.core.words import plural
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


def conclude(
    answers: Answers,
    gold: GoldLike | None = None,
    *,
    model: ModelLike | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> Consensus:
    """Labels by the default method; with gold (mapping item -> label, or frame), set right by it.

    Without gold it is `PooledDawidSkene`. From 20 gold items drawn at random, majority vote, Wawa, pooled Dawid-Skene
    and MACE, none of which sees the gold, are blended with weights, a temperature and class intercepts that gold
    decides (or one of them is taken alone, where gold clearly prefers it). What is then said of the result is
    cross-fitted: no gold item has a say in its own score.
    `calibrated` is true, `calibration` says how, and `error` is the share of wrong labels among the items without gold
    at confidence `level`. Gold items keep the label that their answers lead to.

    `model`: the probabilities of a model that saw no gold label, as a frame (item and one column a class, or item,
    label, probability); several as a mapping by name. They join the blend with weights that gold decides, from nought
    on: what the model only repeats of the votes adds nothing, and where it errs with them it is not taken for a second
    witness. That cannot be learned without gold, so it takes 20 gold items. Every item with answers needs a row;
    items without answers are left out. Raises SettingError with less gold, InputError for rows or classes that fail.

    With fewer gold items the labels are those without gold, and the gold only counts how many are wrong. Gold that was
    chosen, not drawn at random, says nothing of other items: it is left out. `notices` says which is the case.

    >>> import polars as pl
    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aaabbbccc"), "rater": list("xyzxyzxyz"), "answer": list("112221112")})
    >>> str(conclude(encode(frame), gold={"a": "1", "b": "2", "c": "1"}).error)
    '.000 (.000 to .708)'
    """
    _require_level(level)
    known = None if gold is None else as_gold(gold)
    n = 0 if known is None else len(known.at_random().codes(answers)[0])
    if model is not None:
        _require_gold(known, n)
    if known is None:
        return _noting(PooledDawidSkene(seed=seed).fit(answers), WITHOUT_GOLD)
    if n < ENOUGH:
        return _counted(answers, known, n, level, seed)
    return calibrated(answers, fit_models(answers, seed=seed), known, model=model, level=level, seed=seed)


def calibrated(
    answers: Answers,
    models: Sequence[Consensus],
    gold: GoldLike,
    *,
    model: ModelLike | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> Consensus:
    """Models of the same answers, fitted without gold, pooled and set right by gold drawn at random: see `conclude`."""
    _require_level(level)
    gold = as_gold(gold)
    beside = {} if model is None else as_models(model)
    wide = widened(answers, beside)
    item, label = gold.at_random().codes(wide)
    if len(item) < ENOUGH:
        raise SettingError(f"{len(item)} gold items drawn at random have answers.", mend=f"It takes {ENOUGH}.")
    guests = [seated(name, one, wide, answers.classes) for name, one in beside.items()]
    fitted = [padded(one, wide.classes) for one in models]
    return _calibrated(Candidates.of(fitted, item, label, guests), wide, gold, level, seed)


def _require_gold(gold: Gold | None, n: int) -> None:
    """A model beside the votes is no second witness until gold says how far it errs with them."""
    if n >= ENOUGH:
        return
    there = f"here {plural(n, 'such item has', 'such items have')} answers"
    if gold is None or gold.drawn == "chosen":
        there = "there is no gold" if gold is None else "this gold was chosen"
    raise SettingError(
        "A model cannot be weighed beside the votes without gold: it may err where the raters err.",
        mend=f"It takes {ENOUGH} gold items drawn at random ({there}); or leave the model out.",
    )


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
    said = _about_gold(gold, answers)
    return replace(_noting(consensus, *gold.notices, *said, *notices), error=error_share(consensus, gold, level=level))


def _calibrated(models: Candidates, answers: Answers, gold: Gold, level: float, seed: int) -> Consensus:
    choices = models.choices(seed=seed)
    chosen = choose(choices)
    pool, probabilities = models.pooled(chosen)
    used = tuple(models.fitted[place] for place in chosen.models if place < len(models.fitted))
    consensus = blended(answers, used, probabilities, name=chosen.name, seed=seed)
    found = _rectified(consensus, models, chosen, level)
    frame = model_frame(choices, chosen, pool, models.label)
    said = [notice for guest in models.guests for notice in guest.notices]
    said += [*_about_gold(gold, answers), *_about_sample(found)]
    return replace(
        _noting(consensus, *gold.notices, *said),
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


def _about_sample(found: Rectified) -> list[str]:
    if abs(found.apart) <= FAR_APART:
        return []
    return [NOT_A_SAMPLE.format("harder" if found.apart > 0 else "easier")]


def _about_gold(gold: Gold, answers: Answers) -> list[str]:
    """What a reader has to know of the gold items drawn at random."""
    sampled = gold.at_random()
    item, label = sampled.codes(answers)
    if not len(item):
        return []
    notices = []
    if idle := len(sampled) - len(item):
        notices.append(f"{plural(idle, 'gold item has', 'gold items have')} no answers: nothing is learned from them.")
    if lost := int(np.count_nonzero(label < 0)):
        items = plural(lost, "gold item", "gold items")
        notices.append(f"The labels of {items} are nobody's answer: whatever is concluded there counts as wrong.")
    if answers.n_classes > 1 and len(item) > 1 and label[0] >= 0 and (label == label[0]).all():
        one = answers.classes[int(label[0])]
        notices.append(
            f"All gold items are {one!r}: how sure the other labels are, and how often missed, is not known."
        )
    return notices


def _noting(consensus: Consensus, *notices: str) -> Consensus:
    return replace(consensus, notices=(*consensus.notices, *notices))
