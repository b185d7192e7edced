"""Views that somebody saved, and which mail he wishes; words and names sealed by the organisation's key."""

from alembic import op

from weerklank.kernel.rowlevel import protect

revision = "0028"
down_revision = "0027"
compatible_from = "0014"


def of_person(table: str) -> str:
    return f"""
        CONSTRAINT fk_{table}_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id),
        CONSTRAINT fk_{table}_tenant_id_person_id
            FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
    """


def upgrade() -> None:
    op.execute(
        f"""
        CREATE TABLE saved_view (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            person_id uuid NOT NULL,
            page text NOT NULL,
            name bytea NOT NULL,
            words bytea,
            filters jsonb NOT NULL,
            standard boolean NOT NULL,
            CONSTRAINT pk_saved_view PRIMARY KEY (tenant_id, id),
            {of_person("saved_view")}
        )
        """
    )
    op.execute("CREATE INDEX ix_saved_view_tenant_id_person_id ON saved_view (tenant_id, person_id)")
    protect(op, "saved_view")
    op.execute(
        f"""
        CREATE TABLE mail_wish (
            tenant_id uuid NOT NULL,
            person_id uuid NOT NULL,
            about text NOT NULL,
            how text NOT NULL,
            CONSTRAINT pk_mail_wish PRIMARY KEY (tenant_id, person_id, about),
            {of_person("mail_wish")}
        )
        """
    )
    protect(op, "mail_wish")
