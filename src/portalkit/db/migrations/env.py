"""Runs the migrations of one owner on a connection; Alembic executes this file."""

from alembic import context

_attributes = context.config.attributes

context.configure(
    connection=_attributes["connection"],
    version_table=_attributes["version_table"],
    render_as_batch=True,
)
# The caller's transaction is open already, so nothing is committed here.
with context.begin_transaction():
    context.run_migrations()
