"""Work that nobody waits for, and a key by which a decision that is sent twice is made once."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Nothing is to be done so far; decisions that were made before have no key."""
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("settings", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer()),
        sa.Column("asked_by", sa.Integer()),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("started_at", sa.Double()),
        sa.Column("finished_at", sa.Double()),
        sa.Column("leased_until", sa.Double()),
        sa.Column("worker", TEXT),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("key", TEXT),
        sa.Column("outcome", TEXT),
        sa.Column("file", TEXT),
        sa.Column("size", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="job_key"),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name="job_asked_by_person"),
        sa.UniqueConstraint("key", name="job_key_once"),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name="job_state"),
        sqlite_autoincrement=True,
    )
    where = sa.text("state IN ('waiting', 'running')")
    op.create_index("job_open", "job", ["id"], postgresql_where=where, sqlite_where=where)
    op.add_column("decision", sa.Column("key", TEXT))
    op.create_index("decision_key_once", "decision", ["key"], unique=True)
