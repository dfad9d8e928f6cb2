"""`release`: the data set with its datasheet, frozen in a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import sqlalchemy as sa

from middlemost.core.about import AboutRaters, Groups
from middlemost.core.nouns import Item
from middlemost.core.qualifying import Exercise
from middlemost.core.questions import Question
from middlemost.core.values import CODE, NUMBER, SET, Kind
from middlemost.errors import StateError
from middlemost.files.croissant import CROISSANT, croissant
from middlemost.files.datasheet import Facts, Told, datasheet
from middlemost.files.exports import Released
from middlemost.files.release import MANIFEST, json_lines, parquet, write_release
from middlemost.project.about import released_groups, released_rows
from middlemost.project.by_question import Found, found
from middlemost.project.collected import GOLD, answers_of, gold_of, long_table, marked, utc
from middlemost.project.conclude import decided, distribution
from middlemost.project.conclude import table as conclusion
from middlemost.project.folder import Project
from middlemost.project.held import Held, held, in_short, round_files
from middlemost.project.review import Decision, of_rows
from middlemost.store import answers as stored
from middlemost.store import counts, decisions, editions, exercises, items, samples
from middlemost.store.samples import Draw
from middlemost.store.sql import Row

_CONCLUDED: dict[Kind, str] = {CODE: "labels.parquet", NUMBER: "numbers.parquet", SET: "sets.parquet"}
_WHAT = {
    "answers.parquet": "every answer that counts: who said what of which item, when, under which guidelines",
    "surplus.parquet": "answers that came too late for a place of their item: they count nowhere",
    "superseded.parquet": "earlier revisions of answers that their rater corrected",
    "gold.parquet": "items whose right answer is known, how they were drawn, and whether a review found it",
    "labels.parquet": "one label an item, with its confidence",
    "numbers.parquet": "one number an item, with its interval",
    "sets.parquet": "of each item and each label whether it has it, with the confidence",
    "distributions.parquet": "how often each answer was given to each item",
    "decisions.parquet": "what the lead decided on items, and why",
    "controls.parquet": "answers to control items, which were mixed in to check on raters: they count nowhere",
    "controls.jsonl": "the control items, with their right answers",
    "qualification.parquet": "what raters answered in training and tests before their first item",
    "calibration.parquet": "what raters answered in calibration rounds, apart from the collection: it counts nowhere",
    "calibration.jsonl": "the items of these rounds, with what was said to be right, and why",
    "exercises.jsonl": "what they were trained and tested with, with the right answers",
    "raters.parquet": "what raters said of themselves, of those who agreed to its release",
    "items.jsonl": "the items, as they were added",
    "protocol.yaml": "the declared procedure",
    "guidelines.md": "what raters were told",
    CROISSANT: "what is in these files, as machines read it: Croissant 1.0, RAI 1.0",
    MANIFEST: "size and SHA-256 of every file",
}


@dataclass(frozen=True, eq=False)
class _Picture:
    """Everything that a release is made of, as it stood at one moment."""

    every: list[Row]
    latest: dict[str, list[Row]]
    items: list[Item]
    gold: list[tuple[str, str, str, str]]
    draws: list[Draw]
    decisions: list[Decision]
    guidelines: dict[int, str]
    protocols: dict[str, str]
    counts: dict[str, Any]
    controls: list[tuple[Item, str]]
    exercises: list[Exercise]
    attempts: list[Row]
    groups: tuple[Groups, ...]
    raters: pl.DataFrame | None
    rounds: list[Held]


def release(project: Project, out: str | Path) -> Path:
    """Write answers, labels (descriptive: distributions), items, procedure and datasheet to the folder `out`.

    The same project gives the same bytes; writing them again is no error. StateError without answers, or if `out`
    holds anything else.
    """
    made = released(project)
    if not made.facts.answers:
        raise StateError("There are no answers to release yet.")
    return write_release(out, made.files, _about(project, made.facts))


def released(project: Project) -> Released:
    """What would be released, as it stands at one moment, but for the manifest; without answers, too."""
    asked = [one.id for one in project.protocol.questions]
    picture = project.store.read(_picture, asked, project.protocol.about_raters)
    each = [_found(project, picture, question) for question in project.protocol.questions]
    table = marked(long_table(picture.every), picture.gold)
    files = _answer_files(table) | _label_files(project, picture, each) | _procedure(project, picture, table)
    files |= _check_files(picture) | round_files(project, picture.rounds)
    files |= {} if picture.raters is None else {"raters.parquet": parquet(picture.raters)}
    facts = _facts(project, picture, table, each, files)
    files["DATASHEET.md"] = datasheet(facts).encode()
    files[CROISSANT] = croissant(facts, files)
    return Released(files, facts, tuple(picture.items))


def _picture(connection: sa.Connection, questions: Sequence[str], about: AboutRaters | None) -> _Picture:
    return _Picture(
        stored.every(connection),
        {question: stored.latest(connection, question) for question in questions},
        items.every(connection),
        samples.known_labels(connection),
        samples.counting(samples.every(connection)),
        of_rows(decisions.every(connection)),
        editions.guidelines(connection),
        editions.protocols(connection),
        counts.of_project(connection),
        items.controls(connection),
        exercises.every(connection),
        exercises.every_attempt(connection),
        released_groups(connection, about),
        released_rows(connection, about),
        held(connection),
    )


def _found(project: Project, picture: _Picture, question: Question) -> Found:
    answers = answers_of(picture.latest[question.id], question.id)
    known = gold_of(picture.gold) if question is project.protocol.main else None
    return found(project.protocol.paradigm, question, answers, known)


def _answer_files(table: pl.DataFrame) -> dict[str, bytes]:
    """The answers that count, and in files of their own, where there are any, those that do not."""
    stands, surplus, control = pl.col("stands"), pl.col("surplus"), pl.col("round") == 0
    parts = {"surplus.parquet": stands & surplus, "superseded.parquet": ~stands, "controls.parquet": stands & control}
    rest = {name: table.filter(which).drop("stands") for name, which in parts.items()}
    files = {"answers.parquet": parquet(_counted(table).drop("stands"))}
    return files | {name: parquet(rows) for name, rows in rest.items() if not rows.is_empty()}


def _counted(table: pl.DataFrame) -> pl.DataFrame:
    return table.filter(pl.col("stands") & ~pl.col("surplus") & (pl.col("round") > 0))


def _check_files(picture: _Picture) -> dict[str, bytes]:
    """What raters were trained, tested and checked with, and how they did, where there is any of it."""
    files = {}
    if picture.controls:
        rows = ({"id": item.id, "text": item.text, **_rest(item), "label": label} for item, label in picture.controls)
        files["controls.jsonl"] = json_lines(rows)
    if picture.exercises:
        files["exercises.jsonl"] = json_lines(_without_seq(one) for one in picture.exercises)
    if picture.attempts:
        frame = pl.DataFrame([dict(row._mapping) for row in picture.attempts], infer_schema_length=None)
        files["qualification.parquet"] = parquet(frame.with_columns(utc("submitted_at")))
    return files


def _without_seq(one: Exercise) -> dict[str, object]:
    return {name: value for name, value in vars(one).items() if name != "seq"}


def _label_files(project: Project, picture: _Picture, each: Sequence[Found]) -> dict[str, bytes]:
    if project.protocol.paradigm == "descriptive":
        spread = [one for one in each if one.question.kind in (CODE, NUMBER, SET)]
        return _stacked(project, {"distributions.parquet": [(one, distribution(one.answers)) for one in spread]})
    stacks: dict[str, list[tuple[Found, pl.DataFrame]]] = {}
    for one in each:
        made = _newest(picture) if one.question is project.protocol.main else {}
        if (name := _CONCLUDED.get(one.question.kind)) and (made or one.answers is not None):
            stacks.setdefault(name, []).append((one, conclusion(one, made)))
    files = _stacked(project, stacks)
    if picture.gold:
        files["gold.parquet"] = parquet(pl.DataFrame(picture.gold, schema=GOLD, orient="row"))
    if picture.decisions:
        rows = pl.DataFrame([vars(one) for one in picture.decisions])
        files["decisions.parquet"] = parquet(rows.with_columns(utc("at")))
    return files


def _stacked(project: Project, stacks: Mapping[str, list[tuple[Found, pl.DataFrame]]]) -> dict[str, bytes]:
    """One file for all questions of a kind; where there are several questions, a column says which."""
    several = len(project.protocol.questions) > 1

    def named(one: Found, frame: pl.DataFrame) -> pl.DataFrame:
        asked = pl.lit(one.question.id).alias("question")
        return frame.select("item", asked, pl.exclude("item")) if several else frame

    return {name: parquet(pl.concat([named(*one) for one in stack])) for name, stack in stacks.items() if stack}


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
    project: Project, picture: _Picture, table: pl.DataFrame, each: Sequence[Found], files: Mapping[str, bytes]
) -> Facts:
    counted = _counted(table)
    pages = counted.unique(["item", "rater", "round"], maintain_order=True)
    times = counted["submitted_at"].dt.epoch("us").sort()
    made = _newest(picture)
    main = next((one for one in each if one.question is project.protocol.main), None)
    labels = _label_counts(project, main, made)
    return Facts(
        protocol=project.protocol,
        protocol_hash=project.protocol_hash,
        guideline_version=project.guideline_version,
        items=picture.counts["items"],
        complete=picture.counts["complete"],
        answers=pages.height,
        corrected=pages.filter(pl.col("revision") > 1).height,
        surplus=picture.counts["surplus"],
        repeats=pages.filter(pl.col("round") > 1).height,
        skipped=picture.counts["skipped"],
        raters=counted["rater"].n_unique(),
        first_answer_at=times[0] / 1e6 if len(times) else None,
        last_answer_at=times[-1] / 1e6 if len(times) else None,
        median_seconds=_median(pages["active_ms"]),
        editions=sum(name.startswith("editions/") for name in files),
        gold=dict(sorted(Counter(drawn for _, _, drawn, _ in picture.gold).items())),
        sampled=sum(one.n for one in picture.draws),
        sampled_from=picture.draws[0].frame if picture.draws else 0,
        decisions=len(made),
        scripted=sum(one.scripted for one in made.values()),
        distribution=main.counts if main else {},
        labels=labels,
        agreement=main.agreement if main else (),
        consensus=main.labels if main else None,
        others=tuple(_told(one) for one in each if one is not main),
        files={name: what for name, what in _WHAT.items() if name in {*files, CROISSANT, MANIFEST}},
        groups=picture.groups,
        rounds=tuple(in_short(project, one) for one in picture.rounds),
    )


def _label_counts(project: Project, main: Found | None, made: Mapping[str, Decision]) -> dict[str, int]:
    if main is None or main.labels is None:
        return {}
    labels = dict(decided(main.labels, made)["label"].value_counts().iter_rows())
    return {option: labels.get(option, 0) for option in project.options}


def _told(one: Found) -> Told:
    n = 0 if one.answers is None else len(one.answers)
    return Told(one.question.id, one.question.type, one.question.ask, n, one.counts, one.agreement, one.note)


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
