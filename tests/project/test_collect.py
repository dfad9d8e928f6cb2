"""Adding, answering, deciding, and how a project stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from middlemost.core.nouns import Item, Person, Submission
from middlemost.errors import AccessError, InputError, MissingError, SettingError, StateError
from middlemost.project.add import add
from middlemost.project.answer import answer, take_back
from middlemost.project.collected import collected, gold, long_table
from middlemost.project.conclude import conclude, labels
from middlemost.project.folder import Project
from middlemost.project.measure import measure
from middlemost.project.next import next_assignments, skip
from middlemost.project.people import invite, join, owner_invite
from middlemost.project.progress import progress, rater_progress
from middlemost.project.review import decisions, review
from middlemost.project.standing import item_detail, pulse, standing
from middlemost.store.answers import every

Rater = Callable[[str], Person]
AnswerAll = Callable[..., int]


def test_adding_the_same_items_again_changes_nothing(project: Project) -> None:
    again = [Item(f"i{n}", f"text {n}") for n in range(5)]
    added = add(project, again)
    assert (added.new, added.known) == (1, 4)
    assert progress(project).items == 5


def test_a_file_that_breaks_off_leaves_the_project_as_it_was(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text('{"id": "n1", "text": "new"}\n{"id": "n2", "te')
    with pytest.raises(InputError, match="line 2"):
        add(project, path)
    assert progress(project).items == 4


def test_gold_that_does_not_fit_leaves_the_project_as_it_was(project: Project) -> None:
    new = [Item("n1", "new")]
    for wrong in ({"i0": "knid"}, {"nobody": "kind"}):
        with pytest.raises(InputError):
            add(project, new, gold=wrong, drawn="random")
    with pytest.raises(SettingError, match="How was the gold drawn"):
        add(project, new, gold={"i0": "kind"})
    assert progress(project).items == 4
    assert gold(project) is None


def test_items_at_hand_are_held_to_the_rules_of_those_from_a_file(project: Project) -> None:
    with pytest.raises(InputError, match="item 2, column id, value 'n1': Two different items"):
        add(project, [Item("n1", "one"), Item("n1", "two")])
    with pytest.raises(InputError, match=r"item 1, column id, value '\.\.': .*address"):
        add(project, [Item("..", "one")])
    assert add(project, [Item("n1", "one"), Item(" n1 ", "one")]).new == 1


def test_what_does_not_fit_the_project_is_named_with_its_line(project: Project, tmp_path: Path) -> None:
    items, known = tmp_path / "items.jsonl", tmp_path / "gold.csv"
    items.write_text('{"id": "n1", "text": "new"}\n\n{"id": "i2", "text": "changed"}\n')
    with pytest.raises(InputError, match=r"items\.jsonl, line 3, column id, value 'i2': This item is in the project"):
        add(project, items)
    known.write_text("task,label\ni0,kind\nnobody,kind\n")
    with pytest.raises(InputError, match=r"gold\.csv, line 3, column task, value 'nobody': This gold item is not"):
        add(project, gold=known, drawn="random")
    known.write_text("task,label\ni0,kind\ni1,knid\n")
    with pytest.raises(InputError, match=r"gold\.csv, line 3, column label, value 'knid': .*none of the question's"):
        add(project, gold=known, drawn="random")


def test_gold_declares_how_it_was_drawn_and_can_be_mended(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "gold.csv"
    path.write_text("item,label,drawn\ni0,kind,random\ni1,no,chosen\n")
    assert add(project, gold=path).gold == 2
    assert add(project, gold={"i0": "neutral"}, drawn="random").gold == 0
    known = gold(project)
    assert known is not None
    assert (known.items.to_list(), known.labels.to_list(), known.drawn) == (["i0", "i1"], ["neutral", "no"], "mixed")


def test_a_mistyped_gold_label_gets_a_suggestion(project: Project) -> None:
    with pytest.raises(InputError, match="Did you mean neutral"):
        add(project, gold={"i0": "nuetral"}, drawn="random")


def test_an_answer_that_is_no_option_is_refused(project: Project, rater: Rater) -> None:
    ada = rater("Ada")
    lent = next_assignments(project, ada, 1)[0]
    for wrong in (
        Submission(lent.id, "kidn", "key-1"),
        Submission(lent.id, "kind", ""),
        Submission(lent.id, "kind", "k" * 201),
    ):
        with pytest.raises(InputError):
            answer(project, ada, wrong)
    assert rater_progress(project, ada).done == 0


def test_who_sees_the_answers_of_others_does_not_answer(project: Project) -> None:
    owner = join(project, owner_invite(project) or "", "Boss").person
    with pytest.raises(AccessError, match="blind"):
        next_assignments(project, owner)
    with pytest.raises(AccessError):
        answer(project, owner, Submission(1, "kind", "key-1"))
    with pytest.raises(AccessError):
        take_back(project, owner)


def test_progress_counts_what_is_there(project: Project, rater: Rater) -> None:
    ada = rater("Ada")
    first, second, _ = next_assignments(project, ada, 3)
    answer(project, ada, Submission(first.id, "kind", "a"))
    skip(project, ada, second.id, "unreadable")
    now = progress(project)
    assert (now.items, now.complete, now.answers, now.wanted, now.lent, now.skipped) == (4, 0, 1, 8, 1, 1)
    mine = rater_progress(project, ada)
    assert (mine.done, mine.left) == (1, 2)


@pytest.mark.parametrize("rounds", [1, 3])
def test_left_is_how_many_answers_still_come(project: Project, rounds: int) -> None:
    ada = join(project, invite(project, rounds=rounds), "Ada").person
    left = rater_progress(project, ada).left
    assert left == 4 * rounds
    while lent := next_assignments(project, ada, 1):
        answer(project, ada, Submission(lent[0].id, "kind", f"key-{left}"))
        left -= 1
        assert rater_progress(project, ada).left == left
    assert left == 0


def test_the_answers_that_count_are_the_newest_revisions(project: Project, rater: Rater, answer_all: AnswerAll) -> None:
    ada = rater("Ada")
    answer_all(ada, "kind")
    last = take_back(project, ada)
    assert last is not None
    assert last.given == {"tone": "kind"}
    answer(project, ada, Submission(last.id, "no", "correction"))
    answers = collected(project)
    assert answers is not None
    assert answers.frame().filter(pl.col("item") == last.item.id)["answer"].to_list() == ["no"]
    table = long_table(project.store.read(every))
    assert table.height == 5
    assert table.filter(~pl.col("stands"))["answer"].to_list() == ["kind"]
    assert table["shown_order"][0].to_list() == ["kind", "neutral", "no"]


def test_a_project_without_answers_stands_at_nothing(project: Project) -> None:
    now = standing(project)
    assert (now.agreement, now.consensus, now.disputed, now.n_disputed) == ((), None, (), 0)
    assert now.note == "There are no answers yet."
    assert measure(project) == ()
    assert conclude(project) is None
    assert labels(project).height == 0


def test_the_desk_sees_agreement_raters_and_disputed_items(
    project: Project, rater: Rater, answer_all: AnswerAll
) -> None:
    add(project, gold={"i0": "kind"}, drawn="random")
    answer_all(rater("Ada"), "kind")
    answer_all(rater("Bo"), "kind", "kind", "kind", "no")
    now = standing(project)
    assert now.progress.complete == 4
    assert {one.name for one in now.agreement} >= {"alpha"}
    assert [(one.item, one.votes) for one in now.disputed] == [("i3", {"kind": 1, "no": 1})]
    assert [(one.rater, one.n_answers, one.gold_right, one.gold_answered) for one in now.raters] == [
        ("r-001", 4, 1, 1),
        ("r-002", 4, 1, 1),
    ]
    assert now.raters[0].median_seconds == 1.5
    assert now.distribution == {"kind": 7, "neutral": 0, "no": 1}


def test_the_pulse_changes_when_there_is_something_new(project: Project, rater: Rater, answer_all: AnswerAll) -> None:
    seen = [pulse(project)]
    for change in (
        lambda: rater("Ada"),
        lambda: answer_all(join(project, invite(project), "Bo").person, "kind"),
        lambda: review(project, None, "i0", "no", "because"),
        lambda: add(project, [Item("n", "new")]),
    ):
        change()
        seen.append(pulse(project))
    assert len(set(seen)) == len(seen)


def test_a_decision_fixes_the_label_and_the_newest_counts(
    project: Project, rater: Rater, answer_all: AnswerAll
) -> None:
    answer_all(rater("Ada"), "kind")
    lead = join(project, invite(project, role="lead"), "Lea").person
    review(project, lead, "i1", "neutral", "first thought")
    review(project, lead, "i1", "no", "second thought", scripted=True)
    table = labels(project)
    row = table.filter(pl.col("item") == "i1").row(0, named=True)
    assert (row["label"], row["confidence"], row["source"]) == ("no", None, "decision")
    assert table.filter(pl.col("source") == "consensus")["label"].unique().to_list() == ["kind"]
    assert decisions(project)["i1"].by == "l-001"
    assert [one.label for one in item_detail(project, "i1").decisions] == ["no", "neutral"]


def test_an_item_that_nobody_answered_can_be_decided(project: Project) -> None:
    review(project, None, "i2", "kind", "obvious")
    assert labels(project).rows() == [("i2", "kind", None, 0, None, "decision")]


def test_a_decision_needs_a_lead_an_option_a_reason_and_an_item(project: Project, rater: Rater) -> None:
    with pytest.raises(AccessError):
        review(project, rater("Ada"), "i0", "kind", "because")
    with pytest.raises(InputError):
        review(project, None, "i0", "kidn", "because")
    with pytest.raises(InputError):
        review(project, None, "i0", "kind", "  ")
    with pytest.raises(MissingError):
        review(project, None, "nothing", "kind", "because")


def test_an_item_is_shown_with_all_its_answers(project: Project, rater: Rater, answer_all: AnswerAll) -> None:
    answer_all(rater("Ada"), "kind")
    answer_all(rater("Bo"), "no")
    detail = item_detail(project, "i0")
    assert [(one.rater, one.value, one.kept, one.latest) for one in detail.answers] == [
        ("r-001", "kind", "counted", True),
        ("r-002", "no", "counted", True),
    ]
    assert (detail.votes, detail.places, detail.answered) == ({"kind": 1, "no": 1}, 2, 2)
    with pytest.raises(MissingError):
        item_detail(project, "nothing")


def test_a_descriptive_project_has_distributions_and_no_labels(folder: Path) -> None:
    path = folder / "protocol.yaml"
    path.write_text(path.read_text().replace("prescriptive", "descriptive"))
    with Project.open(folder) as project:
        add(project, [Item("a", "text")])
        for name, value in (("Ada", "kind"), ("Bo", "no")):
            person = join(project, invite(project), name).person
            answer(project, person, Submission(next_assignments(project, person)[0].id, value, name))
        now = standing(project)
        assert (now.consensus, now.labels) == (None, {})
        assert now.distribution == {"kind": 1, "neutral": 0, "no": 1}
        assert [(one.item, one.label) for one in now.disputed] == [("a", None)]
        with pytest.raises(StateError):
            review(project, None, "a", "kind", "because")
        with pytest.raises(StateError):
            labels(project)
        with pytest.raises(StateError, match="no gold"):
            add(project, gold={"a": "kind"}, drawn="random")
