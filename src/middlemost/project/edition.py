"""Editions: what protocol and guidelines an answer was given under, and which are in force by now.

Somebody may put another protocol in force while a server runs, and while raters hold pages that were made under the one
before. The server goes by the new one from then on; an answer that comes late keeps the edition
that it was given under.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from middlemost.core.nouns import Person
from middlemost.core.values import Value
from middlemost.errors import ChangedError, InputError, Place
from middlemost.files.protocol import Declaration, parse_protocol
from middlemost.project.folder import Project
from middlemost.store import editions
from middlemost.store.answers import Asked


def renewed(project: Project) -> Project:
    """The project under what is in force by now, on the same store; itself where nothing has changed."""
    newest, version = project.store.read(editions.in_force)
    if (newest, version) == (project.protocol_hash, project.guideline_version):
        return project
    return _at(project, newest, version) or project


def under(project: Project, edition: str | None) -> Project:
    """The project as it was in an edition (see `Project.edition`), on the same store; itself for None.

    InputError for an edition that there never was.
    """
    if edition is None or edition == project.edition:
        return project
    protocol, _, version = edition.rpartition(":")
    number = int(version) if version.isdecimal() and len(version) < 10 else 0
    known = _at(project, protocol, number)
    if known is None:
        mend = "Send the one that came with the item, or leave it out."
        place = Place(column="edition", value=edition)
        raise InputError("There is no such edition of the protocol.", place=place, mend=mend)
    return known


def asked_under(project: Project, earlier: Project, person: Person) -> Asked:
    """What is noted with an answer that was given in an earlier edition and comes now: that one, by today's rules."""
    if earlier is project:
        return project.asked_of(person)
    now = project.asked
    return replace(earlier.asked_of(person), rules=now.rules, main=now.main, in_force=project.protocol_hash)


def require_fit(project: Project, given: Mapping[str, Value]) -> None:
    """ChangedError for an answer of an earlier edition that could not be given any more."""
    for name, value in given.items():
        question = project.protocol.named(name)
        if question is None or not question.fits(value):
            message = "The questions have changed since this was shown, so that this answer does not fit any more."
            raise ChangedError(message, mend="Look at the item once more.")


@lru_cache(maxsize=64)
def _parsed(text: str) -> Declaration:
    return parse_protocol(text)


def _at(project: Project, protocol: str | None, version: int | None) -> Project | None:
    found = project.store.read(editions.edition, protocol, version)
    if found is None or version is None:
        return None
    text, guidelines = found
    declared = _parsed(text)
    return replace(
        project,
        protocol=declared.protocol,
        protocol_hash=declared.hash,
        protocol_text=text,
        guidelines=guidelines,
        guideline_version=version,
    )
