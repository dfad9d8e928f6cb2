"""Calibration rounds: all judge the same few items, apart from the collection; feedback when they are closed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

from middlemost.core.nouns import Item, Person, Submission
from middlemost.errors import (
    AccessError,
    CalibratingError,
    InputError,
    MiddlemostError,
    MissingError,
    SettingError,
    StateError,
)
from middlemost.project.add import add
from middlemost.project.answer import answer
from middlemost.project.calibrate import Chosen, begin, calibrations, close, judge, say, summons, turn
from middlemost.project.calibrated import calibrated
from middlemost.project.collected import collected
from middlemost.project.doctor import doctor
from middlemost.project.exercises import add_exercises
from middlemost.project.feedback import acknowledge, feedback_to, mistaken, send_feedback, sent_to, unread
from middlemost.project.folder import Project
from middlemost.project.next import next_assignments
from middlemost.project.people import invite, join
from middlemost.project.progress import progress
from middlemost.project.qualify import Practice, admit
from middlemost.project.release import release
from middlemost.project.review import review
from middlemost.store.schema import event

PROTOCOL = """\
name: Tone
paradigm: {}
questions:
  - {{id: tone, ask: "How does this sound?", options: [{{id: kind, label: Kind}}, {{id: rude, label: Rude}}]}}
collection:
  answers_per_item: 2
