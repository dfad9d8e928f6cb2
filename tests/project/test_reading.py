"""Which sections of the guidelines precede disputes: found where it is so, and seldom where it is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from middlemost.core.nouns import Item, Person, Submission
from middlemost.errors import MissingError
from middlemost.project.add import add
from middlemost.project.answer import answer, take_back
from middlemost.project.flag import flag
from middlemost.project.folder import Project
from middlemost.project.next import next_assignments, skip
from middlemost.project.reading import LEAST, Guidance, Read, compare, guidance, table
from middlemost.project.standing import standing

GUIDELINES = "Listen.\n\n# Irony\n\nLook twice.\n\n# Insults\n\nSay no.\n"


@pytest.fixture
def project(folder: Path):
    (folder / "guidelines.md").write_text(GUIDELINES)
    with Project.open(folder) as opened:
        add(opened, [Item(f"i{n:02d}", f"text {n}") for n in range(40)])
        yield opened


def go_through(
    project: Project, person: Person, says: Callable[[int], str], reads: Callable[[int], tuple[str, ...]]
) -> None:
    while lent := next_assignments(project, person, 1):
        n = int(lent[0].item.id[1:])
        answer(project, person, Submission(lent[0].id, says(n), f"{person.id}-{n:06d}", read=reads(n)))


@pytest.fixture
def read(project: Project, rater: Callable[[str], Person]) -> Project:
    """Two raters, who differ on every fourth item and on twelve others, before which Ada read of irony."""
    go_through(
        project, rater("Ada"), lambda _: "kind", lambda n: ("irony",) if n < 12 else ("insults", "nonsense") * (n > 36)
    )
    go_through(project, rater("Bo"), lambda n: "no" if n < 12 or n % 4 == 0 else "kind", lambda _: ())
    return project


def rows(found: Guidance) -> dict[str, tuple[int, int]]:
    return {row.section.id: (row.answers, row.items) for row in found.rows}


def test_a_section_that_precedes_disputes_is_named_with_its_share_and_that_without_reading(read: Project) -> None:
    found = guidance(read, standing(read))
    assert rows(found) == {"preamble": (0, 0), "irony": (12, 12), "insults": (3, 3)}
    assert (found.answers, found.read) == (80, 15)
    assert found.clearest is not None
    assert found.clearest.section.id == "irony"
    assert found.clearest.share.value == 1.0
    assert found.clearest.share.low == pytest.approx(0.735, abs=0.001)  # exact for 12 of 12
    assert found.baseline.value == pytest.approx((12 + 7 + 7) / 65)
    assert found.clearest.p < 0.01
    assert found.rows[2].p is None  # three items say nothing
    assert found.items[0] == ("i00", 1, 2)


def test_answers_to_one_item_are_worth_one_item() -> None:
    many = {"a": 20, "b": 20, "c": 1}
    read = Read({1: "# One"}, dict.fromkeys("abcdefghijklmnop", 25), {"one": many}, many, set(), {})
    found = compare(read, 1, {item: item in "ab" for item in "abcdefghijklmnop"})
    assert found.rows[0].answers == 41
    assert found.rows[0].share.n == 2
    assert found.too_few
    assert found.clearest is None


def test_flags_and_reasons_for_skipping_stand_beside_the_sections_of_their_items(
    project: Project, rater: Callable[[str], Person]
) -> None:
    ada, bo = rater("Ada"), rater("Bo")
    for n, lent in enumerate(next_assignments(project, ada, 3)):
        flag(project, ada, lent.id, "unclear", f"flag-{n}-key") if n == 0 else None
        answer(project, ada, Submission(lent.id, "kind", f"key-{n}", read=("irony",)))
    for lent in next_assignments(project, bo, 3)[1:]:
        skip(project, bo, lent.id, "cut off")
    row = guidance(project, standing(project)).rows[1]
    assert (row.flagged, row.skipped, row.reasons) == (1, 2, (("cut off", 2),))


def test_an_older_version_keeps_what_was_read_of_it(read: Project, folder: Path) -> None:
    read.store.close()
    (folder / "guidelines.md").write_text("# Other\n")
    with Project.open(folder) as again:
        now = standing(again)
        assert rows(guidance(again, now)) == {"other": (0, 0)}
        assert rows(guidance(again, now, 1))["irony"] == (12, 12)
        assert guidance(again, now).versions == (1, 2)
        with pytest.raises(MissingError, match="no version 3"):
            guidance(again, now, 3)


def test_a_correction_keeps_what_was_read_before_the_first_answer(
    project: Project, rater: Callable[[str], Person]
) -> None:
    ada = rater("Ada")
    (lent,) = next_assignments(project, ada, 1)
    answer(project, ada, Submission(lent.id, "kind", "key-1", read=("irony",)))
    assert take_back(project, ada) is not None
    answer(project, ada, Submission(lent.id, "no", "key-2", read=("insults",)))
    found = guidance(project, standing(project))
    assert rows(found) == {"preamble": (0, 0), "irony": (1, 1), "insults": (1, 1)}
    assert (found.answers, found.read) == (1, 1)


def test_the_table_has_a_row_a_section(read: Project) -> None:
    head, *lines = table(guidance(read, standing(read)))
    assert len(lines) == 3
    assert {len(line) for line in lines} == {len(head)}
    assert dict(zip(head, lines[1], strict=True))["section"] == "irony"
    assert dict(zip(head, lines[0], strict=True))["title"] == ""


def simulated(rng: np.random.Generator, excess: float, n: int = 400, sections: int = 6) -> Guidance:
    """Items with two to seven answers; sections are read before them at random, the first more before disputed ones."""
    disputed = rng.random(n) < 0.3
    given = rng.integers(2, 6, size=n)
    given[disputed] += 2  # as where more answers are asked for where raters differ
    judged = {f"i{item}": bool(disputed[item]) for item in range(n)}
    pages = {f"i{item}": int(given[item]) for item in range(n)}
    by_section: dict[str, dict[str, int]] = {f"s{number}": {} for number in range(sections)}
    any_read: dict[str, int] = {}
    for item in range(n):
        for _ in range(given[item]):
            chance = np.full(sections, 0.03)
            chance[0] += excess * disputed[item]
            read = np.flatnonzero(rng.random(sections) < chance)
            for number in read:
                by_section[f"s{number}"][f"i{item}"] = by_section[f"s{number}"].get(f"i{item}", 0) + 1
            if len(read):
                any_read[f"i{item}"] = any_read.get(f"i{item}", 0) + 1
    text = "\n\n".join(f"# s{number}" for number in range(sections))
    return compare(Read({1: text}, pages, by_section, any_read, set(), {}), 1, judged)


def test_where_reading_has_nothing_to_do_with_disputes_a_section_is_named_in_one_of_twenty_projects_at_most() -> None:
    rng = np.random.default_rng(3)
    found = [simulated(rng, 0.0) for _ in range(120)]
    assert all(row.p is not None and row.items >= LEAST for one in found for row in one.rows)
    assert sum(one.clearest is not None for one in found) <= 0.05 * len(found)


def test_where_it_has_the_section_is_named() -> None:
    rng = np.random.default_rng(4)
    named = [simulated(rng, 0.08).clearest for _ in range(30)]
    assert sum(row is not None and row.section.id == "s0" for row in named) >= 25


@pytest.mark.long
def test_the_intervals_hold_what_they_say() -> None:
    rng = np.random.default_rng(5)
    rates = (0.3 * 5.5) / (0.3 * 5.5 + 0.7 * 3.5)  # of answers: disputed items have two more
    held = [row.share.low <= rates <= row.share.high for _ in range(150) for row in simulated(rng, 0.0).rows]
    assert np.mean(held) >= 0.94
