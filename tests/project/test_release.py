"""Releases: the same project gives the same bytes, and nothing leaves that should not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

from middlemost.core.nouns import Item, Person, Submission
from middlemost.errors import StateError
from middlemost.files.answers import read_answers
from middlemost.project.add import add
from middlemost.project.answer import answer, take_back
from middlemost.project.folder import Project
from middlemost.project.next import next_assignments
from middlemost.project.people import invite, join
from middlemost.project.release import release
from middlemost.project.review import review

Rater = Callable[[str], Person]
AnswerAll = Callable[..., int]


@dataclass
class Clock:
    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def answered(project: Project, rater: Rater, answer_all: AnswerAll) -> Project:
    answer_all(rater("Ada Lovelace"), "kind", "no")
    answer_all(rater("Bo"), "kind", "kind", "neutral")
    return project


def test_the_same_project_gives_the_same_bytes(answered: Project, tmp_path: Path) -> None:
    first = content(release(answered, tmp_path / "one"))
    answered.store.close()
    with Project.open(answered.folder) as again:
        assert content(release(again, tmp_path / "two")) == first
        assert content(release(again, tmp_path / "one")) == first


def test_the_manifest_lists_every_file_with_its_hash(answered: Project, tmp_path: Path) -> None:
    files = content(release(answered, tmp_path / "out"))
    manifest = json.loads(files.pop("manifest.json"))
    assert {name: one["sha256"] for name, one in manifest["files"].items()} == {
        name: sha256(data).hexdigest() for name, data in files.items()
    }
    assert manifest["protocol_hash"] == sha256(files["protocol.yaml"]).hexdigest()


def test_a_new_answer_gives_another_release_and_the_earlier_one_stays(answered: Project, tmp_path: Path) -> None:
    add(answered, [Item("late", "one more")])
    out = release(answered, tmp_path / "out")
    before = content(out)
    person = join(answered, invite(answered), "Cy").person
    answer(answered, person, Submission(next_assignments(answered, person, 1)[0].id, "no", "key"))
    with pytest.raises(StateError, match="another release"):
        release(answered, out)
    assert content(out) == before
    assert (
        json.loads(content(release(answered, tmp_path / "new"))["manifest.json"])["id"]
        != json.loads(before["manifest.json"])["id"]
    )


def test_a_folder_with_other_things_in_it_is_left_alone(answered: Project, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("chapter 1")
    with pytest.raises(StateError, match="not empty"):
        release(answered, tmp_path / "out")
    assert content(tmp_path / "out") == {"thesis.txt": b"chapter 1"}


def test_no_name_of_a_person_leaves_the_project(answered: Project, tmp_path: Path) -> None:
    out = release(answered, tmp_path / "out")
    assert pl.read_parquet(out / "answers.parquet")["rater"].unique().sort().to_list() == ["r-001", "r-002"]
    assert not [name for name, data in content(out).items() if b"Lovelace" in data]


def test_the_released_answers_are_the_long_table_and_read_back(answered: Project, tmp_path: Path) -> None:
    out = release(answered, tmp_path / "out")
    columns = (
        "item rater question answer round revision started_at submitted_at active_ms guideline_version protocol_hash "
        "is_gold shown_order surplus"
    )
    assert pl.read_parquet_schema(out / "answers.parquet").names() == columns.split()
    assert len(read_answers(out / "answers.parquet")) == 8


def test_corrections_leave_the_earlier_revision_in_a_file_of_its_own(answered: Project, tmp_path: Path) -> None:
    ada = join(answered, invite(answered, person=_named(answered, "r-001")), None).person
    last = take_back(answered, ada)
    assert last is not None
    answer(answered, ada, Submission(last.id, "neutral", "correction"))
    out = release(answered, tmp_path / "out")
    now = pl.read_parquet(out / "answers.parquet").filter(item=last.item.id, rater="r-001")
    assert now.select("answer", "revision").rows() == [("neutral", 2)]
    assert pl.read_parquet(out / "superseded.parquet").select("answer", "revision").rows() == [("no", 1)]


def test_surplus_answers_are_released_apart_and_counted_apart(folder: Path, tmp_path: Path) -> None:
    clock = Clock()
    with Project.open(folder, clock=clock) as project:
        add(project, [Item(f"i{n}", f"text {n}") for n in range(4)])
        late, *others = (join(project, invite(project), name).person for name in ("Ada", "Bo", "Cy"))
        held = next_assignments(project, late, 4)
        clock.now += 3600
        for person in others:
            for lent in next_assignments(project, person, 4):
                answer(project, person, Submission(lent.id, "kind", f"{person.id}-{lent.id}"))
        for lent in held:
            answer(project, late, Submission(lent.id, "no", f"late-{lent.id}"))
        out = release(project, tmp_path / "out")
    answers = pl.read_parquet(out / "answers.parquet")
    assert (answers.height, answers["answer"].unique().to_list(), answers["surplus"].any()) == (8, ["kind"], False)
    assert pl.read_parquet(out / "surplus.parquet")["rater"].to_list() == ["r-001"] * 4
    manifest = json.loads((out / "manifest.json").read_text())
    assert (manifest["answers"], manifest["surplus"], manifest["raters"]) == (8, 4, 2)
    sheet = (out / "DATASHEET.md").read_text()
    for words in ("8 answers by 2 raters to 4 items. 4 more came too late", "| kind | 8 | 4 |", "| no | 0 | 0 |"):
        assert words in sheet
    assert "`surplus.parquet`" in sheet


def test_gold_is_released_so_that_the_share_of_wrong_labels_can_be_checked(answered: Project, tmp_path: Path) -> None:
    add(answered, gold={"i0": "kind", "i1": "no"}, drawn="random")
    out = release(answered, tmp_path / "out")
    gold = pl.read_parquet(out / "gold.parquet")
    assert gold.columns == ["item", "label", "drawn", "source"]
    assert gold.rows() == [("i0", "kind", "random", "given"), ("i1", "no", "random", "given")]
    assert "gold.parquet" in json.loads((out / "manifest.json").read_text())["files"]
    assert "| `gold.parquet` |" in (out / "DATASHEET.md").read_text()


def _named(project: Project, pseudonym: str) -> Person:
    from middlemost.project.people import person_named

    return person_named(project, pseudonym)


def test_decisions_are_in_the_labels_and_listed_with_their_reason(answered: Project, tmp_path: Path) -> None:
    review(answered, None, "i1", "neutral", "heard it twice", scripted=True)
    out = release(answered, tmp_path / "out")
    labels = pl.read_parquet(out / "labels.parquet")
    assert labels.columns == ["item", "label", "confidence", "n_answers", "share", "source"]
    assert labels.filter(item="i1").select("label", "source").rows() == [("neutral", "decision")]
    decided = pl.read_parquet(out / "decisions.parquet").row(0, named=True)
    assert (decided["item"], decided["reason"], decided["scripted"]) == ("i1", "heard it twice", True)
    assert "1 item, 1 of them entered by a script" in (out / "DATASHEET.md").read_text()


def test_guidelines_that_answers_were_given_under_are_kept(answered: Project, tmp_path: Path) -> None:
    (answered.folder / "guidelines.md").write_text("# Tone\n\nSecond version.\n")
    with Project.open(answered.folder) as changed:
        files = content(release(changed, tmp_path / "out"))
    assert files["guidelines.md"] == b"# Tone\n\nSecond version.\n"
    assert files["editions/guidelines-1.md"] == b"# Tone\n\nListen.\n"


def test_a_descriptive_project_releases_distributions(folder: Path, tmp_path: Path) -> None:
    path = folder / "protocol.yaml"
    path.write_text(path.read_text().replace("prescriptive", "descriptive"))
    with Project.open(folder) as project:
        add(project, [Item("a", "text")])
        for name, value in (("Ada", "kind"), ("Bo", "no")):
            person = join(project, invite(project), name).person
            answer(project, person, Submission(next_assignments(project, person)[0].id, value, name))
        out = release(project, tmp_path / "out")
    assert not (out / "labels.parquet").exists()
    assert pl.read_parquet(out / "distributions.parquet").rows() == [("a", "kind", 1, 0.5), ("a", "no", 1, 0.5)]
    assert "disagreement is a result" in (out / "DATASHEET.md").read_text()


def test_there_is_nothing_to_release_without_answers(project: Project, tmp_path: Path) -> None:
    with pytest.raises(StateError, match="no answers"):
        release(project, tmp_path / "out")
    assert not (tmp_path / "out").exists()
