"""Exercises for training and tests, what raters did with them, who may be lent items; control items."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """No item is a control item so far, and nobody has been through anything."""
    op.create_table(
        "exercise",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("fields", TEXT, nullable=False),
        sa.Column("label", TEXT),
        sa.Column("why", TEXT),
        sa.PrimaryKeyConstraint("seq", name="exercise_key"),
        sa.UniqueConstraint("stage", "id", name="exercise_stage_id_once"),
        sa.CheckConstraint("stage IN ('training', 'test')", name="exercise_stage"),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("exercise", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("correct", sa.Boolean()),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("submitted_at", sa.Double(), nullable=False),
        sa.Column("active_ms", sa.Integer()),
        sa.Column("guideline_version", sa.Integer(), nullable=False),
        sa.Column("protocol_hash", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="attempt_key"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="attempt_person_person"),
        sa.ForeignKeyConstraint(["exercise"], ["exercise.seq"], name="attempt_exercise_exercise"),
        sa.UniqueConstraint("person", "turn", "number", "exercise", name="attempt_person_turn_number_exercise_once"),
        sa.UniqueConstraint("key", name="attempt_key_once"),
    )
    op.create_table(
        "admission",
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("admitted_at", sa.Double()),
        sa.Column("reason", TEXT),
        sa.PrimaryKeyConstraint("person", name="admission_key"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="admission_person_person"),
    )
    op.add_column("item", sa.Column("control", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "item_control",
        "item",
        ["seq"],
        postgresql_where=sa.text("control IS true"),
        sqlite_where=sa.text("control IS 1"),
    )
