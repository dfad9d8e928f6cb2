"""Tokens for programs, and what an adjudicator said of an item before seeing the others' answers."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table of tokens, and room for a blind label."""
    op.create_table(
        "token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("revoked_at", sa.Double()),
        sa.Column("used_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="token_key"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="token_person_person"),
        sa.UniqueConstraint("token_hash", name="token_token_hash_once"),
        sa.UniqueConstraint("name", name="token_name_once"),
    )
    op.add_column("decision", sa.Column("blind", TEXT))
