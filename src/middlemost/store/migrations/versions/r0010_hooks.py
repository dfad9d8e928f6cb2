"""Webhooks: who is told of what happens, and how the telling went."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Nobody is told of anything so far."""
    op.create_table(
        "hook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("secret", TEXT, nullable=False),
        sa.Column("kinds", TEXT, nullable=False),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.Double(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="hook_key"),
        sa.UniqueConstraint("name", name="hook_name_once"),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hook", sa.Integer(), nullable=False),
        sa.Column("event", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("tried_at", sa.Double()),
        sa.Column("outcome", TEXT),
        sa.PrimaryKeyConstraint("id", name="delivery_key"),
        sa.ForeignKeyConstraint(["hook"], ["hook.id"], name="delivery_hook_hook"),
        sa.ForeignKeyConstraint(["event"], ["event.id"], name="delivery_event_event"),
        sa.UniqueConstraint("hook", "event", name="delivery_hook_event_once"),
        sa.CheckConstraint("state IN ('pending', 'done', 'failed')", name="delivery_state"),
    )
    where = sa.text("state = 'pending'")
    op.create_index("delivery_pending", "delivery", ["due_at"], postgresql_where=where, sqlite_where=where)
