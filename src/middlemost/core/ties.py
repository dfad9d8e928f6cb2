"""Ties are never broken by sort order, but by a seeded hash of who said it of what.

A tie goes to the answer of the rater with the least hash of (item, rater) among the raters who gave a tied answer. So a
label depends neither on the order of rows nor on the names of classes, and other items do not matter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.core.answers import Answers
from middlemost.core.coding import how_often
from middlemost.core.short_rows import firsts, how_many

Floats = NDArray[np.float64]
Hashes = NDArray[np.uint64]
NEAR = 1e-9
_BLOCK = 2**15
_MULTIPLIER = 0x9E3779B97F4A7C15


def tied(scores: Floats) -> NDArray[np.bool_]:
    """Which classes share each item's highest score, up to rounding: shape (items, classes).

    >>> tied(np.array([[0.5, 0.5, 0.0]])).tolist()
    [[True, True, False]]
    """
    return np.ascontiguousarray(_leading(scores))


def pick(scores: Floats, answers: Answers, *, seed: int = 0) -> NDArray[np.int32]:
    """The class with the highest score of each item, ties broken as this module says: shape (items,).

    Where none of the tied classes is an answer to the item, the commonest among all answers is taken.
    """
    best = _leading(scores)
    chosen = firsts(best).astype(np.int32)
    torn = how_many(best) > 1
    if torn.any():
        chosen[torn] = _untie(best[torn], torn, answers, seed)
    return chosen


def _leading(scores: Floats) -> NDArray[np.bool_]:
    """As `tied`, each column together in memory; made a block at a time, which stays in the processor's cache."""
    best = np.empty(scores.shape, dtype=bool, order="F")
    size = max(1, _BLOCK // max(scores.shape[1], 1))
    for start in range(0, len(scores), size):
        block = np.ascontiguousarray(scores[start : start + size].T)
        np.greater_equal(block, block.max(axis=0) - NEAR, out=best[start : start + size].T)
    return best


def _untie(best: NDArray[np.bool_], torn: NDArray[np.bool_], answers: Answers, seed: int) -> NDArray[np.int32]:
    """The classes of the `torn` items, whose tied classes are `best` (torn items, classes): the least hash wins.

    The low bits of each hash give way to the class's rank by frequency, so that the least number names its class; they
    decide only where one rater gave two of the tied answers.
    """
    by_rank = by_frequency(answers, seed=seed)
    rank = np.empty(len(by_rank), dtype=np.uint64)
    rank[by_rank] = np.arange(len(by_rank), dtype=np.uint64)
    low, nobody = np.uint64(2 ** len(by_rank).bit_length() - 1), np.uint64(2**64 - 1)
    least, contested = np.full(len(best), nobody), np.ascontiguousarray(best).ravel()
    place = np.cumsum(torn, dtype=np.int32) - np.int32(1)
    hashes = _Hashes.of(answers, torn, seed)
    for start in range(0, len(answers), _BLOCK):
        item, answer = answers.item[start : start + _BLOCK], answers.answer[start : start + _BLOCK]
        rows = np.flatnonzero(torn.take(item, mode="clip"))
        at, said = place.take(item[rows]), answer[rows]
        kept = contested.take(at * np.int64(len(rank)) + said)
        at, said, rows = at[kept], said[kept], start + rows[kept]
        np.minimum.at(least, at, (hashes.of_rows(rows, at) & ~low) | rank.take(said))
    unsaid = least == nobody
    least[unsaid] = np.where(best[unsaid], rank, low).min(axis=1, initial=low)
    return np.asarray(by_rank[least & low], dtype=np.int32)


def by_frequency(answers: Answers, *, seed: int = 0) -> NDArray[np.int32]:
    """The classes, commonest first; equally common ones by the sums of their answers' hashes: never by name."""
    times = how_often(answers.answer, answers.n_classes)
    sums = np.zeros(len(times), dtype=np.uint64)
    if len(np.unique(times)) < len(times):
        hashes = _Hashes.of(answers, np.ones(answers.n_items, dtype=bool), seed)
        for start in range(0, len(answers), _BLOCK):
            rows = np.arange(start, min(start + _BLOCK, len(answers)))
            np.add.at(sums, answers.answer[rows], hashes.of_rows(rows, answers.item[rows]))
    return np.lexsort((sums, -times)).astype(np.int32)


@dataclass(frozen=True, eq=False)
class _Hashes:
    """A hash for each answer, from those of some items and of all raters."""

    answers: Answers
    items: Hashes
    raters: Hashes

    @classmethod
    def of(cls, answers: Answers, chosen: NDArray[np.bool_], seed: int) -> _Hashes:
        names = answers.items.filter(pl.Series(chosen))
        return cls(answers, _scramble(hash_names(names) + np.uint64(seed % 2**64)), hash_names(answers.raters))

    def of_rows(self, rows: NDArray[np.integer], item: NDArray[np.integer]) -> Hashes:
        """Of the answers in `rows`; `item` is the place of each one's item among the chosen."""
        hashes = self.items.take(item) ^ self.raters.take(self.answers.rater[rows])
        if self.answers.round is not None:
            hashes += self.answers.round[rows].astype(np.uint64) * np.uint64(_MULTIPLIER)
        return _scramble(hashes)


def hash_names(names: pl.Series) -> Hashes:
    """A 64-bit hash of each name's UTF-8 bytes, the same on every machine and in every version."""
    parts = [_hash_names(names.slice(start, _BLOCK // 8)) for start in range(0, len(names), _BLOCK // 8)]
    return np.concatenate([np.empty(0, dtype=np.uint64), *parts])


def _hash_names(names: pl.Series) -> Hashes:
    lengths = names.str.len_bytes().to_numpy().astype(np.int64)
    text = np.frombuffer(names.str.join("").item().encode(), dtype=np.uint8)
    ends = np.cumsum(lengths)
    places = np.arange(len(text)) - np.repeat(ends - lengths, lengths)
    powers = np.full(int(lengths.max(initial=0)), _MULTIPLIER, dtype=np.uint64).cumprod(dtype=np.uint64)
    sums = np.append(np.uint64(0), np.cumsum((text.astype(np.uint64) + np.uint64(1)) * powers[places], dtype=np.uint64))
    return _scramble(sums[ends] - sums[ends - lengths])


def _scramble(numbers: Hashes) -> Hashes:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    numbers = numbers + np.uint64(_MULTIPLIER)
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
