"""What raters say of themselves, apart from everything else."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Nobody has said anything so far."""
    op.create_table(
        "about",
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("question", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("given_at", sa.Double(), nullable=False),
        sa.Column("protocol_hash", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("person", "question", name="about_key"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="about_person_person"),
    )
