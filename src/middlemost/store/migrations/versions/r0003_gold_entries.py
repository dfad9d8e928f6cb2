"""Gold is numbered by the entry that it came with, so that the newest number tells whether any has changed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """What is there came with entry 0."""
    op.add_column("gold", sa.Column("entry", sa.Integer(), nullable=False, server_default="0"))
