"""What grows with the project, from import over `next` and the desk's lists to the release.

Importing 100,000 items, with answers and without, and exporting as many answers; `next` at a million items beside ten
thousand; every list and every count of the desk at a million items; the release of them.

`next` is taken twice: as items come one after another, and under rules that mix the line and exclude (`chosen`). Lists
are taken where they are at their worst, too: of a state that no item is in, or only ten at the end of the line, and for
words that no item has in it.

Run: python benchmarks/sizes.py [--on sqlite postgresql] [--items 100000] [--many 1000000] [--json]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import sqlalchemy as sa
from postgres import Postgres

from middlemost.core.nouns import Item, Submission
from middlemost.files.earlier import read_earlier
from middlemost.project.add import add
from middlemost.project.answer import answer
from middlemost.project.assign import describe_raters
from middlemost.project.browse import browse
from middlemost.project.export import export
from middlemost.project.folder import Project
from middlemost.project.moving import bring_in
from middlemost.project.next import next_assignments
from middlemost.project.people import invite, join
from middlemost.project.progress import progress, rater_progress
from middlemost.project.release import release
from middlemost.store import counts
from middlemost.store.listing import STATES
from middlemost.store.schema import item

TEXT = "the quick brown fox jumps over the lazy dog and considers the evidence carefully. " * 3
FEW, PAIRS = 10_000, 400
BARS = {
    "import_s": 3.0, "import_with_answers_s": 6.0, "export_s": 3.0, "next_ratio": 1.3, "chosen_ratio": 1.3,
    "slowest_list_ms": 300, "slowest_count_ms": 300,
}  # fmt: skip
SEARCHES = ("no such words", "considers the evidence")
PROTOCOL = """\
name: Sizes
paradigm: prescriptive
questions:
  - {id: tone, ask: "Which tone?", options: [{id: a}, {id: b}, {id: c}]}
collection:
  answers_per_item: {places}
"""
CHOSEN = """\
  order: shuffled
  once_in: [thread]
  not_own: author
  quotas: {by: language, answers: {en: 1, de: 1}}
  limits: {a_day: 1000}
  repeats: {share: 0.05}
  more: {lead: 2, most: 6}
"""


def main() -> int:
    """Measure, print, and tell by the exit code whether the bars hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--on", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    rows = []
    for kind in wanted.on:
        with databases(kind) as urls, tempfile.TemporaryDirectory() as folder:
            rows.append({"on": kind} | measure(Path(folder), urls, wanted.items, wanted.many))
    if wanted.json:
        print(json.dumps(rows))
    for row in [] if wanted.json else rows:
        print("\n".join(f"{name:26} {value}" for name, value in row.items()))
    return int(any(row[name] > bar for row in rows for name, bar in BARS.items()))


@contextmanager
def databases(kind: str) -> Iterator[Iterator[str | None]]:
    """New databases, one after another; None is the SQLite file in a project's folder."""
    if kind == "sqlite":
        yield iter([None] * 6)
        return
    with Postgres() as server:
        yield (server.create(f"size_{number}") for number in range(6))


def measure(folder: Path, urls: Iterator[str | None], n_items: int, many: int) -> dict[str, Any]:
    """The figures of one kind of database."""
    figures: dict[str, Any] = {}
    with project_in(folder / "import", next(urls)) as project:
        file = folder / "items.jsonl"
        file.write_text("".join(json.dumps({"id": f"i{n}", "text": f"{n} {TEXT}"}) + "\n" for n in range(n_items)))
        figures["items"] = n_items
        figures["import_s"] = timed(lambda: add(project, file))
    with project_in(folder / "few", next(urls)) as few, project_in(folder / "many", next(urls)) as more:
        for project, n in ((few, FEW), (more, many)):
            add(project, [Item(f"i{number}", f"{number} {TEXT}") for number in range(n)])
        at_few, at_many = pairs(few, more)
        figures |= {"next_ms_at_ten_thousand": at_few, f"next_ms_at_{many}": at_many}
        figures["next_ratio"] = round(at_many / at_few, 2)
        figures["release_s"] = timed(lambda: release(more, folder / "out"))
        figures |= worst("list", lists(more, many)) | worst("count", tallies(more))
    figures |= with_answers(folder, next(urls), n_items)
    with (
        project_in(folder / "chosen-few", next(urls), CHOSEN) as few,
        project_in(folder / "chosen-many", next(urls), CHOSEN) as more,
    ):
        for project, n in ((few, FEW), (more, many)):
            add(project, [Item(f"i{number}", TEXT, said_of(number)) for number in range(n)])
        at_few, at_many = pairs(few, more)
        figures |= {"chosen_ms_at_ten_thousand": at_few, f"chosen_ms_at_{many}": at_many}
        figures["chosen_ratio"] = round(at_many / at_few, 2)
    return figures


