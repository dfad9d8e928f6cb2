"""The desk's first words: one sentence that a lead could send on, and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from middlemost.core.estimate import Estimate
from middlemost.core.protocol import Paradigm
from middlemost.core.results import Agreement
from middlemost.core.words import plural
from middlemost.project.progress import Progress
from middlemost.project.sample import Sampled
from middlemost.project.standing import Standing
from middlemost.project.verdict import AGREE_FAIRLY, AGREE_WELL
from middlemost.view.pages import count, percent


@dataclass(frozen=True)
class Headline:
    """`said` is the sentence; `why` says what it rests on."""

    said: str
    why: str


def headline(standing: Standing, paradigm: Paradigm) -> Headline:
    """What a reader of the desk came for."""
    progress = standing.progress
    if progress.items == 0:
        return Headline("There are no items yet.", "Add a file of them: middlemost add FOLDER items.jsonl")
    if not any(standing.distribution.values()) and not any(one.answers for one in standing.questions):
        return Headline(f"{plural(progress.items, 'item')} waiting for the first answer.", _next_step(progress))
    if paradigm == "descriptive":
        return Headline(f"{_how_far(progress)}.", _volume(progress))
    error = standing.consensus.error if standing.consensus else None
    if error:
        said = f"About {percent(error.value)} of the labels are wrong."
        return Headline(said, f"{_measured(error, standing.sample)} {_volume(progress)} {_disputes(standing)}")
    alpha = next((one for one in standing.agreement if one.name == "alpha"), None)
    said = f"{_how_far(progress)}{_agreeing(alpha)}."
    return Headline(said, f"{_basis(alpha)}{_volume(progress)} {_disputes(standing)}".rstrip())


def _next_step(progress: Progress) -> str:
    return "Send the raters their links." if progress.raters else "Invite raters and send them their links."


def _how_far(progress: Progress) -> str:
    if progress.complete == progress.items:
        return (
            f"All {count(progress.items)} items have their answers"
            if progress.items > 1
            else "The item has its answers"
        )
    if not progress.complete:
        return f"{count(progress.answers)} of {plural(progress.wanted, 'answer')} are in"
    have = "has all its" if progress.complete == 1 else "have all their"
    return f"{count(progress.complete)} of {plural(progress.items, 'item')} {have} answers"


def _agreeing(alpha: Agreement | None) -> str:
    """The clause on agreement; none where the answers do not carry an interval yet."""
    if alpha is None or alpha.low is None:
        return ""
    if alpha.value >= AGREE_WELL:
        return ", and raters agree well"
    if alpha.value >= AGREE_FAIRLY:
        return ", and raters agree fairly well"
    return ", but raters agree too little to rely on one alone"


def _measured(error: Estimate, sample: Sampled | None) -> str:
    if error.low is None or error.high is None:
        return f"No interval: {error.note}."
    n = f", measured on {_gold(error.n, sample.counts if sample else 0)}" if error.n else ""
    return f"Between {percent(error.low)} and {percent(error.high)}, {percent(error.level, 0)} sure{n}."


def _gold(n: int, reviewed: int) -> str:
    if not reviewed:
        return plural(n, "gold item")
    if reviewed == n:
        return f"{plural(n, 'item')} drawn at random and decided blind"
    return f"{plural(n, 'gold item')}, {count(reviewed)} of them drawn at random and decided blind"


def _basis(alpha: Agreement | None) -> str:
    if alpha is None:
        return ""
    return f"Krippendorff’s α is {alpha.estimate}. "


def _volume(progress: Progress) -> str:
    return f"{count(progress.answers)} of {plural(progress.wanted, 'answer')} from {plural(progress.raters, 'rater')}."


def _disputes(standing: Standing) -> str:
    if not standing.distribution:
        return ""
    if not standing.n_disputed:
        return "No item is disputed."
    decided = f", {count(standing.n_decided)} decided" if standing.n_decided else ""
    return f"{plural(standing.n_disputed, 'item')} disputed{decided}."
