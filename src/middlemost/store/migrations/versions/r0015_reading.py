"""Which sections of the guidelines were read before an answer; items drawn at random to be decided on."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Nobody noted what was read so far, and nothing was drawn."""
    op.create_table(
        "reading",
        sa.Column("answer", sa.Integer(), nullable=False),
        sa.Column("section", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("answer", "section", name="reading_key"),
        sa.ForeignKeyConstraint(["answer"], ["answer.id"], name="reading_answer_answer"),
    )
    op.create_table(
        "draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("population", TEXT, nullable=False),
        sa.Column("frame", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer()),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="draw_key"),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name="draw_made_by_person"),
    )
    op.create_table(
        "drawn",
        sa.Column("draw", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("draw", "place", name="drawn_key"),
        sa.ForeignKeyConstraint(["draw"], ["draw.id"], name="drawn_draw_draw"),
        sa.ForeignKeyConstraint(["item"], ["item.seq"], name="drawn_item_item"),
    )
    op.create_index("drawn_item", "drawn", ["item"])
