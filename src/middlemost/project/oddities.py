"""What is odd about a set of answers: doubles, copies, guesses, constant raters, items that nobody has checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from middlemost.core.answers import Answers
from middlemost.core.estimate import figures
from middlemost.core.numbers import NumericAnswers
from middlemost.core.results import Consensus, NumericConsensus
from middlemost.core.words import plural

ENOUGH = 20  # answers of a rater before anything is said of him or her
COPIES = 10  # unusual answers that two raters share before they count as copied
ALIKE = 0.9  # of the unusual answers that either gives to their common items
CROWDED = 100  # items with more answers than this are left out of the search for copies: its cost is quadratic in them
FAR = 10  # times the usual distance from an item's middle
QUICK = 0.25  # of the median rater's seconds


@dataclass(frozen=True)
class Oddity:
    """One thing found: `words` as a sentence, how many there are, the first names, and which answers it touches.

    `kind` is one of doubles, spellings, single-answer items, single-answer raters, guessers, constant, copies, quick,
    dominant, rare, far. `share` is the share of items or answers concerned.
    """

    kind: str
    words: str
    n: int
    share: float
    examples: tuple[str, ...] = ()


def find_oddities(answers: Answers, consensus: Consensus) -> tuple[Oddity, ...]:
    """Everything found, in a fixed order. Raters with fewer than 20 answers are judged by nobody."""
    rows = rater_rows(answers, consensus)
    found = [
        _doubles(answers),
        _spellings(answers),
        _single_items(answers),
        _single_raters(answers),
        _guessers(rows, len(answers)),
        _constant(rows, len(answers)),
        _dominant(answers),
        _quick(rows, len(answers)),
        _copies(answers),
        _rare(answers, consensus),
    ]
    return tuple(oddity for oddity in found if oddity)


def find_number_oddities(answers: NumericAnswers, consensus: NumericConsensus) -> tuple[Oddity, ...]:
    """The same for answers that are numbers."""
    rows = with_seconds(answers, consensus.raters.select("rater", "n_answers"))
    found = [
        _doubles(answers),
        _single_items(answers),
        _single_raters(answers),
        _one_answer(answers, "number"),
        _dominant(answers),
        _quick(rows, len(answers)),
        _far(answers),
    ]
    return tuple(oddity for oddity in found if oddity)


def find_set_oddities(answers: Answers, rows: pl.DataFrame) -> tuple[Oddity, ...]:
    """The same for answers that are sets of labels, with the frame of the raters."""
    found = [
        _doubles(answers),
        _single_items(answers),
        _single_raters(answers),
        _one_answer(answers, "set"),
        _dominant(answers),
        _quick(rows, len(answers)),
        _copies(answers),
    ]
    return tuple(oddity for oddity in found if oddity)


def rater_rows(answers: Answers, consensus: Consensus) -> pl.DataFrame:
    """Frame of the raters: those of `consensus` with `chance`, `constant` and, where times are known, `seconds`.

    `chance` is how often a rater would be right who gives the same answers in the same numbers blindly.
    """
    shape = answers.n_raters, answers.n_classes
    cells = answers.rater.astype(np.int64) * shape[1] + answers.answer
    given = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
    shares = given / np.maximum(given.sum(axis=1, keepdims=True), 1)
    frame = pl.DataFrame(
        {"rater": answers.raters, "chance": shares @ _shares_of_labels(consensus), "constant": shares.max(axis=1) == 1}
    )
    return with_seconds(answers, consensus.raters.join(frame, on="rater", how="left"))


def with_seconds(answers: Answers, raters: pl.DataFrame) -> pl.DataFrame:
    """The frame of `raters` with their median `seconds`, where times are known."""
    if answers.seconds is None:
        return raters
    timed = pl.DataFrame({"rater": answers.raters.gather(answers.rater), "seconds": answers.seconds}).fill_nan(None)
    return raters.join(timed.group_by("rater").agg(pl.col("seconds").median()), on="rater", how="left")


def _shares_of_labels(consensus: Consensus) -> NDArray[np.float64]:
    return np.asarray(consensus.probabilities.mean(axis=0))


def _doubles(answers: Answers) -> Oddity | None:
    """Repeats that are still counted; those left out on the way in are in the notices."""
    n = answers.repeated() if answers.round is None else 0
    words = f"{plural(n, 'answer repeats', 'answers repeat')} a rater's own on the same item, and each counts."
    return Oddity("doubles", words, n, n / len(answers)) if n else None


def _spellings(answers: Answers) -> Oddity | None:
    plain = pl.DataFrame({"label": answers.classes}).with_columns(
        plain=pl.col("label").str.strip_chars().str.to_lowercase().str.replace_all(r"[\s_-]+", " ")
    )
    groups = plain.group_by("plain").agg(pl.col("label").sort()).filter(pl.col("label").list.len() > 1).sort("plain")
    if not groups.height:
        return None
    names = tuple(" / ".join(repr(label) for label in labels) for labels in groups["label"])
    mask = np.isin(answers.answer, plain.with_row_index().filter(pl.col("plain").is_in(groups["plain"]))["index"])
    words = f"{plural(len(names), 'label is', 'labels are')} spelled in several ways and counted as different."
    return Oddity("spellings", words, len(names), float(mask.mean()), names[:5])


def _single_items(answers: Answers) -> Oddity | None:
    single = np.flatnonzero(answers.per_item() == 1)
    words = f"{plural(len(single), 'item has', 'items have')} a single answer, which nobody has checked."
    return _about_items(answers, "single-answer items", words, single)


def _single_raters(answers: Answers) -> Oddity | None:
    single = np.flatnonzero(answers.per_rater() == 1)
    words = f"{plural(len(single), 'rater gave', 'raters gave')} a single answer."
    names = tuple(answers.raters.gather(single[:5]))
    return (
        Oddity("single-answer raters", words, len(single), len(single) / len(answers), names) if len(single) else None
    )


def _about_items(answers: Answers, kind: str, words: str, items: NDArray[np.intp]) -> Oddity | None:
    names = tuple(answers.items.gather(items[:5]))
    return Oddity(kind, words, len(items), len(items) / answers.n_items, names) if len(items) else None


def _guessers(rows: pl.DataFrame, n: int) -> Oddity | None:
    if (rows["rater"].len() < 3) or rows["chance"].max() == 1:
        return None
    found = rows.filter(pl.col("n_answers") >= ENOUGH, pl.col("low") <= pl.col("chance"), ~pl.col("constant"))
    words = f"{plural(found.height, 'rater', 'raters')} with 20 answers or more cannot be told from guessing."
    return _about_raters("guessers", words, found, n)


def _constant(rows: pl.DataFrame, n: int) -> Oddity | None:
    found = rows.filter(pl.col("n_answers") >= ENOUGH, pl.col("constant"), pl.col("accuracy") < 0.9)
    words = f"{plural(found.height, 'rater gives', 'raters give')} the same answer to everything."
    return _about_raters("constant", words, found, n)


def _quick(rows: pl.DataFrame, n: int) -> Oddity | None:
    if "seconds" not in rows.columns or rows["seconds"].drop_nulls().is_empty():
        return None
    usual = rows.select(pl.col("seconds").median()).item()
    found = rows.filter(pl.col("n_answers") >= ENOUGH, pl.col("seconds") < QUICK * usual)
    takes = plural(found.height, "rater takes", "raters take")
    words = f"{takes} less than a quarter of the usual {usual:.1f} s an answer."
    return _about_raters("quick", words, found, n)


def _about_raters(kind: str, words: str, found: pl.DataFrame, n: int) -> Oddity | None:
    if not found.height:
        return None
    found = found.sort("n_answers", "rater", descending=[True, False])
    return Oddity(kind, words, found.height, int(found["n_answers"].sum()) / n, tuple(found["rater"].head(5)))


def _one_answer(answers: Answers, noun: str) -> Oddity | None:
    """Raters who give one number (or set) only, while others differ."""
    frame = pl.DataFrame({"rater": answers.raters.gather(answers.rater), "answer": answers.answer})
    rows = frame.group_by("rater").agg(n_answers=pl.len(), different=pl.col("answer").n_unique())
    found = rows.filter(pl.col("n_answers") >= ENOUGH, pl.col("different") == 1)
    words = f"{plural(found.height, 'rater gives', 'raters give')} the same {noun} to everything."
    return _about_raters("constant", words, found, len(answers)) if answers.n_classes > 1 else None


def _far(answers: NumericAnswers) -> Oddity | None:
    """Single answers far from all others of their item: ten times as far as the answers of all items usually lie."""
    order = np.lexsort((answers.values, answers.item))
    item, value = answers.item[order], answers.values[order]
    n = answers.per_item()
    starts = np.cumsum(n) - n
    middle = value[np.minimum(starts + n // 2, len(value) - 1)][item]
    away = np.abs(value - middle)
    usual = float(np.median(away[(n[item] > 1) & (away > 0)])) if (away > 0).any() else 0.0
    far = np.flatnonzero((away > FAR * usual) & (n[item] > 2))
    if not len(far) or usual == 0:
        return None
    worst = far[np.argsort(-away[far], kind="stable")[:5]]
    names = tuple(f"{answers.items[int(item[row])]}: {figures(float(value[row]), 6)}" for row in worst)
    lies = plural(len(far), "answer lies", "answers lie")
    words = f"{lies} more than {FAR} times as far from the middle of the item as others usually do."
    return Oddity("far", words, len(far), len(far) / len(answers), names)


def _dominant(answers: Answers) -> Oddity | None:
    given = answers.per_rater()
    first = int(given.argmax())
    share = given[first] / len(answers)
    if answers.n_raters < 3 or share <= 0.5:
        return None
    words = f"One rater gave {100 * share:.0f} % of the answers: the labels are largely theirs."
    return Oddity("dominant", words, 1, float(share), (answers.raters[first],))


def _rare(answers: Answers, consensus: Consensus) -> Oddity | None:
    items = consensus.labels["label"].value_counts()
    few = items.filter(pl.col("count") < 10).sort("count", "label")
    names = [*few["label"], *answers.classes.filter(~answers.classes.is_in(items["label"].implode()))]
    if not names or answers.n_items < 100:
        return None
    words = f"{plural(len(names), 'label has', 'labels have')} fewer than 10 items: too few to learn or to measure."
    return Oddity("rare", words, len(names), float(few["count"].sum() / answers.n_items), tuple(names[:5]))


def _copies(answers: Answers) -> Oddity | None:
    """Pairs that share their unusual answers: honest raters are odd in different places."""
    pairs = list(_pairs_alike(answers))
    if not pairs:
        return None
    names = tuple(
        f"{answers.raters[a]} and {answers.raters[b]} ({both} of {either})" for a, b, both, either in pairs[:5]
    )
    touched = np.isin(answers.rater, [rater for a, b, *_ in pairs for rater in (a, b)])
    gives = plural(len(pairs), "pair of raters gives", "pairs of raters give")
    words = f"{gives} the same unusual answers to the same items, as copies do."
    return Oddity("copies", words, len(pairs), float(touched.mean()), names)


def _pairs_alike(answers: Answers) -> Iterator[tuple[int, int, int, int]]:
    """(a, b, unusual answers shared, unusual answers of either to their common items), the most first."""
    answers = answers.take(answers.per_item()[answers.item] <= CROWDED)
    odd = _unusual(answers)
    if not odd.any():
        return
    shape = answers.n_raters, answers.n_items
    present = _indicator(answers.rater, answers.item, shape)
    departs = _indicator(answers.rater[odd], answers.item[odd], shape)
    cells = np.unique(answers.cells()[odd], return_inverse=True)[1]
    given = _indicator(answers.rater[odd], cells, (answers.n_raters, int(cells.max()) + 1))
    shared = sparse.triu(given @ given.T, 1).tocoo()
    keep = shared.data >= COPIES
    a, b, both = shared.row[keep], shared.col[keep], shared.data[keep]
    if not len(a):
        return
    either = (
        _on_common(departs, present, a, b) + _on_common(departs, present, b, a) - _on_common(departs, departs, a, b)
    )
    for place in np.lexsort((b, a, -both)):
        if both[place] >= ALIKE * either[place]:
            yield int(a[place]), int(b[place]), int(both[place]), int(either[place])


def _unusual(answers: Answers) -> NDArray[np.bool_]:
    """Which answers at most a quarter of the item's raters gave (or two of them), fewer than gave another."""
    counts = answers.counts()
    times = counts.ravel()[answers.cells()]
    few = np.maximum(2, answers.per_item() // 4)
    return np.asarray((times <= few[answers.item]) & (times < counts.max(axis=1)[answers.item]))


def _indicator(row: NDArray[np.integer], column: NDArray[np.integer], shape: tuple[int, int]) -> sparse.csr_array:
    matrix = sparse.csr_array((np.ones(len(row), dtype=np.int32), (row, column)), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix


def _on_common(
    one: sparse.csr_array, other: sparse.csr_array, a: NDArray[np.integer], b: NDArray[np.integer]
) -> NDArray[np.int64]:
    """For each pair the number of columns in which row `a` of `one` and row `b` of `other` both stand."""
    return np.asarray((one @ other.T).tocsr()[a, b], dtype=np.int64).ravel()
