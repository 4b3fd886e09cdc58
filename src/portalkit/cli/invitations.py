"""``portalkit invite``: inviting contacts from the command line, one or all of them."""

from collections.abc import Sequence
from datetime import UTC, datetime

import click
import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import canonical_email, find_account
from portalkit.access.businesses import business_origin, load_business
from portalkit.access.invitation_jobs import order_invitations
from portalkit.access.invitations import Inviter, invite_person, list_invitable
from portalkit.access.models import Contact
from portalkit.audit import Actor
from portalkit.cli.access import business_named, run_in_transaction
from portalkit.cli.businesses import business_option
from portalkit.config import PortalConfig
from portalkit.context import SessionKind

__all__ = ("invite_command",)

_ACTOR = Actor(kind="system", name="command line")


class _Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Who is to be invited; exactly one of the three is set."""

    email: str | None
    contact: str | None
    is_all: bool


@click.command("invite", short_help="Invite people to the portal by mail.")
@click.argument("email", required=False)
@click.option("--contact", help="Id or external id of a contact, instead of an address.")
@click.option("--all", "is_all", is_flag=True, help="All contacts that were never invited.")
@business_option
@click.option("--dry-run", is_flag=True, help="Only say who would be invited.")
@click.option("--json", "is_json", is_flag=True, help="Print what is done as JSON.")
@click.pass_obj
def invite_command(
    config: PortalConfig,
    email: str | None,
    contact: str | None,
    slug: str | None,
    *,
    is_all: bool,
    dry_run: bool,
    is_json: bool,
) -> None:
    """Invite EMAIL, a contact, or all that were never invited; the mails leave by the worker."""
    if (email is not None) + (contact is not None) + is_all != 1:
        raise click.UsageError("name one: an address, --contact or --all")
    wish = _Wish(email=email, contact=contact, is_all=is_all)

    async def work(session: AsyncSession) -> str:
        found, path = await business_named(session, config, slug)
        business = await load_business(session, found.id)
        if business is None:
            raise click.ClickException("there is no such business")
        inviter = Inviter(
            config=config,
            business=business,
            address=f"{business_origin(config, found.host)}{path}",
            actor=_ACTOR,
            now=datetime.now(UTC),
        )
        if wish.email is not None:
            invited = await _invite_address(session, inviter, wish.email, dry_run=dry_run)
        else:
            invited = await _order(session, inviter, wish, dry_run=dry_run)
        return _say(invited, dry_run=dry_run, is_json=is_json)

    click.echo(run_in_transaction(config, work))


async def _invite_address(
    session: AsyncSession, inviter: Inviter, email: str, *, dry_run: bool
) -> Sequence[str]:
    account = await find_account(
        session,
        SessionKind.PERSON,
        business_id=inviter.business.id,
        email=canonical_email(email),
    )
    if account is None or account.contact_id is None or not account.is_open:
        raise click.ClickException(f"there is no person with access with the address {email}")
    if not dry_run:
        await invite_person(session, inviter, contact_id=account.contact_id, person_id=account.id)
    return [account.email]


async def _order(
    session: AsyncSession, inviter: Inviter, wish: _Wish, *, dry_run: bool
) -> Sequence[str]:
    """Leave jobs for a contact or for all, and return the names of who is invited."""
    business_id, ids = inviter.business.id, None
    if wish.contact is not None:
        contact_id = await session.scalar(
            select(Contact.id).where(
                Contact.business_id == business_id,
                (Contact.id == wish.contact) | (Contact.external_id == wish.contact),
            )
        )
        if contact_id is None:
            raise click.ClickException(f"there is no contact {wish.contact}")
        ids = [contact_id]
    found = await list_invitable(session, business_id=business_id, contact_ids=ids)
    if not dry_run:
        await order_invitations(
            session,
            found,
            business_id=business_id,
            actor=inviter.actor,
            now=inviter.now,
            only_new=wish.is_all,
        )
    rows = await session.execute(select(Contact.id, Contact.name).where(Contact.id.in_(found)))
    names: dict[str, str] = {row.id: row.name for row in rows}
    return [names[contact_id] for contact_id in found]


def _say(invited: Sequence[str], *, dry_run: bool, is_json: bool) -> str:
    if is_json:
        said = {"invited": list(invited), "dry_run": dry_run}
        return msgspec.json.encode(said).decode()
    verb = "would be invited" if dry_run else "invited"
    if len(invited) == 1:
        return f"{verb}: {invited[0]}"
    return "\n".join((*(f"{verb}: {name}" for name in invited), f"{len(invited)} {verb}"))
