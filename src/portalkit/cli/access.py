"""``portalkit link``: letting people in without a mail."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import click
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import canonical_email, find_account
from portalkit.access.businesses import (
    BusinessAddress,
    business_origin,
    business_path,
    create_businesses,
    list_addresses,
)
from portalkit.access.links import make_link
from portalkit.audit import Actor, record
from portalkit.cli.businesses import business_option, choose_business
from portalkit.config import PortalConfig
from portalkit.context import SessionKind
from portalkit.db import create_engine_for, session_makers

__all__ = ("business_named", "link_command", "make_sign_in_link", "run_in_transaction")

_ACTOR = Actor(kind="system", name="command line")


@click.command("link")
@click.argument("email")
@business_option
@click.option("--staff", "is_staff", is_flag=True, help="For a member of staff.")
@click.pass_obj
def link_command(config: PortalConfig, email: str, slug: str | None, *, is_staff: bool) -> None:
    """Print a link that signs EMAIL in, once and within a day."""
    kind = SessionKind.STAFF if is_staff else SessionKind.PERSON

    async def work(session: AsyncSession) -> str:
        business, path = await business_named(session, config, slug)
        account = await find_account(
            session, kind, business_id=business.id, email=canonical_email(email)
        )
        if account is None or not account.is_open:
            who = "member of staff" if is_staff else "person with access"
            raise click.ClickException(f"there is no {who} with the address {email}")
        return await make_sign_in_link(
            session,
            config,
            business,
            path,
            person_id=account.person_id,
            staff_id=account.staff_id,
        )

    click.echo(run_in_transaction(config, work))


async def business_named(
    session: AsyncSession, config: PortalConfig, slug: str | None
) -> tuple[BusinessAddress, str]:
    """Return the business and the path of its portal."""
    businesses = await list_addresses(session)
    business = choose_business(businesses, slug)
    return business, business_path(config, business, is_only=len(businesses) == 1)


async def make_sign_in_link(
    session: AsyncSession,
    config: PortalConfig,
    business: BusinessAddress,
    path: str,
    *,
    person_id: str | None = None,
    staff_id: str | None = None,
) -> str:
    """Make a link for a person or a member of staff, and return its address."""
    now = datetime.now(UTC)
    token = await make_link(
        session,
        config.secret_keys,
        business_id=business.id,
        now=now,
        person_id=person_id,
        staff_id=staff_id,
    )
    await record(
        session,
        business_id=business.id,
        name="access.link_made",
        actor=_ACTOR,
        at=now,
        data={"person": person_id, "staff": staff_id},
    )
    return f"{business_origin(config, business.host)}{path}/i/{token}"


def run_in_transaction(config: PortalConfig, work: Callable[[AsyncSession], Awaitable[str]]) -> str:
    """Do some work in one transaction and return what is printed.

    Raises:
        ConfigError: If there is no secret key.
        click.ClickException: If the database cannot be used.
    """
    config.require_keys()

    async def run() -> str:
        engine = create_engine_for(config.database_url)
        try:
            _, writing = session_makers(engine)
            async with writing() as session, session.begin():
                # The first command may come before the first start.
                await create_businesses(session, config.business, datetime.now(UTC))
                return await work(session)
        except DatabaseError as error:
            reason = str(error.orig).strip().partition("\n")[0]
            raise click.ClickException(
                f"the database cannot be used ({reason}): run 'portalkit db upgrade' first"
            ) from error
        finally:
            await engine.dispose()

    return asyncio.run(run())
