"""Links for the raters of a panel, and who came by them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Links that were made before are for no panel."""
    op.add_column("invite", sa.Column("panel", TEXT))
    op.add_column("invite", sa.Column("code", TEXT))
    op.create_table(
        "panelist",
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("panel", TEXT, nullable=False),
        sa.Column("member", TEXT, nullable=False),
        sa.Column("study", TEXT, nullable=False),
        sa.Column("session", TEXT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("person", name="panelist_key"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="panelist_person_person"),
        sa.UniqueConstraint("panel", "member", name="panelist_panel_member_once"),
    )
