"""A model beside the raters in `conclude`: does it help where it knows something, and do no harm where it does not?

    python benchmarks/confidence_model.py ../shared [--draws 50] [--gold 50] [--level 0.9] [--json]

On real answers, gold drawn as in confidence.py. The models: "other", which knows something (on CIFAR-10N an image model
that was trained on the raters' labels, on the other sets the raters' other half, concluded by pooled Dawid-Skene);
"majority" and "pooled", copies of what the votes say already, at .99 and as sure as the model is; "noise", sure and at
random; "constant", sure of the first class; "none", no model. Each is concluded with `conclude`, and beside it by the
product of votes and model, each calibrated on the same gold, as if their errors were independent.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from confidence import figures, part, read
from middlemost.consensus import PooledDawidSkene
from middlemost.consensus.blend import fit_models
from middlemost.consensus.conclude import calibrated
from middlemost.core.answers import Answers, encode
from middlemost.core.gold import Gold
from middlemost.core.probabilities import Probabilities
from middlemost.core.results import Consensus
from middlemost.inference.calibration import fit_average, log_floored

Floats = NDArray[np.float64]
HALVED = "bluebird possent weather_amt rte dog face sentpol_amt".split()
IMAGES = {"cifar 3 votes": (3, "resnet18_aggregate"), "cifar 1 vote": (1, "resnet18_worst")}
KINDS = "none other majority pooled noise constant".split()
FIGURES = "accuracy log_loss gap claimed plain_gap covered width exact_width product_log_loss product_claimed".split()


class Case(NamedTuple):
    """Answers, their gold, and probabilities (items, classes) that other sources give the items."""

    name: str
    answers: Answers
    gold: Gold
    other: Floats


def main() -> None:
    """Print a line for each set and model, and one for each model's means."""
    options = arguments()
    begun = time.process_time()
    rows = [row for case in cases(options.shared / "data") for row in measured(case, options)]
    for kind in KINDS:
        own = [row for row in rows if row["model"] == kind]
        means = {figure: float(np.mean([row[figure] for row in own])) for figure in FIGURES}
        worst = {"covered": min(row["covered"] for row in own), "gap": max(row["gap"] for row in own)}
        rows.append({"set": "mean", "model": kind, **means, "worst": worst})
    if options.json:
        print(json.dumps({"gold": options.gold, "draws": options.draws, "rows": rows}))
        return
    print(f"{'set':14}{'model':10}" + "".join(f"{figure:>17}" for figure in FIGURES))
    for row in rows:
        print(f"{row['set']:14}{row['model']:10}" + "".join(f"{row[figure]:17.4f}" for figure in FIGURES))
    print(f"CPU: {time.process_time() - begun:.0f} s")


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path, help="folder with data/SET/")
    parser.add_argument("--draws", type=int, default=50)
    parser.add_argument("--gold", type=int, default=50)
    parser.add_argument("--level", type=float, default=0.9)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def cases(data: Path) -> Iterator[Case]:
    """The sets with many answers an item, halved by raters; images with votes and a model."""
    for name in HALVED:
        yield halved(name, *read(data / name))
    for name, (votes, model) in IMAGES.items():
        yield images(name, data / "cifar10n" / "cifar10n.npz", votes, model)


def halved(name: str, answers: Answers, gold: Gold) -> Case:
    """The answers of half the raters; what the other half says of the items that both answered."""
    frame, first = answers.frame(), np.random.default_rng(0).random(answers.n_raters) < 0.5
    ours = frame["rater"].is_in(answers.raters.filter(pl.Series(first)).to_list())
    shared = pl.Series(sorted(set(frame.filter(ours)["item"]) & set(frame.filter(~ours)["item"])))
    own, others = (encode(frame.filter(side & frame["item"].is_in(shared.to_list()))) for side in (ours, ~ours))
    assert own.classes.equals(others.classes)
    known = gold.items.is_in(shared.to_list())
    known_gold = Gold(gold.items.filter(known), gold.labels.filter(known))
    return Case(name, own, known_gold, PooledDawidSkene().fit(others).probabilities)


