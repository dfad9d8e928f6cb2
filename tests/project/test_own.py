"""What raters see of their own work: their answers, newest first, and what changed in the guidelines since."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from middlemost.core.nouns import Person, Submission
from middlemost.project.answer import answer, take_back
from middlemost.project.folder import Project
from middlemost.project.next import next_assignments
from middlemost.project.own import changes, guideline_changes, own_answers


def test_a_rater_sees_their_own_answers_newest_first_a_page_at_a_time(
    project: Project, rater: Callable[[str], Person]
) -> None:
    ada, bob = rater("Ada"), rater("Bob")
    lent = next_assignments(project, ada, 4)
    for one in lent:
        answer(project, ada, Submission(one.id, "kind", f"first {one.id}"))
    answer(project, ada, Submission(lent[0].id, "no", "corrected"))
    answer(project, bob, Submission(next_assignments(project, bob, 1)[0].id, "neutral", "Bob's"))
    first = own_answers(project, ada, most=3)
    rest = own_answers(project, ada, before=first[-1].number, most=3)
    assert [one.item for one in (*first, *rest)] == ["i0", "i3", "i2", "i1"]
    assert first[0].said == {"tone": "Unkind"}
    assert [one.corrected for one in first] == [True, False, False]
    back = take_back(project, ada, assignment=first[2].assignment)
    assert back is not None
    assert (back.item.id, back.given) == ("i2", {"tone": "kind"})
    assert take_back(project, bob, assignment=first[2].assignment) is None, "another's answer is not theirs to see"


def test_a_rater_sees_what_changed_in_the_guidelines_since_their_last_answer(
    folder: Path, project: Project, rater: Callable[[str], Person]
) -> None:
    ada, bob = rater("Ada"), rater("Bob")
    answer(project, ada, Submission(next_assignments(project, ada, 1)[0].id, "kind", "before"))
    assert guideline_changes(project, ada) == ()
    project.close()
    (folder / "guidelines.md").write_text("# Tone\n\nListen twice.\n")
    with Project.open(folder) as now:
        told = {one.kind: one.text.strip() for one in guideline_changes(now, ada)}
        assert (told["gone"], told["new"]) == ("Listen.", "Listen twice.")
        assert guideline_changes(now, bob) == (), "he has not known others"
        answer(now, ada, Submission(next_assignments(now, ada, 1)[0].id, "kind", "after"))
        assert guideline_changes(now, ada) == ()


@given(st.text(), st.text())
def test_without_what_is_gone_and_left_out_a_difference_is_made_of_the_new_text(before: str, now: str) -> None:
    found = list(changes(before, now))
    kept = "".join(one.text for one in found if one.kind in ("same", "new"))
    if not any(one.kind == "gap" for one in found):
        assert kept == now
        assert "".join(one.text for one in found if one.kind in ("same", "gone")) == before
