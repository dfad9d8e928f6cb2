"""Items stand in a line of their own, by priority or mixed; families of items; what is said of raters."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
OPEN = "taken < places"


def upgrade() -> None:
    """Every item keeps its place: the line is in the order in which items were added."""
    for name in ("item_open", "item_returned"):
        op.drop_index(name, "item")
    op.add_column("item", sa.Column("line", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("item", sa.Column("extra", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE item SET line = seq")
    _index("item_open", OPEN)
    _index("item_returned", f"returned AND {OPEN}", f"returned = 1 AND {OPEN}")
    with op.batch_alter_table("reach") as reach:
        reach.alter_column("upto", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False)
    _pairs("attribute", "person", "person.id", "name", sa.Column("value", TEXT, nullable=False))
    _pairs("kin", "item", "item.seq", "family")
    _pairs("barred", "rater", "person.id", "family")


def _index(name: str, where: str, on_sqlite: str | None = None) -> None:
    on_sqlite = on_sqlite or where
    op.create_index(name, "item", ["line"], postgresql_where=sa.text(where), sqlite_where=sa.text(on_sqlite))


def _pairs(name: str, of: str, key: str, what: str, *more: sa.Column[str]) -> None:
    op.create_table(
        name,
        sa.Column(of, sa.Integer(), nullable=False),
        sa.Column(what, TEXT, nullable=False),
        *more,
        sa.ForeignKeyConstraint([of], [key], name=f"{name}_{of}_{key.partition('.')[0]}"),
        sa.PrimaryKeyConstraint(of, what, name=f"{name}_key"),
    )
