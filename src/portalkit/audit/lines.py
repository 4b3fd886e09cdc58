"""Events in the log too: one line for each, as soon as its transaction is committed."""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

from portalkit.log import log_event

__all__ = ("tell_log",)

_log = logging.getLogger("portalkit.audit")

_WAITING: Final = "portalkit_log_lines"
# Ids and words of our own; what else an event keeps may have been typed by somebody.
_TOLD: Final = frozenset(
    {
        "account",
        "before",
        "by",
        "closed",
        "exporter",
        "is_enabled",
        "is_on",
        "kind",
        "link",
        "person",
        "plugin",
        "prefix",
        "purpose",
        "role",
        "second",
        "sha256",
        "source",
        "staff",
        "target",
        "transition",
    }
)
_BY_KIND: Final = {"person": "person", "staff": "staff", "share": "link"}

_Line = tuple[SessionTransaction | None, partial[None]]


def tell_log(session: AsyncSession, values: Mapping[str, Any]) -> None:
    """Have an event logged when the session commits; if it does not, nothing has happened.

    Args:
        session: In which the event was written.
        values: Its columns.
    """
    sync = session.sync_session
    if _WAITING not in sync.info:
        sync.info[_WAITING] = []
        event.listen(sync, "after_commit", _write)
        event.listen(sync, "after_soft_rollback", _forget)
    lines: list[_Line] = sync.info[_WAITING]
    lines.append((sync.get_nested_transaction(), _line(values)))


def _line(values: Mapping[str, Any]) -> partial[None]:
    name, kind = values["name"], values["actor_kind"]
    level = logging.WARNING if name.endswith("_failed") else logging.INFO
    fields = {
        "business": values["business_id"],
        "contact": values["contact_id"],
        "document": values["document_id"],
        "actor": kind,
        "data": {key: value for key, value in values["data"].items() if key in _TOLD} or None,
    }
    if kind in _BY_KIND:
        fields[_BY_KIND[kind]] = values["actor_id"]
    return partial(log_event, _log, level, name, **fields)


def _write(session: Session) -> None:
    if session.in_nested_transaction():
        return  # a savepoint is no end
    lines: list[_Line] = session.info[_WAITING]
    for _, write in lines:
        write()
    lines.clear()


def _forget(session: Session, ended: SessionTransaction) -> None:
    lines: list[_Line] = session.info[_WAITING]
    lines[:] = [line for line in lines if ended.nested and line[0] is not ended]
