"""How far an invitation has come, as a list and a page say it."""

from collections.abc import Mapping
from typing import Final

import msgspec

from portalkit.access.invitations import InvitationState
from portalkit.hooks.types import Tone
from portalkit.i18n import Translator
from portalkit.model import LazyText, lazy_gettext
from portalkit.rendering.ui import Pill

__all__ = ("INVITATION_WORDS", "invitation_pill")

INVITATION_WORDS: Final[Mapping[InvitationState, LazyText]] = {
    InvitationState.ACCEPTED: lazy_gettext("Has access"),
    InvitationState.OPENED: lazy_gettext("Invitation opened"),
    InvitationState.INVITED: lazy_gettext("Invited"),
    InvitationState.EXPIRED: lazy_gettext("Invitation expired"),
    InvitationState.NOT_INVITED: lazy_gettext("Not invited"),
}
"""What each state is called."""

_PILLS: Final[Mapping[InvitationState, Pill]] = {
    InvitationState.ACCEPTED: Pill(label="", icon="circle-check", tone=Tone.POSITIVE, is_calm=True),
    InvitationState.OPENED: Pill(label="", icon="mail-opened", tone=Tone.INFO),
    InvitationState.INVITED: Pill(label="", icon="mail", tone=Tone.INFO),
    InvitationState.EXPIRED: Pill(label="", icon="hourglass", tone=Tone.WARNING),
    InvitationState.NOT_INVITED: Pill(label="", icon="circle-dashed", is_calm=True),
}


def invitation_pill(
    state: InvitationState, translator: Translator, words: LazyText | None = None
) -> Pill:
    """Return how far an invitation has come, in ``words`` instead of the usual ones if given."""
    label = translator.text(words or INVITATION_WORDS[state])
    return msgspec.structs.replace(_PILLS[state], label=label)
