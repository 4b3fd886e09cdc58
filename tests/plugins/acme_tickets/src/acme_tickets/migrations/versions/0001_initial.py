"""Initial"""

import sqlalchemy as sa
from alembic import op

revision = "acme_tickets_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "acme_tickets_ticket",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("document_id", sa.String(length=36), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["portalkit_business.id"],
            name=op.f("fk_acme_tickets_ticket_business_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["portalkit_contact.id"],
            name=op.f("fk_acme_tickets_ticket_contact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["portalkit_document.id"],
            name=op.f("fk_acme_tickets_ticket_document_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acme_tickets_ticket")),
    )
    op.create_index(
        "ix_acme_tickets_ticket_contact",
        "acme_tickets_ticket",
        ["contact_id", "is_open", "number"],
        unique=False,
    )
    op.create_index(
        op.f("ix_acme_tickets_ticket_document_id"),
        "acme_tickets_ticket",
        ["document_id"],
        unique=False,
    )
    op.create_index(
        "uq_acme_tickets_ticket_number",
        "acme_tickets_ticket",
        ["business_id", "number"],
        unique=True,
    )


def downgrade() -> None:
    op.drop_index("uq_acme_tickets_ticket_number", table_name="acme_tickets_ticket")
    op.drop_index(op.f("ix_acme_tickets_ticket_document_id"), table_name="acme_tickets_ticket")
    op.drop_index("ix_acme_tickets_ticket_contact", table_name="acme_tickets_ticket")
    op.drop_table("acme_tickets_ticket")
