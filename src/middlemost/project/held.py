"""The calibration rounds that were held, as a release tells of them. What one rater was told alone never leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa

from middlemost.core.calibrating import Calibration
from middlemost.core.qualifying import Exercise
from middlemost.files.datasheet import HeldRound
from middlemost.files.release import json_lines, parquet
from middlemost.project.calibrated import agreement_of, is_right
from middlemost.project.collected import utc
from middlemost.project.folder import Project
from middlemost.store import calibrating as stored
from middlemost.store.sql import Row


@dataclass(frozen=True, eq=False)
class Held:
    """A round as it stood at one moment; `said`: what is right of each item, and why."""

    calibration: Calibration
    items: list[Exercise]
    answers: list[Row]
    said: dict[int, tuple[str | None, str | None]]


def held(connection: sa.Connection) -> list[Held]:
    """All rounds, oldest first."""
    return [
        Held(
            one,
            stored.items(connection, one.number),
            stored.answers(connection, one.number),
            stored.said(connection, one.number),
        )
        for one in stored.every(connection)
    ]


def in_short(project: Project, one: Held) -> HeldRound:
    """A round as the datasheet tells of it: with agreement on the question that is decided on, or else the first."""
    counted = [(row, json.loads(row.value)) for row in one.answers if not row.late]
    shown = (project.protocol.main or project.protocol.question).id
    found = [on.agreement[0] for on in agreement_of(project, counted) if on.question == shown and on.agreement]
    raters = len({row.rater for row, _ in counted})
    of = one.calibration
    return HeldRound(of.name, of.begun_at, of.closed_at, len(one.items), raters, found[0] if found else None)


def round_files(project: Project, rounds: Sequence[Held]) -> dict[str, bytes]:
    """Items and answers of the rounds, where there were any."""
    if not rounds:
        return {}
    files = {"calibration.jsonl": json_lines(record for one in rounds for record in _records(one))}
    rows = [_row(project, one, row) for one in rounds for row in one.answers]
    if rows:
        frame = pl.DataFrame(rows, schema_overrides={"correct": pl.Boolean, "active_ms": pl.Int64})
        files["calibration.parquet"] = parquet(frame.with_columns(utc("submitted_at")))
    return files


def _records(one: Held) -> Iterator[dict[str, object]]:
    for item in one.items:
        label, why = one.said[item.seq]
        record = {"calibration": one.calibration.name, "id": item.id, "text": item.text, "fields": item.fields}
        yield record | {"label": label, "why": why}


def _row(project: Project, one: Held, row: Row) -> dict[str, object]:
    right = is_right(project.protocol.main, json.loads(row.value), one.said[row.item][0])
    of = {"calibration": one.calibration.name, "item": row.name, "rater": row.rater, "answer": row.value}
    columns = ("submitted_at", "active_ms", "guideline_version", "protocol_hash")
    return of | {"correct": right, "late": bool(row.late)} | {name: getattr(row, name) for name in columns}
