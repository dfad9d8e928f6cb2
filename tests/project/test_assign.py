"""A protocol that says who is given what, from the file to the release."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from middlemost.core.nouns import Item, Person, Submission
from middlemost.errors import InputError, MissingError, ProtocolError
from middlemost.project.add import add
from middlemost.project.answer import answer
from middlemost.project.assign import describe_raters, prioritise, said_of_raters
from middlemost.project.doctor import doctor
from middlemost.project.folder import Project
from middlemost.project.next import next_assignments, reached_limit
from middlemost.project.people import invite, join
from middlemost.project.progress import progress, rater_progress
from middlemost.project.release import release

PROTOCOL = """\
name: Tone
paradigm: prescriptive
questions:
  - {{id: tone, ask: "How does this sound?", options: [{{id: a}}, {{id: b}}, {{id: c}}, {{id: d}}]{question}}}
collection:
  answers_per_item: 2
{collection}
"""


def declare(folder: Path, *collection: str, question: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    lines = "\n".join(f"  {line}" for line in collection)
    (folder / "protocol.yaml").write_text(PROTOCOL.format(collection=lines, question=question))
    (folder / "guidelines.md").write_text("Listen.\n")
    return folder


def rater(project: Project, name: str = "Ada") -> Person:
    return join(project, invite(project), name).person


def go(project: Project, person: Person, value: str = "a", most: int = 100) -> list[str]:
    seen: list[str] = []
    while len(seen) < most and (lent := next_assignments(project, person, 1)):
        answer(project, person, Submission(lent[0].id, value, f"{person.id}-{lent[0].id}"))
        seen.append(lent[0].item.id)
    return seen


def items(n: int = 4, **fields: Callable[[int], object]) -> list[Item]:
    return [Item(f"i{one}", f"text {one}", {name: f(one) for name, f in fields.items()}) for one in range(n)]


def test_everything_that_collection_declares_is_obeyed_at_once(tmp_path: Path) -> None:
    folder = declare(
        tmp_path, "order: shuffled", "seed: 7", "priority: urgency", "once_in: [thread]", "not_own: author",
        "quotas: {by: language, answers: {en: 1, de: 1}}", "limits: {items: 4}", "repeats: {share: 0.5, after: 1}",
        "more: {lead: 2, most: 4}",
    )  # fmt: skip
    with Project.open(folder) as project:
        given = items(8, urgency=lambda n: n % 2, thread=lambda n: n // 2, author=lambda n: "ada" if n < 2 else "x")
        add(project, given)
        one, two, three = (rater(project, name) for name in ("Ada", "Bob", "Eve"))
        raters = {one.pseudonym: {"language": "en", "author": "ada"}, two.pseudonym: {"language": "de"}}
        assert describe_raters(project, raters) == 2
        assert said_of_raters(project) == raters
        first = go(project, one)
        assert set(first) == {"i3", "i5", "i7"}, "of each thread the urgent one, none of her own"
        assert len(first) == 4, "one of them twice"
        second = go(project, two, "b")
        assert len(second) == 4, "no more than the limit"
        assert go(project, three) != [], "what they disagree on is open to anybody"
        assert doctor(folder).faults == ()


def test_the_order_of_the_options_is_each_raters_own_and_released(tmp_path: Path) -> None:
    with Project.open(declare(tmp_path / "p", question=", shuffle: yes")) as project:
        add(project, items(2))
        people = [rater(project, name) for name in ("Ada", "Bob")]
        shown = [project.questions_for(one)[0].shown() for one in people]
        assert shown[0] != shown[1]
        assert sorted(shown[0]) == ["a", "b", "c", "d"]
        for one in people:
            go(project, one)
        answers = pl.read_parquet(release(project, tmp_path / "out") / "answers.parquet")
        said = answers.group_by("rater").agg(pl.col("shown_order").first()).sort("rater")["shown_order"].to_list()
        assert [tuple(one) for one in said] == shown


def test_a_changed_protocol_puts_the_items_in_line_anew_and_keeps_what_was_met(tmp_path: Path) -> None:
    given = items(6, urgency=lambda n: n if n > 3 else 0, thread=lambda n: n % 2)
    with Project.open(declare(tmp_path)) as project:
        add(project, given)
        one = rater(project)
        assert go(project, one, most=1) == ["i0"]
    with Project.open(declare(tmp_path, "priority: urgency")) as project:
        prioritise(project, {"i1": 9})
        assert go(project, one, most=2) == ["i1", "i5"]
    with Project.open(declare(tmp_path, "priority: urgency", "once_in: [thread]")) as project:
        assert go(project, one) == [], "of both threads they have had an item"
        assert go(project, rater(project, "Bob")) == ["i1", "i4"], "what was set by hand stays"


def test_a_protocol_that_asks_for_more_from_now_on_looks_at_what_is_there(tmp_path: Path) -> None:
    with Project.open(declare(tmp_path)) as project:
        add(project, items(3))
        one, two, three = (rater(project, name) for name in ("Ada", "Bob", "Eve"))
        go(project, one, "a")
        go(project, two, "b", most=1)
        go(project, two, "a")
        assert progress(project).complete == 3
    with Project.open(declare(tmp_path, "more: {most: 3}")) as project:
        assert go(project, three) == ["i0"]
    with Project.open(declare(tmp_path)) as project:
        assert progress(project).wanted == 7, "what was given stays"


def test_limits_are_told_to_the_rater_and_bound_what_is_left(tmp_path: Path) -> None:
    with Project.open(declare(tmp_path, "limits: {items: 3}")) as project:
        add(project, items(5))
        one = rater(project)
        assert rater_progress(project, one).left == 3
        assert reached_limit(project, one) is None
        assert len(go(project, one)) == 3
        assert (reached := reached_limit(project, one)) is not None
        assert (reached.what, reached.most, reached.until) == ("items", 3, None)
        assert rater_progress(project, one).left == 0


@pytest.mark.parametrize(
    ("collection", "said"),
    [
        ("quotas: {by: language, answers: {en: 2, de: 1}}", "line 7, column 35: The groups are to give 3 answers"),
        ("more: {most: 2}", "column 16, value '2': `most` is to be above answers_per_item"),
        ("more: {lead: 2}", "line 7, column 9"),
        ("limits: {a_month: 3}", "a_month"),
        ("repeats: {share: 2}", "at most 1.0"),
        ("order: random", "order"),
    ],
)
def test_a_declaration_that_cannot_be_is_named_with_its_place(tmp_path: Path, collection: str, said: str) -> None:
    with pytest.raises(ProtocolError) as error:
        Project.open(declare(tmp_path, collection))
    assert said in str(error.value)


def test_a_descriptive_project_does_not_ask_more_where_raters_disagree(tmp_path: Path) -> None:
    folder = declare(tmp_path, "more: {most: 4}")
    path = folder / "protocol.yaml"
    path.write_text(path.read_text().replace("prescriptive", "descriptive"))
    with pytest.raises(ProtocolError, match="disagreement is its result"):
        Project.open(folder)


def test_priorities_come_from_a_file_and_a_mistake_in_it_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "first.csv"
    with Project.open(declare(tmp_path / "p")) as project:
        add(project, items(4))
        file.write_text("item,priority\ni2,1\ni3,5\n")
        assert prioritise(project, file) == 2
        for wrong, said in (
            ("i0,9\ni1,soon\n", "line 3"), ("i0,9\ni9,1\n", "line 3"), ("i0,9\ni0,1\n", "line 3"), (",9\n", "line 2"),
        ):  # fmt: skip
            file.write_text("item,priority\n" + wrong)
            with pytest.raises(InputError) as error:
                prioritise(project, file)
            assert said in str(error.value)
        assert go(project, rater(project)) == ["i3", "i2", "i0", "i1"]
        with pytest.raises(MissingError, match="no item 'x'"):
            prioritise(project, {"x": 1})


def test_what_is_said_of_raters_comes_from_a_file_and_an_empty_cell_takes_it_back(tmp_path: Path) -> None:
    file = tmp_path / "raters.csv"
    with Project.open(declare(tmp_path / "p")) as project:
        for name in ("Ada", "Bob"):
            rater(project, name)
        file.write_text("rater,language,author\nr-001,en, ann \nr-002,de,\n")
        assert describe_raters(project, file) == 2
        assert said_of_raters(project) == {"r-001": {"language": "en", "author": "ann"}, "r-002": {"language": "de"}}
        file.write_text("rater,author\nr-001,\n")
        describe_raters(project, file)
        assert said_of_raters(project)["r-001"] == {"language": "en"}
        for wrong, said in (
            ("rater\nr-001\n", "no column beside"), ("rater,x\nr-9,1\n", "line 2"), ("x,y\n1,2\n", "column for rater"),
        ):  # fmt: skip
            file.write_text(wrong)
            with pytest.raises(InputError) as error:
                describe_raters(project, file)
            assert said in str(error.value)
