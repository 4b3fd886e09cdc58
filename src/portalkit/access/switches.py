"""What can be set for a business: its settings, and which plugins it or a contact has."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

import msgspec
from sqlalchemy import CursorResult, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.models import Business, PluginSwitch
from portalkit.audit import Actor, announce, record
from portalkit.errors import InputRefusedError, NotFoundError
from portalkit.hooks.events import PluginSwitched
from portalkit.hooks.manifest import Manifest
from portalkit.hooks.plugins import KERNEL_PLUGINS
from portalkit.model.ids import new_id

__all__ = ("bump_business", "list_contact_switches", "store_setting", "switch_plugin")


async def bump_business(session: AsyncSession, business_id: str) -> None:
    """Raise a business's version: every process then reads it again.

    Raises:
        NotFoundError: If there is no such business.
    """
    changed = cast(
        "CursorResult[Any]",
        await session.execute(
            update(Business)
            .where(Business.id == business_id)
            .values(version=Business.version + 1)
            .execution_options(synchronize_session=False)
        ),
    )
    if changed.rowcount != 1:
        raise NotFoundError(f"business {business_id}")


async def store_setting(
    session: AsyncSession, business_id: str, name: str, value: msgspec.Struct
) -> dict[str, Any]:
    """Store one of a business's settings, and return it as plain JSON.

    Raises:
        NotFoundError: If there is no such business.
    """
    # First of all: the row of the business is the lock that keeps two changes apart.
    await bump_business(session, business_id)
    settings = await session.scalar(select(Business.settings).where(Business.id == business_id))
    stored: dict[str, Any] = msgspec.to_builtins(value)
    await session.execute(
        update(Business)
        .where(Business.id == business_id)
        .values(settings={**(settings or {}), name: stored})
        .execution_options(synchronize_session=False)
    )
    return stored


async def list_contact_switches(
    session: AsyncSession, *, business_id: str, contact_id: str
) -> Mapping[str, bool]:
    """Return the plugins that are switched on or off for one contact."""
    rows = await session.execute(
        select(PluginSwitch.plugin, PluginSwitch.is_enabled).where(
            PluginSwitch.business_id == business_id, PluginSwitch.contact_id == contact_id
        )
    )
    return {row[0]: row[1] for row in rows}


async def switch_plugin(
    session: AsyncSession,
    manifest: Manifest,
    *,
    business_id: str,
    is_enabled: bool,
    actor: Actor,
    now: datetime,
    contact_id: str | None = None,
) -> None:
    """Switch a plugin on or off; it takes effect with the next request.

    Args:
        session: A session that writes.
        manifest: Of the plugin; it says who may switch it.
        business_id: Whose switch.
        is_enabled: On or off.
        actor: Who does it.
        now: The current moment.
        contact_id: The contact, which must be of this business, or everybody.

    Raises:
        InputRefusedError: If nobody can switch this plugin, or not for a contact.
        NotFoundError: If there is no such business.
    """
    if manifest.name in KERNEL_PLUGINS or manifest.activation == "site":
        raise InputRefusedError("plugin", "not_switchable")
    if contact_id is not None and manifest.activation != "contact":
        raise InputRefusedError("plugin", "not_for_contacts")
    # First of all: the row of the business is the lock that keeps two switches apart.
    await bump_business(session, business_id)
    await _store(session, manifest.name, business_id, contact_id, is_enabled=is_enabled)
    await record(
        session,
        business_id=business_id,
        contact_id=contact_id,
        name="plugin.switched",
        actor=actor,
        at=now,
        data={"plugin": manifest.name, "is_enabled": is_enabled},
    )
    announce(
        session,
        PluginSwitched(
            business_id=business_id,
            at=now,
            plugin=manifest.name,
            contact_id=contact_id,
            is_enabled=is_enabled,
        ),
    )


async def _store(
    session: AsyncSession,
    plugin: str,
    business_id: str,
    contact_id: str | None,
    *,
    is_enabled: bool,
) -> None:
    changed = cast(
        "CursorResult[Any]",
        await session.execute(
            update(PluginSwitch)
            .where(
                PluginSwitch.business_id == business_id,
                PluginSwitch.plugin == plugin,
                PluginSwitch.contact_id.is_not_distinct_from(contact_id),
            )
            .values(is_enabled=is_enabled)
            .execution_options(synchronize_session=False)
        ),
    )
    if changed.rowcount == 0:
        await session.execute(
            insert(PluginSwitch).values(
                id=new_id(),
                business_id=business_id,
                plugin=plugin,
                contact_id=contact_id,
                is_enabled=is_enabled,
            )
        )
