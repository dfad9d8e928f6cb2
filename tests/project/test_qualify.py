"""Raters go through training and a test before they are lent items; control items are mixed in without a sign."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import polars as pl
import pytest

from middlemost.core.nouns import Item, Person, Submission
from middlemost.core.qualifying import Course
from middlemost.errors import InputError, MissingError, NotAdmittedError, ProtocolError, StateError
from middlemost.project.add import add
from middlemost.project.answer import answer
from middlemost.project.collected import collected
from middlemost.project.doctor import doctor
from middlemost.project.exercises import Exercises, add_exercises
from middlemost.project.folder import Project
from middlemost.project.next import next_assignments, skip
from middlemost.project.people import invite, join
from middlemost.project.progress import progress, rater_progress
from middlemost.project.qualify import Lesson, Practice, admit, candidates, lesson, practise, send_again
from middlemost.project.release import release

PROTOCOL = """\
name: Tone
paradigm: prescriptive
questions:
  - {id: tone, ask: "How does this sound?", options: [{id: kind}, {id: rude}]}
collection:
  answers_per_item: 2
"""
HOUR = 3600.0


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def opened(tmp_path: Path, database: str, clock: Clock, *lines: str) -> Project:
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / "protocol.yaml").write_text(PROTOCOL + "".join(f"  {line}\n" for line in lines))
    (tmp_path / "guidelines.md").write_text("Listen.\n")
    return Project.open(tmp_path, database=database, clock=clock)


def written(path: Path, labels: str, **more: object) -> Path:
    rows = [
        {"id": f"{path.stem}{n}", "text": f"{path.stem} {n}", "label": label} for n, label in enumerate(labels.split())
    ]
    path.write_text("".join(json.dumps(row | more) + "\n" for row in rows))
    return path


@pytest.fixture
def project(tmp_path: Path, database: str, clock: Clock) -> Iterator[Project]:
    rules = "qualification: {training: true, test: {pass: 0.6, attempts: 2, wait_hours: 1, items: 3}}"
    with opened(tmp_path, database, clock, rules) as made:
        add(made, [Item(f"i{n}", f"text {n}") for n in range(4)])
        have = add_exercises(
            made,
            training=written(tmp_path / "t.jsonl", "kind rude", why="Section 2."),
            test=written(tmp_path / "e.jsonl", "kind kind rude rude"),
        )
        assert have == Exercises(2, 4, 0)
        yield made


def rater(project: Project, name: str = "Ada") -> Person:
    return join(project, invite(project), name).person


KEYS = count(1)


def go(project: Project, person: Person, value: str | None = None) -> Lesson:
    """Answer the next exercise: rightly, or with `value`."""
    task = lesson(project, person).exercise
    assert task is not None
    return practise(project, person, Practice(task.seq, value or task.label, f"key {next(KEYS)}"))


def wrong(project: Project, person: Person) -> Lesson:
    task = lesson(project, person).exercise
    assert task is not None
    return go(project, person, "rude" if task.label == "kind" else "kind")


def test_nobody_is_lent_an_item_before_they_have_passed(project: Project) -> None:
    ada = rater(project)
    with pytest.raises(NotAdmittedError, match="go through"):
        next_assignments(project, ada)
    for _ in range(2 + 3):
        went = go(project, ada)
    assert went.course.where == "admitted"
    assert went.course.last is not None
    assert (went.course.last.right, went.course.last.of) == (3, 3)
    assert len(next_assignments(project, ada, 3)) == 3
    assert lesson(project, ada).exercise is None


def test_training_gives_feedback_and_a_test_gives_none(project: Project) -> None:
    ada = rater(project)
    first = wrong(project, ada).feedback
    assert first is not None
    assert (first.right, first.label, first.why) == (False, "kind", "Section 2.")
    second = go(project, ada)
    assert second.feedback is not None
    assert second.feedback.right
    assert second.course == Course("test", 0, 3, 1, 2), "training asks for no score"
    assert go(project, ada).feedback is None


def test_who_fails_waits_and_has_as_many_tries_as_are_declared(project: Project, clock: Clock) -> None:
    ada = rater(project)
    for _ in range(2):
        go(project, ada)
    papers = [{task.id for task in _paper(project, ada)}]
    waiting = lesson(project, ada).course
    assert waiting.where == "waiting"
    assert waiting.last is not None
    assert (waiting.last.right, waiting.last.of) == (1, 3)
    with pytest.raises(NotAdmittedError):
        next_assignments(project, ada)
    clock.now += HOUR
    papers.append({task.id for task in _paper(project, ada)})
    assert lesson(project, ada).course.where == "failed"
    assert lesson(project, ada).exercise is None
    assert all(len(paper) == 3 for paper in papers)


def _paper(project: Project, person: Person) -> Iterator:
    """Answer one whole test: the first exercise rightly, the others wrongly."""
    for right in (True, False, False):
        task = lesson(project, person).exercise
        yield task
        (go if right else wrong)(project, person)


def test_a_lead_lets_somebody_in_or_sends_them_again(project: Project) -> None:
    ada = rater(project)
    admit(project, "r-001", "knows the guidelines by heart")
    assert len(next_assignments(project, ada, 1)) == 1
    send_again(project, "r-001", "the guidelines have changed")
    with pytest.raises(NotAdmittedError):
        next_assignments(project, ada, 1)
    (one,) = candidates(project)
    assert (one.rater, one.turn, one.course.where, one.course.done) == ("r-001", 2, "training", 0)
    for _ in range(5):
        go(project, ada)
    assert len(next_assignments(project, ada, 1)) == 1, "what they held is theirs still"


def test_a_retry_counts_once_and_what_does_not_come_next_is_refused(project: Project) -> None:
    ada, task = rater(project), lesson(project, rater(project, "Bob")).exercise
    assert task is not None
    sent = Practice(task.seq, "kind", "the same key")
    first, again = practise(project, ada, sent), practise(project, ada, sent)
    assert first == again
    assert again.course.done == 1
    with pytest.raises(MissingError, match="comes next"):
        practise(project, ada, Practice(task.seq, "kind", "another key"))
    with pytest.raises(StateError, match="used for another"):
        practise(project, rater(project, "Cyd"), sent)
    with pytest.raises(InputError, match="none of the options"):
        go(project, ada, "polite")
    with pytest.raises(MissingError):
        practise(project, ada, Practice(99, "kind", "no such exercise"))


def test_without_exercises_the_rater_is_told_that_nothing_is_ready(tmp_path: Path, database: str, clock: Clock) -> None:
    with opened(tmp_path, database, clock, "qualification: {training: true}") as project:
        assert lesson(project, rater(project)).course.where == "unready"


def test_what_is_in_the_log_is_untouched(project: Project, tmp_path: Path, database: str) -> None:
    ada = rater(project)
    for _ in range(5):
        go(project, ada)
    project.store.seal()
    assert doctor(tmp_path, database=database).faults == ()


def test_control_items_come_in_at_their_share_and_have_no_part_in_the_labels(
    tmp_path: Path, database: str, clock: Clock
) -> None:
    with opened(tmp_path, database, clock, "controls: {share: 0.2}") as project:
        add(project, [Item(f"i{n}", f"text {n}") for n in range(200)])
        controls = written(tmp_path / "c.jsonl", "kind " * 100)
        add_exercises(project, controls=controls)
        assert add_exercises(project, controls=controls).controls == 100, "added once"
        ada = rater(project)
        seen: list[str] = []
        while lent := next_assignments(project, ada, 3):
            for one in lent:
                answer(project, ada, Submission(one.id, "kind", f"{one.id}-{len(seen)}"))
                seen.append(one.item.id)
        known = [name for name in seen if name.startswith("c")]
        assert len(seen) == len(set(seen)) == 200 + len(known)
        assert 0.12 < len(known) / len(seen) < 0.28
        given = collected(project)
        assert given is not None
        assert given.n_items == 200
        assert progress(project).items == 200
        assert rater_progress(project, ada).done == len(seen)
        assert doctor(tmp_path, database=database).faults == ()


def test_a_control_item_that_was_owed_is_lent_next_and_one_that_was_skipped_never_again(
    tmp_path: Path, database: str, clock: Clock
) -> None:
    with opened(tmp_path, database, clock, "controls: {share: 0.5}") as project:
        add(project, [Item(f"i{n}", f"text {n}") for n in range(3)])
        add_exercises(project, controls=written(tmp_path / "c.jsonl", "kind " * 9))
        ada = rater(project)
        seen = []
        while lent := next_assignments(project, ada, 1):
            assert next_assignments(project, ada, 1) == lent, "asking again changes nothing"
            seen.append(lent[0].item.id)
            skip(project, ada, lent[0].id, "no")
        assert [name[0] for name in seen] == ["i", "c"] * 3
        assert len(set(seen)) == 6


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("qualification: {training: false}", "neither training nor a test"),
        ("qualification: {test: {pass: 1.5}}", "1.5"),
        ("controls: {share: 0.9}", "0.9"),
    ],
)
def test_what_cannot_be_declared_is_named(tmp_path: Path, database: str, clock: Clock, lines: str, said: str) -> None:
    with pytest.raises(ProtocolError, match=said):
        opened(tmp_path, database, clock, lines)


def test_a_descriptive_project_has_training_and_no_test(tmp_path: Path) -> None:
    folder = tmp_path / "opinions"
    folder.mkdir()
    text = PROTOCOL.replace("prescriptive", "descriptive")
    (folder / "guidelines.md").write_text("Listen.\n")
    for rules in ("controls: {share: 0.1}", "qualification: {test: {pass: 0.5}}"):
        (folder / "protocol.yaml").write_text(f"{text}  {rules}\n")
        with pytest.raises(ProtocolError, match="no answer is wrong"):
            Project.open(folder)
    (folder / "protocol.yaml").write_text(f"{text}  qualification: {{training: true}}\n")
    with Project.open(folder) as project:
        (folder / "t.jsonl").write_text('{"id": "t1", "text": "Hm.", "why": "Say what you think."}\n')
        add_exercises(project, training=folder / "t.jsonl")
        told = go(project, rater(project), "rude").feedback
        assert told is not None
        assert (told.right, told.label, told.why) == (None, None, "Say what you think.")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"text": "x"}, "no right answer"),
        ({"text": "x", "label": "kindd"}, "kind"),
        ({"text": "x", "label": ["kind"]}, "not a text"),
        ({"id": "t0", "text": "other", "label": "kind"}, None),
    ],
)
def test_a_file_with_a_mistake_adds_nothing(project: Project, tmp_path: Path, row: dict, said: str | None) -> None:
    file = tmp_path / "wrong.jsonl"
    file.write_text(json.dumps({"text": "fine", "label": "kind"}) + "\n" + json.dumps(row) + "\n")
    if said is None:
        with pytest.raises(InputError, match="other content"):
            add_exercises(project, training=file)
    else:
        with pytest.raises(InputError, match=said) as caught:
            add_exercises(project, test=file)
        assert caught.value.place is not None
        assert caught.value.place.line == 2
    assert add_exercises(project) == Exercises(2, 4, 0)


def test_a_control_item_is_not_an_item_of_the_project_too(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "controls.jsonl"
    file.write_text(json.dumps({"id": "i0", "text": "text 0", "label": "kind"}) + "\n")
    with pytest.raises(InputError, match="in the project already"):
        add_exercises(project, controls=file)


def test_a_release_tells_what_raters_were_trained_tested_and_checked_with(
    tmp_path: Path, database: str, clock: Clock
) -> None:
    rules = ("qualification: {training: true}", "controls: {share: 0.5}")
    with opened(tmp_path / "tone", database, clock, *rules) as project:
        add(project, [Item(f"i{n}", f"text {n}") for n in range(4)])
        files = {name: written(tmp_path / f"{name}.jsonl", "kind rude") for name in ("training", "controls")}
        add_exercises(project, **files)
        ada = rater(project)
        for _ in range(2):
            go(project, ada)
        while lent := next_assignments(project, ada, 1):
            answer(project, ada, Submission(lent[0].id, "kind", f"{lent[0].id}"))
        out = release(project, tmp_path / "out")
    assert pl.read_parquet(out / "answers.parquet")["item"].to_list() == ["i0", "i1", "i2", "i3"]
    assert pl.read_parquet(out / "controls.parquet")["item"].to_list() == ["controls0", "controls1"]
    assert pl.read_parquet(out / "qualification.parquet")["correct"].to_list() == [True, True]
    assert [json.loads(line)["label"] for line in (out / "controls.jsonl").read_text().splitlines()] == ["kind", "rude"]
    assert len((out / "items.jsonl").read_text().splitlines()) == 4
    assert "control items" in (out / "DATASHEET.md").read_text()
