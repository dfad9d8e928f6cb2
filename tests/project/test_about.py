"""What raters say of themselves: counted for leads, released as far as they agreed, and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import sqlalchemy as sa

from middlemost.core.about import AboutQuestion, Groups
from middlemost.core.answers import encode
from middlemost.core.nouns import Item, Person, Submission
from middlemost.core.questions import Scale
from middlemost.errors import AccessError, InputError, MissingError
from middlemost.files.exports import EXPORTS
from middlemost.project.about import Who, offer, tell, told, who_answers, withdraw
from middlemost.project.add import add
from middlemost.project.answer import answer
from middlemost.project.check import check
from middlemost.project.differences import differences
from middlemost.project.export import export
from middlemost.project.folder import Project
from middlemost.project.hooks import KINDS
from middlemost.project.next import next_assignments
from middlemost.project.people import invite, join
from middlemost.project.release import release
from middlemost.project.standing import standing
from middlemost.store.schema import event, metadata

PROTOCOL = """\
name: Tone
paradigm: descriptive
questions:
  - {id: tone, ask: "How does this sound?", options: [{id: kind}, {id: neutral}, {id: unkind}]}
collection: {answers_per_item: 30}
"""
ABOUT = """\
about_raters:
  why: To see whether groups judge differently.
  release: RELEASE
  questions:
    - {id: age, ask: "How old are you?", options: [{id: under-fifty}, {id: over-fifty}, {id: over-ninety}]}
    - {id: place, ask: "Where do you live?", options: [{id: uppsala-town}, {id: elsewhere-again}]}
"""
SECRETS = ("under-fifty", "over-fifty", "over-ninety", "uppsala-town", "elsewhere-again")


def declared(level: str) -> str:
    return PROTOCOL + ABOUT.replace("RELEASE", level)


class Crowd:
    """Raters of a project in a folder, whose protocol the test changes."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder, self.database = folder, database
        self.write(declared("counts"))
        with self.open() as project:
            add(project, [Item(f"i{n}", f"text {n}") for n in range(12)])

    def write(self, protocol: str) -> None:
        (self.folder / "protocol.yaml").write_text(protocol)

    def open(self) -> Project:
        return Project.open(self.folder, database=self.database)

    def join(self, project: Project, n: int, says: Callable[[int], dict[str, str]]) -> list[Person]:
        """`n` raters who answer everything, and say of themselves what `says` gives; the odd ones are unkind."""
        people = [join(project, invite(project), "Somebody").person for _ in range(n)]
        for at, one in enumerate(people):
            while lent := next_assignments(project, one, 12):
                for each in lent:
                    said = "unkind" if at % 2 and each.id % 4 else "kind"
                    answer(project, one, Submission(each.id, said, f"{one.id}-{each.id}"))
            if said_of := says(at):
                tell(project, one, said_of)
        return people


def by_turns(n: int) -> dict[str, str]:
    return {"age": "over-fifty" if n % 2 else "under-fifty"}


@pytest.fixture
def crowd(tmp_path: Path, database: str) -> Crowd:
    (tmp_path / "tone").mkdir()
    (tmp_path / "tone" / "guidelines.md").write_text("Listen.\n")
    return Crowd(tmp_path / "tone", database)


@pytest.fixture
def project(crowd: Crowd) -> Iterator[Project]:
    with crowd.open() as opened:
        yield opened


