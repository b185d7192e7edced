"""Runs the numbered migrations over the connection that `weerklank.kernel.schema` hands in.

Each has a transaction of its own, and waits for a lock no longer than readers can bear; `schema.upgrade` retries.
"""

from alembic import context

from weerklank.kernel.database import Base
from weerklank.kernel.schema import note_compatible

with_connection = context.config.attributes["connection"]
context.configure(
    connection=with_connection,
    target_metadata=Base.metadata,
    transaction_per_migration=True,
    on_version_apply=note_compatible,
)
with context.begin_transaction():
    context.run_migrations()
