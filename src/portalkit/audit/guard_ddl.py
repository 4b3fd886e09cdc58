"""What keeps the history as it is, made by a migration: triggers on both databases (R71).

An event is not removed, and of what it says only that is changed which an erasure must take
out: a name is emptied, and words in the data. Whoever owns the tables can drop a trigger;
nobody changes an event by a mistake, or by a statement that was slipped in.
"""

from typing import Final

from sqlalchemy import Connection

__all__ = ("create_guard", "drop_guard")

_KEPT: Final = "id, business_id, contact_id, document_id, name, actor_kind, actor_id, once_key, at"
_SAYS: Final = "events are neither changed nor removed"
_NEW_NAME: Final = "new.actor_name <> '' AND new.actor_name <> old.actor_name"

_SQLITE: Final = tuple(
    f"""
    CREATE TRIGGER portalkit_event_{name} BEFORE {moment} ON portalkit_event {condition} BEGIN
        SELECT RAISE(ABORT, '{_SAYS}');
    END
    """
    for name, moment, condition in (
        ("removed", "DELETE", ""),
        ("changed", f"UPDATE OF {_KEPT}", ""),
        ("renamed", "UPDATE OF actor_name", f"WHEN {_NEW_NAME}"),
    )
)
_SQLITE_DROP: Final = tuple(
    f"DROP TRIGGER IF EXISTS portalkit_event_{name}" for name in ("removed", "changed", "renamed")
)
_POSTGRESQL: Final = (
    f"""
    CREATE FUNCTION portalkit_event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '{_SAYS}' USING ERRCODE = 'restrict_violation';
    END
    $$
    """,
    f"""
    CREATE TRIGGER portalkit_event_changed BEFORE DELETE OR UPDATE OF {_KEPT}
    ON portalkit_event FOR EACH ROW EXECUTE FUNCTION portalkit_event_stays()
    """,
    f"""
    CREATE TRIGGER portalkit_event_renamed BEFORE UPDATE OF actor_name
    ON portalkit_event FOR EACH ROW WHEN ({_NEW_NAME}) EXECUTE FUNCTION portalkit_event_stays()
    """,
    """
    CREATE TRIGGER portalkit_event_emptied BEFORE TRUNCATE
    ON portalkit_event FOR EACH STATEMENT EXECUTE FUNCTION portalkit_event_stays()
    """,
)
# The triggers of PostgreSQL go with their function.
_POSTGRESQL_DROP: Final = ("DROP FUNCTION IF EXISTS portalkit_event_stays() CASCADE",)


def create_guard(connection: Connection) -> None:
    """Let nothing remove an event or change what it says."""
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.exec_driver_sql(statement)


def drop_guard(connection: Connection) -> None:
    """Remove what :func:`create_guard` has made."""
    for statement in _SQLITE_DROP if connection.dialect.name == "sqlite" else _POSTGRESQL_DROP:
        connection.exec_driver_sql(statement)
