"""The tables of how people come in beside links: part of the schema."""

from __future__ import annotations

import sqlalchemy as sa

from middlemost.store.tables import TEXT, metadata

# Who signed up and waits until somebody lets them in. They are no person yet, and nothing counts them.
applicant = sa.Table(
    "applicant",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("made_at", sa.Double, nullable=False),
)


def _of_somebody() -> sa.CheckConstraint:
    return sa.CheckConstraint("(person IS NULL) <> (applicant IS NULL)", name="somebody")


# login: folded, so that it is one whichever way it is written. hash: argon2id, with its salt and its costs.
password = sa.Table(
    "password",
    metadata,
    sa.Column("login", TEXT, primary_key=True),
    sa.Column("hash", TEXT, nullable=False),
    sa.Column("person", sa.ForeignKey("person.id"), unique=True),
    sa.Column("applicant", sa.ForeignKey("applicant.id"), unique=True),
    sa.Column("set_at", sa.Double, nullable=False),
    _of_somebody(),
)

# Who somebody is at a provider (OpenID Connect): one there is one here. Never released.
identity = sa.Table(
    "identity",
    metadata,
    sa.Column("issuer", TEXT, primary_key=True),
    sa.Column("subject", TEXT, primary_key=True),
    sa.Column("person", sa.ForeignKey("person.id")),
    sa.Column("applicant", sa.ForeignKey("applicant.id"), unique=True),
    sa.Column("made_at", sa.Double, nullable=False),
    sa.UniqueConstraint("person", "issuer"),
    _of_somebody(),
)

# Passwords that were tried and not right, for as long as they count. about: the SHA-256 of what was tried.
guess = sa.Table(
    "guess",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("about", TEXT, nullable=False, index=True),
    sa.Column("at", sa.Double, nullable=False),
)

# Who is on the way to a provider and back, for some minutes and once. Of what the browser holds the SHA-256 is kept.
journey = sa.Table(
    "journey",
    metadata,
    sa.Column("state_hash", TEXT, primary_key=True),
    sa.Column("browser_hash", TEXT, nullable=False),
    sa.Column("purpose", TEXT, nullable=False),
    sa.Column("name", TEXT),
    sa.Column("person", sa.ForeignKey("person.id")),
    sa.Column("expires_at", sa.Double, nullable=False),
)
