"""`identities`: signing in, signing up and joining by an account elsewhere (OpenID Connect).

Somebody sets out with a `state` for the provider to give back, and a secret that stays in their browser. Whoever comes
back with both, in time and for the first time, went from here. What the provider signs and is sent (`nonce`,
`verifier`) follows from the browser's secret, so that the database holds nothing by which somebody else could finish.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

import sqlalchemy as sa

from middlemost.core.entering import Errand, Purpose
from middlemost.core.nouns import Person
from middlemost.errors import AccessError, StateError
from middlemost.project.folder import Project
from middlemost.project.people import SESSION_SECONDS, SignedIn, csrf_of, peek_invite
from middlemost.project.sign_up import enter, name_given, require_sign_up
from middlemost.store import applicants, events, people
from middlemost.store import identities as stored

JOURNEY_SECONDS = 600.0
_BESIDE = "~"  # between the browser's secret and the link that it came with


@dataclass(frozen=True)
class Identity:
    """Who somebody is: `subject` at `issuer`. `name`: what they are called there, if that is told."""

    issuer: str
    subject: str
    name: str | None = None


@dataclass(frozen=True)
class Journey:
    """To the provider and back: `state` goes along, `browser` stays in a cookie."""

    state: str
    browser: str

    @property
    def nonce(self) -> str:
        """What the provider has to put into what it signs."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """What proves that the one who asked for a code is the one who uses it (PKCE)."""
        return self._derived("verifier")

    @property
    def invite(self) -> str:
        """The token of the link that they came by; empty if by none."""
        return self.browser.partition(_BESIDE)[2]

    def _derived(self, what: str) -> str:
        return hmac.new(self.browser.encode(), what.encode(), hashlib.sha256).hexdigest()


def set_out(
    project: Project, purpose: Purpose, *, name: str | None = None, person: Person | None = None, invite: str = ""
) -> Journey:
    """Begin a journey to the provider: to `join` by the link `invite`, to be called `name`, to `connect` a `person`.

    MissingError to `sign up` where nobody can; what `peek_invite` raises for a link that is of no use.
    """
    if purpose == "sign up":
        require_sign_up(project)
    if purpose == "join" and peek_invite(project, invite).panel is not None:
        raise StateError("This link is for raters of a panel.", mend="Open it from there.")
    journey = Journey(secrets.token_urlsafe(32), secrets.token_urlsafe(32) + (_BESIDE + invite if invite else ""))
    errand = Errand(purpose, name_given(name) if name and name.strip() else None, person.id if person else None)
    now = project.store.clock()
    project.store.write(stored.set_out, journey.state, journey.browser, errand, now=now, lasts=JOURNEY_SECONDS)
    return journey


def come_back(project: Project, journey: Journey) -> Errand:
    """What a journey was for; it is over now. AccessError where it did not begin here, or is over already."""
    errand = project.store.write(stored.come_back, journey.state, journey.browser, now=project.store.clock())
    if errand is None:
        message = "This way back does not belong to a sign-in that began in this browser, or was used already."
        raise AccessError(message, mend="Begin again, and go through it within ten minutes.")
    return errand


def arrive(project: Project, errand: Errand, journey: Journey, who: Identity) -> SignedIn | None:
    """Sign in, sign up or join as whom the provider says; None where one has to be let in first.

    AccessError for one who is not known here, StateError where they wait to be let in, or the identity is another's.
    """
    token, now = secrets.token_urlsafe(32), project.store.clock()
    act = {"sign in": _sign_in, "sign up": _sign_up, "join": _join}[errand.purpose]
    person = project.store.write(act, project, errand, journey, who, token, now)
    return SignedIn(person, token, csrf_of(token)) if person else None


def connect(project: Project, person: Person, who: Identity) -> None:
    """From now on the person signs in by this identity too. StateError where it is another's, or they have another."""
    found = project.store.read(stored.find, who.issuer, who.subject)
    if found is None or found.person != person.id:
        project.store.write(stored.add, who.issuer, who.subject, person=person.id, now=project.store.clock())


def disconnect(project: Project, person: Person, issuer: str) -> None:
    """The person does not sign in by what they are at `issuer` any more."""
    project.store.write(stored.disconnect, person.id, issuer, now=project.store.clock())


def connected(project: Project, person: Person, issuer: str) -> float | None:
    """Since when the person signs in by what they are at `issuer`; None if they do not."""
    found = project.store.read(stored.issuers_of, person.id)
    return next((one.made_at for one in found if one.issuer == issuer), None)


def _sign_in(
    connection: sa.Connection, project: Project, errand: Errand, journey: Journey, who: Identity, token: str, now: float
) -> Person | None:
    found = stored.find(connection, who.issuer, who.subject)
    if found is None:
        mend = "Open the invite link that you were given, and choose this account there."
        if project.protocol.sign_up != "closed":
            mend = "Sign up first, or open the invite link that you were given."
        raise AccessError("Nobody in this project is known by this account.", mend=mend)
    if found.person is None:
        raise StateError("You are not let in yet.", mend="Whoever leads this project sees that you wait.")
    return _start(connection, found.person, token, now)


def _sign_up(
    connection: sa.Connection, project: Project, errand: Errand, journey: Journey, who: Identity, token: str, now: float
) -> Person | None:
    require_sign_up(project)
    if stored.find(connection, who.issuer, who.subject) is not None:
        return _sign_in(connection, project, errand, journey, who, token, now)

    def known(connection: sa.Connection, person: int | None, applicant: int | None) -> None:
        stored.add(connection, who.issuer, who.subject, person=person, applicant=applicant, now=now)

    name = name_given(errand.name or who.name)
    return enter(connection, project.protocol.sign_up == "approved", name, known, token, now=now)


def _join(
    connection: sa.Connection, project: Project, errand: Errand, journey: Journey, who: Identity, token: str, now: float
) -> Person | None:
    found = stored.find(connection, who.issuer, who.subject)
    allows, _ = people.find_invite(connection, journey.invite)
    if found is not None and found.applicant is not None:
        applicants.drop(connection, found.applicant)  # who is invited need not wait
        found = None
    if found is not None and found.person != allows.person:
        raise StateError("Somebody here is known by this account already.", mend="Sign in with it.")
    name = None if allows.name or allows.person else name_given(errand.name or who.name)
    joined = people.join(connection, journey.invite, name, now=now)
    if found is None:
        stored.add(connection, who.issuer, who.subject, person=joined.id, now=now)
    return _start(connection, joined.id, token, now)


def _start(connection: sa.Connection, who: int, token: str, now: float) -> Person:
    people.start_session(connection, token, who, now=now, lasts=SESSION_SECONDS)
    events.note(connection, "signed in", {"by": "provider"}, who=who, now=now)
    return people.one(connection, who)
