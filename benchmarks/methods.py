"""How fast the methods are, beside the peers that are installed, in one run.

    python benchmarks/methods.py [--json] [--quick]

CPU seconds of the whole process (all threads), the least of three runs for ours, one run for a peer. `--quick` takes a
tenth of the answers: a check that the benchmark runs, not a figure to quote.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import polars as pl

from middlemost.agreement import Alpha
from middlemost.consensus import DawidSkene, MajorityVote
from middlemost.core.answers import Answers, encode

T = TypeVar("T")
CLASSES, RATERS, PER_ITEM, TOL = 5, 1_000, 5, 1e-5


def main() -> None:
    """Measure everything, print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--quick", action="store_true", help="a tenth of the answers")
    options = parser.parse_args()
    scale = 10 if options.quick else 1
    figures: dict[str, Any] = {"import_seconds": import_seconds()}
    frame = long_frame(1_000_000 // scale)
    figures |= dawid_skene(frame) | alpha(encode(frame, repeats="all"))
    figures |= peers(frame, figures)
    del frame
    figures |= majority(10_000_000 // scale)
    print(json.dumps(figures, indent=1) if options.json else "\n".join(f"{k:46} {v}" for k, v in figures.items()))


def dawid_skene(frame: pl.DataFrame) -> dict[str, Any]:
    """From a frame of names to labels, and the cost of one iteration for one answer."""
    seconds, fitted = least(lambda: DawidSkene(tol=TOL).fit(encode(frame, repeats="all")))
    answers = encode(frame, repeats="all")
    short, _ = least(lambda: DawidSkene(max_iter=5, tol=0).fit(answers))
    long, _ = least(lambda: DawidSkene(max_iter=25, tol=0).fit(answers))
    return {
        "answers": len(answers),
        "dawid_skene_frame_to_labels_cpu_s": round(seconds, 3),
        "dawid_skene_iterations": fitted.n_iter,
        "dawid_skene_ns_per_answer_and_iteration": round((long - short) / 20 / len(answers) * 1e9, 1),
    }


def alpha(answers: Answers) -> dict[str, Any]:
    """Krippendorff's alpha with its interval from 1,000 bootstrap draws."""
    seconds, _ = least(lambda: Alpha().measure(answers))
    return {"alpha_with_interval_cpu_s": round(seconds, 3)}


def majority(n: int) -> dict[str, Any]:
    """Majority vote from coded answers to labels and raters."""
    answers = coded(n)
    seconds, _ = least(lambda: MajorityVote().fit(answers))
    return {"majority_answers": n, "majority_cpu_s": round(seconds, 3)}


def peers(frame: pl.DataFrame, ours: dict[str, Any]) -> dict[str, Any]:
    """crowd-kit's Dawid-Skene on the same rows at the same tolerance."""
    if importlib.util.find_spec("crowdkit") is None:
        return {"crowdkit": "not installed: no ratio (see the dependency group bench)"}
    import pandas as pd
    from crowdkit.aggregation import DawidSkene as Peer

    names = {"item": "task", "rater": "worker", "answer": "label"}
    table = pd.DataFrame({names[column]: frame[column].to_list() for column in frame.columns})
    seconds, fitted = cpu(lambda: Peer(n_iter=100, tol=TOL).fit(table))
    return {
        "crowdkit_frame_to_labels_cpu_s": round(seconds, 3),
        "crowdkit_iterations": len(fitted.loss_history_),
        "crowdkit_over_ours": round(seconds / ours["dawid_skene_frame_to_labels_cpu_s"], 1),
    }


def import_seconds() -> float:
    """Wall-clock seconds that `import middlemost` adds to the start of Python: the least of five."""
    return round(min(start("import middlemost") for _ in range(5)) - min(start("pass") for _ in range(5)), 3)


def start(code: str) -> float:
    """Wall-clock seconds of a new Python that runs `code`."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - begun


def coded(n: int, seed: int = 0) -> Answers:
    """Answers of raters who are right with chances of .1 to .6 and else guess; nobody answers an item twice."""
    rng = np.random.default_rng(seed)
    n_items = n // PER_ITEM
    truth = rng.integers(CLASSES, size=n_items)
    skill = rng.uniform(0.1, 0.6, size=RATERS)
    order = rng.permutation(n)
    item = np.repeat(np.arange(n_items), PER_ITEM)[order]
    first, step = rng.integers(RATERS, size=n_items), rng.integers(1, RATERS // PER_ITEM, size=n_items)
    rater = (first[:, None] + step[:, None] * np.arange(PER_ITEM)).ravel()[order] % RATERS
    answer = np.where(rng.random(n) < skill[rater], truth[item], rng.integers(CLASSES, size=n))
    axes = (names("item-", n_items), names("w", RATERS), names("class", CLASSES))
    return Answers(*axes, item.astype(np.int32), rater.astype(np.int32), answer.astype(np.int32))


def long_frame(n: int) -> pl.DataFrame:
    """The same under names, rechunked as a reader would give it."""
    return coded(n).frame().rechunk()


def names(prefix: str, n: int) -> pl.Series:
    """`n` names that sort as they count."""
    return pl.Series([f"{prefix}{i:07d}" for i in range(n)])


def least(work: Callable[[], T], runs: int = 3) -> tuple[float, T]:
    """The least CPU seconds of some runs, and a result."""
    results = [cpu(work) for _ in range(runs)]
    return min(seconds for seconds, _ in results), results[-1][1]


def cpu(work: Callable[[], T]) -> tuple[float, T]:
    """CPU seconds of this process, all threads, and the result."""
    begun = time.process_time()
    result = work()
    return time.process_time() - begun, result


if __name__ == "__main__":
    main()
