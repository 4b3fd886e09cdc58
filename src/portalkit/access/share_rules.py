"""How long links to documents work, as a business sets it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.switches import store_setting
from portalkit.audit import Actor, record
from portalkit.errors import InputRefusedError

__all__ = ("MAX_HOURS", "ShareRules", "share_rules", "store_share_rules")

MAX_HOURS: Final = 720

_SETTING: Final = "sharing"


class ShareRules(msgspec.Struct, frozen=True, kw_only=True):
    """How long links to documents work, in hours: 1 to 720."""

    hours: int = 48


def share_rules(settings: Mapping[str, Any]) -> ShareRules:
    """Return the rules that stand in a business's settings."""
    stored = settings.get(_SETTING)
    return ShareRules() if stored is None else msgspec.convert(stored, ShareRules)


async def store_share_rules(
    session: AsyncSession, rules: ShareRules, *, business_id: str, actor: Actor, now: datetime
) -> None:
    """Set how long links work; those that were made keep their own end.

    Raises:
        InputRefusedError: ``field`` is ``hours``.
        NotFoundError: If there is no such business.
    """
    if not 1 <= rules.hours <= MAX_HOURS:
        raise InputRefusedError("hours", f"must be from 1 to {MAX_HOURS}")
    stored = await store_setting(session, business_id, _SETTING, rules)
    await record(
        session,
        business_id=business_id,
        name="document.share_rules_set",
        actor=actor,
        at=now,
        data=stored,
    )
