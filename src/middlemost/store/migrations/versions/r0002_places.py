"""Each edition of the protocol says how many answers an item is to have: places that come back are cut to that."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make room for the number; it is not known of the editions that are there."""
    op.add_column("protocol", sa.Column("places", sa.Integer()))