def holding(folder: Path) -> list[str]:
    """The files in which something that raters said of themselves stands, but for the protocol, which asks it."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("protocol")]
    return [path.name for path in files if any(secret.encode() in path.read_bytes() for secret in SECRETS)]


def test_a_rater_says_changes_and_withdraws_it(project: Project, crowd: Crowd) -> None:
    ada, bo = crowd.join(project, 2, lambda _: {})
    tell(project, ada, {"age": "over-ninety", "place": "uppsala-town"})
    tell(project, ada, {"age": "over-fifty"})
    said = told(project, ada)
    assert said is not None
    assert said.values == {"age": "over-fifty"}
    assert said.protocol_hash == project.protocol_hash
    assert told(project, bo) is None
    assert withdraw(project, ada)
    assert told(project, ada) is None


def test_only_raters_say_something_and_only_what_can_be_said(project: Project, crowd: Crowd) -> None:
    (ada,) = crowd.join(project, 1, lambda _: {})
    with pytest.raises(InputError, match=r"none of the answers.*over-fifty"):
        tell(project, ada, {"age": "over-fity"})
    with pytest.raises(InputError, match="no such question"):
        tell(project, ada, {"height": "tall"})
    lead = join(project, invite(project, role="lead"), "Grace").person
    for act in (lambda: tell(project, lead, {}), lambda: told(project, lead), lambda: withdraw(project, lead)):
        with pytest.raises(AccessError):
            act()


def test_leads_see_groups_of_five_and_nobody_is_found_out(project: Project, crowd: Crowd) -> None:
    crowd.join(project, 16, by_turns)
    crowd.join(project, 2, lambda _: {"age": "over-ninety"})
    crowd.join(project, 4, lambda _: {})
    who = who_answers(project)
    assert who is not None
    age = who.groups[0]
    assert age.question.id == "age"
    assert (dict(age.shown), age.unsaid, age.hidden, age.rest) == ({"under-fifty": 8}, None, SECRETS[1:3], 11)
    crowd.join(project, 2, lambda _: {"age": "over-fifty"})
    age = who_answers(project).groups[0]  # type: ignore[union-attr]
    assert (dict(age.shown), age.hidden, age.rest) == ({"under-fifty": 8, "over-fifty": 10}, ("over-ninety",), 6)


def test_answers_show_five_at_a_time_so_that_nobody_is_seen_to_come(project: Project, crowd: Crowd) -> None:
    crowd.join(project, 10, by_turns)
    crowd.join(project, 6, lambda _: {})
    before = who_answers(project)
    for _ in range(4):
        crowd.join(project, 1, lambda _: {"age": "over-fifty"})
        now = who_answers(project)
        assert now is not None
        assert before is not None
        assert now.groups == before.groups
    crowd.join(project, 1, lambda _: {"age": "over-fifty"})
    assert who_answers(project).groups[0].shown == {"over-fifty": 10}  # type: ignore[union-attr]


def test_the_desk_compares_groups_of_five_and_more(project: Project, crowd: Crowd) -> None:
    crowd.join(project, 9, by_turns)
    assert standing(project).differences == ()
    crowd.join(project, 7, lambda n: by_turns(n + 1) | {"place": SECRETS[3]})
    crowd.join(project, 5, lambda _: {})
    (found,) = standing(project).differences
    assert (found.about.id, found.question.id, found.groups) == ("age", "tone", ("under-fifty", "over-fifty"))
    share = {(one.option, one.group): one for one in found.shares}
    kind, unkind = share["kind", "under-fifty"], share["unkind", "over-fifty"]
    assert sum(one.share for one in found.shares) == pytest.approx(2)
    assert kind.low < kind.share < kind.high
    assert unkind.share > share["unkind", "under-fifty"].share
    assert [(one.first, one.second) for one in found.agreement] == [
        ("under-fifty", "under-fifty"),
        ("over-fifty", "over-fifty"),
        ("under-fifty", "over-fifty"),
    ]
    assert all(one.estimate.low is not None for one in found.agreement)


def test_nothing_of_it_leaves_by_any_export_or_stands_in_any_other_table(
    project: Project, crowd: Crowd, tmp_path: Path
) -> None:
    crowd.join(project, 11, lambda n: by_turns(n) | {"place": "uppsala-town"})
    (tmp_path / "out").mkdir()
    for name in EXPORTS:
        export(project, name, tmp_path / "out" / f"{name}.out")
    assert len(list((tmp_path / "out").iterdir())) >= len(EXPORTS)
    # A data set that is published has what the protocol lets out with a release: the sizes of groups, in its card.
    assert holding(tmp_path / "out") == ["README.md"]

    def tables(connection: sa.Connection) -> set[str]:
        rows = {table.name: repr(connection.execute(sa.select(table)).all()) for table in metadata.sorted_tables}
        return {name for name, text in rows.items() if any(secret in text for secret in SECRETS)}

    assert project.store.read(tables) == {"about", "protocol"}
    dids = project.store.read(lambda connection: set(connection.execute(sa.select(event.c.did)).scalars()))
    assert "told of themselves" in dids
    assert not [kind for kind in KINDS if "themselves" in kind]


@pytest.mark.parametrize(
    ("level", "files"), [("nothing", []), ("counts", ["DATASHEET.md"]), ("rows", ["DATASHEET.md", "raters.parquet"])]
)
def test_a_release_holds_what_its_level_says(crowd: Crowd, tmp_path: Path, level: str, files: list[str]) -> None:
    crowd.write(declared(level))
    with crowd.open() as project:
        crowd.join(project, 11, by_turns)
        assert holding(release(project, tmp_path / "out")) == files
    text = (tmp_path / "out" / "DATASHEET.md").read_text()
    assert ("To see whether groups judge differently." in text) is (level != "nothing")
    if level == "counts":
        assert "under-fifty, over-fifty, over-ninety, not said (together) | 10" in text
    if level == "rows":
        rows = pl.read_parquet(tmp_path / "out" / "raters.parquet")
        assert rows.columns == ["rater", "age", "place"]
        assert rows.row(0) == ("r-001", "under-fifty", None)
        assert rows.height == 11
    listed = json.loads((tmp_path / "out" / "manifest.json").read_text())["files"]
    assert ("raters.parquet" in listed) is (level == "rows")


def test_who_agreed_to_less_is_not_in_what_releases_more_until_they_agree_anew(crowd: Crowd, tmp_path: Path) -> None:
    crowd.write(declared("nothing"))
    with crowd.open() as project:
        first = crowd.join(project, 5, by_turns)
    crowd.write(declared("counts"))
    with crowd.open() as project:
        second = crowd.join(project, 5, by_turns)
        text = (release(project, tmp_path / "counts") / "DATASHEET.md").read_text()
        assert "under-fifty, over-fifty, over-ninety (together) | 5 |\n| not said | 5 |" in text
        assert [offer(project, one) is not None for one in (*first, *second)] == [True] * 5 + [False] * 5
    crowd.write(declared("rows"))
    with crowd.open() as project:
        assert holding(release(project, tmp_path / "none")) == ["DATASHEET.md"], "of groups, all of them unsaid"
        assert all(offer(project, one) for one in (*first, *second))
        tell(project, first[0], {"age": "over-ninety"})
        assert offer(project, first[0]) is None
        rows = pl.read_parquet(release(project, tmp_path / "rows") / "raters.parquet")
        assert rows.rows() == [(first[0].pseudonym, "over-ninety", None)]
        withdraw(project, first[0])
        assert "raters.parquet" not in {path.name for path in release(project, tmp_path / "gone").iterdir()}


def test_less_released_later_asks_nobody_anew_and_another_reason_asks_all(crowd: Crowd) -> None:
    with crowd.open() as project:
        (ada,) = crowd.join(project, 1, by_turns)
    crowd.write(declared("nothing"))
    with crowd.open() as project:
        assert offer(project, ada) is None
    crowd.write(declared("counts").replace("To see", "To publish"))
    with crowd.open() as project:
        assert offer(project, ada) is not None


CHANGES = [
    (
        declared("rows"),
        "each rater’s answers, not the sizes of groups: who answered before did not agree",
    ),
    (declared("nothing"), "releases hold nothing, not the sizes of groups: what raters agreed to covers it."),
    (declared("counts").replace("To see", "To sell"), "those who answered are asked anew."),
    (declared("counts").replace(", {id: over-ninety}", ""), "'age' about raters loses 'over-ninety'"),
    (PROTOCOL, "neither shown nor released, and kept until they withdraw it"),
]


@pytest.mark.parametrize(("protocol", "said"), CHANGES)
def test_check_says_what_a_change_does_to_what_raters_said(crowd: Crowd, protocol: str, said: str) -> None:
    with crowd.open() as project:
        ada = join(project, invite(project), "Ada").person
        tell(project, ada, {"age": "over-fifty"})
    crowd.write(protocol)
    (change,) = check(crowd.folder, database=crowd.database).changes
    assert said in change


def test_what_is_asked_no_more_is_kept_for_its_rater_to_withdraw_and_counts_nowhere(crowd: Crowd) -> None:
    with crowd.open() as project:
        (ada,) = crowd.join(project, 1, by_turns)
    crowd.write(PROTOCOL)
    with crowd.open() as project:
        assert told(project, ada) is not None
        assert who_answers(project) is None
        assert offer(project, ada) is None
        with pytest.raises(MissingError):
            tell(project, ada, {"age": "over-fifty"})
        assert withdraw(project, ada)


def test_a_scale_is_compared_by_its_numbers() -> None:
    rng = np.random.default_rng(0)
    rows = [(f"i{i}", f"r{r}", str(int(rng.integers(1, 4)) + r % 2)) for i in range(30) for r in range(12)]
    given = encode(pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row"))
    age = AboutQuestion(id="age", ask="?", options=[{"id": "young"}, {"id": "old"}])
    members = {f"r{number}": ("young", "old")[number % 2] for number in range(12)}
    who = Who((Groups(age, {"young": 6, "old": 6}, 0, (), 0),), {"age": members})
    scale = Scale(id="heat", type="scale", look="likert", ask="?", min=1, max=5)
    (found,) = differences(who, scale, given)
    assert [one.option for one in found.shares] == ["1", "1", "2", "2", "3", "3", "4", "4"]
    assert len(found.agreement) == 3
