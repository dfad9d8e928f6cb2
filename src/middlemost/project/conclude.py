"""`conclude`: the labels."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from middlemost import consensus
from middlemost.core.answers import Answers
from middlemost.core.estimate import Estimate
from middlemost.core.gold import Gold
from middlemost.core.protocol import Paradigm
from middlemost.core.results import Consensus
from middlemost.core.values import CODE
from middlemost.errors import StateError
from middlemost.project.by_question import NOTHING_YET, Found, found
from middlemost.project.collected import collected, gold
from middlemost.project.folder import Project
from middlemost.project.review import Decision, decisions

_COLUMNS = ("item", "label", "confidence", "n_answers", "share", "source")


def conclude(project: Project) -> Consensus | None:
    """What the answers say to the question that is decided on, without the lead's decisions.

    None without answers, in a descriptive project, or where no question is a choice.
    """
    main = project.protocol.main
    return concluded(project.protocol.paradigm, collected(project, main.id), gold(project)) if main else None


def concluded(paradigm: Paradigm, answers: Answers | None, known: Gold | None) -> Consensus | None:
    """The same for answers and gold at hand."""
    if answers is None or paradigm == "descriptive":
        return None
    return consensus.conclude(answers, gold=known)


def share_wrong(project: Project, question: str | None = None) -> Estimate | None:
    """The share of wrong labels of a question (the first), by gold drawn at random; None where there is none of it."""
    asked, known = project.question(question), gold(project)
    if asked is not project.protocol.main or known is None or not len(known.at_random()):
        return None
    found = concluded(project.protocol.paradigm, collected(project, asked.id), known)
    return found.error if found else None


def labels(project: Project, question: str | None = None) -> pl.DataFrame:
    """What is concluded of a question (the first), by item.

    Of a choice one label an item: item, label, confidence, n_answers, share, source; `source` is "decision" where the
    lead decided (there is no confidence then), else "consensus". Of a scale: item, estimate, low, high, n_answers. Of
    several choices, one row a label: item, label, chosen, confidence, n_answers. StateError in a descriptive project,
    and for questions of which nothing is concluded; MissingError if there is no such question.
    """
    if project.protocol.paradigm == "descriptive":
        raise StateError("A descriptive project has no labels.", mend="Its result is the distribution of the answers.")
    asked = project.question(question)
    main = asked is project.protocol.main
    known = gold(project) if main else None
    return table(found(project.protocol.paradigm, asked, collected(project, asked.id), known), _made(project, main))


def _made(project: Project, main: bool) -> Mapping[str, Decision]:
    return decisions(project) if main else {}


def table(result: Found, made: Mapping[str, Decision]) -> pl.DataFrame:
    """The conclusion of one question as a frame; StateError where there is none."""
    if result.question.kind is CODE:
        return decided(result.labels, made)
    if result.numbers is not None:
        return result.numbers.estimates
    if result.sets is not None:
        return result.sets
    raise StateError(result.note or NOTHING_YET)


def decided(found: Consensus | None, made: Mapping[str, Decision]) -> pl.DataFrame:
    """The labels of a consensus, with the decisions put in their places."""
    ours = pl.DataFrame(
        {"item": list(made), "decided": [one.label for one in made.values()]},
        schema={"item": pl.String, "decided": pl.String},
    )
    frame = _none() if found is None else found.labels.select(_COLUMNS[:-1])
    frame = frame.join(ours, on="item", how="full", coalesce=True).sort("item")
    by_lead = pl.col("decided").is_not_null()
    return frame.with_columns(
        pl.coalesce("decided", "label").alias("label"),
        pl.when(~by_lead).then("confidence").alias("confidence"),
        pl.col("n_answers").fill_null(0),
        pl.when(by_lead).then(pl.lit("decision")).otherwise(pl.lit("consensus")).alias("source"),
    ).select(_COLUMNS)


def distribution(answers: Answers | None) -> pl.DataFrame:
    """What was answered how often, item by item: item, answer, n, share."""
    if answers is None:
        kinds = {"item": pl.String, "answer": pl.String, "n": pl.Int64, "share": pl.Float64}
        return pl.DataFrame(schema=kinds)
    counts = answers.counts()
    item, answer = counts.nonzero()
    return pl.DataFrame(
        {
            "item": answers.items.gather(item),
            "answer": answers.classes.gather(answer),
            "n": counts[item, answer],
            "share": counts[item, answer] / counts.sum(axis=1)[item],
        }
    )


def _none() -> pl.DataFrame:
    kinds = {
        "item": pl.String,
        "label": pl.String,
        "confidence": pl.Float64,
        "n_answers": pl.Int64,
        "share": pl.Float64,
    }
    return pl.DataFrame(schema=kinds)
