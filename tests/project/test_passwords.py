"""Logins and passwords: setting them, signing in by them, guessing them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from middlemost.core.nouns import Person
from middlemost.errors import AccessError, InputError, StateError, TooManyError
from middlemost.project import passwords
from middlemost.project.folder import Project
from middlemost.project.passwords import (
    checked_login,
    checked_password,
    login_of,
    remove_password,
    set_password,
    sign_in,
)
from middlemost.project.people import SignedIn, invite, join, open_sessions, signed_in
from middlemost.store import events, guesses

GOOD = "oxen weigh more than calves"
OTHER = "calves weigh less than oxen"


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def project(folder: Path, database: str, clock: Clock) -> Iterator[Project]:
    with Project.open(folder, database=database, clock=clock) as opened:
        yield opened


@pytest.fixture
def sqlite_project(folder: Path) -> Iterator[Project]:
    with Project.open(folder) as opened:
        yield opened


@pytest.fixture
def ada(project: Project) -> SignedIn:
    return join(project, invite(project), "Ada")


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hashes of the lowest costs, where a test counts tries and many of them are made."""
    monkeypatch.setattr(passwords, "HASHER", passwords.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1))
    passwords._nobody_s.cache_clear()
    yield
    passwords._nobody_s.cache_clear()


def wrong(project: Project, times: int, login: str = "ada") -> list[type[Exception]]:
    """What happens to so many tries with a password that is not right."""
    raised: list[type[Exception]] = []
    for _ in range(times):
        with pytest.raises((AccessError, TooManyError)) as error:
            sign_in(project, login, "not the password of anybody")
        raised.append(error.type)
    return raised


def test_who_has_set_a_login_signs_in_by_it_however_it_is_written(project: Project, ada: SignedIn) -> None:
    set_password(project, ada, " Ada@Example.org", GOOD)
    assert login_of(project, ada.person) == "ada@example.org"
    again = sign_in(project, "ADA@example.ORG ", GOOD)
    assert again.person == ada.person
    assert again.token != ada.token
    assert signed_in(project, again.token) == again
    assert signed_in(project, ada.token) == ada, "the other browser stays signed in"


def test_a_login_is_somebody_s_alone(project: Project, ada: SignedIn) -> None:
    set_password(project, ada, "ada", GOOD)
    bo = join(project, invite(project), "Bo")
    with pytest.raises(StateError, match="Somebody has this login"):
        set_password(project, bo, "ADA", OTHER)
    set_password(project, bo, "bo", GOOD)
    with pytest.raises(StateError, match="Somebody has this login"):
        set_password(project, bo, "ada", OTHER, old=GOOD)
    assert sign_in(project, "bo", GOOD).person == bo.person


@pytest.mark.usefixtures("cheap")
def test_the_old_password_is_asked_before_it_is_changed_or_removed(project: Project, ada: SignedIn) -> None:
    set_password(project, ada, "ada", GOOD)
    for old in ("", OTHER):
        with pytest.raises(AccessError, match="not your password"):
            set_password(project, ada, "ada", OTHER, old=old)
        with pytest.raises(AccessError, match="not your password"):
            remove_password(project, ada, old)
    set_password(project, ada, "lovelace", OTHER, old=GOOD)
    assert sign_in(project, "lovelace", OTHER).person == ada.person
    for login, password in (("ada", GOOD), ("ada", OTHER), ("lovelace", GOOD)):
        with pytest.raises(AccessError):
            sign_in(project, login, password)
    remove_password(project, ada, OTHER)
    assert login_of(project, ada.person) is None
    with pytest.raises(AccessError):
        sign_in(project, "lovelace", OTHER)
    with pytest.raises(StateError, match="no password"):
        remove_password(project, ada, OTHER)


def test_a_changed_password_ends_all_other_sessions(project: Project, ada: SignedIn) -> None:
    set_password(project, ada, "ada", GOOD)
    other = sign_in(project, "ada", GOOD)
    assert len(open_sessions(project, ada)) == 2
    set_password(project, ada, "ada", OTHER, old=GOOD)
    assert signed_in(project, other.token) is None
    assert [one.here for one in open_sessions(project, ada)] == [True]


TRIVIAL = (
    "eleven char", "x" * 201, "aaaaaaaaaaaaaaaa", "abcabcabcabcabc", "123456789012", "098765432109", "abcdefghijklm",
    "Password1234!", "passwordpassword", "qwertyuiop123", "ada@example.org", "Ada-2026-2026-", "Tone12345678",
)  # fmt: skip
FINE = (GOOD, "twelve chars", "密码是牛的重量与小牛的重量", "x9$kL2#mQ7!z", "ééé-ox-calf-bull", "a b c d " * 25)


def test_what_anybody_would_try_first_is_no_password(sqlite_project: Project) -> None:
    for password in TRIVIAL:
        with pytest.raises(InputError):
            checked_password(sqlite_project, "ada@example.org", password)


def test_anything_else_is_one(sqlite_project: Project) -> None:
    for password in FINE:
        assert checked_password(sqlite_project, "ada@example.org", password)


def test_a_password_is_one_however_its_letters_are_composed(project: Project, ada: SignedIn) -> None:
    set_password(project, ada, "ada", "caf\u00e9 au lait, s'il vous pla\u00eet")
    assert sign_in(project, "ada", "cafe\u0301 au lait, s'il vous plai\u0302t").person == ada.person


