"""The audit log, from now on: what was done before is not in it."""

import json
import time

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the log and its seals, and note up to which answer the log knows nothing."""
    event = op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("did", TEXT, nullable=False),
        sa.Column("detail", TEXT, nullable=False),
        sa.Column("guideline_version", sa.Integer()),
        sa.Column("protocol_hash", TEXT),
        sa.PrimaryKeyConstraint("id", name="event_key"),
    )
    op.create_table(
        "seal",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="seal_key"),
    )
    last = op.get_bind().execute(sa.text("SELECT coalesce(max(id), 0) FROM answer")).scalar_one()
    detail = json.dumps({"after_answer": last}, separators=(",", ":"))
    row = {"at": time.time(), "actor": "command line", "did": "began", "detail": detail}
    op.get_bind().execute(sa.insert(event), row)
