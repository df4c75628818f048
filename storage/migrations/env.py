"""Alembic's entry: runs on the connection that migrate.py hands over."""

from alembic import context

from storage.fsm_schema import metadata  # with the tables that stand in files of their own

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
