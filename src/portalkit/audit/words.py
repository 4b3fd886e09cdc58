"""What an event is called where people read it: one sentence for each name."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

from portalkit.i18n import Translator
from portalkit.model import LazyText, lazy_gettext, lazy_pgettext

__all__ = ("EVENT_WORDS", "EventGroup", "actor_words", "event_words", "names_of")


class EventGroup(StrEnum):
    """What an event is about, coarse enough to filter by."""

    SIGN_IN = "sign_in"
    ACCESS = "access"
    DOCUMENTS = "documents"
    SETTINGS = "settings"


_SIGN_IN: Final[dict[str, LazyText]] = {
    "access.signed_in": lazy_gettext("%(who)s signed in"),
    "access.signed_out": lazy_gettext("%(who)s signed out"),
    "access.sign_in_failed": lazy_gettext("A sign-in failed"),
    "access.second_factor_failed": lazy_gettext("%(who)s gave a wrong second code"),
    "access.recovery_code_used": lazy_gettext("%(who)s used a recovery code"),
    "access.sessions_closed": lazy_gettext("%(who)s signed out other devices"),
    "access.viewed_as": lazy_gettext("%(who)s looked at the portal as the contact"),
    "access.view_as_ended": lazy_gettext("%(who)s stopped looking as the contact"),
}
_ACCESS: Final[dict[str, LazyText]] = {
    "access.given": lazy_gettext("%(who)s gave somebody access"),
    "access.invited": lazy_gettext("%(who)s invited somebody"),
    "access.invitation_revoked": lazy_gettext("%(who)s ended an invitation"),
    "access.role_changed": lazy_gettext("%(who)s changed somebody's role"),
    "access.contact_chosen": lazy_gettext("%(who)s went on for another contact"),
    "access.withdrawn": lazy_gettext("%(who)s took access away"),
    "access.restored": lazy_gettext("%(who)s gave access back"),
    "access.link_made": lazy_gettext("%(who)s made a sign-in link"),
    "access.code_sent": lazy_gettext("A code to sign in was sent"),
    "access.recovery_sent": lazy_gettext("A link to choose a new password was sent"),
    "access.link_mailed": lazy_gettext("%(who)s mailed a sign-in link"),
    "access.password_set": lazy_gettext("%(who)s set a one-time password"),
    "access.password_changed": lazy_gettext("%(who)s changed a password"),
    "access.second_factor_removed": lazy_gettext("%(who)s took a second factor away"),
    "access.totp_added": lazy_gettext("%(who)s set up an app for codes"),
    "access.totp_removed": lazy_gettext("%(who)s removed the app for codes"),
    "access.recovery_codes_made": lazy_gettext("%(who)s made new recovery codes"),
    "access.passkey_added": lazy_gettext("%(who)s added a passkey"),
    "access.passkey_renamed": lazy_gettext("%(who)s renamed a passkey"),
    "access.passkey_removed": lazy_gettext("%(who)s removed a passkey"),
    "access.identity_bound": lazy_gettext("%(who)s connected an outside sign-in"),
    "access.identity_removed": lazy_gettext("%(who)s disconnected an outside sign-in"),
    "access.device_remembered": lazy_gettext("%(who)s had a device remembered"),
    "access.device_forgotten": lazy_gettext("%(who)s had a device forgotten"),
    "access.notifications_changed": lazy_gettext("%(who)s chose which mails to get"),
    "access.staff_added": lazy_gettext("%(who)s added a member of staff"),
    "access.staff_invited": lazy_gettext("%(who)s sent a member of staff a link"),
    "access.staff_role_changed": lazy_gettext("%(who)s changed the role of a member of staff"),
    "access.staff_disabled": lazy_gettext("%(who)s shut a member of staff out"),
    "access.staff_enabled": lazy_gettext("%(who)s let a member of staff in again"),
    "staff.erased": lazy_gettext("%(who)s erased a member of staff"),
    "access.api_key_made": lazy_gettext("%(who)s made a key of the API"),
    "access.api_key_revoked": lazy_gettext("%(who)s ended a key of the API"),
    "contact.saved": lazy_gettext("%(who)s saved a contact"),
    "contact.erased": lazy_gettext("%(who)s erased a contact's personal data"),
    "person.exported": lazy_gettext("%(who)s took the own data as a file"),
    "contact.exported": lazy_gettext("%(who)s took a contact's data as a file"),
    "person.erased": lazy_gettext("%(who)s erased a person's data"),
}
_DOCUMENTS: Final[dict[str, LazyText]] = {
    "document.published": lazy_gettext("%(who)s sent a document"),
    "document.transitioned": lazy_gettext("%(who)s changed the status of a document"),
    "document.viewed": lazy_gettext("%(who)s opened a document"),
    "document.downloaded": lazy_gettext("%(who)s downloaded a document"),
    "document.announced": lazy_gettext("%(who)s told people of a document by mail"),
    "document.shared": lazy_gettext("%(who)s shared a document by link"),
    "document.share_ended": lazy_gettext("%(who)s ended the link to a document"),
    "document.share_opened": lazy_gettext("A document was opened by link"),
    "document.share_confirmed": lazy_gettext("%(who)s confirmed a link with a code by mail"),
    "payment.received": lazy_gettext("%(who)s noted a payment"),
    "contact.imported": lazy_gettext("%(who)s imported a contact"),
}
_SETTINGS: Final[dict[str, LazyText]] = {
    "access.rules_set": lazy_gettext("%(who)s changed what sign-in asks for"),
    "document.share_rules_set": lazy_gettext("%(who)s changed how long shared links work"),
    "audit.exported": lazy_gettext("%(who)s took the audit log as a file"),
    "business.changed": lazy_gettext("%(who)s changed the data of the business"),
    "plugin.switched": lazy_gettext("%(who)s switched a plugin"),
    "mail.resent": lazy_gettext("%(who)s sent a mail again"),
    "mail.failed_resent": lazy_gettext("%(who)s sent all failed mails again"),
    "mail.sample_sent": lazy_gettext("%(who)s asked for a sample of a mail"),
    "mail.words_changed": lazy_gettext("%(who)s changed the words of a mail"),
    "mail.words_restored": lazy_gettext("%(who)s restored the words of a mail"),
    "job.retried": lazy_gettext("%(who)s had a job tried again"),
    "job.dropped": lazy_gettext("%(who)s dropped a job"),
}
_GROUPS: Final[Mapping[EventGroup, Mapping[str, LazyText]]] = {
    EventGroup.SIGN_IN: _SIGN_IN,
    EventGroup.ACCESS: _ACCESS,
    EventGroup.DOCUMENTS: _DOCUMENTS,
    EventGroup.SETTINGS: _SETTINGS,
}

EVENT_WORDS: Final[Mapping[str, LazyText]] = _SIGN_IN | _ACCESS | _DOCUMENTS | _SETTINGS
"""Sentences by event name; ``%(who)s`` stands for whoever did it."""

_OTHER: Final = lazy_gettext("%(who)s did something else")
_NAMELESS: Final[Mapping[str, LazyText]] = {
    "host": lazy_pgettext("actor", "The business's system"),
    "system": lazy_pgettext("actor", "The portal"),
    "share": lazy_pgettext("actor", "Somebody with the link"),
}
_SOMEBODY: Final = lazy_pgettext("actor", "Somebody")


def names_of(group: EventGroup) -> Collection[str]:
    """Return the names of the events of a group."""
    return _GROUPS[group].keys()


def actor_words(kind: str, name: str, translator: Translator) -> str:
    """Return whom a sentence is about: a name, or what stands for somebody without one."""
    return name or translator.text(_NAMELESS.get(kind, _SOMEBODY))


def event_words(name: str, *, who: str, translator: Translator) -> str:
    """Return what happened as a sentence in the reader's language.

    Args:
        name: Of the event; one that is not in ``EVENT_WORDS`` is a plugin's own.
        who: As :func:`actor_words` says it.
        translator: Of the reader's language.
    """
    return translator.text(EVENT_WORDS.get(name, _OTHER)) % {"who": who}