def images(name: str, path: Path, votes: int, model: str, n: int = 3_000) -> Case:
    """Images of CIFAR-10N drawn at random, with some of their votes and the probabilities of a model."""
    stored = np.load(path)
    drawn = np.sort(np.random.default_rng(0).choice(len(stored["true"]), n, replace=False))
    given, items = stored["votes"][drawn, :votes], [f"{row:05}" for row in drawn]
    rows = [
        (item, f"s{slot}", str(vote)) for item, own in zip(items, given, strict=True) for slot, vote in enumerate(own)
    ]
    answers = encode(pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row"))
    values = stored[f"probs_{model}"][drawn].astype(float)
    gold = Gold(pl.Series(items), pl.Series(stored["true"][drawn].astype(str)))
    return Case(name, answers, gold, values / values.sum(axis=1, keepdims=True))


def models(case: Case, fitted: tuple[Consensus, ...]) -> Iterator[tuple[str, Floats | None]]:
    """Each kind of model by name."""
    shape, rng = case.other.shape, np.random.default_rng(0)
    yield "none", None
    yield "other", case.other
    yield "majority", sure((fitted[0].probabilities + 1e-9 * rng.random(shape)).argmax(axis=1), shape[1])
    yield "pooled", fitted[2].probabilities
    yield "noise", sure(rng.integers(shape[1], size=shape[0]), shape[1])
    yield "constant", sure(np.zeros(shape[0], dtype=np.int64), shape[1])


def sure(label: NDArray[np.integer], n_classes: int) -> Floats:
    """Probabilities of .99 for these labels."""
    return np.where(np.arange(n_classes) == label[:, None], 0.99, 0.01 / (n_classes - 1))


def measured(case: Case, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """The means over the draws for each model."""
    fitted = fit_models(case.answers)
    n = min(options.gold, len(case.gold) // 3)
    for kind, values in models(case, fitted):
        model = None if values is None else Probabilities(case.answers.items, case.answers.classes, values)
        draws = [drawn(case, fitted, model, seed, n, options.level) for seed in range(options.draws)]
        means = {figure: float(np.mean([one[figure] for one in draws])) for figure in FIGURES}
        yield {"set": case.name, "model": kind, **means}


def drawn(case: Case, fitted: tuple[Consensus, ...], model: Probabilities | None, seed: int, n: int,
          level: float) -> dict[str, float]:  # fmt: skip
    """The figures of one draw of gold."""
    order = np.random.default_rng(seed).permutation(len(case.gold))
    known, rest = (part(case.gold, rows) for rows in (order[:n], order[n:]))
    gold = Gold(known.items, known.labels, "random")
    consensus = calibrated(case.answers, fitted, gold, model=model, level=level)
    found = figures(consensus, fitted[0], known, rest, level)
    votes = consensus if model is None else calibrated(case.answers, fitted, gold, level=level)
    return found | product(votes, model, gold, rest)


def product(votes: Consensus, model: Probabilities | None, gold: Gold, rest: Gold) -> dict[str, float]:
    """The figures of votes and model taken for independent given the label, both calibrated on the gold."""
    joint = votes.probabilities
    if model is not None:
        log = log_floored(model.values)
        item, label = gold.positions(votes.items, votes.classes)
        joint = joint * fit_average([log[item]], label).apply([log]) / np.maximum(joint.mean(axis=0), 1e-9)
        joint = joint / joint.sum(axis=1, keepdims=True)
    item, label = rest.positions(votes.items, votes.classes)
    given = np.where(label >= 0, joint[item, label], 0.0)
    claimed = joint[item].max(axis=1).mean() - (joint[item].argmax(axis=1) == label).mean()
    return {
        "product_log_loss": float(-np.log(np.clip(given, 1e-9, 1)).mean()),
        "product_claimed": float(claimed),
    }


if __name__ == "__main__":
    main()
