"""Which rows of a table of answers count, and what to say of the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import polars as pl

from middlemost.errors import InputError, Place, SettingError
from middlemost.files.table import Table

Missing = Literal["error", "drop"]
SURPLUS = "surplus"
_SHOWN = 8


def check_missing(missing: object) -> None:
    """Raise SettingError unless it is one of the words for it."""
    if missing not in ("error", "drop"):
        raise SettingError(f"missing={missing!r} is unknown.", mend='Use "error" or "drop".')


def says_surplus(texts: pl.Series) -> bool:
    """Whether a column `surplus` tells which answers came too late for a place, or means something else."""
    return bool(texts.drop_nulls().str.to_lowercase().is_in(["true", "false"]).all())


class Intake:
    """Takes in a table, whole or by blocks; gives back the rows that count and keeps in mind what it left out.

    Left out are rows that lack an item, a rater or an answer, and if the table `marks_surplus`, as a release does, the
    answers that came too late for a place. `found` maps our columns to the table's.
    """

    def __init__(self, found: Mapping[str, str], *, marks_surplus: bool) -> None:
        self._found = found
        self._marks_surplus = marks_surplus
        self._n_rows = self._n_late = self.n_incomplete = 0
        self._first: tuple[str, Place] | None = None
        self._lines: list[str] = []
        self._unit = "row"

    def take(self, table: Table) -> Table:
        """The rows that count among the next ones."""
        self._n_rows += table.frame.height
        table = self._without_late(table)
        empty = [pl.col(self._found[ours]).is_null() for ours in ("item", "rater")]
        answer = pl.col(self._found["answer"])
        mask = table.frame.select(pl.any_horizontal(*empty, answer.is_null(), answer.is_in(["nan", "NaN"]))).to_series()
        if not mask.any():
            return table
        self._remember(table, mask)
        return table.only(~mask)

    def check(self, name: str, missing: Missing) -> None:
        """Raise InputError where rows of the table `name` may not be left out, or none is left."""
        if not self._n_rows:
            raise InputError("There is a header but no answer.", place=Place(name), mend="Was the export finished?")
        if self._n_late == self._n_rows:
            place = Place(name, column=SURPLUS)
            raise InputError(
                "Every answer is marked as surplus.", place=place, mend="Take the column out to count them."
            )
        if self._first and (missing == "error" or self.n_incomplete == self._n_rows - self._n_late):
            raise self._incomplete(*self._first)

    def notices(self) -> tuple[str, ...]:
        """A sentence on each kind of rows that were left out."""
        late, incomplete, rest = self._n_late, self.n_incomplete, self._n_rows - self._n_late
        were = (
            "1 answer is marked as surplus and was" if late == 1 else f"{late:,} answers are marked as surplus and were"
        )
        lacked = f"{incomplete:,} of {rest:,} rows have no item, rater or answer and were left out."
        return (*([f"{were} left out."] if late else []), *([lacked] if incomplete else []))

    def _without_late(self, table: Table) -> Table:
        if not self._marks_surplus:
            return table
        late = table.frame[SURPLUS].str.to_lowercase().eq_missing("true")
        if not late.any():
            return table
        self._n_late += int(late.sum())
        return table.only(~late)

    def _remember(self, table: Table, mask: pl.Series) -> None:
        bad = mask.arg_true()
        self.n_incomplete += len(bad)
        self._lines += [str(table.number(int(row))) for row in bad[: _SHOWN - len(self._lines)]]
        if self._first is None:
            row, found = int(bad[0]), self._found
            ours = next((name for name in ("item", "rater") if table.frame[found[name]][row] is None), "answer")
            self._first = ours, table.place(row, found[ours], table.frame[found[ours]][row])
            self._unit = "line" if table.lines else "row"

    def _incomplete(self, ours: str, place: Place) -> InputError:
        listed = f"{self._unit}s {', '.join(self._lines)}{', …' if self.n_incomplete > _SHOWN else ''}"
        others = f" {self.n_incomplete:,} rows lack something ({listed})." if self.n_incomplete > 1 else ""
        return InputError(
            f"There is no {ours} here.{others}",
            place=place,
            mend='Complete them, or leave them out: missing="drop", on the command line --missing drop.',
        )
