"""What a business asks of everybody who signs in; its staff set it in the back office."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.switches import store_setting
from portalkit.audit import Actor, record
from portalkit.context import SessionKind

__all__ = ("SignInRules", "sign_in_rules", "store_sign_in_rules")

_SETTING: Final = "sign_in"


class SignInRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a business asks of everybody who signs in.

    Attributes:
        staff_need_second: Staff without a second factor must set one up before anything else.
        contacts_need_second: So must the people of contacts.
        providers_match_email: An auth provider that vouches for an e-mail address lets its
            owner in at the first time; otherwise they connect the provider themselves.
    """

    staff_need_second: bool = False
    contacts_need_second: bool = False
    providers_match_email: bool = False

    def needs_second(self, kind: SessionKind) -> bool:
        """Say whether a second factor is required behind this door."""
        match kind:
            case SessionKind.STAFF:
                return self.staff_need_second
            case SessionKind.PERSON:
                return self.contacts_need_second
            case _:
                return False


def sign_in_rules(settings: Mapping[str, Any]) -> SignInRules:
    """Return the rules that stand in a business's settings."""
    stored = settings.get(_SETTING)
    return SignInRules() if stored is None else msgspec.convert(stored, SignInRules)


async def store_sign_in_rules(
    session: AsyncSession, rules: SignInRules, *, business_id: str, actor: Actor, now: datetime
) -> None:
    """Set the rules; they hold from the next request on, also for who is signed in.

    Raises:
        NotFoundError: If there is no such business.
    """
    stored = await store_setting(session, business_id, _SETTING, rules)
    await record(
        session,
        business_id=business_id,
        name="access.rules_set",
        actor=actor,
        at=now,
        data=stored,
    )
