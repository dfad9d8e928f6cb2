"""A page holds answers to several questions: a row a question. And raters flag items, with a note."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Answers stay as they are: each was the only one of its page."""
    with op.batch_alter_table("answer") as answer:
        answer.drop_constraint("answer_assignment_revision_once", type_="unique")
        answer.drop_constraint("answer_key_once", type_="unique")
        answer.create_unique_constraint(
            "answer_assignment_revision_question_once", ["assignment", "revision", "question"]
        )
        answer.create_unique_constraint("answer_key_question_once", ["key", "question"])
    op.create_table(
        "flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment", sa.Integer(), nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["assignment"], ["assignment.id"], name="flag_assignment_assignment"),
        sa.PrimaryKeyConstraint("id", name="flag_key"),
        sa.UniqueConstraint("key", name="flag_key_once"),
    )
    op.create_index("flag_assignment", "flag", ["assignment"])
