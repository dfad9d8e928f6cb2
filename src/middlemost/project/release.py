"""`release`: the data set with its datasheet, frozen in a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import sqlalchemy as sa

from middlemost.core.answers import Answers
from middlemost.core.nouns import Item
from middlemost.core.results import Consensus
from middlemost.errors import StateError
from middlemost.files.datasheet import Facts, datasheet
from middlemost.files.release import json_lines, parquet, write_release
from middlemost.project.collected import answers_of, gold_of, long_table, utc
from middlemost.project.conclude import concluded, decided, distribution
from middlemost.project.folder import Project
from middlemost.project.measure import measured
from middlemost.project.review import Decision, of_rows
from middlemost.store import answers as stored
from middlemost.store import counts, decisions, editions, items
from middlemost.store.sql import Row

_WHAT = {
    "answers.parquet": "every answer that counts: who said what of which item, when, under which guidelines",
    "surplus.parquet": "answers that came too late for a place of their item: they count nowhere",
    "superseded.parquet": "earlier revisions of answers that their rater corrected",
    "gold.parquet": "items whose right answer was known, and how they were drawn",
    "labels.parquet": "one label an item, with its confidence",
    "distributions.parquet": "how often each answer was given to each item",
    "decisions.parquet": "what the lead decided on items, and why",
    "items.jsonl": "the items, as they were added",
    "protocol.yaml": "the declared procedure",
    "guidelines.md": "what raters were told",
}


@dataclass(frozen=True, eq=False)
class _Picture:
    """Everything that a release is made of, as it stood at one moment."""

    every: list[Row]
    latest: list[Row]
    items: list[Item]
    gold: list[tuple[str, str, str]]
    decisions: list[Decision]
    guidelines: dict[int, str]
    protocols: dict[str, str]
    counts: dict[str, Any]


def release(project: Project, out: str | Path) -> Path:
    """Write answers, labels (descriptive: distributions), items, procedure and datasheet to the folder `out`.

    The same project gives the same bytes; writing them again is no error. StateError without answers, or if `out`
    holds anything else.
    """
    picture = project.store.read(_picture)
    answers = answers_of(picture.latest, project.protocol.question.id)
    if answers is None:
        raise StateError("There are no answers to release yet.")
    found = concluded(project.protocol.paradigm, answers, gold_of(picture.gold))
    table = long_table(picture.every)
    files = _answer_files(table) | _label_files(project, picture, answers, found) | _procedure(project, picture, table)
    facts = _facts(project, picture, table, answers, found, files)
    files["DATASHEET.md"] = datasheet(facts).encode()
    return write_release(out, files, _about(project, facts))


def _picture(connection: sa.Connection) -> _Picture:
    return _Picture(
        stored.every(connection),
        stored.latest(connection),
        items.every(connection),
        items.gold_rows(connection),
        of_rows(decisions.every(connection)),
        editions.guidelines(connection),
        editions.protocols(connection),
        counts.of_project(connection),
    )


def _answer_files(table: pl.DataFrame) -> dict[str, bytes]:
    """The answers that count, and in files of their own, where there are any, those that do not."""
    stands, surplus = pl.col("stands"), pl.col("surplus")
    parts = {"surplus.parquet": stands & surplus, "superseded.parquet": ~stands}
    rest = {name: table.filter(which).drop("stands") for name, which in parts.items()}
    files = {"answers.parquet": parquet(_counted(table).drop("stands"))}
    return files | {name: parquet(rows) for name, rows in rest.items() if not rows.is_empty()}


def _counted(table: pl.DataFrame) -> pl.DataFrame:
    return table.filter(pl.col("stands") & ~pl.col("surplus"))


def _label_files(project: Project, picture: _Picture, answers: Answers, found: Consensus | None) -> dict[str, bytes]:
    if project.protocol.paradigm == "descriptive":
        return {"distributions.parquet": parquet(distribution(answers))}
    files = {"labels.parquet": parquet(decided(found, _newest(picture)))}
    if picture.gold:
        files["gold.parquet"] = parquet(pl.DataFrame(picture.gold, schema=["item", "label", "drawn"], orient="row"))
    if picture.decisions:
        rows = pl.DataFrame([vars(one) for one in picture.decisions])
        files["decisions.parquet"] = parquet(rows.with_columns(utc("at")))
    return files


def _newest(picture: _Picture) -> dict[str, Decision]:
    return {one.item: one for one in picture.decisions}


def _procedure(project: Project, picture: _Picture, table: pl.DataFrame) -> dict[str, bytes]:
    """Items, protocol, guidelines, and the earlier editions of these that answers were given under."""
    files = {
        "items.jsonl": json_lines({"id": one.id, "text": one.text, **_rest(one)} for one in picture.items),
        "protocol.yaml": project.protocol_text.encode(),
        "guidelines.md": project.guidelines.encode(),
    }
    for number in sorted(set(table["guideline_version"]) - {project.guideline_version}):
        files[f"editions/guidelines-{number}.md"] = picture.guidelines[number].encode()
    for digest in sorted(set(table["protocol_hash"]) - {project.protocol_hash}):
        files[f"editions/protocol-{digest[:12]}.yaml"] = picture.protocols[digest].encode()
    return files


def _rest(item: Item) -> Mapping[str, object]:
    return {"fields": item.fields} if item.fields else {}


def _facts(
    project: Project,
    picture: _Picture,
    table: pl.DataFrame,
    answers: Answers,
    found: Consensus | None,
    files: Mapping[str, bytes],
) -> Facts:
    counted = _counted(table)
    times = counted["submitted_at"].dt.epoch("us").sort()
    options, made = project.options, _newest(picture)
    said = dict(zip(answers.classes, answers.counts().sum(axis=0).tolist(), strict=True))
    labels = dict(decided(found, made)["label"].value_counts().iter_rows()) if found is not None else {}
    return Facts(
        protocol=project.protocol,
        protocol_hash=project.protocol_hash,
        guideline_version=project.guideline_version,
        items=picture.counts["items"],
        complete=picture.counts["complete"],
        answers=counted.height,
        corrected=counted.filter(pl.col("revision") > 1).height,
        surplus=picture.counts["surplus"],
        repeats=counted.filter(pl.col("round") > 1).height,
        skipped=picture.counts["skipped"],
        raters=counted["rater"].n_unique(),
        first_answer_at=times[0] / 1e6,
        last_answer_at=times[-1] / 1e6,
        median_seconds=_median(counted["active_ms"]),
        editions=sum(name.startswith("editions/") for name in files),
        gold=dict(sorted(Counter(drawn for _, _, drawn in picture.gold).items())),
        decisions=len(made),
        scripted=sum(one.scripted for one in made.values()),
        distribution={option: said.get(option, 0) for option in options},
        labels={option: labels.get(option, 0) for option in options} if found is not None else {},
        agreement=measured(answers),
        consensus=found,
        files={name: what for name, what in _WHAT.items() if name in files},
    )


def _median(milliseconds: pl.Series) -> float | None:
    known = milliseconds.drop_nulls().to_numpy()
    return float(np.median(known)) / 1000 if len(known) else None


def _about(project: Project, facts: Facts) -> dict[str, object]:
    return {
        "name": project.name,
        "paradigm": project.protocol.paradigm,
        "items": facts.items,
        "answers": facts.answers,
        "surplus": facts.surplus,
        "raters": facts.raters,
        "protocol_hash": project.protocol_hash,
        "guideline_version": project.guideline_version,
        "made_with": f"middlemost {version('middlemost')}",
    }
