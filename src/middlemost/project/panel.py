"""`panel`: raters from Prolific or Mechanical Turk: joining by the panel's link, the code that they leave with."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

import sqlalchemy as sa

from middlemost.core.nouns import Person
from middlemost.core.panels import CONVENTIONS, Arrival, Completion, PanelName, completion
from middlemost.errors import InputError, Place, SettingError
from middlemost.project.folder import Project
from middlemost.project.next import reached_limit
from middlemost.project.people import MOST_USES, SESSION_SECONDS, SignedIn, csrf_of, peek_invite
from middlemost.project.progress import rater_progress
from middlemost.store import panel as stored
from middlemost.store import people
from middlemost.store.people import Invitation

LONGEST = 200
_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Member:
    """One who came from a panel. `done`: they have answered what there was for them, and were shown `code`."""

    rater: str
    panel: PanelName
    member: str
    study: str
    session: str
    answered: int
    done: bool
    code: str


def invite_panel(
    project: Project, panel: PanelName, *, uses: int, code: str | None = None, by: Person | None = None
) -> str:
    """The token of a new link for up to `uses` raters of a panel.

    `code`: the completion code that the panel gave out for its study; where the panel has each rater enter one of their
    own, leave it out. SettingError if it is missing, or cannot be one.
    """
    if not 1 <= uses <= MOST_USES:
        raise SettingError(f"uses is {uses}.", mend=f"A link is for 1 to {MOST_USES} people.")
    fixed = CONVENTIONS[panel].back is not None
    if fixed != (code is not None):
        title = CONVENTIONS[panel].title
        needed = f"{title} gives out a completion code for a study." if fixed else f"{title} needs no code of yours."
        raise SettingError(needed, mend="--code C1ABC23D" if fixed else "Leave --code out: each rater gets their own.")
    if code is not None and not _CODE.fullmatch(code):
        raise SettingError(f"{code!r} is no completion code.", mend="It has up to 64 letters, digits, - and _.")
    token = secrets.token_urlsafe(32)
    allows = Invitation("rater", uses=uses, made_by=by.id if by else None, panel=panel, code=code)
    project.store.write(people.add_invite, token, allows, now=project.store.clock())
    return token


def link_of(link: str, panel: PanelName) -> str:
    """The address to enter at the panel, which puts in who comes.

    >>> link_of("http://h/join/x", "prolific")
    'http://h/join/x?PROLIFIC_PID={{%PROLIFIC_PID%}}&STUDY_ID={{%STUDY_ID%}}&SESSION_ID={{%SESSION_ID%}}'
    """
    how = CONVENTIONS[panel]
    left, right = ("{{%", "%}}") if panel == "prolific" else ("${", "}")
    return f"{link}?" + "&".join(f"{name}={left}{name}{right}" for name in (how.member, how.study, how.session))


def join_panel(project: Project, token: str, who: Arrival) -> SignedIn:
    """Sign in a member of a panel; the same member is the same rater again. InputError where nobody is named."""
    offered = peek_invite(project, token, used_up=True)
    if offered.panel is None:
        raise InputError("This link is for no panel.", mend="Ask for a link of your own.")
    if not 1 <= len(who.member) <= LONGEST or max(len(who.study), len(who.session)) > LONGEST:
        how = CONVENTIONS[offered.panel]
        raise InputError(
            f"The link does not say who you are at {how.title}.",
            place=Place(column=how.member),
            mend=f"Open it from {how.title}.",
        )
    session = secrets.token_urlsafe(32)
    person = project.store.write(_join, token, who, session, project.store.clock())
    return SignedIn(person, session, csrf_of(session))


def _join(connection: sa.Connection, token: str, who: Arrival, session: str, now: float) -> Person:
    person = stored.join(connection, token, who, now=now)
    people.start_session(connection, session, person.id, now=now, lasts=SESSION_SECONDS)
    return person


def completion_of(project: Project, person: Person) -> Completion | None:
    """What a rater of a panel who has done their share is to show there; None for all others."""
    found = project.store.read(stored.code_of, person.id)
    if found is None or not _is_done(project, person):
        return None
    return completion(*found)


def _is_done(project: Project, person: Person) -> bool:
    tally = rater_progress(project, person)
    limit = reached_limit(project, person)
    return tally.done > 0 and tally.left == 0 and (limit is None or limit.until is None)  # not only for today


def members(project: Project) -> tuple[Member, ...]:
    """Everybody who came from a panel, for approving and paying them there."""
    return tuple(
        Member(
            row.pseudonym,
            row.panel,
            row.member,
            row.study,
            row.session,
            row.sent,
            _is_done(project, Person(row.id, row.pseudonym, "", "rater", row.rounds)),
            row.code,
        )
        for row in project.store.read(stored.every)
    )
