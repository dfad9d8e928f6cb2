"""Calibration rounds, what raters said in them, and what raters are told of their answers."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """There has been no round so far, and nobody was told anything."""
    _rounds()
    _answers()
    _feedback()


def _rounds() -> None:
    op.create_table(
        "calibration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("begun_by", sa.Integer()),
        sa.Column("begun_at", sa.Double(), nullable=False),
        sa.Column("closed_by", sa.Integer()),
        sa.Column("closed_at", sa.Double()),
        sa.Column("feedback", sa.Boolean()),
        sa.PrimaryKeyConstraint("id", name="calibration_key"),
        sa.ForeignKeyConstraint(["begun_by"], ["person.id"], name="calibration_begun_by_person"),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name="calibration_closed_by_person"),
        sa.UniqueConstraint("name", name="calibration_name_once"),
    )
    op.create_table(
        "calibration_rater",
        sa.Column("calibration", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("calibration", "person", name="calibration_rater_key"),
        sa.ForeignKeyConstraint(["calibration"], ["calibration.id"], name="calibration_rater_calibration_calibration"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="calibration_rater_person_person"),
    )
    op.create_index("calibration_rater_person", "calibration_rater", ["person"])
    op.create_table(
        "calibration_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("calibration", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("item", sa.Integer()),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("fields", TEXT, nullable=False),
        sa.Column("label", TEXT),
        sa.Column("why", TEXT),
        sa.PrimaryKeyConstraint("id", name="calibration_item_key"),
        sa.ForeignKeyConstraint(["calibration"], ["calibration.id"], name="calibration_item_calibration_calibration"),
        sa.ForeignKeyConstraint(["item"], ["item.seq"], name="calibration_item_item_item"),
        sa.UniqueConstraint("calibration", "name", name="calibration_item_calibration_name_once"),
    )


def _answers() -> None:
    op.create_table(
        "calibration_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("submitted_at", sa.Double(), nullable=False),
        sa.Column("active_ms", sa.Integer()),
        sa.Column("guideline_version", sa.Integer(), nullable=False),
        sa.Column("protocol_hash", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="calibration_answer_key"),
        sa.ForeignKeyConstraint(["item"], ["calibration_item.id"], name="calibration_answer_item_calibration_item"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="calibration_answer_person_person"),
        sa.UniqueConstraint("item", "person", name="calibration_answer_item_person_once"),
        sa.UniqueConstraint("key", name="calibration_answer_key_once"),
    )
    op.create_table(
        "calibration_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("label", TEXT),
        sa.Column("why", TEXT),
        sa.Column("made_by", sa.Integer()),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="calibration_note_key"),
        sa.ForeignKeyConstraint(["item"], ["calibration_item.id"], name="calibration_note_item_calibration_item"),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name="calibration_note_made_by_person"),
    )
    op.create_index("calibration_note_item", "calibration_note", ["item"])


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("calibration", sa.Integer()),
        sa.Column("note", TEXT),
        sa.Column("made_by", sa.Integer()),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("read_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="feedback_key"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="feedback_person_person"),
        sa.ForeignKeyConstraint(["calibration"], ["calibration.id"], name="feedback_calibration_calibration"),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name="feedback_made_by_person"),
    )
    op.create_index("feedback_person", "feedback", ["person"])
    op.create_table(
        "feedback_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feedback", sa.Integer(), nullable=False),
        sa.Column("decision", sa.Integer()),
        sa.Column("answer", sa.Integer()),
        sa.Column("calibrated", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="feedback_part_key"),
        sa.ForeignKeyConstraint(["feedback"], ["feedback.id"], name="feedback_part_feedback_feedback"),
        sa.ForeignKeyConstraint(["decision"], ["decision.id"], name="feedback_part_decision_decision"),
        sa.ForeignKeyConstraint(["answer"], ["answer.id"], name="feedback_part_answer_answer"),
        sa.ForeignKeyConstraint(
            ["calibrated"], ["calibration_item.id"], name="feedback_part_calibrated_calibration_item"
        ),
        sa.CheckConstraint("(decision IS NULL) = (answer IS NULL)", name="feedback_part_decided"),
        sa.CheckConstraint("(decision IS NULL) <> (calibrated IS NULL)", name="feedback_part_one"),
    )
    op.create_index("feedback_part_feedback", "feedback_part", ["feedback"])