def test_what_cannot_be_a_login_is_refused_in_words() -> None:
    for login in ("", "  ", "two words", "x" * 121, "a\nb", "\x00"):
        with pytest.raises(InputError, match="A login is"):
            checked_login(login)


def test_whatever_is_tried_is_refused_in_peace(project: Project, ada: SignedIn) -> None:
    set_password(project, ada, "ada", GOOD)
    for said in ("\ud800", "\x00", "x" * 100_000, "", "💥"):
        for login, password in (("ada", said), (said, GOOD)):
            with pytest.raises((AccessError, InputError)):
                sign_in(project, login, password)


@pytest.mark.usefixtures("cheap")
def test_after_ten_wrong_passwords_a_login_has_to_wait_whoever_tries(
    project: Project, ada: SignedIn, clock: Clock
) -> None:
    set_password(project, ada, "ada", GOOD)
    assert wrong(project, 12) == [AccessError] * 10 + [TooManyError] * 2
    with pytest.raises(TooManyError) as error:
        sign_in(project, "ada", GOOD)
    assert 0 < error.value.after <= guesses.SECONDS
    assert signed_in(project, ada.token) == ada, "who is in stays in"
    set_password(project, ada, "ada", OTHER, old=GOOD)
    clock.now += error.value.after
    assert sign_in(project, "ada", OTHER).person == ada.person


@pytest.mark.usefixtures("cheap")
def test_a_login_that_nobody_has_waits_in_the_same_way(project: Project) -> None:
    assert wrong(project, 12, "nobody") == [AccessError] * 10 + [TooManyError] * 2


@pytest.mark.usefixtures("cheap")
def test_a_right_password_does_not_count_and_does_not_wash_the_wrong_ones_away(project: Project, ada: SignedIn) -> None:
    set_password(project, ada, "ada", GOOD)
    wrong(project, 9)
    for _ in range(3):
        sign_in(project, "ada", GOOD)
    assert wrong(project, 2) == [AccessError, TooManyError]


def test_many_at_once_get_no_more_tries_than_one_after_the_other(project: Project, ada: SignedIn) -> None:
    set_password(project, ada, "ada", GOOD)
    with ThreadPoolExecutor(4) as pool:
        raised = [one for some in pool.map(lambda _: wrong(project, 5), range(4)) for one in some]
    assert raised.count(AccessError) == 10


@pytest.mark.usefixtures("cheap")
def test_another_process_counts_along(project: Project, ada: SignedIn, database: str, clock: Clock) -> None:
    set_password(project, ada, "ada", GOOD)
    wrong(project, 10)
    with Project.open(project.folder, database=database, clock=clock) as other, pytest.raises(TooManyError):
        sign_in(other, "ada", GOOD)


def test_an_unknown_login_is_hashed_as_a_known_one_is(
    project: Project, ada: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once each, at the same costs: what it takes tells nobody which logins there are."""
    set_password(project, ada, "ada", GOOD)
    sign_in(project, "ada", GOOD)
    tried: list[tuple[str, bytes]] = []
    judged = passwords._is_right

    def noting(hash: str, given: bytes) -> bool:
        tried.append((hash.rsplit("$", 2)[0], given))
        return judged(hash, given)

    monkeypatch.setattr(passwords, "_is_right", noting)
    for login in ("ada", "nobody"):
        with pytest.raises(AccessError, match="do not go together"):
            sign_in(project, login, OTHER)
    known, unknown = tried
    assert known == unknown
    assert known[0] == "$argon2id$v=19$m=65536,t=3,p=4"


def test_a_hash_of_lower_costs_is_made_anew_when_its_password_is_given(
    cheap: None, project: Project, ada: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_password(project, ada, "ada", GOOD)
    monkeypatch.undo()
    sign_in(project, "ada", GOOD)
    kept = project.store.read(passwords.stored.find, "ada")
    assert kept is not None
    assert "m=65536" in kept.hash
    assert sign_in(project, "ada", GOOD).person == ada.person


def test_the_database_holds_no_password_and_the_log_no_login(folder: Path) -> None:
    with Project.open(folder) as project:
        ada = join(project, invite(project), "Ada")
        set_password(project, ada, "countess", GOOD)
        wrong(project, 1, "my secret typed into the wrong field")
        remove_password(project, ada, GOOD)
        set_password(project, ada, "countess", GOOD)
    lines = list(sqlite3.connect(folder / "middlemost.db").iterdump())
    assert not any(GOOD in line or "wrong field" in line for line in lines)
    told = [line for line in lines if line.startswith('INSERT INTO "event"')]
    assert not any("countess" in line or "Ada" in line for line in told)
    assert sum("set a password" in line for line in told) == 2


def test_the_log_tells_of_every_change(project: Project, ada: SignedIn, rater: Callable[[str], Person]) -> None:
    set_password(project, ada, "ada", GOOD)
    sign_in(project, "ada", GOOD)
    set_password(project, ada, "ada", OTHER, old=GOOD)
    remove_password(project, ada, OTHER)
    chain = project.store.read(events.verify)
    assert chain.faults == ()
    did = project.store.read(lambda one: [row.did for row in one.exec_driver_sql("SELECT did FROM event ORDER BY id")])
    assert did[-5:] == [
        "set a password",
        "signed in",
        "changed the password",
        "signed out elsewhere",
        "removed the password",
    ]
