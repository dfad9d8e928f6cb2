"""What every table is made of: how constraints are named, and what a text is."""

from __future__ import annotations

import sqlalchemy as sa

NAMES = {
    "ix": "%(table_name)s_%(column_0_name)s",
    "uq": "%(table_name)s_%(column_0_N_name)s_once",
    "ck": "%(table_name)s_%(constraint_name)s",
    "fk": "%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "%(table_name)s_key",
}
metadata = sa.MetaData(naming_convention=NAMES)
# Sorted by its bytes, as SQLite and Python do, whatever language the database of a team is set to.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
