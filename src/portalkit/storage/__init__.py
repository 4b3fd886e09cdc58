"""Files of documents: bytes under keys, in a folder or in an object store."""

from portalkit.storage.store import Storage, StoredFile, content_key, storage_key

__all__ = ("Storage", "StoredFile", "content_key", "storage_key")
