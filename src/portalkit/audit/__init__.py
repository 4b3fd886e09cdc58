"""What happened, by whom and when: the append-only history that is also the audit trail."""

from portalkit.audit.models import Event
from portalkit.audit.services import Actor, EventFields, announce, event_values, record, record_on

__all__ = ("Actor", "Event", "EventFields", "announce", "event_values", "record", "record_on")
