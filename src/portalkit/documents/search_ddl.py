"""The index that text search uses, made by a migration: trigrams on both databases.

SQLite keeps an FTS5 table of trigrams in step by triggers, so that every way of writing or
erasing a document is seen. PostgreSQL has an index on the column itself.
"""

from typing import Final

from sqlalchemy import Connection

__all__ = ("create_search", "drop_search")

# Only which rows hold a trigram is stored, not where (detail=none): a third of the size. The
# text itself stays in the document's row. FTS5 knows rows by number; a number of one's own is
# needed, since VACUUM may change those that SQLite gives.
_SQLITE: Final = (
    """
    CREATE TABLE portalkit_document_search_key (
        id INTEGER PRIMARY KEY,
        document_id VARCHAR(36) NOT NULL UNIQUE
    )
    """,
    """
    CREATE VIRTUAL TABLE portalkit_document_search USING fts5(
        search_text, content='', tokenize='trigram', detail=none
    )
    """,
    """
    CREATE TRIGGER portalkit_document_search_insert AFTER INSERT ON portalkit_document BEGIN
        INSERT INTO portalkit_document_search_key (document_id) VALUES (new.id);
        INSERT INTO portalkit_document_search (rowid, search_text)
            VALUES (last_insert_rowid(), new.search_text);
    END
    """,
    """
    CREATE TRIGGER portalkit_document_search_update
    AFTER UPDATE OF search_text ON portalkit_document
    WHEN old.search_text <> new.search_text BEGIN
        INSERT INTO portalkit_document_search (portalkit_document_search, rowid, search_text)
            SELECT 'delete', id, old.search_text
            FROM portalkit_document_search_key WHERE document_id = old.id;
        INSERT INTO portalkit_document_search (rowid, search_text)
            SELECT id, new.search_text
            FROM portalkit_document_search_key WHERE document_id = new.id;
    END
    """,
    """
    CREATE TRIGGER portalkit_document_search_delete AFTER DELETE ON portalkit_document BEGIN
        INSERT INTO portalkit_document_search (portalkit_document_search, rowid, search_text)
            SELECT 'delete', id, old.search_text
            FROM portalkit_document_search_key WHERE document_id = old.id;
        DELETE FROM portalkit_document_search_key WHERE document_id = old.id;
    END
    """,
    # Documents that were there before the index.
    "INSERT INTO portalkit_document_search_key (document_id) SELECT id FROM portalkit_document",
    """
    INSERT INTO portalkit_document_search (rowid, search_text)
        SELECT k.id, d.search_text FROM portalkit_document_search_key k
        JOIN portalkit_document d ON d.id = k.document_id ORDER BY k.id
    """,
)
_SQLITE_DROP: Final = (
    "DROP TRIGGER IF EXISTS portalkit_document_search_insert",
    "DROP TRIGGER IF EXISTS portalkit_document_search_update",
    "DROP TRIGGER IF EXISTS portalkit_document_search_delete",
    "DROP TABLE IF EXISTS portalkit_document_search",
    "DROP TABLE IF EXISTS portalkit_document_search_key",
)
_POSTGRESQL: Final = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    """
    CREATE INDEX ix_portalkit_document_search ON portalkit_document
        USING gin (search_text gin_trgm_ops)
    """,
)
_POSTGRESQL_DROP: Final = ("DROP INDEX IF EXISTS ix_portalkit_document_search",)


def create_search(connection: Connection) -> None:
    """Create the index of the texts of documents, and fill it."""
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.exec_driver_sql(statement)


def drop_search(connection: Connection) -> None:
    """Remove what :func:`create_search` has made."""
    for statement in _SQLITE_DROP if connection.dialect.name == "sqlite" else _POSTGRESQL_DROP:
        connection.exec_driver_sql(statement)
