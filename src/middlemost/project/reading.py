"""Which sections of the guidelines raters read before they answer, and whether disputes follow.

Answers to one item all count as disputed or none does, so that what they say is worth as much as so many items: shares
are of answers, their intervals and tests are by the effective number of items.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import sqlalchemy as sa

from middlemost.core.estimate import Estimate
from middlemost.core.sections import PREAMBLE, Section, sections
from middlemost.errors import MissingError
from middlemost.inference.proportion import clopper_pearson, effective, holm
from middlemost.project.folder import Project
from middlemost.project.standing import Standing
from middlemost.store import editions, readings
from middlemost.store.sql import Row

LEAST = 10  # items, in effect, that a share rests on before it is compared
CLEAR = 0.05  # level of all comparisons together
MOST_ITEMS = 10
MOST_REASONS = 3

Pages = Mapping[str, int]  # how many pages of each item


@dataclass(frozen=True)
class SectionRow:
    """One section of the guidelines. It was read before so many `answers`, to so many different `items`.

    `share`: of those answers the share that was given to items on which raters differ; None where none can be judged.
    `p`: how likely such an excess over the answers without any reading is by chance, adjusted (Holm) for all sections
    that were compared; None where they are too few. `flagged`, `skipped`: how many of the items raters flagged,
    skipped, with the commonest `reasons`.
    """

    section: Section
    answers: int
    items: int
    share: Estimate | None
    p: float | None
    flagged: int
    skipped: int
    reasons: tuple[tuple[str, int], ...]

    @property
    def title(self) -> str:
        """What it is called."""
        return self.section.title or "Before the first heading"


@dataclass(frozen=True)
class Guidance:
    """What was read of one `version` of the guidelines before its `answers`; before `read` of them anything at all.

    `baseline`: of the answers without any reading, the share that was given to items on which raters differ.
    `clearest`: the section with the clearest excess over that; None where none is clear, or where all are `too_few`.
    `items`: those before whose answers the guidelines were opened most, with how often and of how many answers.
    """

    version: int
    versions: tuple[int, ...]
    text: str
    answers: int
    read: int
    baseline: Estimate | None
    rows: tuple[SectionRow, ...]
    items: tuple[tuple[str, int, int], ...]
    clearest: SectionRow | None
    too_few: bool

    @property
    def most_read(self) -> SectionRow | None:
        """The section that raters went to most."""
        return max(self.rows, key=lambda row: row.answers) if self.read else None


@dataclass(frozen=True)
class Read:
    """What the store knows of a version of the guidelines, at one moment.

    How many pages of each item are `given`, with each section read before (`by_section`), and with `any_read`.
    """

    texts: dict[int, str]
    given: dict[str, int]
    by_section: dict[str, dict[str, int]]
    any_read: dict[str, int]
    flagged: set[str]
    reasons: dict[str, list[str]]


def guidance(project: Project, now: Standing | None, version: int | None = None) -> Guidance:
    """What was read of a version of the guidelines (the one in force), with disputes as they stood in `now`.

    MissingError if there is no such version.
    """
    version = project.guideline_version if version is None else version
    picture = project.store.read(_picture, version)
    if version not in picture.texts:
        raise MissingError(f"There is no version {version} of the guidelines.")
    return compare(picture, version, _judged(now))


def compare(picture: Read, version: int, judged: Mapping[str, bool]) -> Guidance:
    """The same for what was read, and of every item with several answers whether these differ (`judged`)."""
    unread = {item: n - picture.any_read.get(item, 0) for item, n in picture.given.items()}
    baseline = _share(unread, judged)
    rows = [_row(one, picture, judged) for one in sections(picture.texts[version])]
    rows, too_few = _compared(rows, baseline)
    clear = [row for row in rows if row.p is not None and row.p < CLEAR]
    return Guidance(
        version=version,
        versions=tuple(sorted(picture.texts)),
        text=picture.texts[version],
        answers=sum(picture.given.values()),
        read=sum(picture.any_read.values()),
        baseline=baseline,
        rows=tuple(rows),
        items=_most_read(picture),
        clearest=min(clear, key=lambda row: row.p or 0.0, default=None),
        too_few=too_few,
    )


def _picture(connection: sa.Connection, version: int) -> Read:
    by_section: dict[str, dict[str, int]] = defaultdict(dict)
    for row in readings.of_sections(connection, version):
        by_section[row.section][row.item] = row.pages
    reasons: dict[str, list[str]] = defaultdict(list)
    for row in readings.skipped(connection):
        reasons[row.item].append(row.reason)
    return Read(
        editions.guidelines(connection),
        _by_item(readings.pages(connection, version)),
        by_section,
        _by_item(readings.of_items(connection, version)),
        readings.flagged(connection),
        reasons,
    )


def _by_item(rows: Iterable[Row]) -> dict[str, int]:
    return {row.item: row.pages for row in rows}


def _judged(now: Standing | None) -> dict[str, bool]:
    """Of every item with two answers or more, whether they differ."""
    if now is None or now.answers is None or now.split is None:
        return {}
    several = now.answers.items.gather(np.flatnonzero(now.answers.per_item() > 1))
    differing = set(now.answers.items.gather(now.split))
    return {item: item in differing for item in several}


def _share(pages: Pages, judged: Mapping[str, bool]) -> Estimate | None:
    """The share of the pages that are of disputed items, among those of items that can be judged."""
    known = [(n, judged[item]) for item, n in pages.items() if n > 0 and item in judged]
    if not known:
        return None
    sizes, disputed = np.array([n for n, _ in known], dtype=float), np.array([one for _, one in known])
    share, n = float(sizes[disputed].sum() / sizes.sum()), int(effective(sizes) + 1e-9)
    return Estimate(share, *clopper_pearson(share * n, n), n=n)


def _row(section: Section, picture: Read, judged: Mapping[str, bool]) -> SectionRow:
    pages = picture.by_section.get(section.id, {})
    why = Counter(reason for item in pages for reason in set(picture.reasons.get(item, ())))
    return SectionRow(
        section=section,
        answers=sum(pages.values()),
        items=len(pages),
        share=_share(pages, judged),
        p=None,
        flagged=sum(item in picture.flagged for item in pages),
        skipped=sum(item in picture.reasons for item in pages),
        reasons=tuple(sorted(why.most_common(), key=lambda one: (-one[1], one[0]))[:MOST_REASONS]),
    )


def _compared(rows: list[SectionRow], baseline: Estimate | None) -> tuple[list[SectionRow], bool]:
    """The rows with their p values, where there is enough to compare; whether there is nowhere enough."""
    enough = [number for number, row in enumerate(rows) if _carries(row.share)]
    if not enough or baseline is None or not _carries(baseline):
        return rows, True
    adjusted = holm(np.array([_by_chance(rows[number].share, baseline) for number in enough]))
    found = dict(zip(enough, adjusted.tolist(), strict=True))
    return [replace(row, p=found.get(number)) for number, row in enumerate(rows)], False


def _carries(share: Estimate | None) -> bool:
    return share is not None and (share.n or 0) >= LEAST


def _by_chance(share: Estimate | None, baseline: Estimate) -> float:
    """Fisher's exact test, one-sided, on the effective numbers of items; what is not whole is rounded against a find.

    Items on both sides make the two more alike, so that it errs on the safe side there, too.
    """
    if share is None:
        return 1.0
    n, m = share.n or 0, baseline.n or 0
    here, there = int(share.value * n + 1e-9), int(np.ceil(baseline.value * m - 1e-9))
    from scipy.stats import hypergeom  # takes half a second, which the start of a server has not

    return float(hypergeom.sf(here - 1, n + m, here + there, n))


def _most_read(picture: Read) -> tuple[tuple[str, int, int], ...]:
    most = sorted(picture.any_read.items(), key=lambda one: (-one[1], one[0]))[:MOST_ITEMS]
    return tuple((item, n, picture.given.get(item, n)) for item, n in most)


def table(found: Guidance) -> Sequence[Sequence[object]]:
    """The same as rows of a table, the first with the names of the columns."""
    head = ["version", "section", "title", "answers", "items", "share_disputed", "low", "high"]
    head += ["baseline", "baseline_low", "baseline_high", "p_adjusted", "flagged_items", "skipped_items"]
    return [head, *(_cells(found, row) for row in found.rows)]


def _cells(found: Guidance, row: SectionRow) -> list[object]:
    title = "" if row.section.id == PREAMBLE and row.section.title is None else row.title
    measured = [*_ends(row.share), *_ends(found.baseline), row.p]
    return [
        found.version,
        row.section.id,
        title,
        row.answers,
        row.items,
        *("" if one is None else round(one, 6) for one in measured),
        row.flagged,
        row.skipped,
    ]


def _ends(share: Estimate | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if share is None else (share.value, share.low, share.high)
