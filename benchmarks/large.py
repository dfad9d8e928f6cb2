"""Dawid-Skene on more answers than one would hold as text: from a Parquet file to labels, in one process.

    python benchmarks/large.py [--answers 1e8] [--raters 1e5] [--iterations 20] [--folder FOLDER] [--json]

Writes the file first, in another process and a temporary folder: five answers an item, all over the file, by raters who
are right with chances of .1 to .6 and else guess among five classes. Then what a user would write is timed:

    answers = mm.read_answers("answers.parquet")
    consensus = mm.DawidSkene(max_iter=20, tol=0).fit(answers)

Seconds are the processor's, of all threads, and by the clock; memory is the most that the process ever held.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars.io.plugins import register_io_source

import middlemost as mm
from middlemost.consensus import em

T = TypeVar("T")
Whole = NDArray[np.uint64]
CLASSES, PER_ITEM, BLOCK = 5, 5, 2**20
STRIDE = 618_033_989  # a prime: from row to row, far away


def main() -> None:
    """Write the file, read it, fit, print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=float, default=1e8, help="how many answers")
    parser.add_argument("--raters", type=float, default=0, help="how many raters: 1,000 answers each unless given")
    parser.add_argument("--iterations", type=int, default=20, help="how many steps of EM")
    parser.add_argument("--folder", type=Path, help="where the file is written for a while (6 bytes an answer)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--only-write", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    n = int(options.answers) // PER_ITEM * PER_ITEM
    raters = int(options.raters) or max(n // 1_000, 100)
    if options.only_write:
        write(options.only_write, n, raters)
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = Path(folder) / "answers.parquet"
        size = ["--answers", str(n), "--raters", str(raters), "--only-write", str(path)]
        subprocess.run([sys.executable, __file__, *size], check=True)
        figures = measured(path, options.iterations)
    print(json.dumps(figures, indent=1) if options.json else "\n".join(f"{k:34} {v}" for k, v in figures.items()))


def measured(path: Path, iterations: int) -> dict[str, Any]:
    """From the file to labels: seconds and memory."""
    loops: list[float] = []
    em.climb = timed(em.climb, loops)  # type: ignore[attr-defined]
    before, begun, cpu = peak(), time.perf_counter(), time.process_time()
    answers = mm.read_answers(path)
    read, read_cpu, read_peak = time.perf_counter() - begun, time.process_time() - cpu, peak()
    consensus = mm.DawidSkene(max_iter=iterations, tol=0).fit(answers)
    whole, whole_cpu = time.perf_counter() - begun, time.process_time() - cpu
    return {
        "answers": len(answers),
        "items": answers.n_items,
        "raters": answers.n_raters,
        "file_mb": round(path.stat().st_size / 1e6),
        "read_s": round(read, 1),
        "read_cpu_s": round(read_cpu, 1),
        "em_iterations": consensus.n_iter,
        "em_cpu_s": round(loops[0], 1),
        "em_cpu_s_per_iteration": round(loops[0] / consensus.n_iter, 3),
        "em_ns_per_answer_and_iteration": round(loops[0] / consensus.n_iter / len(answers) * 1e9, 1),
        "whole_s": round(whole, 1),
        "whole_cpu_s": round(whole_cpu, 1),
        "peak_mb_before_reading": before,
        "peak_mb_after_reading": read_peak,
        "peak_mb": peak(),
        "labels_right": round(float((consensus.labels["label"] == truth_of(consensus.labels["item"])).mean() or 0), 4),
    }


def timed(work: Callable[..., T], spent: list[float]) -> Callable[..., T]:
    """The same work; the processor's seconds that it takes are added to `spent`."""

    def worked(*args: Any, **options: Any) -> T:
        begun = time.process_time()
        result = work(*args, **options)
        spent.append(time.process_time() - begun)
        return result

    return worked


def peak() -> int:
    """The most memory that this process ever held, in megabytes."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)


def write(path: Path, n: int, raters: int) -> None:
    """A Parquet file of `n` answers, never more than a block of them in memory."""
    schema = dict.fromkeys(("item", "rater", "answer"), pl.String)

    def blocks(columns: list[str] | None, *_: object) -> Iterator[pl.DataFrame]:
        for first in range(0, n, BLOCK):
            yield block(np.arange(first, min(first + BLOCK, n), dtype=np.uint64), n, raters).select(
                columns or list(schema)
            )

    register_io_source(blocks, schema=schema).sink_parquet(path, row_group_size=BLOCK)


def block(rows: Whole, n: int, raters: int) -> pl.DataFrame:
    """Some answers, out of thin air: nothing of the others need be known."""
    place = rows * np.uint64(STRIDE) % np.uint64(n)
    item, slot = np.divmod(place, np.uint64(PER_ITEM))
    luck = scrambled(item + np.uint64(2**40))
    step = np.uint64(1) + luck % np.uint64(max(raters // PER_ITEM - 1, 1))
    rater = (luck // np.uint64(2**20) + slot * step) % np.uint64(raters)
    skill = 0.1 + 0.5 * share(scrambled(rater + np.uint64(2**41)))
    dice = scrambled(place + np.uint64(2**42))
    answer = np.where(share(dice) < skill, truth(item), scrambled(dice) % np.uint64(CLASSES))
    return pl.DataFrame({"item": item, "rater": rater, "answer": answer}).select(
        pl.format("item-{}", pl.col("item").cast(pl.String).str.zfill(9)).alias("item"),
        pl.format("w{}", pl.col("rater").cast(pl.String).str.zfill(7)).alias("rater"),
        pl.format("class{}", "answer").alias("answer"),
    )


def truth(item: Whole) -> Whole:
    """The true class of each item."""
    return scrambled(item) % np.uint64(CLASSES)


def truth_of(names: pl.Series) -> pl.Series:
    """The same by name."""
    classes = pl.Series([f"class{number}" for number in range(CLASSES)])
    return classes.gather(truth(names.str.slice(5).cast(pl.UInt64).to_numpy()))


def share(numbers: Whole) -> NDArray[np.float64]:
    """From 64 bits to a number from 0 to 1."""
    return (numbers >> np.uint64(11)).astype(float) / 2**53


def scrambled(numbers: Whole) -> Whole:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014): as good as dice."""
    numbers = numbers + np.uint64(0x9E3779B97F4A7C15)
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(numbers ^ (numbers >> np.uint64(31)))


if __name__ == "__main__":
    main()
