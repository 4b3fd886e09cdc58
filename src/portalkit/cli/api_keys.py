"""``portalkit api-key``: what systems of the business use the API with."""

from datetime import UTC, datetime
from typing import Final

import click
import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.api_keys import (
    MAX_DAYS,
    ApiKeyView,
    list_api_keys,
    make_api_key,
    revoke_api_key,
)
from portalkit.audit import Actor
from portalkit.cli.access import business_named, run_in_transaction
from portalkit.cli.businesses import business_option
from portalkit.config import PortalConfig

__all__ = ("api_key_group",)

_ACTOR: Final = Actor(kind="system", name="command line")


@click.group("api-key")
def api_key_group() -> None:
    """Make, list and end keys of the API."""


@api_key_group.command("create", short_help="Make a key and print it, once.")
@click.option("--name", required=True, help="What the key is for.")
@click.option(
    "--days",
    type=click.IntRange(1, MAX_DAYS),
    help="After how many days it ends (default: it does not).",
)
@business_option
@click.pass_obj
def create(config: PortalConfig, name: str, days: int | None, slug: str | None) -> None:
    """Make a key that reads documents, and print it: it is never shown again."""

    async def work(session: AsyncSession) -> str:
        business, _ = await business_named(session, config, slug)
        return await make_api_key(
            session,
            business_id=business.id,
            name=name,
            actor=_ACTOR,
            now=datetime.now(UTC),
            days=days,
        )

    click.echo(run_in_transaction(config, work))


@api_key_group.command("list")
@business_option
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object a key.")
@click.pass_obj
def list_keys(config: PortalConfig, slug: str | None, *, is_json: bool) -> None:
    """List the keys of a business, the newest first."""

    async def work(session: AsyncSession) -> str:
        business, _ = await business_named(session, config, slug)
        keys = await list_api_keys(session, business_id=business.id)
        if is_json:
            return "\n".join(msgspec.json.encode(key).decode() for key in keys)
        return "\n".join(_line(key, datetime.now(UTC)) for key in keys) or "no keys"

    click.echo(run_in_transaction(config, work))


@api_key_group.command("revoke", short_help="End a key.")
@click.argument("key_id", metavar="ID")
@business_option
@click.pass_obj
def revoke(config: PortalConfig, key_id: str, slug: str | None) -> None:
    """End the key with this ID (see 'list'); it opens nothing from the next request on."""

    async def work(session: AsyncSession) -> str:
        business, _ = await business_named(session, config, slug)
        await revoke_api_key(
            session, key_id, business_id=business.id, actor=_ACTOR, now=datetime.now(UTC)
        )
        return "the key opens nothing any more"

    click.echo(run_in_transaction(config, work))


def _line(key: ApiKeyView, now: datetime) -> str:
    state = "works"
    if key.revoked_at is not None:
        state = "revoked"
    elif not key.works(now):
        state = "expired"
    used = "never used" if key.used_at is None else f"used {key.used_at:%Y-%m-%d %H:%M}"
    ends = "no end" if key.expires_at is None else f"until {key.expires_at:%Y-%m-%d}"
    return f"{key.id}  {key.prefix}  {state}  {used}  {ends}  {' '.join(key.scopes)}  {key.name}"
