"""Taking a person's access away, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from middlemost.core.nouns import Item, Submission
from middlemost.errors import AccessError, MissingError, StateError
from middlemost.project.add import add
from middlemost.project.answer import answer
from middlemost.project.closing import close, closed, reopen
from middlemost.project.folder import Project
from middlemost.project.identities import Identity, connect, connected
from middlemost.project.next import next_assignments
from middlemost.project.passwords import login_of, set_password
from middlemost.project.people import invite, join, owner_invite, signed_in
from middlemost.project.tokens import by_token, make_token
from middlemost.store import counts, events

GOOD = "oxen weigh more than calves"


@pytest.fixture
def project(folder: Path, database: str) -> Iterator[Project]:
    with Project.open(folder, database=database) as opened:
        add(opened, [Item(f"i{n}", f"text {n}") for n in range(4)])
        yield opened


def test_who_is_closed_comes_in_no_more_and_what_they_answered_stays(project: Project) -> None:
    ada, bo, cy = (join(project, invite(project), name) for name in ("Ada", "Bo", "Cy"))
    lent = next_assignments(project, ada.person, 3)
    answer(project, ada.person, Submission(lent[0].id, "kind", "key-of-ada"))
    set_password(project, ada, "ada", GOOD)
    connect(project, ada.person, Identity("https://id.example.org", "a"))
    token = make_token(project, ada.person, "ci", ["answer"])
    again = invite(project, person=ada.person)
    close(project, "r-001")
    assert closed(project) == {"r-001"}
    assert signed_in(project, ada.token) is None
    assert by_token(project, token) is None
    assert login_of(project, ada.person) is None
    assert connected(project, ada.person, "https://id.example.org") is None
    with pytest.raises(StateError, match="used already"):
        join(project, again)
    have = project.store.read(counts.of_project)
    assert (have["answers"], have["lent"]) == (1, 0)
    free = [len(next_assignments(project, one.person, 10)) for one in (bo, cy)]
    assert free == [4, 3], "two places an item: all but the one that has been answered are open again"
    assert project.store.read(lambda one: list(counts.adrift(one))) == []
    assert project.store.read(events.verify).faults == ()


def test_who_is_closed_gets_no_session_and_no_token_by_a_link_that_is_made_later(project: Project) -> None:
    ada = join(project, invite(project), "Ada").person
    close(project, "r-001")
    link = invite(project, person=ada)
    with pytest.raises(AccessError, match="may not come in"):
        join(project, link)
    with pytest.raises(StateError, match="taken away"):
        make_token(project, ada, "ci", ["answer"])
    reopen(project, "r-001")
    assert join(project, link).person == ada, "the link was not used up by the try"
    assert closed(project) == frozenset()


def test_the_links_of_a_lead_who_is_closed_end_too(project: Project) -> None:
    lead = join(project, invite(project, role="lead"), "Lea").person
    link = invite(project, by=lead, uses=5)
    join(project, link, "Ada")
    close(project, lead.pseudonym)
    with pytest.raises(StateError, match="used already"):
        join(project, link, "Bo")


def test_the_last_owner_is_not_closed(project: Project) -> None:
    owner = join(project, owner_invite(project) or "", "Boss").person
    with pytest.raises(StateError, match="last owner"):
        close(project, owner.pseudonym)
    join(project, invite(project, role="owner"), "Other")
    close(project, owner.pseudonym)


def test_what_cannot_be_closed_or_reopened_is_told_in_words(project: Project) -> None:
    join(project, invite(project), "Ada")
    for act in (close, reopen):
        with pytest.raises(MissingError):
            act(project, "r-077")
    with pytest.raises(StateError, match="not taken away"):
        reopen(project, "r-001")
    close(project, "r-001")
    with pytest.raises(StateError, match="already"):
        close(project, "r-001")


def test_whoever_may_invite_somebody_may_close_them_and_the_log_says_who_did(project: Project) -> None:
    lead, other = (join(project, invite(project, role="lead"), name).person for name in ("Lea", "Leo"))
    owner, bob = (join(project, invite(project, role=role), role).person for role in ("owner", "adjudicator"))
    join(project, invite(project), "Ada")
    close(project, "r-001", by=lead)
    reopen(project, "r-001", by=other)
    for who, by in ((owner, lead), (bob, bob), (lead, lead)):
        with pytest.raises(AccessError):
            close(project, who.pseudonym, by=by)
    close(project, lead.pseudonym, by=other)
    told = project.store.read(
        lambda one: [tuple(row) for row in one.exec_driver_sql("SELECT actor, did FROM event ORDER BY id").fetchall()]
    )
    assert told[-3:] == [("l-001", "closed"), ("l-002", "reopened"), ("l-002", "closed")]
