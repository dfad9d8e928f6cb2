"""The tables of training, tests, calibration rounds and feedback: part of the schema."""

from __future__ import annotations

import sqlalchemy as sa

from middlemost.store.tables import TEXT, metadata

# What raters go through before they are lent items. label: the right answer to the first choice. why: for feedback.
exercise = sa.Table(
    "exercise",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("stage", TEXT, nullable=False),
    sa.Column("id", TEXT, nullable=False),
    sa.Column("text", TEXT, nullable=False),
    sa.Column("fields", TEXT, nullable=False),
    sa.Column("label", TEXT),
    sa.Column("why", TEXT),
    sa.UniqueConstraint("stage", "id"),
    sa.CheckConstraint("stage IN ('training', 'test')", name="stage"),
)

# What they answered, append-only. turn: how often they were asked to go through all of it. number: which try of a test.
# value: what is stored of the page, by question, as JSON.
attempt = sa.Table(
    "attempt",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("person", sa.ForeignKey("person.id"), nullable=False),
    sa.Column("exercise", sa.ForeignKey("exercise.seq"), nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("value", TEXT, nullable=False),
    sa.Column("correct", sa.Boolean),
    sa.Column("key", TEXT, nullable=False, unique=True),
    sa.Column("submitted_at", sa.Double, nullable=False),
    sa.Column("active_ms", sa.Integer),
    sa.Column("guideline_version", sa.Integer, nullable=False),
    sa.Column("protocol_hash", TEXT, nullable=False),
    sa.UniqueConstraint("person", "turn", "number", "exercise"),
)

# Since when a rater may be lent items, None where not yet; reason: why a lead let them in, or sent them through again.
admission = sa.Table(
    "admission",
    metadata,
    sa.Column("person", sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("admitted_at", sa.Double),
    sa.Column("reason", TEXT),
)

# A calibration round: some raters judge the same few items, apart from the collection. Open until `closed_at`.
# first: before their next item. feedback: whether it was closed with feedback, None while it is open.
calibration = sa.Table(
    "calibration",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", TEXT, nullable=False, unique=True),
    sa.Column("purpose", TEXT, nullable=False),
    sa.Column("first", sa.Boolean, nullable=False),
    sa.Column("begun_by", sa.ForeignKey("person.id")),
    sa.Column("begun_at", sa.Double, nullable=False),
    sa.Column("closed_by", sa.ForeignKey("person.id")),
    sa.Column("closed_at", sa.Double),
    sa.Column("feedback", sa.Boolean),
)

# Who is asked.
calibration_rater = sa.Table(
    "calibration_rater",
    metadata,
    sa.Column("calibration", sa.ForeignKey("calibration.id"), primary_key=True),
    sa.Column("person", sa.ForeignKey("person.id"), primary_key=True, index=True),
)

# Its items, copies where they are of the project: answers to a copy are no answers to the `item`.
# label: the right answer to the first choice; why: what feedback says. Both as they were at the beginning.
calibration_item = sa.Table(
    "calibration_item",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("calibration", sa.ForeignKey("calibration.id"), nullable=False),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("item", sa.ForeignKey("item.seq")),
    sa.Column("text", TEXT, nullable=False),
    sa.Column("fields", TEXT, nullable=False),
    sa.Column("label", TEXT),
    sa.Column("why", TEXT),
    sa.UniqueConstraint("calibration", "name"),
)

# What raters said of them, once each, append-only. value: what is stored of the page, by question, as JSON.
# late: it came after the round was closed; it is kept, and counts in none of its figures.
calibration_answer = sa.Table(
    "calibration_answer",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("item", sa.ForeignKey("calibration_item.id"), nullable=False),
    sa.Column("person", sa.ForeignKey("person.id"), nullable=False),
    sa.Column("value", TEXT, nullable=False),
    sa.Column("key", TEXT, nullable=False, unique=True),
    sa.Column("late", sa.Boolean, nullable=False),
    sa.Column("submitted_at", sa.Double, nullable=False),
    sa.Column("active_ms", sa.Integer),
    sa.Column("guideline_version", sa.Integer, nullable=False),
    sa.Column("protocol_hash", TEXT, nullable=False),
    sa.UniqueConstraint("item", "person"),
)

# What a lead says of an item of a round: what is right, and why. Append-only: the newest counts.
calibration_note = sa.Table(
    "calibration_note",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("item", sa.ForeignKey("calibration_item.id"), nullable=False, index=True),
    sa.Column("label", TEXT),
    sa.Column("why", TEXT),
    sa.Column("made_by", sa.ForeignKey("person.id")),
    sa.Column("made_at", sa.Double, nullable=False),
)

# What one rater is told: of all of a round, or of the parts that a lead chose. read_at: when they said that they had
# read it.
feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("person", sa.ForeignKey("person.id"), nullable=False, index=True),
    sa.Column("calibration", sa.ForeignKey("calibration.id")),
    sa.Column("note", TEXT),
    sa.Column("made_by", sa.ForeignKey("person.id")),
    sa.Column("made_at", sa.Double, nullable=False),
    sa.Column("read_at", sa.Double),
)

# Either a decision with the rater's `answer` to that item as it then stood, or an item of a round.
feedback_part = sa.Table(
    "feedback_part",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("feedback", sa.ForeignKey("feedback.id"), nullable=False, index=True),
    sa.Column("decision", sa.ForeignKey("decision.id")),
    sa.Column("answer", sa.ForeignKey("answer.id")),
    sa.Column("calibrated", sa.ForeignKey("calibration_item.id")),
    sa.CheckConstraint("(decision IS NULL) = (answer IS NULL)", name="decided"),
    sa.CheckConstraint("(decision IS NULL) <> (calibrated IS NULL)", name="one"),
)
