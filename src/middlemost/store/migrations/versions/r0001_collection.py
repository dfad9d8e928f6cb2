"""The first tables: items, people, lending, answers, decisions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make them."""
    _guideline()
    _item()
    _person()
    _protocol()
    _assignment()
    _content()
    _decision()
    _gold()
    _invite()
    _reach()
    _session()
    _answer()


def _guideline() -> None:
    op.create_table(
        "guideline",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="guideline_key"),
    )


def _item() -> None:
    op.create_table(
        "item",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), server_default="0", nullable=False),
        sa.Column("answered", sa.Integer(), server_default="0", nullable=False),
        sa.Column("returned", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("0 <= answered AND answered <= taken", name="item_taken"),
        sa.CheckConstraint("taken <= places", name="item_places"),
        sa.PrimaryKeyConstraint("seq", name="item_key"),
        sa.UniqueConstraint("id", name="item_id_once"),
    )
    op.create_index(
        "item_open", "item", ["seq"], sqlite_where=sa.text("taken < places"), postgresql_where=sa.text("taken < places")
    )
    op.create_index(
        "item_returned",
        "item",
        ["seq"],
        sqlite_where=sa.text("returned = 1 AND taken < places"),
        postgresql_where=sa.text("returned AND taken < places"),
    )


def _person() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pseudonym", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="person_key"),
        sa.UniqueConstraint("pseudonym", name="person_pseudonym_once"),
    )


def _protocol() -> None:
    op.create_table(
        "protocol",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="protocol_key"),
    )


def _assignment() -> None:
    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("rater", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("lent_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("answer", sa.Integer()),
        sa.Column("skip_reason", TEXT),
        sa.CheckConstraint("state IN ('lent', 'done', 'expired', 'skipped')", name="assignment_state"),
        sa.ForeignKeyConstraint(["item"], ["item.seq"], name="assignment_item_item"),
        sa.ForeignKeyConstraint(["rater"], ["person.id"], name="assignment_rater_person"),
        sa.PrimaryKeyConstraint("id", name="assignment_key"),
        sa.UniqueConstraint("rater", "round", "item", name="assignment_once"),
    )
    op.create_index(
        "assignment_due",
        "assignment",
        ["expires_at"],
        sqlite_where=sa.text("state = 'lent'"),
        postgresql_where=sa.text("state = 'lent'"),
    )
    op.create_index(
        "assignment_held",
        "assignment",
        ["rater"],
        sqlite_where=sa.text("state = 'lent'"),
        postgresql_where=sa.text("state = 'lent'"),
    )
    op.create_index("assignment_item", "assignment", ["item"])
    op.create_index(
        "assignment_lapsed",
        "assignment",
        ["rater", "round", "item"],
        sqlite_where=sa.text("state = 'expired'"),
        postgresql_where=sa.text("state = 'expired'"),
    )
    op.create_index(
        "assignment_sent",
        "assignment",
        ["rater", "answer"],
        sqlite_where=sa.text("answer IS NOT NULL"),
        postgresql_where=sa.text("answer IS NOT NULL"),
    )


def _content() -> None:
    op.create_table(
        "content",
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("fields", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["item"], ["item.seq"], name="content_item_item"),
        sa.PrimaryKeyConstraint("item", name="content_key"),
    )


def _decision() -> None:
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("made_by", sa.Integer()),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("scripted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["item.seq"], name="decision_item_item"),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name="decision_made_by_person"),
        sa.PrimaryKeyConstraint("id", name="decision_key"),
    )
    op.create_index("decision_item", "decision", ["item"])


def _gold() -> None:
    op.create_table(
        "gold",
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("drawn", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["item"], ["item.seq"], name="gold_item_item"),
        sa.PrimaryKeyConstraint("item", name="gold_key"),
    )


def _invite() -> None:
    op.create_table(
        "invite",
        sa.Column("token_hash", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("name", TEXT),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer()),
        sa.Column("made_by", sa.Integer()),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.CheckConstraint("used <= uses", name="invite_uses"),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name="invite_made_by_person"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="invite_person_person"),
        sa.PrimaryKeyConstraint("token_hash", name="invite_key"),
    )


def _reach() -> None:
    op.create_table(
        "reach",
        sa.Column("rater", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["rater"], ["person.id"], name="reach_rater_person"),
        sa.PrimaryKeyConstraint("rater", "round", name="reach_key"),
    )


def _session() -> None:
    op.create_table(
        "session",
        sa.Column("token_hash", TEXT, nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="session_person_person"),
        sa.PrimaryKeyConstraint("token_hash", name="session_key"),
    )


def _answer() -> None:
    op.create_table(
        "answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("question", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("surplus", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.Double()),
        sa.Column("submitted_at", sa.Double(), nullable=False),
        sa.Column("active_ms", sa.Integer()),
        sa.Column("guideline_version", sa.Integer(), nullable=False),
        sa.Column("protocol_hash", TEXT, nullable=False),
        sa.Column("shown_order", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["assignment"], ["assignment.id"], name="answer_assignment_assignment"),
        sa.PrimaryKeyConstraint("id", name="answer_key"),
        sa.UniqueConstraint("assignment", "revision", name="answer_assignment_revision_once"),
        sa.UniqueConstraint("key", name="answer_key_once"),
    )