"""


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def opened(tmp_path: Path, database: str, paradigm: str = "prescriptive", more: str = "") -> Project:
    (tmp_path / "protocol.yaml").write_text(PROTOCOL.format(paradigm) + more)
    (tmp_path / "guidelines.md").write_text("Listen.\n")
    return Project.open(tmp_path, database=database, clock=Clock())


@pytest.fixture
def project(tmp_path: Path, database: str) -> Iterator[Project]:
    with opened(tmp_path, database) as made:
        add(made, [Item(f"i{n}", f"text {n}") for n in range(12)])
        yield made


def rater(project: Project, name: str) -> Person:
    return join(project, invite(project), name).person


@pytest.fixture
def raters(project: Project) -> list[Person]:
    return [rater(project, name) for name in ("Ada", "Bob", "Cyd")]


@pytest.fixture
def lead(project: Project) -> Person:
    return join(project, invite(project, role="lead"), "Lea").person


KEYS = count(1)


def go(project: Project, person: Person, *values: str) -> None:
    """Judge the next items of the round that is open."""
    for value in values:
        task = turn(project, person).exercise
        assert task is not None
        judge(project, person, Practice(task.seq, value, f"key {next(KEYS)}"))


def sample(n: int, seed: int = 0) -> Chosen:
    return Chosen(sample=n, seed=seed)


def file(tmp_path: Path, *rows: dict[str, object]) -> Chosen:
    path = tmp_path / "round.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return Chosen(file=path)


def test_a_round_goes_from_open_over_answers_to_feedback_that_is_read(
    project: Project, raters: list[Person], lead: Person
) -> None:
    ada, bob, cyd = raters
    made = begin(project, "November", "We part on irony.", sample(3), by=lead)
    assert (made.is_open, made.begun_by) == (True, "l-001")
    for person, said in ((ada, "kind"), (bob, "kind"), (cyd, "rude")):
        go(project, person, said, "kind", said)
    found = calibrated(project, made.number)
    assert (found.done, found.total) == (3, 3)
    assert [round(one.differ or 0, 2) for one in found.items] == [0.67, 0.67, 0.0]
    assert found.items[0].votes == {"Kind": 2, "Rude": 1}
    (agreement,) = found.agreement
    alpha = agreement.agreement[0]
    assert (alpha.name, alpha.n_items, alpha.n_raters) == ("alpha", 3, 3)
    alike = {one.rater: round(one.agrees.value, 2) for one in found.raters if one.agrees}
    assert alike == {"r-001": 0.67, "r-002": 0.67, "r-003": 0.33}
    assert all(one.agrees and one.agrees.low is not None for one in found.raters)
    divided = found.items[0].id
    say(project, made.number, divided, "kind", "It is irony.", by=lead)
    marks = {one.rater: (one.n_right, one.right.n) for one in calibrated(project, made.number).raters if one.right}
    assert marks == {"r-001": (1, 1), "r-002": (1, 1), "r-003": (0, 1)}
    assert unread(project, cyd) == 0
    close(project, made.number, feedback=True, by=lead)
    assert [unread(project, one) for one in raters] == [1, 1, 1]
    (told,) = feedback_to(project, cyd)
    assert (told.calibration, told.purpose, told.by, told.read_at) == ("November", "We part on irony.", "l-001", None)
    part = next(one for one in told.parts if one.item.id == divided)
    assert (part.own, part.others, part.right) == ({"tone": "Rude"}, {"tone": {"Kind": 2}}, False)
    assert (part.label, part.why) == ("Kind", "It is irony.")
    acknowledge(project, cyd, told.number)
    read_at = feedback_to(project, cyd)[0].read_at
    acknowledge(project, cyd, told.number)
    assert feedback_to(project, cyd)[0].read_at == read_at, "the first time counts"
    assert unread(project, cyd) == 0
    with pytest.raises(MissingError):
        acknowledge(project, ada, told.number)
    assert {one.rater: one.read_at for one in calibrated(project, made.number).raters}["r-003"] == read_at


def test_a_retry_counts_once_and_each_item_is_answered_once(project: Project, raters: list[Person]) -> None:
    ada, bob, _ = raters
    begin(project, "One", "Why not.", sample(2))
    task = turn(project, ada).exercise
    assert task is not None
    sent = Practice(task.seq, "kind", "the same key")
    first, again = judge(project, ada, sent), judge(project, ada, sent)
    assert first == again
    assert first.summons is not None
    assert first.summons.done == 1
    with pytest.raises(StateError, match="used for another"):
        judge(project, bob, sent)
    with pytest.raises(StateError, match="answered this one"):
        judge(project, ada, Practice(task.seq, "rude", "another key"))
    with pytest.raises(InputError, match="none of the options"):
        go(project, ada, "polite")
    with pytest.raises(MissingError):
        judge(project, ada, Practice(999, "kind", "no such item"))


def test_an_answer_after_the_end_is_kept_and_counts_nowhere(project: Project, raters: list[Person]) -> None:
    ada, bob, cyd = raters
    made = begin(project, "One", "Why not.", sample(1))
    for person in (ada, bob):
        go(project, person, "kind")
    task = turn(project, cyd).exercise
    assert task is not None
    close(project, made.number, feedback=True)
    before = calibrated(project, made.number)
    sent = Practice(task.seq, "rude", "late key")
    assert judge(project, cyd, sent).late
    assert judge(project, cyd, sent).late, "a retry is told the same"
    after = calibrated(project, made.number)
    assert (before.late, after.late) == (0, 1)
    assert after.agreement == before.agreement
    assert after.items[0].votes == {"Kind": 2}
    assert [one.done for one in after.raters] == [1, 1, 0]
    assert [one.late for one in after.items[0].answers] == [False, False, True]
    assert feedback_to(project, ada)[0].parts[0].others == {"tone": {"Kind": 1}}
    own = feedback_to(project, cyd)[0].parts[0]
    assert (own.own, own.late) == ({"tone": "Rude"}, True)


def test_what_is_closed_stays_closed(project: Project, raters: list[Person]) -> None:
    made = begin(project, "One", "Why not.", sample(1))
    item = calibrated(project, made.number).items[0].id
    closed = close(project, made.number, feedback=False)
    assert (closed.is_open, closed.feedback) == (False, False)
    assert feedback_to(project, raters[0]) == ()
    assert turn(project, raters[0]).summons is None
    for again in (
        lambda: close(project, made.number, feedback=True),
        lambda: say(project, made.number, item, "kind", None),
    ):
        with pytest.raises(StateError, match="closed"):
            again()
    with pytest.raises(MissingError):
        close(project, 99, feedback=True)


def test_answers_of_a_round_are_no_part_of_the_collection(project: Project, raters: list[Person]) -> None:
    ada = raters[0]
    before = progress(project)
    begin(project, "One", "Why not.", sample(12))
    go(project, ada, *["kind"] * 12)
    assert progress(project) == before
    assert collected(project) is None
    lent = next_assignments(project, ada, 1)
    answer(project, ada, Submission(lent[0].id, "rude", "in the collection"))
    assert progress(project).answers == 1


def test_a_round_that_goes_first_is_answered_before_the_next_item(project: Project, raters: list[Person]) -> None:
    ada, bob, _ = raters
    begin(project, "One", "Why not.", sample(2), raters=["r-001"], first=True)
    assert next_assignments(project, bob, 1)
    with pytest.raises(CalibratingError, match="Before the next item"):
        next_assignments(project, ada, 1)
    go(project, ada, "kind")
    with pytest.raises(CalibratingError):
        next_assignments(project, ada, 1)
    go(project, ada, "kind")
    assert next_assignments(project, ada, 1)


def test_one_that_does_not_go_first_waits_and_closing_lets_go_of_one_that_does(
    project: Project, raters: list[Person]
) -> None:
    ada, bob, _ = raters
    begin(project, "Whenever", "Why not.", sample(2), raters=["r-001"])
    assert next_assignments(project, ada, 1)
    made = begin(project, "First", "Why not.", sample(2), raters=["r-002"], first=True)
    with pytest.raises(CalibratingError):
        next_assignments(project, bob, 1)
    close(project, made.number, feedback=False)
    assert next_assignments(project, bob, 1)


def test_a_rater_is_in_one_open_round_at_a_time(project: Project, raters: list[Person]) -> None:
    made = begin(project, "One", "Why not.", sample(2), raters=["r-001"])
    with pytest.raises(StateError, match=r"r-001 is in the round 'One'"):
        begin(project, "Two", "Why not.", sample(2))
    begin(project, "Two", "Why not.", sample(2), raters=["r-002"])
    close(project, made.number, feedback=False)
    begin(project, "Three", "Why not.", sample(2), raters=["r-001", "r-003"])
    assert [one.name for one in calibrations(project)] == ["One", "Two", "Three"]
    with pytest.raises(StateError, match="'One' already"):
        begin(project, "One", "Again.", sample(2), raters=["r-003"])


def test_nobody_sees_what_others_said_while_it_is_open(project: Project, raters: list[Person]) -> None:
    ada, bob, _ = raters
    made = begin(project, "One", "Why not.", sample(2))
    item = calibrated(project, made.number).items[0].id
    say(project, made.number, item, "kind", "A secret reason.")
    go(project, ada, "rude", "rude")
    seen = repr([turn(project, bob), summons(project, bob), feedback_to(project, bob)])
    assert "secret" not in seen
    assert "rude" not in seen
    assert turn(project, bob).exercise == turn(project, raters[2]).exercise


def test_the_sample_is_the_seed_s_and_prefers_what_its_raters_have_not_seen(
    project: Project, raters: list[Person]
) -> None:
    def items(name: str, chosen: Chosen, who: str) -> list[str]:
        made = begin(project, name, "Why not.", chosen, raters=[who])
        found = [one.id for one in calibrated(project, made.number).items]
        close(project, made.number, feedback=False)
        return found

    assert items("a", sample(5, 1), "r-001") == items("b", sample(5, 1), "r-002")
    assert items("c", sample(5, 2), "r-001") != items("d", sample(5, 1), "r-001")
    seen = {one.item.id for one in next_assignments(project, raters[0], 7)}
    assert set(items("e", sample(5), "r-001")) == {f"i{n}" for n in range(12)} - seen
    with pytest.raises(StateError, match="only 12 items"):
        items("f", sample(13), "r-001")


def test_gold_and_control_items_are_never_in_a_round(project: Project, raters: list[Person], tmp_path: Path) -> None:
    add(project, gold={f"i{n}": "kind" for n in range(6)}, drawn="random")
    controls = tmp_path / "controls.jsonl"
    controls.write_text(json.dumps({"id": "c", "text": "c", "label": "kind"}) + "\n")
    add_exercises(project, controls=controls)
    made = begin(project, "One", "Why not.", sample(6))
    assert {one.id for one in calibrated(project, made.number).items} == {f"i{n}" for n in range(6, 12)}


def test_the_most_disputed_come_first_with_what_was_decided_on_them(project: Project, raters: list[Person]) -> None:
    ada, bob, _ = raters
    for person, odd in ((ada, "kind"), (bob, "rude")):
        for one in next_assignments(project, person, 5):
            said = odd if one.item.id in ("i1", "i3") else "kind"
            answer(project, person, Submission(one.id, said, f"{person.id} {one.id}"))
    review(project, None, "i3", "rude", "Section 2.")
    made = begin(project, "One", "Why not.", Chosen(disputed=2), raters=["r-003"])
    found = calibrated(project, made.number)
    assert {one.id: (one.label, one.why) for one in found.items} == {"i1": (None, None), "i3": ("rude", "Section 2.")}
    with pytest.raises(StateError, match="only 2 items"):
        begin(project, "Two", "Why not.", Chosen(disputed=3), raters=["r-001"])


def test_a_file_brings_its_own_items_with_right_answers_or_without(
    project: Project, raters: list[Person], tmp_path: Path
) -> None:
    chosen = file(tmp_path, {"id": "x", "text": "X", "label": "rude", "why": "Section 2."}, {"id": "i1", "text": "Y"})
    made = begin(project, "One", "Why not.", chosen)
    go(project, raters[0], "kind", "kind")
    (one,) = [one for one in calibrated(project, made.number).raters if one.done]
    assert one.right is not None
    assert (one.n_right, one.right.n, one.right.low) == (0, 1, 0.0)
    say(project, made.number, "x", "kind", "I was wrong.")
    say(project, made.number, "i1", None, "Talk about it.")
    assert calibrated(project, made.number).raters[0].n_right == 1
    close(project, made.number, feedback=True)
    parts = feedback_to(project, raters[0])[0].parts
    assert [(one.label, one.why, one.right) for one in parts] == [
        ("Kind", "I was wrong.", True),
        (None, "Talk about it.", None),
    ]


@pytest.mark.parametrize(
    ("ask", "error", "said"),
    [
        (lambda p, f: begin(p, "One", "Why.", Chosen()), SettingError, "in one way"),
        (lambda p, f: begin(p, "One", "Why.", Chosen(sample=1, disputed=1)), SettingError, "in one way"),
        (lambda p, f: begin(p, "One", "Why.", sample(0)), SettingError, "1 to 500"),
        (lambda p, f: begin(p, " ", "Why.", sample(1)), InputError, "name"),
        (lambda p, f: begin(p, "One", "", sample(1)), InputError, "purpose"),
        (lambda p, f: begin(p, "One", "Why.", sample(1), raters=["r-009"]), MissingError, "r-009"),
        (lambda p, f: begin(p, "One", "Why.", sample(1), raters=["l-001"]), StateError, "no rater"),
        (lambda p, f: begin(p, "One", "Why.", sample(1), raters=[]), SettingError, "No rater"),
        (lambda p, f: begin(p, "One", "Why.", Chosen(disputed=1)), StateError, "no answers yet"),
        (lambda p, f: begin(p, "One", "Why.", f({"text": "x", "label": "kindd"})), InputError, "none of the question"),
    ],
)
def test_what_cannot_be_begun_is_said(
    project: Project,
    raters: list[Person],
    lead: Person,
    tmp_path: Path,
    ask: Callable[..., object],
    error: type[MiddlemostError],
    said: str,
) -> None:
    with pytest.raises(error, match=said):
        ask(project, lambda *rows: file(tmp_path, *rows))
    assert calibrations(project) == []


def test_only_leads_begin_close_and_tell(project: Project, raters: list[Person]) -> None:
    judge_of = join(project, invite(project, role="adjudicator"), "Joy").person
    made = begin(project, "One", "Why not.", sample(1))
    item = calibrated(project, made.number).items[0].id
    say(project, made.number, item, "kind", "So it is.", by=judge_of)
    for by in (judge_of, raters[0]):
        for ask in (
            lambda by=by: begin(project, "Two", "Why not.", sample(1), by=by),
            lambda by=by: close(project, made.number, feedback=True, by=by),
            lambda by=by: send_feedback(project, "r-001", "Hello.", by=by),
        ):
            with pytest.raises(AccessError):
                ask()
    with pytest.raises(AccessError):
        turn(project, judge_of)


def test_only_those_who_are_admitted_are_asked(tmp_path: Path, database: str) -> None:
    with opened(tmp_path, database, more="  qualification: {training: true}\n") as project:
        add(project, [Item(f"i{n}", f"text {n}") for n in range(3)])
        ada, bob = rater(project, "Ada"), rater(project, "Bob")
        with pytest.raises(StateError, match="nobody to ask"):
            begin(project, "One", "Why not.", sample(1))
        admit(project, "r-001", "knows it all")
        with pytest.raises(StateError, match="r-002 has training"):
            begin(project, "One", "Why not.", sample(1), raters=["r-002"])
        begin(project, "One", "Why not.", sample(1))
        assert turn(project, ada).exercise is not None
        assert turn(project, bob).exercise is None


def test_in_a_descriptive_project_nothing_is_right(tmp_path: Path, database: str) -> None:
    with opened(tmp_path, database, "descriptive") as project:
        add(project, [Item(f"i{n}", f"text {n}") for n in range(3)])
        ada, bob = rater(project, "Ada"), rater(project, "Bob")
        with pytest.raises(InputError, match="none of the question's options"):
            begin(project, "One", "Why not.", file(tmp_path, {"text": "x", "label": "kind"}))
        made = begin(project, "One", "Why not.", sample(1))
        item = calibrated(project, made.number).items[0].id
        with pytest.raises(StateError, match="none of them is right"):
            say(project, made.number, item, "kind", None)
        say(project, made.number, item, None, "Some hear irony.")
        go(project, ada, "kind")
        go(project, bob, "rude")
        assert calibrated(project, made.number).items[0].votes == {"Kind": 1, "Rude": 1}
        close(project, made.number, feedback=True)
        (part,) = feedback_to(project, ada)[0].parts
        assert (part.right, part.label, part.why, part.others) == (
            None,
            None,
            "Some hear irony.",
            {"tone": {"Rude": 1}},
        )
        assert mistaken(project, "r-001") == ()


def test_a_rater_is_told_on_demand_of_answers_that_were_decided_otherwise(
    project: Project, raters: list[Person], lead: Person
) -> None:
    ada = raters[0]
    for one in next_assignments(project, ada, 4):
        answer(project, ada, Submission(one.id, "kind", f"of {one.id}"))
    review(project, lead, "i0", "rude", "Section 2.")
    review(project, lead, "i1", "kind", "Clear.")
    (wrong,) = mistaken(project, "r-001")
    assert (wrong.item, wrong.said, wrong.label, wrong.reason) == ("i0", "Kind", "Rude", "Section 2.")
    send_feedback(project, "r-001", "Look at section 2.", ["i0", "i1"], by=lead)
    (told,) = feedback_to(project, ada)
    assert (told.note, told.by, told.calibration) == ("Look at section 2.", "l-001", None)
    assert [(one.item.id, one.own, one.right, one.label, one.why, one.others) for one in told.parts] == [
        ("i0", {"tone": "Kind"}, False, "Rude", "Section 2.", {}),
        ("i1", {"tone": "Kind"}, True, "Kind", "Clear.", {}),
    ]
    (lent,) = [one for one in project.store.read(_assignments) if one[1] == "i0"]
    answer(project, ada, Submission(lent[0], "rude", "corrected"))
    review(project, lead, "i0", "kind", "On second thought.")
    assert sent_to(project, "r-001")[0].parts == told.parts, "it was about what stood then"
    send_feedback(project, "r-002", "Well done.", by=lead)
    assert feedback_to(project, raters[1])[0].note == "Well done."
    assert len(feedback_to(project, ada)) == 1


def _assignments(connection: sa.Connection) -> list[tuple[int, str]]:
    query = "SELECT assignment.id, item.id FROM assignment JOIN item ON item.seq = assignment.item"
    return [(row[0], row[1]) for row in connection.exec_driver_sql(query)]


def test_gold_control_items_and_what_nobody_decided_are_not_spoken_of(project: Project, raters: list[Person]) -> None:
    ada = raters[0]
    for one in next_assignments(project, ada, 4):
        answer(project, ada, Submission(one.id, "kind", f"of {one.id}"))
    review(project, None, "i0", "rude", "Section 2.")
    add(project, gold={"i0": "rude"}, drawn="random")
    assert mistaken(project, "r-001") == ()
    for item in ("i0", "i1", "i9", "nowhere"):
        with pytest.raises(StateError, match="nothing to tell r-001"):
            send_feedback(project, "r-001", None, [item])
    with pytest.raises(InputError, match="nothing to tell"):
        send_feedback(project, "r-001", " ")
    with pytest.raises(StateError, match="no rater"):
        send_feedback(project, join(project, invite(project, role="lead"), "Lea").person.pseudonym, "Hello.")


def test_a_rater_is_told_of_items_of_a_round_only_once_it_is_closed(project: Project, raters: list[Person]) -> None:
    made = begin(project, "One", "Why not.", sample(2), raters=["r-001", "r-002"])
    go(project, raters[0], "kind", "kind")
    item = calibrated(project, made.number).items[0].id
    with pytest.raises(StateError, match="is open"):
        send_feedback(project, "r-001", None, [item], calibration=made.number)
    close(project, made.number, feedback=False)
    send_feedback(project, "r-001", None, [item], calibration=made.number)
    (told,) = feedback_to(project, raters[0])
    assert (told.calibration, [one.item.id for one in told.parts]) == ("One", [item])
    with pytest.raises(StateError, match="was not in"):
        send_feedback(project, "r-003", None, [item], calibration=made.number)
    with pytest.raises(MissingError):
        send_feedback(project, "r-001", None, ["nowhere"], calibration=made.number)


def test_everything_is_in_the_log_without_a_name_or_a_word(
    project: Project, raters: list[Person], lead: Person, database: str
) -> None:
    made = begin(project, "Secret name", "Secret purpose", sample(1), by=lead)
    go(project, raters[0], "kind")
    say(project, made.number, calibrated(project, made.number).items[0].id, "kind", "Secret reason", by=lead)
    close(project, made.number, feedback=True, by=lead)
    send_feedback(project, "r-001", "Secret note", by=lead)
    acknowledge(project, raters[0], feedback_to(project, raters[0])[0].number)
    query = sa.select(event.c.actor, event.c.did, event.c.detail).order_by(event.c.id)
    rows = project.store.read(lambda connection: list(connection.execute(query)))
    mine = [(row.actor, row.did) for row in rows if "calibration" in row.did or "feedback" in row.did]
    assert mine == [
        ("l-001", "began a calibration round"),
        ("r-001", "answered in a calibration round"),
        ("l-001", "said of a calibration item"),
        ("l-001", "closed a calibration round"),
        *[("l-001", "gave feedback")] * 4,
        ("r-001", "read feedback"),
    ]
    assert "Secret" not in repr(rows)
    project.store.seal()
    assert doctor(project.folder, database=database).faults == ()


def test_a_release_tells_of_the_rounds(project: Project, raters: list[Person], tmp_path: Path) -> None:
    for person in raters[:2]:
        for one in next_assignments(project, person, 1):
            answer(project, person, Submission(one.id, "kind", f"{person.id}"))
    made = begin(project, "November", "Why not.", sample(2))
    for person, said in zip(raters, ("kind", "kind", "rude"), strict=True):
        go(project, person, said, "kind")
    item = calibrated(project, made.number).items[0].id
    say(project, made.number, item, "kind", "Clear.")
    close(project, made.number, feedback=True)
    send_feedback(project, "r-001", "Between the two of us.")
    out = release(project, tmp_path / "out")
    rows = pl.read_parquet(out / "calibration.parquet")
    assert rows.columns[:6] == ["calibration", "item", "rater", "answer", "correct", "late"]
    assert rows.height == 6
    assert rows.filter(pl.col("item") == item)["correct"].to_list() == [True, True, False]
    assert pl.read_parquet(out / "answers.parquet").height == 2
    about = [json.loads(line) for line in (out / "calibration.jsonl").read_text().splitlines()]
    assert {one["id"]: one["label"] for one in about}[item] == "kind"
    said = (out / "DATASHEET.md").read_text()
    assert "1 calibration round" in said
    assert "November (1970-01-12, 2 items, 3 raters; Krippendorff’s α" in said
    everything = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    assert b"Between the two" not in everything
    assert b"Ada" not in everything
