"""`calibrate`: rounds in which raters judge the same few items, to see how far they agree and to talk it over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import nsmallest
from pathlib import Path

import sqlalchemy as sa

from middlemost.core.calibrating import Calibration, Summons
from middlemost.core.nouns import Item, Person
from middlemost.core.qualifying import Exercise
from middlemost.errors import AccessError, InputError, Place, SettingError, StateError, did_you_mean
from middlemost.files.exercises import read_exercises
from middlemost.project.add import require_shown
from middlemost.project.answer import LONGEST_KEY, page_of
from middlemost.project.by_question import found
from middlemost.project.collected import collected, gold
from middlemost.project.folder import Project
from middlemost.project.next import require_rater
from middlemost.project.overview import by_dispute
from middlemost.project.qualify import Practice
from middlemost.project.review import decisions
from middlemost.store import calibrating as stored
from middlemost.store import exercises as stored_exercises
from middlemost.store import feedback as stored_feedback
from middlemost.store import people
from middlemost.store.calibrating import Copied, Plan
from middlemost.store.line import drawn
from middlemost.store.sql import hold

MOST_ITEMS = 500
LONGEST_NAME, LONGEST_PURPOSE, LONGEST_WHY = 80, 1000, 2000


@dataclass(frozen=True)
class Chosen:
    """Which items a round has: so many drawn at random by `seed`, or the most disputed, or those of a `file`."""

    sample: int | None = None
    disputed: int | None = None
    file: Path | None = None
    seed: int = 0


@dataclass(frozen=True)
class Turn:
    """Where a rater stands in a round, and the item that comes next, None where none does.

    `late`: the answer that was given just now came after its round was closed.
    """

    summons: Summons | None
    exercise: Exercise | None
    late: bool = False


def begin(
    project: Project,
    name: str,
    purpose: str,
    chosen: Chosen,
    *,
    raters: Sequence[str] | None = None,
    first: bool = False,
    by: Person | None = None,
) -> Calibration:
    """Begin a round on the chosen items with `raters` (pseudonyms; None: all who are admitted).

    `first`: it goes before their next items. Items of the project are copied: answers to them count in the round alone.
    SettingError unless the items are chosen in one way; StateError for a name that is taken, a rater who is in an open
    round, fewer items than asked for.
    """
    _require_lead(by)
    name, purpose = _words(name, "name", LONGEST_NAME), _words(purpose, "purpose", LONGEST_PURPOSE)
    asked = _raters(project, raters)
    plan = Plan(name, purpose, first, _items(project, chosen, asked), asked)
    number = project.store.write(stored.begin, plan, by=by.id if by else None, now=project.store.clock())
    return project.store.read(stored.one, number)


def calibrations(project: Project) -> list[Calibration]:
    """All rounds, oldest first."""
    return project.store.read(stored.every)


def say(
    project: Project, number: int, item: str, label: str | None, why: str | None, *, by: Person | None = None
) -> None:
    """Say what is right of an item of an open round, and why; either may be None. What was said before is kept.

    InputError for a label that is no option; StateError for one in a descriptive project, or once the round is closed.
    """
    if by is not None and not by.may("decide"):
        raise AccessError("Only leads and adjudicators say what is right.")
    label, why = label or None, (why or "").strip() or None
    if label is not None:
        _require_option(project, label)
    if why is not None:
        why = _words(why, "why", LONGEST_WHY)
    project.store.write(stored.say, number, item, label, why, by=by.id if by else None, now=project.store.clock())


def close(project: Project, number: int, *, feedback: bool, by: Person | None = None) -> Calibration:
    """Close a round; with `feedback` its raters are told how it went. StateError if it is closed already.

    Answers that come later are kept, and count in none of its figures.
    """
    _require_lead(by)
    project.store.write(_close, number, feedback, by.id if by else None, project.store.clock())
    return project.store.read(stored.one, number)


def _close(connection: sa.Connection, number: int, feedback: bool, by: int | None, now: float) -> None:
    stored.close(connection, number, feedback, by=by, now=now)
    if feedback:
        to = list(stored.raters(connection, number))
        stored_feedback.send(connection, stored_feedback.Message(to, calibration=number), by=by, now=now)


def summons(project: Project, person: Person) -> Summons | None:
    """The open round that a rater is in, None where there is none."""
    require_rater(person)
    return project.store.read(stored.waiting, person.id)


def turn(project: Project, person: Person) -> Turn:
    """What `person` has to judge next in the round that is open. Asking again changes nothing."""
    require_rater(person)
    return project.store.read(_turn, person.id)


def judge(project: Project, person: Person, sent: Practice) -> Turn:
    """Keep an answer to an item of a round; what comes next, without feedback. The same key again changes nothing.

    An answer to a round that was closed meanwhile is kept as late. MissingError for an item that this rater is not
    asked about, StateError for one that they have answered, InputError for an answer that cannot be.
    """
    require_rater(person)
    if not 1 <= len(sent.key) <= LONGEST_KEY:
        raise InputError(f"An idempotency key has 1 to {LONGEST_KEY} characters.", place=Place(column="key"))
    return project.store.write(_judge, project, person, sent, project.store.clock())


def _turn(connection: sa.Connection, rater: int) -> Turn:
    where = stored.waiting(connection, rater)
    return Turn(where, None if where is None else stored.unanswered(connection, where.number, rater))


def _judge(connection: sa.Connection, project: Project, person: Person, sent: Practice, now: float) -> Turn:
    hold(connection, person.id)
    exercise, of = stored.asked(connection, sent.exercise, person.id)
    page = page_of(project, sent.values, Item(exercise.id, exercise.text, exercise.fields))
    before = stored.known(connection, sent.key)
    if before is None:
        under = project.asked_of(person)
        versions = (under.guideline_version, under.protocol_hash)
        given = stored.Judged(exercise.seq, person.id, page, sent.key, sent.active_ms, *versions)
        late = stored.keep(connection, given, of.number, now=now)
    elif (before.person, before.item) != (person.id, exercise.seq):
        raise StateError("This idempotency key was used for another answer already.", mend="Make a new key for each.")
    else:
        late = bool(before.late)
    return replace(_turn(connection, person.id), late=late)


def _items(project: Project, chosen: Chosen, raters: Sequence[int]) -> list[Copied]:
    ways = {"sample": chosen.sample, "disputed": chosen.disputed, "file": chosen.file}
    given = [name for name, value in ways.items() if value is not None]
    if len(given) != 1:
        mend = "Say how many to draw at random, or how many of the most disputed, or name a file."
        raise SettingError("A round's items are chosen in one way.", mend=mend)
    if chosen.file is not None:
        return _of_file(project, chosen.file)
    wanted = chosen.sample if chosen.sample is not None else chosen.disputed or 0
    if not 1 <= wanted <= MOST_ITEMS:
        raise SettingError(f"A round has 1 to {MOST_ITEMS} items, not {wanted}.")
    return _sampled(project, wanted, chosen.seed, raters) if chosen.sample is not None else _disputed(project, wanted)


def _of_file(project: Project, path: Path) -> list[Copied]:
    options = project.options if project.protocol.paradigm == "prescriptive" else ()
    read = read_exercises(path, "calibration", options, needed=False)
    for one in read:
        require_shown(project, Item(one.id, one.text, one.fields))
    if len(read) > MOST_ITEMS:
        raise InputError(f"A round has 1 to {MOST_ITEMS} items, not {len(read):,}.", place=Place(str(path)))
    return [Copied(None, one) for one in read]


def _sampled(project: Project, wanted: int, seed: int, raters: Sequence[int]) -> list[Copied]:
    """At random, of the items that fewest of these raters have seen: what one has judged one remembers."""
    pool = project.store.read(stored.to_draw_from, raters)
    _require_enough(len(pool), wanted)
    best = nsmallest(wanted, pool, key=lambda one: (one[1], drawn(seed, "calibration", one[0])))
    mixed = sorted((seq for seq, _ in best), key=lambda seq: drawn(seed, "calibration", seq))
    return _with_decisions(project, project.store.read(stored.copies, mixed))


def _disputed(project: Project, wanted: int) -> list[Copied]:
    main = project.protocol.main
    if main is None:
        raise StateError("Answers to a choice can be disputed, and no question here is one.", mend="Draw at random.")
    answers, known = collected(project, main.id), gold(project)
    if answers is None:
        raise StateError("There are no answers yet that could be disputed.", mend="Draw at random.")
    order = by_dispute(answers, found(project.protocol.paradigm, main, answers, known).labels)
    told = set() if known is None else set(known.items)
    names = [name for name in answers.items.gather(order) if name not in told]
    _require_enough(len(names), wanted)
    return _with_decisions(project, project.store.read(stored.copies, (), names[:wanted]))


def _require_enough(have: int, wanted: int) -> None:
    if have < wanted:
        message = f"There are only {have:,} items to choose from; {wanted:,} were asked for."
        raise StateError(
            message, mend="Ask for fewer. Control items and gold are left out, that nobody is told of them."
        )


def _with_decisions(project: Project, copies: list[Copied]) -> list[Copied]:
    """What was decided on an item is known of it from the beginning."""
    made = decisions(project)
    return [
        replace(one, exercise=replace(one.exercise, label=made[name].label, why=made[name].reason))
        if (name := one.exercise.id) in made
        else one
        for one in copies
    ]


def _raters(project: Project, pseudonyms: Sequence[str] | None) -> list[int]:
    """The numbers of those who are asked: they may be lent items."""
    asks = project.protocol.collection.qualification is not None
    rows = project.store.read(stored_exercises.overview)
    ready = {name: row.id for name, row in rows.items() if not asks or row.admitted_at is not None}
    if pseudonyms is None:
        if not ready:
            raise StateError("There is nobody to ask yet.", mend="Invite raters first: middlemost invite.")
        return list(ready.values())
    for one in pseudonyms:
        if one not in rows:
            project.store.read(people.named, one)  # says so where there is nobody of that name
            raise StateError(f"{one} is no rater.", mend="Name raters: r-001 and so on.")
        if one not in ready:
            raise StateError(
                f"{one} has training or a test to go through first.", mend=f"Let {one} in, or leave them out."
            )
    if not pseudonyms:
        raise SettingError("No rater is named.", mend="Name some, or leave it out to ask all.")
    return [ready[one] for one in dict.fromkeys(pseudonyms)]


def _require_option(project: Project, label: str) -> None:
    if project.protocol.paradigm == "descriptive":
        raise StateError("In a descriptive project opinions differ: none of them is right.")
    if label not in project.options:
        mend = did_you_mean(label, project.options, otherwise="The options are: ")
        raise InputError("This is none of the options.", place=Place(column="label", value=label), mend=mend)


def _require_lead(by: Person | None) -> None:
    if by is not None and not by.may("invite"):
        raise AccessError("Only leads begin and close calibration rounds.")


def _words(text: str, column: str, most: int) -> str:
    text = text.strip()
    if not 1 <= len(text) <= most:
        raise InputError(f"Give a {column} of up to {most:,} characters.", place=Place(column=column))
    return text