def with_answers(folder: Path, url: str | None, n: int) -> dict[str, float]:
    """Seconds to take in `n` items that have an answer each already, and to give the answers out again."""
    file = folder / "answers.csv"
    file.write_text("item,rater,answer\n" + "".join(f"i{number},r{number % 50},a\n" for number in range(n)))
    with project_in(folder / "answered", url) as project:
        given = [Item(f"i{number}", f"{number} {TEXT}") for number in range(n)]
        took = timed(lambda: (add(project, given), bring_in(project, read_earlier(file, project.protocol.questions))))
        return {"import_with_answers_s": took, "export_s": timed(lambda: export(project, "csv", folder / "out.csv"))}


def lists(project: Project, n: int) -> dict[str, float]:
    """Milliseconds of a page of each list, with words and without: with no item answered, and with all but ten."""
    took: dict[str, float] = {}
    for filled in (0, n - 10):
        project.store.write(fill, filled)
        for state, words in product(STATES, ("", *SEARCHES)):
            name = " ".join(part for part in (state, words, "filled" if filled else "") if part)
            took[name] = milliseconds(lambda state=state, words=words: browse(project, state, words))
    return took


def fill(connection: sa.Connection, upto: int) -> None:
    """Let the items up to a number have all their answers; the others as they are."""
    connection.execute(sa.update(item).where(item.c.seq <= upto).values(taken=item.c.places, answered=item.c.places))


def tallies(project: Project) -> dict[str, float]:
    """Milliseconds of each count."""
    rater = join(project, invite(project), "Bob").person
    counted: dict[str, Callable[[], object]] = {
        "of the project": lambda: progress(project),
        "of a rater": lambda: rater_progress(project, rater),
        "pulse": lambda: project.store.read(counts.pulse),
        "by rater": lambda: project.store.read(counts.by_rater, "tone"),
    }
    return {name: milliseconds(count) for name, count in counted.items()}


def milliseconds(work: Callable[[], object]) -> float:
    """The median of five."""
    return round(1000 * median(timed(work, 5) for _ in range(5)), 1)


def worst(kind: str, took: dict[str, float]) -> dict[str, float | str]:
    """The slowest of some."""
    name = max(took, key=lambda one: took[one])
    return {f"slowest_{kind}": name, f"slowest_{kind}_ms": took[name]}


def said_of(number: int) -> dict[str, object]:
    """The thread and the author of an item."""
    return {"thread": number // 3, "author": f"a{number % 50}"}


@contextmanager
def project_in(folder: Path, url: str | None, rules: str = "") -> Iterator[Project]:
    """A new project."""
    folder.mkdir()
    (folder / "protocol.yaml").write_text(PROTOCOL.replace("{places}", "3" if rules else "1") + rules)
    (folder / "guidelines.md").write_text("Listen.\n")
    with Project.open(folder, database=url) as project:
        yield project


def pairs(few: Project, many: Project) -> tuple[float, float]:
    """Milliseconds of `next`, median; the two projects take turns, so that what else the machine does slows both."""
    raters = {id(project): join(project, invite(project), "Ada").person for project in (few, many)}
    for project in (few, many):
        describe_raters(project, {raters[id(project)].pseudonym: {"language": "en", "author": "a7"}})
    took: dict[int, list[float]] = {id(few): [], id(many): []}
    for number in range(PAIRS):
        for project in (few, many):
            began, person = perf_counter(), raters[id(project)]
            (lent,) = next_assignments(project, person, 1)
            took[id(project)].append(perf_counter() - began)
            answer(project, person, Submission(lent.id, "a", f"key-{number}"))
    first, second = (round(1000 * median(took[id(project)]), 3) for project in (few, many))
    return first, second


def timed(work: Callable[[], object], digits: int = 2) -> float:
    """Seconds that `work` takes."""
    began = perf_counter()
    work()
    return round(perf_counter() - began, digits)


if __name__ == "__main__":
    raise SystemExit(main())
