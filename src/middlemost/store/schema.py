"""The tables. History is in `migrations/`; a test holds the two together.

An item is kept in two tables: `item` is what lending counts and rewrites all the time, and stays narrow; `content` is
what raters read, and is written once.
"""

from __future__ import annotations

import sqlalchemy as sa

from middlemost.store.schema_accounts import applicant as applicant
from middlemost.store.schema_accounts import guess as guess
from middlemost.store.schema_accounts import identity as identity
from middlemost.store.schema_accounts import journey as journey
from middlemost.store.schema_accounts import password as password
from middlemost.store.schema_training import admission as admission
from middlemost.store.schema_training import attempt as attempt
from middlemost.store.schema_training import calibration as calibration
from middlemost.store.schema_training import calibration_answer as calibration_answer
from middlemost.store.schema_training import calibration_item as calibration_item
from middlemost.store.schema_training import calibration_note as calibration_note
from middlemost.store.schema_training import calibration_rater as calibration_rater
from middlemost.store.schema_training import exercise as exercise
from middlemost.store.schema_training import feedback as feedback
from middlemost.store.schema_training import feedback_part as feedback_part
from middlemost.store.tables import TEXT, metadata


def _index(name: str, *columns: sa.Column[int] | sa.Column[float], where: sa.ColumnElement[bool]) -> sa.Index:
    return sa.Index(name, *columns, sqlite_where=where, postgresql_where=where)


# closed_at: since when they may not come in any more; what they answered stays.
person = sa.Table(
    "person",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("pseudonym", TEXT, nullable=False, unique=True),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("role", TEXT, nullable=False),
    sa.Column("rounds", sa.Integer, nullable=False),
    sa.Column("joined_at", sa.Double, nullable=False),
    sa.Column("closed_at", sa.Double),
)

# Links and sessions are kept as SHA-256 of their tokens: who reads the database cannot sign in with what is in it.
invite = sa.Table(
    "invite",
    metadata,
    sa.Column("token_hash", TEXT, primary_key=True),
    sa.Column("role", TEXT, nullable=False),
    sa.Column("name", TEXT),
    sa.Column("uses", sa.Integer, nullable=False),
    sa.Column("used", sa.Integer, nullable=False, server_default="0"),
    sa.Column("rounds", sa.Integer, nullable=False),
    sa.Column("person", sa.ForeignKey("person.id")),
    sa.Column("made_by", sa.ForeignKey("person.id")),
    sa.Column("made_at", sa.Double, nullable=False),
    sa.Column("panel", TEXT),
    sa.Column("code", TEXT),
    sa.CheckConstraint("used <= uses", name="uses"),
)

