"""The datasheet of a release, after Gebru et al., Datasheets for Datasets (2021).

It holds what was measured, how it was collected, and what the protocol's disclosure states; what nobody stated is
said to be not stated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from middlemost.agreement.names import TITLES
from middlemost.core.about import LEAST, Groups
from middlemost.core.declared import Option
from middlemost.core.estimate import decimal
from middlemost.core.protocol import Protocol, SignUp
from middlemost.core.results import Agreement, Consensus
from middlemost.core.words import plural

MOST_LISTED = 100  # different answers that a table can still list
NOT_STATED = "*Not stated.*"
NEVER_CHANGED = "A release is never changed: a mended one is new."
PREPROCESSING = "Items and answers are released as they are: nothing was cleaned or left out."
CAME_IN: dict[SignUp, str] = {
    "closed": "By links that whoever leads the project gave out.",
    "open": "By links that whoever leads the project gave out; whoever reached the server could sign up, too.",
    "approved": "By links that whoever leads the project gave out; others signed up and were let in one by one.",
}


@dataclass(frozen=True, eq=False)
class Told:
    """What is reported of a question beside the one that is decided on. `counts`: how often which answer or label."""

    id: str
    type: str
    ask: str
    answers: int
    counts: Mapping[str, int]
    agreement: tuple[Agreement, ...]
    note: str | None


@dataclass(frozen=True)
class HeldRound:
    """A calibration round: when, how many items and raters, and how far they agreed (None: not measured)."""

    name: str
    begun_at: float
    closed_at: float | None
    items: int
    raters: int
    agreement: Agreement | None


@dataclass(frozen=True, eq=False)
class Facts:
    """What the datasheet reports. Numbers are of the answers that count, `surplus` of the rest; times are Unix seconds.

    `files`: what is in each file of the release, by its name. `sampled` items were drawn at random out of
    `sampled_from` for a review, which has decided all of them blind.
    """

    protocol: Protocol
    protocol_hash: str
    guideline_version: int
    items: int
    complete: int
    answers: int
    corrected: int
    surplus: int
    repeats: int
    skipped: int
    raters: int
    first_answer_at: float | None
    last_answer_at: float | None
    median_seconds: float | None
    editions: int
    gold: Mapping[str, int]
    decisions: int
    scripted: int
    distribution: Mapping[str, int]
    labels: Mapping[str, int]
    agreement: tuple[Agreement, ...]
    consensus: Consensus | None
    files: Mapping[str, str]
    sampled: int = 0
    sampled_from: int = 0
    others: tuple[Told, ...] = ()
    groups: tuple[Groups, ...] = ()
    rounds: tuple[HeldRound, ...] = ()


def datasheet(facts: Facts) -> str:
    """The datasheet as Markdown."""
    return "\n\n".join([f"# Datasheet: {facts.protocol.name}", summary(facts), *sections(facts)]) + "\n"


def sections(facts: Facts) -> list[str]:
    """Its headings and paragraphs."""
    found = {
        "Motivation": _motivation(facts),
        "Composition": _composition(facts),
        "Quality": _quality(facts),
        "Collection": _collection(facts),
        "Raters": _raters(facts),
        "Preprocessing": iter([PREPROCESSING]),
        "Uses": _uses(facts),
        "Distribution and maintenance": _distribution(facts),
    }
    return [part for title, paragraphs in found.items() for part in (f"## {title}", *paragraphs)]


def summary(facts: Facts, *, source: bool = True) -> str:
    """What there is of it, and unless `source` is False what the sections follow."""
    late = f" {facts.surplus:,} more came too late for a place and count nowhere below." if facts.surplus else ""
    counts = f"{facts.answers:,} answers by {facts.raters:,} raters to {facts.items:,} items."
    follows = " The sections follow *Datasheets for Datasets* (Gebru et al. 2021)."
    return f"{counts}{late}{follows}" if source else counts


def _motivation(facts: Facts) -> Iterator[str]:
    yield f"**Purpose.** {facts.protocol.disclosure.purpose or NOT_STATED}"
    questions = facts.protocol.questions
    for question in questions:
        yield f"**{'The question' if len(questions) == 1 else f'Question `{question.id}`'}.** {question.ask}"
        if options := question.declared():
            yield "\n".join(map(_option, options))


def _option(option: Option) -> str:
    return f"- `{option.id}`: {option.text}{f' ({option.hint})' if option.hint else ''}"


def _composition(facts: Facts) -> Iterator[str]:
    disclosure = facts.protocol.disclosure
    yield f"**Items.** {disclosure.items or NOT_STATED}"
    yield f"**Language.** {', '.join(disclosure.language or ()) or NOT_STATED}"
    yield f"**Personal and sensitive information.** {disclosure.personal or NOT_STATED}"
    wanted = facts.protocol.collection.answers_per_item
    yield f"{facts.complete:,} of {facts.items:,} items have the {wanted} answers that the protocol asks for."
    rows = [(option, f"{n:,}", f"{facts.labels.get(option, 0):,}") for option, n in facts.distribution.items()]
    if facts.labels:
        yield _table(("answer", "answers", "labels"), rows)
    elif rows:
        yield _table(("answer", "answers"), [row[:2] for row in rows])
    for told in facts.others:
        yield from _told(told)
    if facts.gold:
        how = ", ".join(
            f"{n:,} {'drawn at random' if drawn == 'random' else 'chosen'}" for drawn, n in facts.gold.items()
        )
        yield f"**Gold.** Items whose right answer is known, in `gold.parquet`: {how}.{_sampled(facts)}"
    yield _table(("file", "what is in it"), [(f"`{name}`", what) for name, what in facts.files.items()])


def _sampled(facts: Facts) -> str:
    """How the part of the gold came about that was found in a review."""
    if not facts.sampled:
        return ""
    return (
        f" Of these {facts.sampled:,} were drawn at random out of {facts.sampled_from:,} items with answers and without"
        " a known label, and decided by somebody who said what they think before they saw the answers (source: review)."
    )


def _told(told: Told) -> Iterator[str]:
    noted = f" {told.note}" if told.note else ""
    yield f"**`{told.id}`** ({told.type}): {told.answers:,} answers.{noted}"
    if told.counts and len(told.counts) <= MOST_LISTED:
        yield _table(("answer", "times"), [(name, f"{n:,}") for name, n in told.counts.items()])


def _quality(facts: Facts) -> Iterator[str]:
    if facts.protocol.main is not None:
        yield (
            "**Agreement**, on each rater's first answer to an item, equal or not (nominal); intervals at 95 %, "
            "bootstrap over items."
        )
        yield _agreements(facts.agreement) or "There are no answers to measure it on."
    for told in facts.others:
        if told.agreement:
            yield f"**Agreement** on `{told.id}`, by the distances that fit its answers:"
            yield _agreements(told.agreement)
    if facts.protocol.paradigm == "descriptive":
        yield "The project is descriptive: disagreement is a result, not an error. No labels were concluded."
    else:
        yield from conclusions(facts)


def _agreements(found: tuple[Agreement, ...]) -> str:
    rows = [(TITLES.get(one.name, one.name), str(one.estimate), one.note or "") for one in found]
    return _table(("coefficient", "value", "note"), rows) if rows else ""


def conclusions(facts: Facts) -> Iterator[str]:
    """How the labels came about, and how far they can be trusted."""
    found = facts.consensus
    if found is None:
        return
    yield f"**Labels** were concluded from the answers by {_method(found)}."
    if found.error is not None:
        yield f"The share of wrong labels, measured on gold drawn at random, is {found.error}."
    else:
        yield "The share of wrong labels is not known: there is no gold drawn at random."
    if found.calibration is not None:
        yield (
            f"The confidences were calibrated against {found.calibration.n_gold:,} gold items: about 9 in 10 of the "
            "labels at .9 should be right."
        )
    else:
        yield "The confidences are uncalibrated: nothing has shown that labels at .9 are right in 9 of 10 cases."
    if facts.decisions:
        scripted = f", {facts.scripted:,} of them entered by a script" if facts.scripted else ""
        items = "1 item" if facts.decisions == 1 else f"{facts.decisions:,} items"
        yield f"The lead decided on {items}{scripted}; such labels stand without a confidence."


def _method(found: Consensus) -> str:
    if found.calibration is None or found.calibration.chosen != "blend":
        return f"the method {found.method}"
    models = found.calibration.models.filter(pl.col("weight").is_not_null()).sort("weight", descending=True)["model"]
    return f"a blend of the methods {', '.join(models)}, weighted by what gold says of them"


def procedure(facts: Facts) -> Iterator[str]:
    """How the answers were collected, and when."""
    asked = facts.protocol.collection
    yield (
        f"Raters answered with middlemost, blind to each other; the protocol asks for {asked.answers_per_item} "
        f"different raters an item. Items were lent for {asked.lease_minutes:g} minutes at a time. "
        f"The paradigm is {facts.protocol.paradigm}."
    )
    if facts.first_answer_at is not None and facts.last_answer_at is not None:
        yield f"Answers were given between {day(facts.first_answer_at)} and {day(facts.last_answer_at)} (UTC)."


def _collection(facts: Facts) -> Iterator[str]:
    yield from procedure(facts)
    if facts.rounds:
        yield _rounds(facts.rounds)
    pace = "not known" if facts.median_seconds is None else f"{facts.median_seconds:.1f} s"
    yield _table(
        ("", ""),
        [
            ("answers corrected by their rater", f"{facts.corrected:,}"),
            ("answers that repeat a rater's own, for consistency", f"{facts.repeats:,}"),
            ("surplus answers, too late for a place (outside all other numbers)", f"{facts.surplus:,}"),
            ("items skipped by a rater", f"{facts.skipped:,}"),
            ("median time an item was looked at", pace),
        ],
    )
    yield (
        f"Guidelines: version {facts.guideline_version}, in `guidelines.md`. Protocol: `protocol.yaml`, SHA-256 "
        f"`{facts.protocol_hash}`. "
        + (
            f"{facts.editions} earlier editions that answers were given under are in `editions/`."
            if facts.editions
            else ""
        )
    ).rstrip()


def _rounds(rounds: tuple[HeldRound, ...]) -> str:
    how = "; ".join(map(_round, rounds))
    what = "in which raters judged the same items apart from the collection, to see how far they agree"
    return f"There {'was' if len(rounds) == 1 else 'were'} {plural(len(rounds), 'calibration round')}, {what}: {how}."


def _round(one: HeldRound) -> str:
    begun, ended = day(one.begun_at), None if one.closed_at is None else day(one.closed_at)
    when = f"{begun}, still open" if ended is None else begun if begun == ended else f"{begun} to {ended}"
    found = one.agreement
    agreed = f"{TITLES.get(found.name, found.name)} {found.estimate}" if found else "no agreement measured"
    return f"{one.name} ({when}, {plural(one.items, 'item')}, {plural(one.raters, 'rater')}; {agreed})"


def _raters(facts: Facts) -> Iterator[str]:
    yield f"**Who they are.** {facts.protocol.disclosure.raters or NOT_STATED}"
    workforce = facts.protocol.disclosure.workforce
    yield f"**Workforce.** {f'{workforce.capitalize()}.' if workforce else NOT_STATED}"
    yield f"**How they came in.** {CAME_IN[facts.protocol.sign_up]}"
    yield f"**Pay.** {facts.protocol.disclosure.pay or NOT_STATED}"
    yield "Raters are named by pseudonyms; their names are not in the release."
    yield from _groups(facts)
    if facts.consensus is not None:
        rows = [
            (
                row["rater"],
                f"{row['n_answers']:,}",
                _share(row["accuracy"]),
                f"{_share(row['low'])} to {_share(row['high'])}",
            )
            for row in facts.consensus.raters.iter_rows(named=True)
        ]
        yield _table(("rater", "answers", "estimated share right", "95 % interval"), rows)


def _uses(facts: Facts) -> Iterator[str]:
    disclosure = facts.protocol.disclosure
    yield disclosure.purpose or NOT_STATED
    yield f"**Limitations.** {disclosure.limitations or NOT_STATED}"
    yield f"**Biases.** {disclosure.biases or NOT_STATED}"


def _groups(facts: Facts) -> Iterator[str]:
    if not facts.groups or facts.protocol.about_raters is None:
        return
    yield (
        "**What they said of themselves**, if they liked, having been told what for: "
        f"“{facts.protocol.about_raters.why}” Groups of fewer than {LEAST} raters, and others from which these could "
        "be worked out, are told as one."
    )
    for one in facts.groups:
        yield one.question.ask
        yield _table(("group", "raters"), list(_sizes(one)))


def _sizes(groups: Groups) -> Iterator[tuple[str, str]]:
    texts = {option.id: option.text for option in groups.question.options}
    yield from ((texts[name], f"{n:,}") for name, n in groups.shown.items())
    hidden = [texts[name] for name in groups.hidden] + ([] if groups.unsaid is not None else ["not said"])
    if hidden:
        yield f"{', '.join(hidden)} (together)", f"{groups.rest:,}"
    if groups.unsaid:
        yield "not said", f"{groups.unsaid:,}"


def _distribution(facts: Facts) -> Iterator[str]:
    disclosure = facts.protocol.disclosure
    yield f"**Licence.** {disclosure.licence or NOT_STATED}"
    yield f"**Creator.** {disclosure.creator or NOT_STATED}"
    yield f"**Contact.** {disclosure.contact or NOT_STATED}"
    yield f"**Citation.** {disclosure.citation or NOT_STATED}"
    yield f"**Address.** {disclosure.url or NOT_STATED}"
    yield f"**Published.** {disclosure.published or NOT_STATED}"
    listing = " and ".join(f"`{name}`" for name in ("manifest.json", "croissant.json") if name in facts.files)
    if listing:
        yield f"{NEVER_CHANGED} What is in it, with the SHA-256 of each file, is in {listing}."
    else:
        yield NEVER_CHANGED


def _share(value: float | None) -> str:
    return "–" if value is None else decimal(value)


def day(seconds: float) -> str:
    """The day of a time, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines
    )
