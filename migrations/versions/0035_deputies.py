"""Who acts for somebody who is away."""

from alembic import op

revision = "0035"
down_revision = "0034"
compatible_from = "0014"


def upgrade() -> None:
    op.execute("ALTER TABLE absence ADD COLUMN deputy_id uuid")
    op.execute(
        "ALTER TABLE absence ADD CONSTRAINT fk_absence_tenant_id_deputy_id"
        " FOREIGN KEY (tenant_id, deputy_id) REFERENCES person (tenant_id, id) NOT VALID"
    )
