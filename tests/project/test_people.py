"""Links, joining, sessions."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from middlemost.errors import AccessError, InputError, MissingError, SettingError, StateError
from middlemost.project.folder import Project
from middlemost.project.people import (
    SESSION_SECONDS,
    invite,
    join,
    owner_invite,
    peek_invite,
    people,
    person_named,
    sign_out,
    signed_in,
)


def test_who_joins_by_a_link_is_signed_in_under_a_pseudonym(project: Project) -> None:
    session = join(project, invite(project, rounds=2), "  Ada   Lovelace ")
    assert (session.person.pseudonym, session.person.name, session.person.role) == ("r-001", "Ada Lovelace", "rater")
    assert session.person.rounds == 2
    assert signed_in(project, session.token) == session
    assert people(project) == (session.person,)
    assert person_named(project, "r-001") == session.person


def test_looking_at_a_link_does_not_use_it_up(project: Project) -> None:
    token = invite(project, name="Ada")
    for _ in range(3):
        view = peek_invite(project, token)
    assert (view.role, view.name, view.uses_left, view.bound, view.project) == ("rater", "Ada", 1, False, "Tone")
    assert join(project, token).person.name == "Ada"


def test_a_link_is_good_for_as_many_people_as_it_says(project: Project) -> None:
    token = invite(project, uses=2)
    assert [join(project, token, name).person.pseudonym for name in ("Ada", "Bo")] == ["r-001", "r-002"]
    with pytest.raises(StateError, match="used already"):
        join(project, token, "Cy")
    assert len(people(project)) == 2


def test_an_unknown_link_is_an_error_in_words(project: Project) -> None:
    with pytest.raises(MissingError, match="Ask for a new link"):
        peek_invite(project, "guess")


def test_a_name_is_needed_and_is_short(project: Project) -> None:
    token = invite(project)
    for name in (None, " ", "x" * 81):
        with pytest.raises(InputError):
            join(project, token, name)
    assert join(project, token, "Ada").person.name == "Ada"


def test_a_link_for_somebody_who_has_joined_signs_them_in_again(project: Project) -> None:
    ada = join(project, invite(project), "Ada").person
    token = invite(project, person=ada)
    assert peek_invite(project, token).bound
    assert join(project, token).person == ada
    assert people(project) == (ada,)


def test_the_owners_link_works_once_and_older_ones_stop_working(project: Project) -> None:
    first, second = owner_invite(project), owner_invite(project)
    assert first is not None
    assert second is not None
    with pytest.raises(MissingError):
        join(project, first, "Eve")
    assert join(project, second, "Boss").person.role == "owner"
    assert owner_invite(project) is None


def test_only_owners_and_leads_invite_and_nobody_above_themselves(project: Project) -> None:
    owner = join(project, owner_invite(project) or "", "Boss").person
    lead = join(project, invite(project, by=owner, role="lead"), "Lea").person
    rater = join(project, invite(project, by=lead), "Ada").person
    for by, role in ((lead, "owner"), (rater, "rater"), (rater, "owner")):
        with pytest.raises(AccessError):
            invite(project, by=by, role=role)


def test_a_lead_gets_no_link_that_signs_in_as_the_owner(project: Project) -> None:
    owner = join(project, owner_invite(project) or "", "Mary").person
    lead = join(project, invite(project, role="lead"), "Grace").person
    with pytest.raises(AccessError):
        invite(project, by=lead, person=owner)


@pytest.mark.parametrize("wrong", [{"uses": 0}, {"uses": 10**6}, {"rounds": 0}, {"rounds": 1000}])
def test_impossible_links_are_refused(project: Project, wrong: dict[str, int]) -> None:
    with pytest.raises(SettingError):
        invite(project, **wrong)  # type: ignore[arg-type]


def test_a_session_ends_with_signing_out_and_with_time(folder: Path) -> None:
    now = [1000.0]
    with Project.open(folder, clock=lambda: now[0]) as project:
        one, two = (join(project, invite(project), name) for name in ("Ada", "Bo"))
        sign_out(project, one.token)
        assert signed_in(project, one.token) is None
        assert signed_in(project, two.token) is not None
        now[0] += SESSION_SECONDS
        assert signed_in(project, two.token) is None
        assert signed_in(project, None) is None


def test_the_database_holds_no_token_that_could_be_used(project: Project) -> None:
    token = invite(project)
    session = join(project, token, "Ada")
    project.store.close()
    dump = "\n".join(sqlite3.connect(project.folder / "middlemost.db").iterdump())
    assert token not in dump
    assert session.token not in dump
    assert session.csrf not in dump
