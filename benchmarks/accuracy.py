"""Every method on every real set with gold, beside the peers: accuracy, log-loss, calibration, time.

    python benchmarks/accuracy.py FOLDER [--ours] [--sets NAME ...] [--limit 300] [--out docs]
    python benchmarks/accuracy_page.py

FOLDER holds `data/` (one folder a set: answers.csv[.gz], truth.csv, meta.json) and `reference/`, with the peers'
figures that their authors' code gave once. crowd-kit is measured in the same run where it is installed. Both start
from the same data frame of names; seconds are CPU time of the whole process, a fit that takes more than `--limit` of
them is cut off. `--ours` measures middlemost alone and keeps the peers' rows of the last run. Writes accuracy.csv (a
row a set and method) and accuracy_sets.csv (a row a set) to `--out`; accuracy_page.py makes the page of them.

Scores: accuracy counts ties as their expectation, and a gold label that nobody answered as wrong. Log-loss is clipped
at 10⁻⁹. The gap is the mean confidence less the accuracy; `ece` the mean distance of the two over ten bins of equally
many items. `accuracy_as_given` is the accuracy of the labels as each package gives them out, with its own rule for
ties.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from textwrap import shorten
from typing import Any, TypeVar

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

from accuracy_peers import CROWD_KIT, RECORDED, TwoClassesOnlyError, crowd_kit_version, pandas_table
from middlemost.consensus import AGGREGATORS, MACE, Wawa, conclude
from middlemost.core.answers import Answers, encode
from middlemost.core.gold import Gold, as_gold
from middlemost.core.results import Consensus
from middlemost.core.ties import tied
from middlemost.version import __version__

Floats = NDArray[np.float64]
T = TypeVar("T")
SETS = (
    "bluebird rte dog face product possent barzan sentpol_amt weather_amt weather_cf music sentpol trec relevance "
    "adult fact_eval"
).split()
OURS: dict[str, Callable[[], Any]] = {
    **{name: AGGREGATORS[name] for name in AGGREGATORS},
    "mace, EM": lambda: MACE(variational=False),
    "wawa, power 2": lambda: Wawa(power=2),
}
CLIP, BINS, GOLD, DRAWS = 1e-9, 10, 50, 20


@dataclass(frozen=True)
class Score:
    """What one fit is worth; None where a method gives no probabilities, or nobody recorded them."""

    accuracy: float | None = None
    accuracy_as_given: float | None = None
    log_loss: float | None = None
    gap: float | None = None
    ece: float | None = None
    cpu_seconds: float | None = None
    note: str | None = None


@dataclass(frozen=True, eq=False)
class Case:
    """One set: its answers as names, the last of repeated ones, and the gold items that have answers."""

    name: str
    frame: pl.DataFrame
    answers: Answers
    gold: Gold
    item: NDArray[Any]
    label: NDArray[Any]

    @classmethod
    def of(cls, name: str, frame: pl.DataFrame, gold: Gold) -> Case:
        """Code the names, leave out gold items without answers."""
        answers = encode(frame)
        item, label = gold.positions(answers.items, answers.classes)
        known = np.append(answers.per_item() > 0, False)[item]
        kept = Gold(gold.items.filter(pl.Series(known)), gold.labels.filter(pl.Series(known)))
        return cls(name, frame, answers, kept, item[known], label[known])

    @classmethod
    def read(cls, folder: Path, name: str) -> Case:
        """From the files of the folder."""
        (path,) = (folder / "data" / name).glob("answers.csv*")
        (truth,) = (folder / "data" / name).glob("truth.csv*")
        rows = pl.read_csv(path, infer_schema=False).select("item", "rater", "answer")
        last = rows.unique(["item", "rater"], keep="last", maintain_order=True).rechunk()
        return cls.of(name, last, as_gold(pl.read_csv(truth, infer_schema=False).select("item", "label")))

    def part(self, rows: NDArray[np.int64]) -> Case:
        """The same with some of the gold."""
        gold = Gold(self.gold.items.gather(rows), self.gold.labels.gather(rows))
        return Case(self.name, self.frame, self.answers, gold, self.item[rows], self.label[rows])


def main() -> None:
    """Measure set by set, and write after each."""
    options = arguments()
    kept = [row for row in rows_of(options.out / "accuracy.csv") if options.ours and row["by"] != "middlemost"]
    rows: list[dict[str, Any]] = []
    facts: list[dict[str, Any]] = []
    for name in options.sets:
        case = Case.read(options.folder, name)
        facts.append(facts_of(case, options.folder))
        rows += [labelled(name, *found) for found in measured(case, options)]
        everything = pl.DataFrame([*rows, *kept], infer_schema_length=None)
        everything.write_csv(options.out / "accuracy.csv", float_precision=6)
        pl.DataFrame(facts).write_csv(options.out / "accuracy_sets.csv")


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ours", action="store_true", help="middlemost alone; keep the peers' rows of the last run")
    parser.add_argument("--sets", nargs="*", default=SETS, choices=SETS, metavar="NAME")
    parser.add_argument("--limit", type=float, default=300, help="CPU seconds for one fit")
    parser.add_argument("--out", type=Path, default=Path("docs"), help="folder for the CSV files")
    return parser.parse_args()


def measured(case: Case, options: argparse.Namespace) -> Iterator[tuple[str, str, int, Score]]:
    """(method, by, gold items used, score) for all on one set."""
    for method, make in OURS.items():
        yield method, "middlemost", 0, ours(case, make, options.limit)
    yield "conclude", "middlemost", n_gold(case), concluded(case)
    if options.ours:
        return
    table = pandas_table(case.frame)
    for method, fit in CROWD_KIT.items() if crowd_kit_version() else ():
        yield method, "crowd-kit", 0, theirs(case, fit, table, options.limit)
    for method, score in recorded(case, options.folder):
        yield method, "authors' code", 0, score


def ours(case: Case, make: Callable[[], Any], limit: float) -> Score:
    """Time and score one of our methods, from the frame of names."""
    consensus, seconds = timed(lambda: make().fit(encode(case.frame)), limit)
    return cut_off(limit) if consensus is None else scored(case, consensus.probabilities, said(consensus), seconds)


def theirs(case: Case, fit: Callable[..., Any], table: Any, limit: float) -> Score:
    """Time and score a method of crowd-kit's, from the same frame of names."""
    axes = case.answers.items.to_list(), case.answers.classes.to_list()
    try:
        found, seconds = timed(lambda: fit(table), limit)
    except TwoClassesOnlyError as refusal:
        return Score(note=str(refusal))
    except (ValueError, KeyError) as error:
        return Score(note=f"{type(error).__name__}: {shorten(str(error), 60, placeholder=' …')}")
    return cut_off(limit) if found is None else scored(case, *found.on(*axes), seconds)


