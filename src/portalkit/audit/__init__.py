"""What happened, by whom and when: the append-only history that is also the audit trail."""

from portalkit.audit.models import Event
from portalkit.audit.once import OnceKeys
from portalkit.audit.services import (
    Actor,
    EventFields,
    announce,
    event_values,
    name_of,
    record,
    record_on,
    record_once,
)

__all__ = (
    "Actor",
    "Event",
    "EventFields",
    "OnceKeys",
    "announce",
    "event_values",
    "name_of",
    "record",
    "record_on",
    "record_once",
)