# Who a rater is at the panel that they came from, and the code that they leave with. Never released.
panelist = sa.Table(
    "panelist",
    metadata,
    sa.Column("person", sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("panel", TEXT, nullable=False),
    sa.Column("member", TEXT, nullable=False),
    sa.Column("study", TEXT, nullable=False),
    sa.Column("session", TEXT, nullable=False),
    sa.Column("code", TEXT, nullable=False),
    sa.UniqueConstraint("panel", "member"),
)

session = sa.Table(
    "session",
    metadata,
    sa.Column("token_hash", TEXT, primary_key=True),
    sa.Column("person", sa.ForeignKey("person.id"), nullable=False),
    sa.Column("made_at", sa.Double, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=False),
)

# For programs: what a person may do, within `scope` (rights, separated by spaces), without a browser.
token = sa.Table(
    "token",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("token_hash", TEXT, nullable=False, unique=True),
    sa.Column("name", TEXT, nullable=False, unique=True),
    sa.Column("person", sa.ForeignKey("person.id"), nullable=False),
    sa.Column("scope", TEXT, nullable=False),
    sa.Column("made_at", sa.Double, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=False),
    sa.Column("revoked_at", sa.Double),
    sa.Column("used_at", sa.Double),
)

guideline = sa.Table(
    "guideline",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("text", TEXT, nullable=False),
    sa.Column("since", sa.Double, nullable=False),
)

# places: how many answers an item is to have under it; None where a database of the first revision did not note it.
protocol = sa.Table(
    "protocol",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("hash", TEXT, nullable=False),
    sa.Column("text", TEXT, nullable=False),
    sa.Column("since", sa.Double, nullable=False),
    sa.Column("places", sa.Integer),
)

# places: how many answers the item is to have. taken: live leases and counted answers. answered: counted answers.
# returned: a place was given back, so raters whose reach is past the item must look at it again.
# line: where it stands in line, see `line.py`. extra: how many of the places its raters' disagreement has added.
# control: it has no places, and is lent to see whether raters answer it right, in round 0; see `controls.py`.
item = sa.Table(
    "item",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("id", TEXT, nullable=False, unique=True),
    sa.Column("places", sa.Integer, nullable=False),
    sa.Column("taken", sa.Integer, nullable=False, server_default="0"),
    sa.Column("answered", sa.Integer, nullable=False, server_default="0"),
    sa.Column("returned", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("line", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("extra", sa.Integer, nullable=False, server_default="0"),
    sa.Column("control", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.CheckConstraint("taken <= places", name="places"),
    sa.CheckConstraint("0 <= answered AND answered <= taken", name="taken"),
)
OPEN = item.c.taken < item.c.places
RETURNED = sa.and_(item.c.returned, OPEN)
_index("item_open", item.c.line, where=OPEN)
_index("item_returned", item.c.line, where=RETURNED)
CONTROL = item.c.control.is_(True)
_index("item_control", item.c.seq, where=CONTROL)

content = sa.Table(
    "content",
    metadata,
    sa.Column("item", sa.ForeignKey("item.seq"), primary_key=True),
    sa.Column("text", TEXT, nullable=False),
    sa.Column("fields", TEXT, nullable=False),
)

gold = sa.Table(
    "gold",
    metadata,
    sa.Column("item", sa.ForeignKey("item.seq"), primary_key=True),
    sa.Column("label", TEXT, nullable=False),
    sa.Column("drawn", TEXT, nullable=False),
    sa.Column("entry", sa.Integer, nullable=False, server_default="0"),  # counts the times that gold was added
)

# How far a rater has come in a round, as the `line` of an item, or in repeats as the number of the answer to be
# repeated: `next` looks no further back than this.
reach = sa.Table(
    "reach",
    metadata,
    sa.Column("rater", sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("round", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("upto", sa.BigInteger, nullable=False),
)

# What the lead says of raters, say their language: a column of the raters' file is a name.
attribute = sa.Table(
    "attribute",
    metadata,
    sa.Column("person", sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("name", TEXT, primary_key=True),
    sa.Column("value", TEXT, nullable=False),
)

# What raters said of themselves, if they liked, and under which protocol they agreed to it. Apart from everything: no
# query joins it to answers. The one table whose rows are changed and deleted: what is withdrawn is gone.
about = sa.Table(
    "about",
    metadata,
    sa.Column("person", sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("question", TEXT, primary_key=True),
    sa.Column("value", TEXT, nullable=False),
    sa.Column("given_at", sa.Double, nullable=False),
    sa.Column("protocol_hash", TEXT, nullable=False),
)

# The families that an item belongs to, and those of which a rater is given no more: see `line.py`.
kin = sa.Table(
    "kin",
    metadata,
    sa.Column("item", sa.ForeignKey("item.seq"), primary_key=True),
    sa.Column("family", TEXT, primary_key=True),
)
barred = sa.Table(
    "barred",
    metadata,
    sa.Column("rater", sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("family", TEXT, primary_key=True),
)

# answer: the first answer of the newest page, None while there is none; the page's other answers have higher numbers
# (no foreign key: the two tables would need each other).
assignment = sa.Table(
    "assignment",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("item", sa.ForeignKey("item.seq"), nullable=False, index=True),
    sa.Column("rater", sa.ForeignKey("person.id"), nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("state", TEXT, nullable=False),
    sa.Column("lent_at", sa.Double, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=False),
    sa.Column("answer", sa.Integer),
    sa.Column("skip_reason", TEXT),
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

# Append-only: a correction is a new revision of the whole page, which has a row a question.
# value: the canonical text of core/values.py.
answer = sa.Table(
    "answer",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("assignment", sa.ForeignKey("assignment.id"), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("question", TEXT, nullable=False),
    sa.Column("value", TEXT, nullable=False),
    sa.Column("key", TEXT, nullable=False),
    sa.Column("surplus", sa.Boolean, nullable=False),
    sa.Column("started_at", sa.Double),
    sa.Column("submitted_at", sa.Double, nullable=False),
    sa.Column("active_ms", sa.Integer),
    sa.Column("guideline_version", sa.Integer, nullable=False),
    sa.Column("protocol_hash", TEXT, nullable=False),
    sa.Column("shown_order", TEXT, nullable=False),
    sa.UniqueConstraint("assignment", "revision", "question"),
    sa.UniqueConstraint("key", "question"),
)
# The rows of the page that stands, joined to its assignment.
STANDS = sa.and_(answer.c.assignment == assignment.c.id, answer.c.id >= assignment.c.answer)

# Which sections of the guidelines a rater read before they sent a page, by its first answer. Append-only.
reading = sa.Table(
    "reading",
    metadata,
    sa.Column("answer", sa.ForeignKey("answer.id"), primary_key=True),
    sa.Column("section", TEXT, primary_key=True),
)

# What a rater wants the lead to know of an item. Append-only.
flag = sa.Table(
    "flag",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("assignment", sa.ForeignKey("assignment.id"), nullable=False, index=True),
    sa.Column("note", TEXT, nullable=False),
    sa.Column("key", TEXT, nullable=False, unique=True),
    sa.Column("made_at", sa.Double, nullable=False),
)

# What the lead decided on an item. Append-only: the newest decision on an item counts.
# blind: what they said before they saw the others' answers, None where they saw these at once. key: of who sent it.
decision = sa.Table(
    "decision",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("item", sa.ForeignKey("item.seq"), nullable=False, index=True),
    sa.Column("label", TEXT, nullable=False),
    sa.Column("reason", TEXT, nullable=False),
    sa.Column("made_by", sa.ForeignKey("person.id")),
    sa.Column("made_at", sa.Double, nullable=False),
    sa.Column("scripted", sa.Boolean, nullable=False),
    sa.Column("blind", TEXT),
    sa.Column("key", TEXT),
)
sa.Index("decision_key_once", decision.c.key, unique=True)

# Items drawn at random for somebody to decide on, blind first. Append-only: see `samples.py`.
# population: a digest of the items that could be drawn, with those that were drawn before; frame: how many could be.
draw = sa.Table(
    "draw",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("population", TEXT, nullable=False),
    sa.Column("frame", sa.Integer, nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("made_by", sa.ForeignKey("person.id")),
    sa.Column("made_at", sa.Double, nullable=False),
)
drawn = sa.Table(
    "drawn",
    metadata,
    sa.Column("draw", sa.ForeignKey("draw.id"), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("item", sa.ForeignKey("item.seq"), nullable=False, index=True),
)
IS_DRAWN = sa.exists().where(drawn.c.item == item.c.seq)  # it is lent no more

# Who did what, when, under which guidelines and protocol. Append-only, as are the seals over it: see `events`.
event = sa.Table(
    "event",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("actor", TEXT, nullable=False),
    sa.Column("did", TEXT, nullable=False),
    sa.Column("detail", TEXT, nullable=False),
    sa.Column("guideline_version", sa.Integer),
    sa.Column("protocol_hash", TEXT),
)

# number counts from 1 without a gap; the seal is over `events` events, up to the event `upto`.
seal = sa.Table(
    "seal",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("upto", sa.Integer, nullable=False),
    sa.Column("events", sa.Integer, nullable=False),
    sa.Column("hash", TEXT, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
)

# Who is told of which kinds of events (separated by commas), as far as `upto`; held by who sends until `leased_until`.
# The secret signs what is told, so that it is kept as it is.
hook = sa.Table(
    "hook",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", TEXT, nullable=False, unique=True),
    sa.Column("url", TEXT, nullable=False),
    sa.Column("secret", TEXT, nullable=False),
    sa.Column("kinds", TEXT, nullable=False),
    sa.Column("upto", sa.Integer, nullable=False),
    sa.Column("leased_until", sa.Double, nullable=False),
    sa.Column("made_at", sa.Double, nullable=False),
    sa.Column("ended_at", sa.Double),
)

# How telling a hook of an event went.
delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("hook", sa.ForeignKey("hook.id"), nullable=False),
    sa.Column("event", sa.ForeignKey("event.id"), nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("state", TEXT, nullable=False),
    sa.Column("due_at", sa.Double, nullable=False),
    sa.Column("tried_at", sa.Double),
    sa.Column("outcome", TEXT),
    sa.UniqueConstraint("hook", "event"),
    sa.CheckConstraint("state IN ('pending', 'done', 'failed')", name="state"),
)
_index("delivery_pending", delivery.c.due_at, where=in_state("pending", delivery))

# Work that nobody waits for. Whoever does it holds it until `leased_until`, and is called `worker` meanwhile; who dies
# lets go of it by that. settings: JSON. outcome: in words, why it failed or what was left out. file: its name in the
# project's folder `exports`, on the machine where it was made.
job = sa.Table(
    "job",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", TEXT, nullable=False),
    sa.Column("settings", TEXT, nullable=False),
    sa.Column("state", TEXT, nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer),
    sa.Column("asked_by", sa.ForeignKey("person.id")),
    sa.Column("made_at", sa.Double, nullable=False),
    sa.Column("started_at", sa.Double),
    sa.Column("finished_at", sa.Double),
    sa.Column("leased_until", sa.Double),
    sa.Column("worker", TEXT),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("key", TEXT, unique=True),
    sa.Column("outcome", TEXT),
    sa.Column("file", TEXT),
    sa.Column("size", sa.BigInteger),
    sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name="state"),
    sqlite_autoincrement=True,  # the number of one that was removed is never another's
)
_index("job_open", job.c.id, where=job.c.state.in_([sa.literal_column("'waiting'"), sa.literal_column("'running'")]))