def recorded(case: Case, folder: Path) -> Iterator[tuple[str, Score]]:
    """The accuracies that the authors' own code gave, from the reference table."""
    table = pl.read_csv(folder / "reference" / "peer_accuracy_real_data.csv").filter(dataset=case.name)
    for column, method in RECORDED.items():
        yield method, Score(accuracy_as_given=table[column][0], accuracy=table[column][0], note="as recorded")


def n_gold(case: Case) -> int:
    """How many gold items `conclude` gets: 50, or a third if there are fewer than 150."""
    return min(GOLD, len(case.gold) // 3)


def concluded(case: Case) -> Score:
    """`conclude` with gold drawn at random, scored on the items that are left: means of the draws."""
    scores = []
    for draw in range(DRAWS):
        order = np.random.default_rng(draw).permutation(len(case.gold))
        known, rest = case.part(order[: n_gold(case)]), case.part(order[n_gold(case) :])
        gold = Gold(known.gold.items, known.gold.labels, "random")
        begun = time.process_time()
        consensus = conclude(encode(case.frame), gold)
        seconds = time.process_time() - begun
        scores.append(asdict(scored(rest, consensus.probabilities, said(consensus), seconds)))
    figures = [name for name, value in scores[0].items() if value is not None]
    return Score(**{name: float(np.mean([score[name] for score in scores])) for name in figures})


def said(consensus: Consensus) -> NDArray[Any]:
    """The positions of the labels as given out."""
    return Gold(consensus.labels["item"], consensus.labels["label"]).positions(consensus.items, consensus.classes)[1]


def scored(case: Case, probabilities: Floats | None, labels: NDArray[Any], seconds: float) -> Score:
    """Score probabilities (items, classes) and label codes (items) on the gold of the case."""
    as_given = float((labels[case.item] == case.label).mean())
    if probabilities is None:
        return Score(as_given, as_given, cpu_seconds=seconds, note="labels only")
    found = probabilities[case.item]
    rows = np.arange(len(found))
    best = np.column_stack([tied(found), np.zeros(len(found), dtype=bool)])
    right = best[rows, case.label] / np.maximum(best.sum(axis=1), 1)
    given = np.where(case.label >= 0, found[rows, case.label], 0.0)
    sure = found.max(axis=1)
    return Score(
        accuracy=float(right.mean()),
        accuracy_as_given=as_given,
        log_loss=float(-np.log(np.maximum(given, CLIP)).mean()),
        gap=float(sure.mean() - right.mean()),
        ece=calibration_error(sure, right),
        cpu_seconds=seconds,
    )


def calibration_error(sure: Floats, right: Floats) -> float:
    """The mean distance of confidence and share right over bins of equally many items; equal confidences stay together.

    >>> calibration_error(np.array([0.9, 0.9, 0.6, 0.6]), np.array([1.0, 0.0, 1.0, 0.0]))
    0.25
    """
    rank = np.unique(sure, return_inverse=True)[1]
    below = np.append(0, np.bincount(rank).cumsum())[rank]
    place = (BINS * below) // len(sure)
    apart = np.bincount(place, sure - right)
    return float(np.abs(apart).sum() / len(sure))


def timed(work: Callable[[], T], limit: float) -> tuple[T | None, float]:
    """The result, None if it took too long, and the CPU seconds."""
    begun = time.process_time()
    signal.signal(signal.SIGPROF, _too_long)
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        return work(), time.process_time() - begun
    except TimeoutError:
        return None, limit
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _too_long(*_: object) -> None:
    raise TimeoutError


def cut_off(limit: float) -> Score:
    """What is said of a fit that took too long."""
    return Score(note=f"not done in {limit:.0f} CPU s")


def labelled(name: str, method: str, by: str, gold: int, score: Score) -> dict[str, Any]:
    """A row of the table."""
    version = {"middlemost": __version__, "crowd-kit": crowd_kit_version()}.get(by)
    print(f"{name:12} {by:14} {method:24} {score}", file=sys.stderr)
    where = {"version": version, "date": datetime.date.today().isoformat(), "environment": environment()}
    unknown = dict.fromkeys(where)
    return {"set": name, "method": method, "by": by, "gold": gold} | asdict(score) | (where if version else unknown)


def environment() -> str:
    """The machine, as far as it matters for seconds."""
    cores = f"{os.cpu_count()} cores ({platform.machine()})"
    return f"{cores}, Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}"


def facts_of(case: Case, folder: Path) -> dict[str, Any]:
    """What the set is."""
    meta = json.loads((folder / "data" / case.name / "meta.json").read_text(encoding="utf-8"))
    answers = case.answers
    shares = np.bincount(answers.answer) / len(answers)
    return {
        "set": case.name,
        "source": meta["source"],
        "licence": meta["licence"],
        "items": answers.n_items,
        "raters": answers.n_raters,
        "answers": len(answers),
        "classes": answers.n_classes,
        "gold": len(case.gold),
        "commonest_answer": round(float(shares.max()), 3),
        "notes": meta.get("notes"),
    }


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The rows of an earlier run."""
    return pl.read_csv(path, infer_schema_length=None).to_dicts() if path.exists() else []


if __name__ == "__main__":
    main()
