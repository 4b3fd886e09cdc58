"""``portalkit staff``: the members of staff, where nobody is in the back office yet."""

from datetime import UTC, datetime
from typing import Final

import click
import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account, canonical_email, find_account
from portalkit.access.factors import remove_factors
from portalkit.access.permissions import StaffRole
from portalkit.access.staff import (
    StaffEntry,
    add_staff,
    disable_staff,
    enable_staff,
    list_staff,
    set_staff_role,
)
from portalkit.audit import Actor
from portalkit.cli.access import business_named, make_sign_in_link, run_in_transaction
from portalkit.cli.businesses import business_option
from portalkit.config import PortalConfig
from portalkit.context import SessionKind
from portalkit.privacy import erase_staff

__all__ = ("staff_group",)

_ACTOR: Final = Actor(kind="system", name="command line")
_Role: Final = click.Choice([role.value for role in StaffRole])


@click.group("staff")
def staff_group() -> None:
    """Look after the members of staff."""


@staff_group.command("list", short_help="List them, those who are shut out last.")
@business_option
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object a member.")
@click.pass_obj
def list_members(config: PortalConfig, slug: str | None, *, is_json: bool) -> None:
    """List the members of staff, those who are shut out last."""

    async def work(session: AsyncSession) -> str:
        business, _ = await business_named(session, config, slug)
        members = await list_staff(session, business_id=business.id)
        if is_json:
            return "\n".join(msgspec.json.encode(each).decode() for each in members)
        return "\n".join(_line(each) for each in members) or "nobody"

    click.echo(run_in_transaction(config, work))


@staff_group.command("add", short_help="Add a member of staff and print a sign-in link.")
@click.argument("email")
@click.option("--name", help="Their name (default: the first part of the address).")
@click.option(
    "--role",
    type=_Role,
    default=StaffRole.ADMIN.value,
    show_default=True,
    help="What they may do in the back office.",
)
@business_option
@click.pass_obj
def add(config: PortalConfig, email: str, name: str | None, role: str, slug: str | None) -> None:
    """Add a member of staff and print the link that signs them in, once and within a day."""

    async def work(session: AsyncSession) -> str:
        business, path = await business_named(session, config, slug)
        staff_id = await add_staff(
            session,
            business_id=business.id,
            email=email,
            name=name or email.partition("@")[0],
            role=role,
            actor=_ACTOR,
            now=datetime.now(UTC),
        )
        return await make_sign_in_link(session, config, business, path, staff_id=staff_id)

    click.echo(run_in_transaction(config, work))


@staff_group.command("set-role")
@click.argument("email")
@click.argument("role", type=_Role)
@business_option
@click.pass_obj
def set_role(config: PortalConfig, email: str, role: str, slug: str | None) -> None:
    """Give EMAIL another ROLE; what they have open ends."""

    async def work(session: AsyncSession) -> str:
        account = await _named(session, config, slug, email)
        await set_staff_role(
            session,
            account.id,
            role,
            business_id=account.business_id,
            actor=_ACTOR,
            now=datetime.now(UTC),
        )
        return f"{account.email} has the role {role} now"

    click.echo(run_in_transaction(config, work))


@staff_group.command("disable", short_help="Shut somebody out at once.")
@click.argument("email")
@business_option
@click.pass_obj
def disable(config: PortalConfig, email: str, slug: str | None) -> None:
    """Shut EMAIL out: sessions, links and the password end at once."""

    async def work(session: AsyncSession) -> str:
        account = await _named(session, config, slug, email)
        await disable_staff(
            session,
            account.id,
            business_id=account.business_id,
            actor=_ACTOR,
            now=datetime.now(UTC),
        )
        return f"{account.email} is shut out; all sessions are ended"

    click.echo(run_in_transaction(config, work))


@staff_group.command("enable", short_help="Let somebody in again; prints a sign-in link.")
@click.argument("email")
@business_option
@click.pass_obj
def enable(config: PortalConfig, email: str, slug: str | None) -> None:
    """Let EMAIL in again and print the link that signs them in, once and within a day."""

    async def work(session: AsyncSession) -> str:
        business, path = await business_named(session, config, slug)
        account = await _named(session, config, slug, email)
        await enable_staff(
            session,
            account.id,
            business_id=business.id,
            actor=_ACTOR,
            now=datetime.now(UTC),
        )
        return await make_sign_in_link(session, config, business, path, staff_id=account.id)

    click.echo(run_in_transaction(config, work))


@staff_group.command("remove-second-factor", short_help="Let somebody in without a second step.")
@click.argument("email")
@business_option
@click.pass_obj
def remove_second_factor(config: PortalConfig, email: str, slug: str | None) -> None:
    """Let EMAIL in without a second step: for whoever has lost phone and recovery codes."""

    async def work(session: AsyncSession) -> str:
        account = await _named(session, config, slug, email)
        await remove_factors(session, account, actor=_ACTOR, now=datetime.now(UTC))
        return f"{account.email} gets in without a second step now; all sessions are ended"

    click.echo(run_in_transaction(config, work))


@staff_group.command("erase", short_help="Forget somebody who is shut out.")
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask.")
@business_option
@click.pass_obj
def erase(config: PortalConfig, email: str, slug: str | None, *, yes: bool) -> None:
    """Forget EMAIL, who is shut out: name and address go, what they did stays."""

    async def work(session: AsyncSession) -> str:
        account = await _named(session, config, slug, email)
        erasure = await erase_staff(session, account, actor=_ACTOR, now=datetime.now(UTC))
        return f"forgotten: {erasure.mails} mails, the name in {erasure.events} events"

    if not yes:
        click.confirm(f"Forget {email} for ever?", abort=True)
    click.echo(run_in_transaction(config, work))


async def _named(
    session: AsyncSession, config: PortalConfig, slug: str | None, email: str
) -> Account:
    business, _ = await business_named(session, config, slug)
    account = await find_account(
        session, SessionKind.STAFF, business_id=business.id, email=canonical_email(email)
    )
    if account is None:
        raise click.ClickException(f"there is no member of staff with the address {email}")
    return account


def _line(member: StaffEntry) -> str:
    state = "has access" if member.is_enabled else "shut out"
    second = "second step" if member.has_second_factor else "no second step"
    at = member.signed_in_at
    seen = "never signed in" if at is None else f"signed in {at:%Y-%m-%d %H:%M}"
    return f"{member.email}  {member.role}  {state}  {second}  {seen}  {member.name}"
