"""Up to which seal an organisation's cases are in the index of keyed tokens."""

from alembic import op

from weerklank.kernel.rowlevel import protect

revision = "0020"
down_revision = "0019"
compatible_from = "0014"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE search_cursor (
            tenant_id uuid NOT NULL,
            seal_no integer NOT NULL,
            CONSTRAINT pk_search_cursor PRIMARY KEY (tenant_id),
            CONSTRAINT fk_search_cursor_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id)
        )
        """
    )
    protect(op, "search_cursor")
