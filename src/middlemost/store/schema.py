"""The tables. History is in `migrations/`; a test holds the two together.

An item is kept in two tables: `item` is what lending counts and rewrites all the time, and stays narrow; `content` is
what raters read, and is written once.
"""

from __future__ import annotations

import sqlalchemy as sa

NAMES = {
    "ix": "%(table_name)s_%(column_0_name)s",
    "uq": "%(table_name)s_%(column_0_N_name)s_once",
    "ck": "%(table_name)s_%(constraint_name)s",
    "fk": "%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "%(table_name)s_key",
}
metadata = sa.MetaData(naming_convention=NAMES)


def _index(name: str, *columns: sa.Column[int] | sa.Column[float], where: sa.ColumnElement[bool]) -> sa.Index:
    return sa.Index(name, *columns, sqlite_where=where, postgresql_where=where)


person = sa.Table(
    "person",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("pseudonym", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("rounds", sa.Integer, nullable=False),
    sa.Column("joined_at", sa.Double, nullable=False),
)

# Links and sessions are kept as SHA-256 of their tokens: who reads the database cannot sign in with what is in it.
invite = sa.Table(
    "invite",
    metadata,
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("name", sa.Text),
    sa.Column("uses", sa.Integer, nullable=False),
    sa.Column("used", sa.Integer, nullable=False, server_default="0"),
    sa.Column("rounds", sa.Integer, nullable=False),
    sa.Column("person", sa.ForeignKey("person.id")),
    sa.Column("made_by", sa.ForeignKey("person.id")),
    sa.Column("made_at", sa.Double, nullable=False),
    sa.CheckConstraint("used <= uses", name="uses"),
)

session = sa.Table(
    "session",
    metadata,
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("person", sa.ForeignKey("person.id"), nullable=False),
    sa.Column("made_at", sa.Double, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=False),
)

guideline = sa.Table(
    "guideline",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("since", sa.Double, nullable=False),
)

# places: how many answers an item is to have under it; None where a database of the first revision did not note it.
protocol = sa.Table(
    "protocol",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("since", sa.Double, nullable=False),
    sa.Column("places", sa.Integer),
)

# places: how many answers the item is to have. taken: live leases and counted answers. answered: counted answers.
# returned: a place was given back, so raters whose reach is past the item must look at it again.
item = sa.Table(
    "item",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("places", sa.Integer, nullable=False),
    sa.Column("taken", sa.Integer, nullable=False, server_default="0"),
    sa.Column("answered", sa.Integer, nullable=False, server_default="0"),
    sa.Column("returned", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.CheckConstraint("taken <= places", name="places"),
    sa.CheckConstraint("0 <= answered AND answered <= taken", name="taken"),
)
OPEN = item.c.taken < item.c.places
RETURNED = sa.and_(item.c.returned, OPEN)
_index("item_open", item.c.seq, where=OPEN)
_index("item_returned", item.c.seq, where=RETURNED)

content = sa.Table(
    "content",
    metadata,
    sa.Column("item", sa.ForeignKey("item.seq"), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("fields", sa.Text, nullable=False),
)

gold = sa.Table(
    "gold",
    metadata,
    sa.Column("item", sa.ForeignKey("item.seq"), primary_key=True),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("drawn", sa.Text, nullable=False),
    sa.Column("entry", sa.Integer, nullable=False, server_default="0"),  # counts the times that gold was added
)

# How far a rater has come in a round, as the seq of an item, or in repeats as the number of the answer to be repeated:
# `next` looks no further back than this.
reach = sa.Table(
    "reach",
    metadata,
    sa.Column("rater", sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("round", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("upto", sa.Integer, nullable=False),
)

# answer: the newest revision, None while there is none (no foreign key: the two tables would need each other).
assignment = sa.Table(
    "assignment",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("item", sa.ForeignKey("item.seq"), nullable=False, index=True),
    sa.Column("rater", sa.ForeignKey("person.id"), nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("lent_at", sa.Double, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=False),
    sa.Column("answer", sa.Integer),
    sa.Column("skip_reason", sa.Text),
    sa.UniqueConstraint("rater", "round", "item", name="assignment_once"),
    sa.CheckConstraint("state IN ('lent', 'done', 'expired', 'skipped')", name="state"),
)


def in_state(state: str, table: sa.FromClause = assignment) -> sa.ColumnElement[bool]:
    """Assignments in `state`, written out in the SQL: with a bound value no partial index would be used."""
    return table.c.state == sa.literal_column(f"'{state}'")


_index("assignment_held", assignment.c.rater, where=in_state("lent"))
_index("assignment_due", assignment.c.expires_at, where=in_state("lent"))
_index("assignment_lapsed", assignment.c.rater, assignment.c.round, assignment.c.item, where=in_state("expired"))
_index("assignment_sent", assignment.c.rater, assignment.c.answer, where=assignment.c.answer.is_not(None))

# Append-only: a correction is a new revision.
answer = sa.Table(
    "answer",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("assignment", sa.ForeignKey("assignment.id"), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("surplus", sa.Boolean, nullable=False),
    sa.Column("started_at", sa.Double),
    sa.Column("submitted_at", sa.Double, nullable=False),
    sa.Column("active_ms", sa.Integer),
    sa.Column("guideline_version", sa.Integer, nullable=False),
    sa.Column("protocol_hash", sa.Text, nullable=False),
    sa.Column("shown_order", sa.Text, nullable=False),
    sa.UniqueConstraint("assignment", "revision"),
)

# What the lead decided on an item. Append-only: the newest decision on an item counts.
decision = sa.Table(
    "decision",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("item", sa.ForeignKey("item.seq"), nullable=False, index=True),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("made_by", sa.ForeignKey("person.id")),
    sa.Column("made_at", sa.Double, nullable=False),
    sa.Column("scripted", sa.Boolean, nullable=False),
)
