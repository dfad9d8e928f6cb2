"""Tokens for programs: whom they stand for, and for how long."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from middlemost.core.nouns import Person
from middlemost.errors import MissingError, SettingError, StateError
from middlemost.project.doctor import doctor
from middlemost.project.folder import Project
from middlemost.project.people import invite, join
from middlemost.project.tokens import by_token, make_token, revoke_token, tokens

DAY = 86_400


@pytest.fixture
def grace(project: Project) -> Person:
    return join(project, invite(project, role="lead"), "Grace").person


def test_a_token_stands_for_its_person_and_its_use_is_noted(project: Project, grace: Person) -> None:
    secret = make_token(project, grace, "ci", ["decide", "read"])
    found = by_token(project, secret)
    assert found is not None
    assert found.person == grace
    assert (found.may("read"), found.may("decide"), found.may("invite")) == (True, True, False)
    (listed,) = tokens(project)
    assert (listed.name, listed.person, listed.scope) == ("ci", grace.pseudonym, "read decide")
    assert listed.used_at is not None
    assert secret not in str(listed)


def test_it_ends_on_its_day_and_when_it_is_revoked(folder, grace: Person) -> None:
    now = [1e9]
    with Project.open(folder, clock=lambda: now[0]) as project:
        lasting, ended = (make_token(project, grace, name, ["read"], days=2) for name in ("lasting", "ended"))
        revoke_token(project, "ended")
        assert by_token(project, ended) is None
        assert by_token(project, lasting) is not None
        now[0] += 2 * DAY
        assert by_token(project, lasting) is None


def test_nobody_gets_by_a_token_what_their_role_has_not(project: Project, rater: Callable) -> None:
    with pytest.raises(SettingError, match="is rater and may not read"):
        make_token(project, rater("Ada"), "ci", ["read"])


def test_mistakes_are_told(project: Project, grace: Person) -> None:
    make_token(project, grace, "ci", ["read"])
    with pytest.raises(StateError, match="already"):
        make_token(project, grace, "ci", ["read"])
    with pytest.raises(SettingError, match="no right 'raed'"):
        make_token(project, grace, "other", ["raed"])
    with pytest.raises(SettingError, match="days"):
        make_token(project, grace, "other", ["read"], days=0)
    with pytest.raises(MissingError, match="no token"):
        revoke_token(project, "other")


def test_making_and_revoking_are_in_the_audit_log(project: Project, grace: Person) -> None:
    before = doctor(project.folder).events
    make_token(project, grace, "ci", ["read"])
    revoke_token(project, "ci")
    found = doctor(project.folder)
    assert (found.events - before, found.faults) == (2, ())
