"""initial"""

import sqlalchemy as sa
from alembic import op

from portalkit.audit.guard_ddl import create_guard, drop_guard
from portalkit.documents.search_ddl import create_search, drop_search

revision = "portalkit_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "portalkit_business",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("legal_name", sa.String(length=200), nullable=True),
        sa.Column("tax_id", sa.String(length=40), nullable=True),
        sa.Column("imprint", sa.String(length=500), nullable=True),
        sa.Column("address", sa.String(length=500), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("website", sa.String(length=255), nullable=True),
        sa.Column("iban", sa.String(length=34), nullable=True),
        sa.Column("bic", sa.String(length=11), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("timezone", sa.String(length=60), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("locales", sa.JSON(), nullable=False),
        sa.Column("brand_colour", sa.String(length=30), nullable=False),
        sa.Column("logo", sa.String(length=64), nullable=True),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portalkit_business")),
        sa.UniqueConstraint("host", name=op.f("uq_portalkit_business_host")),
        sa.UniqueConstraint("slug", name=op.f("uq_portalkit_business_slug")),
    )
    op.create_table(
        "portalkit_schedule",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("tick_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_portalkit_schedule")),
    )
    op.create_table(
        "portalkit_throttle",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("free_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_portalkit_throttle")),
    )
    op.create_index(
        op.f("ix_portalkit_throttle_free_at_ms"), "portalkit_throttle", ["free_at_ms"], unique=False
    )
    op.create_table(
        "portalkit_api_key",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", sa.String(length=36), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["portalkit_business.id"],
            name=op.f("fk_portalkit_api_key_business_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portalkit_api_key")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_portalkit_api_key_key_hash")),
    )
    op.create_index(
        op.f("ix_portalkit_api_key_business_id"),
        "portalkit_api_key",
        ["business_id"],
        unique=False,
    )
    op.create_table(
        "portalkit_contact",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("tax_id", sa.String(length=40), nullable=True),
        sa.Column("locale", sa.String(length=20), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["portalkit_business.id"],
            name=op.f("fk_portalkit_contact_business_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portalkit_contact")),
        sa.UniqueConstraint(
            "business_id", "external_id", name=op.f("uq_portalkit_contact_business_id_external_id")
        ),
    )
    op.create_index(
        "ix_portalkit_contact_list",
        "portalkit_contact",
        ["business_id", "name_key", "id"],
        unique=False,
    )
    op.create_table(
        "portalkit_job",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dedup_key", sa.String(length=200), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.Column("is_retaken", sa.Boolean(), nullable=False),
        sa.Column("first_tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=1000), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["portalkit_business.id"], name=op.f("fk_portalkit_job_business_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portalkit_job")),
    )
    op.create_index("ix_portalkit_job_due", "portalkit_job", ["due_at", "id"], unique=False)
    op.create_index(
        "uq_portalkit_job_dedup_key",
        "portalkit_job",
        ["dedup_key"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "portalkit_mail",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("template", sa.String(length=80), nullable=False),
        sa.Column("to_email", sa.String(length=254), nullable=False),
        sa.Column("to_name", sa.String(length=200), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("reply_to", sa.String(length=254), nullable=True),
        sa.Column("variables", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("thread", sa.String(length=80), nullable=True),
        sa.Column("own_words", sa.Text(), nullable=True),
        sa.Column("subject", sa.String(length=250), nullable=True),
        sa.Column("unsubscribe_url", sa.String(length=1000), nullable=True),
        sa.Column("message_id", sa.String(length=255), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("handovers", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=1000), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id"], ["portalkit_business.id"], name=op.f("fk_portalkit_mail_business_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portalkit_mail")),
    )
    op.create_index(
        "ix_portalkit_mail_business", "portalkit_mail", ["business_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_portalkit_mail_finished_at"), "portalkit_mail", ["finished_at"], unique=False
    )
    op.create_index(
        "ix_portalkit_mail_state", "portalkit_mail", ["business_id", "state", "id"], unique=False
    )
    op.create_index(
        "ix_portalkit_mail_unsent",
        "portalkit_mail",
        ["state", "created_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'failed')"),
        postgresql_where=sa.text("state IN ('waiting', 'failed')"),
    )
    op.create_index(
        "ix_portalkit_mail_thread", "portalkit_mail", ["thread", "to_email", "id"], unique=False
    )
    op.create_table(
        "portalkit_mail_template",
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=250), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("problem", sa.String(length=500), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["portalkit_business.id"],
            name=op.f("fk_portalkit_mail_template_business_id"),
        ),
        sa.PrimaryKeyConstraint(
            "business_id", "name", "locale", name=op.f("pk_portalkit_mail_template")
        ),
    )
    op.create_table(
        "portalkit_person",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("has_second_factor", sa.Boolean(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["portalkit_business.id"], name=op.f("fk_portalkit_person_business_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portalkit_person")),
        sa.UniqueConstraint(
            "business_id", "email", name=op.f("uq_portalkit_person_business_id_email")
        ),
    )
    op.create_table(
        "portalkit_sequence",
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["portalkit_business.id"],
            name=op.f("fk_portalkit_sequence_business_id"),
        ),
        sa.PrimaryKeyConstraint(
            "business_id", "series", "year", name=op.f("pk_portalkit_sequence")
        ),
    )
    op.create_table(
        "portalkit_staff",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("has_second_factor", sa.Boolean(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["portalkit_business.id"], name=op.f("fk_portalkit_staff_business_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portalkit_staff")),
        sa.UniqueConstraint(
            "business_id", "email", name=op.f("uq_portalkit_staff_business_id_email")
        ),
    )
    op.create_table(
        "portalkit_contact_identifier",
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("scheme", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["portalkit_business.id"],
            name=op.f("fk_portalkit_contact_identifier_business_id"),
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["portalkit_contact.id"],
            name=op.f("fk_portalkit_contact_identifier_contact_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "business_id", "scheme", "value", name=op.f("pk_portalkit_contact_identifier")
        ),
    )
    op.create_index(
        op.f("ix_portalkit_contact_identifier_contact_id"),
        "portalkit_contact_identifier",
        ["contact_id"],
        unique=False,
    )
    op.create_table(
        "portalkit_contact_month",
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("settled_count", sa.Integer(), nullable=False),
        sa.Column("settle_days", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["portalkit_business.id"],
            name=op.f("fk_portalkit_contact_month_business_id"),
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["portalkit_contact.id"],
            name=op.f("fk_portalkit_contact_month_contact_id"),
        ),
        sa.PrimaryKeyConstraint(
            "contact_id", "kind", "currency", "month", name=op.f("pk_portalkit_contact_month")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "portalkit_document",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("listing", sa.String(length=40), nullable=False),
        sa.Column("type_code", sa.String(length=10), nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column(
            "number_key",
            sa.String().with_variant(sa.String(collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("status_key", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.String(length=300), nullable=False),
        sa.Column(
            "description_key",
            sa.String().with_variant(sa.String(collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("total_key", sa.BigInteger(), nullable=False),
        sa.Column("payable", sa.BigInteger(), nullable=True),
        sa.Column("amount_due", sa.BigInteger(), nullable=True),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["portalkit_business.id"],
            name=op.f("fk_portalkit_document_business_id"),
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["portalkit_contact.id"], name=op.f("fk_portalkit_document_contact_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portalkit_document")),
        sa.UniqueConstraint(
            "business_id", "external_id", name=op.f("uq_portalkit_document_business_id_external_id")
        ),
        sa.UniqueConstraint(
            "business_id",
            "issuer",
            "type_code",
            "number",
            "issued_on",
            "kind",
            name=op.f("uq_portalkit_document_business_id_issuer_type_code_number_issued_on_kind"),
        ),
    )
    op.create_index(
        "ix_portalkit_document_business",
        "portalkit_document",
        ["business_id", "issued_on", "id"],
        unique=False,
    )
    op.create_index(
        "ix_portalkit_document_date",
        "portalkit_document",
        ["contact_id", "listing", "issued_on", "number_key", "id"],
        unique=False,
    )
    op.create_index(
        "ix_portalkit_document_description",
        "portalkit_document",
        ["contact_id", "listing", "description_key", "id"],
        unique=False,
    )
    op.create_index(
        "ix_portalkit_document_filter",
        "portalkit_document",
        ["contact_id", "listing", "status", "issued_on", "number_key", "id"],
        unique=False,
    )
    op.create_index(
        "ix_portalkit_document_kind",
        "portalkit_document",
        ["contact_id", "listing", "kind", "issued_on", "number_key", "id"],
        unique=False,
    )
    op.create_index(
        "ix_portalkit_document_number",
        "portalkit_document",
        ["contact_id", "listing", "number_key", "id"],
        unique=False,
    )
    op.create_index(
        "ix_portalkit_document_status",
        "portalkit_document",
        ["contact_id", "listing", "status_key", "id"],
        unique=False,
    )
    op.create_index(
        "ix_portalkit_document_total",
        "portalkit_document",
        ["contact_id", "listing", "total_key", "id"],
        unique=False,
    )
    op.create_table(
        "portalkit_document_count",
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("amount_due", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["portalkit_business.id"],
            name=op.f("fk_portalkit_document_count_business_id"),
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["portalkit_contact.id"],
            name=op.f("fk_portalkit_document_count_contact_id"),
        ),
        sa.PrimaryKeyConstraint(
            "contact_id",
            "kind",
            "status",
            "currency",
            "due_on",
            name=op.f("pk_portalkit_document_count"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "portalkit_identity",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("provider", sa.String(length=31), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("staff_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["portalkit_business.id"],
            name=op.f("fk_portalkit_identity_business_id"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["portalkit_person.id"],
            name=op.f("fk_portalkit_identity_person_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["portalkit_staff.id"],
            name=op.f("fk_portalkit_identity_staff_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portalkit_identity")),
        sa.UniqueConstraint(
            "business_id",
            "kind",
            "provider",
            "issuer",
            "subject",
            name=op.f("uq_portalkit_identity_business_id_kind_provider_issuer_subject"),
        ),
    )
    op.create_index(
        op.f("ix_portalkit_identity_person_id"), "portalkit_identity", ["person_id"], unique=False
    )
    op.create_index(
        op.f("ix_portalkit_identity_staff_id"), "portalkit_identity", ["staff_id"], unique=False
    )
    op.create_table(
        "portalkit_link",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("staff_id", sa.String(length=36), nullable=True),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("document_id", sa.String(length=36), nullable=True),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", sa.String(length=36), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("landing", sa.String(length=2000), nullable=True),
        sa.Column("is_strong", sa.Boolean(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("max_uses", sa.Integer(), nullable=True),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id"], ["portalkit_business.id"], name=op.f("fk_portalkit_link_business_id")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["portalkit_contact.id"],
            name=op.f("fk_portalkit_link_contact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["portalkit_person.id"],
            name=op.f("fk_portalkit_link_person_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["portalkit_staff.id"],
            name=op.f("fk_portalkit_link_staff_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portalkit_link")),
    )
    op.create_index(
        op.f("ix_portalkit_link_contact_id"), "portalkit_link", ["contact_id"], unique=False
    )
    op.create_index(
        op.f("ix_portalkit_link_document_id"), "portalkit_link", ["document_id"], unique=False
    )
    op.create_index(
        op.f("ix_portalkit_link_person_id"), "portalkit_link", ["person_id"], unique=False
    )
    op.create_index(
        op.f("ix_portalkit_link_staff_id"), "portalkit_link", ["staff_id"], unique=False
    )
    op.create_table(
        "portalkit_membership",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["portalkit_business.id"],
            name=op.f("fk_portalkit_membership_business_id"),
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["portalkit_contact.id"],
            name=op.f("fk_portalkit_membership_contact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["portalkit_person.id"],
            name=op.f("fk_portalkit_membership_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "contact_id", name=op.f("pk_portalkit_membership")),
    )
    op.create_index(
        op.f("ix_portalkit_membership_contact_id"),
        "portalkit_membership",
        ["contact_id"],
        unique=False,
    )
    op.create_table(
        "portalkit_notification_choice",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["portalkit_person.id"],
            name=op.f("fk_portalkit_notification_choice_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_portalkit_notification_choice")),
    )
    op.create_table(
        "portalkit_passkey",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("credential_id", sa.String(length=1364), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("staff_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["portalkit_business.id"],
            name=op.f("fk_portalkit_passkey_business_id"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["portalkit_person.id"],
            name=op.f("fk_portalkit_passkey_person_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["portalkit_staff.id"],
            name=op.f("fk_portalkit_passkey_staff_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portalkit_passkey")),
        sa.UniqueConstraint(
            "business_id",
            "credential_id",
            name=op.f("uq_portalkit_passkey_business_id_credential_id"),
        ),
    )
    op.create_index(
        op.f("ix_portalkit_passkey_person_id"), "portalkit_passkey", ["person_id"], unique=False
    )
    op.create_index(
        op.f("ix_portalkit_passkey_staff_id"), "portalkit_passkey", ["staff_id"], unique=False
    )
    op.create_table(
        "portalkit_payment",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("method", sa.String(length=60), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["portalkit_business.id"],
            name=op.f("fk_portalkit_payment_business_id"),
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["portalkit_contact.id"], name=op.f("fk_portalkit_payment_contact_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portalkit_payment")),
        sa.UniqueConstraint(
            "business_id", "external_id", name=op.f("uq_portalkit_payment_business_id_external_id")
        ),
    )
    op.create_index(
        op.f("ix_portalkit_payment_contact_id"), "portalkit_payment", ["contact_id"], unique=False
    )
    op.create_table(
        "portalkit_plugin_switch",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("plugin", sa.String(length=31), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["portalkit_business.id"],
            name=op.f("fk_portalkit_plugin_switch_business_id"),
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["portalkit_contact.id"],
            name=op.f("fk_portalkit_plugin_switch_contact_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portalkit_plugin_switch")),
        sa.UniqueConstraint(
            "business_id",
            "plugin",
            "contact_id",
            name=op.f("uq_portalkit_plugin_switch_business_id_plugin_contact_id"),
        ),
    )
    op.create_index(
        op.f("ix_portalkit_plugin_switch_contact_id"),
        "portalkit_plugin_switch",
        ["contact_id"],
        unique=False,
    )
    op.create_index(
        "uq_portalkit_plugin_switch_business",
        "portalkit_plugin_switch",
        ["business_id", "plugin"],
        unique=True,
        sqlite_where=sa.text("contact_id IS NULL"),
        postgresql_where=sa.text("contact_id IS NULL"),
    )
    op.create_table(
        "portalkit_recovery_code",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("staff_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["portalkit_business.id"],
            name=op.f("fk_portalkit_recovery_code_business_id"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["portalkit_person.id"],
            name=op.f("fk_portalkit_recovery_code_person_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["portalkit_staff.id"],
            name=op.f("fk_portalkit_recovery_code_staff_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portalkit_recovery_code")),
    )
    op.create_index(
        op.f("ix_portalkit_recovery_code_person_id"),
        "portalkit_recovery_code",
        ["person_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_portalkit_recovery_code_staff_id"),
        "portalkit_recovery_code",
        ["staff_id"],
        unique=False,
    )
    op.create_table(
        "portalkit_remembered_device",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("user_agent", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("staff_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["portalkit_business.id"],
            name=op.f("fk_portalkit_remembered_device_business_id"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["portalkit_person.id"],
            name=op.f("fk_portalkit_remembered_device_person_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["portalkit_staff.id"],
            name=op.f("fk_portalkit_remembered_device_staff_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portalkit_remembered_device")),
    )
    op.create_index(
        op.f("ix_portalkit_remembered_device_person_id"),
        "portalkit_remembered_device",
        ["person_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_portalkit_remembered_device_staff_id"),
        "portalkit_remembered_device",
        ["staff_id"],
        unique=False,
    )
    op.create_table(
        "portalkit_totp",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("staff_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id"], ["portalkit_business.id"], name=op.f("fk_portalkit_totp_business_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["portalkit_person.id"],
            name=op.f("fk_portalkit_totp_person_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["portalkit_staff.id"],
            name=op.f("fk_portalkit_totp_staff_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portalkit_totp")),
        sa.UniqueConstraint("person_id", name=op.f("uq_portalkit_totp_person_id")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_portalkit_totp_staff_id")),
    )
    op.create_index(
        op.f("ix_portalkit_totp_person_id"), "portalkit_totp", ["person_id"], unique=False
    )
    op.create_index(
        op.f("ix_portalkit_totp_staff_id"), "portalkit_totp", ["staff_id"], unique=False
    )
    op.create_table(
        "portalkit_allocation",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("payment_id", sa.String(length=36), nullable=True),
        sa.Column("credit_id", sa.String(length=36), nullable=True),
        sa.Column("offered", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("allocated_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["portalkit_business.id"],
            name=op.f("fk_portalkit_allocation_business_id"),
        ),
        sa.ForeignKeyConstraint(
            ["credit_id"],
            ["portalkit_document.id"],
            name=op.f("fk_portalkit_allocation_credit_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["portalkit_document.id"],
            name=op.f("fk_portalkit_allocation_document_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["portalkit_payment.id"],
            name=op.f("fk_portalkit_allocation_payment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portalkit_allocation")),
    )
    op.create_index(
        op.f("ix_portalkit_allocation_credit_id"),
        "portalkit_allocation",
        ["credit_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_portalkit_allocation_document_id"),
        "portalkit_allocation",
        ["document_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_portalkit_allocation_payment_id"),
        "portalkit_allocation",
        ["payment_id"],
        unique=False,
    )
    op.create_table(
        "portalkit_attachment",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("description", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["portalkit_business.id"],
            name=op.f("fk_portalkit_attachment_business_id"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["portalkit_document.id"],
            name=op.f("fk_portalkit_attachment_document_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portalkit_attachment")),
    )
    op.create_index(
        op.f("ix_portalkit_attachment_document_id"),
        "portalkit_attachment",
        ["document_id"],
        unique=False,
    )
    op.create_table(
        "portalkit_document_version",
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["portalkit_business.id"],
            name=op.f("fk_portalkit_document_version_business_id"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["portalkit_document.id"],
            name=op.f("fk_portalkit_document_version_document_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "document_id", "version", name=op.f("pk_portalkit_document_version")
        ),
    )
    op.create_table(
        "portalkit_email_code",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("staff_id", sa.String(length=36), nullable=True),
        sa.Column("link_id", sa.String(length=36), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["portalkit_business.id"],
            name=op.f("fk_portalkit_email_code_business_id"),
        ),
        sa.ForeignKeyConstraint(
            ["link_id"],
            ["portalkit_link.id"],
            name=op.f("fk_portalkit_email_code_link_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["portalkit_person.id"],
            name=op.f("fk_portalkit_email_code_person_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["portalkit_staff.id"],
            name=op.f("fk_portalkit_email_code_staff_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portalkit_email_code")),
    )
    op.create_index(
        op.f("ix_portalkit_email_code_expires_at"),
        "portalkit_email_code",
        ["expires_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_portalkit_email_code_link_id"), "portalkit_email_code", ["link_id"], unique=False
    )
    op.create_index(
        op.f("ix_portalkit_email_code_person_id"),
        "portalkit_email_code",
        ["person_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_portalkit_email_code_staff_id"), "portalkit_email_code", ["staff_id"], unique=False
    )
    op.create_table(
        "portalkit_event",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("document_id", sa.String(length=36), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", sa.String(length=36), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("once_key", sa.String(length=200), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["portalkit_business.id"], name=op.f("fk_portalkit_event_business_id")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["portalkit_contact.id"],
            name=op.f("fk_portalkit_event_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["portalkit_document.id"],
            name=op.f("fk_portalkit_event_document_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portalkit_event")),
        sa.UniqueConstraint("once_key", name=op.f("uq_portalkit_event_once_key")),
    )
    op.create_index(
        "ix_portalkit_event_business", "portalkit_event", ["business_id", "id"], unique=False
    )
    op.create_index(
        "ix_portalkit_event_contact", "portalkit_event", ["contact_id", "id"], unique=False
    )
    op.create_index(
        "ix_portalkit_event_document", "portalkit_event", ["document_id", "id"], unique=False
    )
    op.create_table(
        "portalkit_reference",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("source_id", sa.String(length=36), nullable=False),
        sa.Column("target_id", sa.String(length=36), nullable=True),
        sa.Column("relation", sa.String(length=30), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column(
            "number_key",
            sa.String().with_variant(sa.String(collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("type_code", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["portalkit_business.id"],
            name=op.f("fk_portalkit_reference_business_id"),
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["portalkit_document.id"],
            name=op.f("fk_portalkit_reference_source_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["portalkit_document.id"],
            name=op.f("fk_portalkit_reference_target_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portalkit_reference")),
    )
    op.create_index(
        "ix_portalkit_reference_open",
        "portalkit_reference",
        ["business_id", "number_key"],
        unique=False,
    )
    op.create_index(
        op.f("ix_portalkit_reference_source_id"), "portalkit_reference", ["source_id"], unique=False
    )
    op.create_index(
        "ix_portalkit_reference_target", "portalkit_reference", ["target_id"], unique=False
    )
    op.create_table(
        "portalkit_rendering",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["portalkit_business.id"],
            name=op.f("fk_portalkit_rendering_business_id"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["portalkit_document.id"],
            name=op.f("fk_portalkit_rendering_document_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_portalkit_rendering")),
    )
    op.create_index(
        op.f("ix_portalkit_rendering_document_id"),
        "portalkit_rendering",
        ["document_id"],
        unique=False,
    )
    op.create_table(
        "portalkit_session",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("business_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("staff_id", sa.String(length=36), nullable=True),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("document_id", sa.String(length=36), nullable=True),
        sa.Column("link_id", sa.String(length=36), nullable=True),
        sa.Column("view_role", sa.String(length=20), nullable=True),
        sa.Column("signed_in_by", sa.String(length=40), nullable=False),
        sa.Column("is_strong", sa.Boolean(), nullable=False),
        sa.Column("user_agent", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["portalkit_business.id"],
            name=op.f("fk_portalkit_session_business_id"),
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["portalkit_contact.id"],
            name=op.f("fk_portalkit_session_contact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["link_id"],
            ["portalkit_link.id"],
            name=op.f("fk_portalkit_session_link_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["portalkit_person.id"],
            name=op.f("fk_portalkit_session_person_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["portalkit_staff.id"],
            name=op.f("fk_portalkit_session_staff_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_portalkit_session")),
    )
    op.create_index(
        op.f("ix_portalkit_session_contact_id"), "portalkit_session", ["contact_id"], unique=False
    )
    op.create_index(
        op.f("ix_portalkit_session_expires_at"), "portalkit_session", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("ix_portalkit_session_link_id"), "portalkit_session", ["link_id"], unique=False
    )
    op.create_index(
        op.f("ix_portalkit_session_person_id"), "portalkit_session", ["person_id"], unique=False
    )
    op.create_index(
        op.f("ix_portalkit_session_staff_id"), "portalkit_session", ["staff_id"], unique=False
    )
    create_search(op.get_bind())
    create_guard(op.get_bind())


def downgrade() -> None:
    drop_guard(op.get_bind())
    drop_search(op.get_bind())
    op.drop_index(op.f("ix_portalkit_session_staff_id"), table_name="portalkit_session")
    op.drop_index(op.f("ix_portalkit_session_person_id"), table_name="portalkit_session")
    op.drop_index(op.f("ix_portalkit_session_link_id"), table_name="portalkit_session")
    op.drop_index(op.f("ix_portalkit_session_expires_at"), table_name="portalkit_session")
    op.drop_index(op.f("ix_portalkit_session_contact_id"), table_name="portalkit_session")
    op.drop_table("portalkit_session")
    op.drop_index(op.f("ix_portalkit_rendering_document_id"), table_name="portalkit_rendering")
    op.drop_table("portalkit_rendering")
    op.drop_index("ix_portalkit_reference_target", table_name="portalkit_reference")
    op.drop_index(op.f("ix_portalkit_reference_source_id"), table_name="portalkit_reference")
    op.drop_index("ix_portalkit_reference_open", table_name="portalkit_reference")
    op.drop_table("portalkit_reference")
    op.drop_index("ix_portalkit_event_document", table_name="portalkit_event")
    op.drop_index("ix_portalkit_event_contact", table_name="portalkit_event")
    op.drop_index("ix_portalkit_event_business", table_name="portalkit_event")
    op.drop_table("portalkit_event")
    op.drop_index(op.f("ix_portalkit_email_code_staff_id"), table_name="portalkit_email_code")
    op.drop_index(op.f("ix_portalkit_email_code_person_id"), table_name="portalkit_email_code")
    op.drop_index(op.f("ix_portalkit_email_code_link_id"), table_name="portalkit_email_code")
    op.drop_index(op.f("ix_portalkit_email_code_expires_at"), table_name="portalkit_email_code")
    op.drop_table("portalkit_email_code")
    op.drop_table("portalkit_document_version")
    op.drop_index(op.f("ix_portalkit_attachment_document_id"), table_name="portalkit_attachment")
    op.drop_table("portalkit_attachment")
    op.drop_index(op.f("ix_portalkit_allocation_payment_id"), table_name="portalkit_allocation")
    op.drop_index(op.f("ix_portalkit_allocation_document_id"), table_name="portalkit_allocation")
    op.drop_index(op.f("ix_portalkit_allocation_credit_id"), table_name="portalkit_allocation")
    op.drop_table("portalkit_allocation")
    op.drop_index(op.f("ix_portalkit_totp_staff_id"), table_name="portalkit_totp")
    op.drop_index(op.f("ix_portalkit_totp_person_id"), table_name="portalkit_totp")
    op.drop_table("portalkit_totp")
    op.drop_index(
        op.f("ix_portalkit_remembered_device_staff_id"), table_name="portalkit_remembered_device"
    )
    op.drop_index(
        op.f("ix_portalkit_remembered_device_person_id"), table_name="portalkit_remembered_device"
    )
    op.drop_table("portalkit_remembered_device")
    op.drop_index(op.f("ix_portalkit_recovery_code_staff_id"), table_name="portalkit_recovery_code")
    op.drop_index(
        op.f("ix_portalkit_recovery_code_person_id"), table_name="portalkit_recovery_code"
    )
    op.drop_table("portalkit_recovery_code")
    op.drop_index(
        "uq_portalkit_plugin_switch_business",
        table_name="portalkit_plugin_switch",
        sqlite_where=sa.text("contact_id IS NULL"),
        postgresql_where=sa.text("contact_id IS NULL"),
    )
    op.drop_index(
        op.f("ix_portalkit_plugin_switch_contact_id"), table_name="portalkit_plugin_switch"
    )
    op.drop_table("portalkit_plugin_switch")
    op.drop_index(op.f("ix_portalkit_payment_contact_id"), table_name="portalkit_payment")
    op.drop_table("portalkit_payment")
    op.drop_index(op.f("ix_portalkit_passkey_staff_id"), table_name="portalkit_passkey")
    op.drop_index(op.f("ix_portalkit_passkey_person_id"), table_name="portalkit_passkey")
    op.drop_table("portalkit_passkey")
    op.drop_table("portalkit_notification_choice")
    op.drop_index(op.f("ix_portalkit_membership_contact_id"), table_name="portalkit_membership")
    op.drop_table("portalkit_membership")
    op.drop_index(op.f("ix_portalkit_link_staff_id"), table_name="portalkit_link")
    op.drop_index(op.f("ix_portalkit_link_person_id"), table_name="portalkit_link")
    op.drop_index(op.f("ix_portalkit_link_document_id"), table_name="portalkit_link")
    op.drop_index(op.f("ix_portalkit_link_contact_id"), table_name="portalkit_link")
    op.drop_table("portalkit_link")
    op.drop_index(op.f("ix_portalkit_identity_staff_id"), table_name="portalkit_identity")
    op.drop_index(op.f("ix_portalkit_identity_person_id"), table_name="portalkit_identity")
    op.drop_table("portalkit_identity")
    op.drop_table("portalkit_document_count")
    op.drop_index("ix_portalkit_document_total", table_name="portalkit_document")
    op.drop_index("ix_portalkit_document_status", table_name="portalkit_document")
    op.drop_index("ix_portalkit_document_number", table_name="portalkit_document")
    op.drop_index("ix_portalkit_document_kind", table_name="portalkit_document")
    op.drop_index("ix_portalkit_document_filter", table_name="portalkit_document")
    op.drop_index("ix_portalkit_document_description", table_name="portalkit_document")
    op.drop_index("ix_portalkit_document_date", table_name="portalkit_document")
    op.drop_index("ix_portalkit_document_business", table_name="portalkit_document")
    op.drop_table("portalkit_document")
    op.drop_table("portalkit_contact_month")
    op.drop_index(
        op.f("ix_portalkit_contact_identifier_contact_id"),
        table_name="portalkit_contact_identifier",
    )
    op.drop_table("portalkit_contact_identifier")
    op.drop_table("portalkit_staff")
    op.drop_table("portalkit_sequence")
    op.drop_table("portalkit_person")
    op.drop_table("portalkit_mail_template")
    op.drop_index(
        "ix_portalkit_mail_unsent",
        table_name="portalkit_mail",
        sqlite_where=sa.text("state IN ('waiting', 'failed')"),
        postgresql_where=sa.text("state IN ('waiting', 'failed')"),
    )
    op.drop_index("ix_portalkit_mail_thread", table_name="portalkit_mail")
    op.drop_index("ix_portalkit_mail_state", table_name="portalkit_mail")
    op.drop_index(op.f("ix_portalkit_mail_finished_at"), table_name="portalkit_mail")
    op.drop_index("ix_portalkit_mail_business", table_name="portalkit_mail")
    op.drop_table("portalkit_mail")
    op.drop_index(
        "uq_portalkit_job_dedup_key",
        table_name="portalkit_job",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_index("ix_portalkit_job_due", table_name="portalkit_job")
    op.drop_table("portalkit_job")
    op.drop_index("ix_portalkit_contact_list", table_name="portalkit_contact")
    op.drop_table("portalkit_contact")
    op.drop_index(op.f("ix_portalkit_api_key_business_id"), table_name="portalkit_api_key")
    op.drop_table("portalkit_api_key")
    op.drop_index(op.f("ix_portalkit_throttle_free_at_ms"), table_name="portalkit_throttle")
    op.drop_table("portalkit_throttle")
    op.drop_table("portalkit_schedule")
    op.drop_table("portalkit_business")
