"""Logins with passwords, identities of a provider, who waits to be let in, and people whose access was taken away."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SOMEBODY = "(person IS NULL) <> (applicant IS NULL)"


def upgrade() -> None:
    """Everybody who joined before may still come in, by links alone."""
    op.add_column("person", sa.Column("closed_at", sa.Double()))
    op.create_table(
        "applicant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="applicant_key"),
    )
    op.create_table(
        "password",
        sa.Column("login", TEXT, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("person", sa.Integer()),
        sa.Column("applicant", sa.Integer()),
        sa.Column("set_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("login", name="password_key"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="password_person_person"),
        sa.ForeignKeyConstraint(["applicant"], ["applicant.id"], name="password_applicant_applicant"),
        sa.UniqueConstraint("person", name="password_person_once"),
        sa.UniqueConstraint("applicant", name="password_applicant_once"),
        sa.CheckConstraint(SOMEBODY, name="password_somebody"),
    )
    op.create_table(
        "identity",
        sa.Column("issuer", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("person", sa.Integer()),
        sa.Column("applicant", sa.Integer()),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name="identity_key"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="identity_person_person"),
        sa.ForeignKeyConstraint(["applicant"], ["applicant.id"], name="identity_applicant_applicant"),
        sa.UniqueConstraint("person", "issuer", name="identity_person_issuer_once"),
        sa.UniqueConstraint("applicant", name="identity_applicant_once"),
        sa.CheckConstraint(SOMEBODY, name="identity_somebody"),
    )
    op.create_table(
        "guess",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("about", TEXT, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="guess_key"),
    )
    op.create_index("guess_about", "guess", ["about"])
    op.create_table(
        "journey",
        sa.Column("state_hash", TEXT, nullable=False),
        sa.Column("browser_hash", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("name", TEXT),
        sa.Column("person", sa.Integer()),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name="journey_key"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="journey_person_person"),
    )
