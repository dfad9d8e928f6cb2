"""`next`: items lent to a rater; skipping them; taking lapsed ones back."""

from __future__ import annotations

from concurrent.futures import Future

from middlemost.core.nouns import Assignment, Person
from middlemost.errors import AccessError, InputError, Place, SettingError
from middlemost.project.folder import Project
from middlemost.store import lending
from middlemost.store import limits as limiting
from middlemost.store.limits import Reached

MOST_AT_ONCE = 20
LONGEST_REASON = 500


def next_assignments(project: Project, person: Person, want: int = 3) -> list[Assignment]:
    """What `person` holds, oldest first, filled up to `want` with new leases. Asking again changes nothing.

    Fewer than `want` if there is nothing more to give. AccessError for anyone but raters.
    """
    return next_later(project, person, want).result()


def next_later(project: Project, person: Person, want: int = 3) -> Future[list[Assignment]]:
    """The same as a future."""
    require_rater(person)
    if not 1 <= want <= MOST_AT_ONCE:
        raise SettingError(f"want is {want}.", mend=f"It can be 1 to {MOST_AT_ONCE}.")
    rules = project.protocol.collection
    now, lease = project.store.clock(), rules.lease_minutes * 60
    return project.store.submit(
        lending.lend, person.id, rounds=person.rounds, want=want, now=now, lease=lease, rules=rules
    )


def reached_limit(project: Project, person: Person, held: int = 0) -> Reached | None:
    """The limit that keeps `person` from being given more than the items `held` now, None if none does."""
    limits = project.protocol.collection.limits
    if not limits.any:
        return None
    return project.store.read(limiting.reached, person.id, limits, project.store.clock(), held)


def skip(project: Project, person: Person, assignment: int, reason: str) -> None:
    """Give an assignment back unanswered, and say why. This rater is not given its item again."""
    skip_later(project, person, assignment, reason).result()


def skip_later(project: Project, person: Person, assignment: int, reason: str) -> Future[None]:
    """The same as a future."""
    require_rater(person)
    reason = reason.strip()
    if not reason:
        raise InputError("Please say why.", place=Place(column="reason"))
    if len(reason) > LONGEST_REASON:
        raise InputError(f"A reason has at most {LONGEST_REASON} characters.", place=Place(column="reason"))
    return project.store.submit(lending.skip, person.id, assignment, reason, now=project.store.clock())


def sweep(project: Project) -> int:
    """Give back the places of leases that have lapsed; how many there were."""
    return project.store.write(lending.sweep, project.store.clock())


def require_rater(person: Person) -> None:
    """Only raters answer: whoever sees the others' answers is not blind to them."""
    if person.role != "rater":
        raise AccessError(
            "Only raters answer: whoever sees the others' answers is not blind to them.",
            mend="Join by a rater's invite link, in another browser or a private window.",
        )
