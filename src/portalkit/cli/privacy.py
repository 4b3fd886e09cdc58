"""``portalkit export-contact`` and ``portalkit erase-contact``: personal data, out and away."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Final, TypeVar
from zoneinfo import ZoneInfo

import click
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.audit import Actor, record
from portalkit.cli.application import host_plugins
from portalkit.cli.businesses import business_option, load_chosen_business
from portalkit.config import PortalConfig
from portalkit.db.migrate import check_migrated
from portalkit.errors import NotFoundError
from portalkit.model import is_id
from portalkit.privacy import (
    Erasure,
    ExportOrder,
    Subject,
    documents_of_contact,
    erase_personal_data,
    find_subject,
    stream_personal_data,
)
from portalkit.web.portal import RunningPortal

__all__ = ("erase_contact_command", "export_contact_command")

_T = TypeVar("_T")
_ACTOR: Final = Actor(kind="system", name="command line")

_person_option = click.option("--person", "email", help="Only this one of the contact's people.")


@click.command("export-contact", short_help="Write all that is kept about a contact.")
@click.argument("contact")
@_person_option
@click.option(
    "--out",
    "file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The ZIP to write; one that is there already is replaced.",
)
@business_option
@click.pass_obj
def export_contact_command(
    config: PortalConfig, contact: str, email: str | None, file: Path, slug: str | None
) -> None:
    """Write all that is kept about CONTACT (id or external id) into a ZIP.

    With --person it is what is kept about one of its people, without the contact's documents.
    """
    try:
        with _whole(file) as written:
            name, size = _run(config, lambda portal: _export(portal, written, contact, email, slug))
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written ({error})") from error
    click.echo(f"{file}: all about {name}, {size:,} bytes")


async def _export(
    portal: RunningPortal, written: IO[bytes], contact: str, email: str | None, slug: str | None
) -> tuple[str, int]:
    async with portal.reading() as session:
        business = await load_chosen_business(session, slug)
        subject = await _find(session, business.id, contact, email)
    order = ExportOrder(
        subject=subject,
        documents=documents_of_contact(subject) if email is None else None,
        translator=portal.translators[portal.offered_locales(business.locales)[0]],
        now=portal.now().astimezone(ZoneInfo(business.timezone)),
    )
    async for piece in stream_personal_data(portal, order):
        written.write(piece)
    async with portal.writing() as session, session.begin():
        await record(
            session,
            business_id=business.id,
            contact_id=subject.contact_id,
            name="contact.exported" if subject.person_id is None else "person.exported",
            actor=_ACTOR,
            at=portal.now(),
        )
    return subject.name, written.tell()


@contextmanager
def _whole(file: Path) -> Iterator[IO[bytes]]:
    """Write a file beside its place first: half of one is never taken for a whole one."""
    with NamedTemporaryFile(dir=file.absolute().parent, delete=False) as written:
        part = Path(written.name)
        try:
            yield written
        except BaseException:
            part.unlink()
            raise
    part.replace(file)


@click.command("erase-contact", short_help="Forget a contact and its people.")
@click.argument("contact")
@_person_option
@click.option("--dry-run", is_flag=True, help="Say what would be forgotten, and forget nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@business_option
@click.pass_obj
def erase_contact_command(
    config: PortalConfig,
    contact: str,
    email: str | None,
    slug: str | None,
    *,
    dry_run: bool,
    yes: bool,
) -> None:
    """Forget CONTACT (id or external id) and its people; what the law wants kept stays.

    Documents, payments and the dates of what happened stay. This cannot be undone.
    """

    async def work(portal: RunningPortal, *, is_trial: bool) -> tuple[Subject, Erasure]:
        async with portal.writing() as session:
            business = await load_chosen_business(session, slug)
            subject = await _find(session, business.id, contact, email)
            erasure = await erase_personal_data(
                session, portal.hooks, subject, actor=_ACTOR, now=portal.now()
            )
            await (session.rollback() if is_trial else session.commit())
        return subject, erasure

    def do(*, is_trial: bool) -> tuple[Subject, Erasure]:
        return _run(config, lambda portal: work(portal, is_trial=is_trial))

    if dry_run or not yes:
        subject, erasure = do(is_trial=True)
        click.echo(f"{subject.name}: {_said(erasure)} to forget")
        if dry_run:
            return
        click.confirm("Forget this for ever?", abort=True)
    subject, erasure = do(is_trial=False)
    click.echo(f"contact {subject.contact_id}: {_said(erasure)} forgotten")


def _said(erasure: Erasure) -> str:
    people = _counted(erasure.people, "person", "people")
    mails = _counted(erasure.mails, "mail", "mails")
    return f"{people}, {mails}, words in {_counted(erasure.events, 'event', 'events')}"


def _counted(number: int, one: str, many: str) -> str:
    """Return a number with its word; commands speak English."""
    return f"{number} {one if number == 1 else many}"


async def _find(
    session: AsyncSession, business_id: str, contact: str, email: str | None
) -> Subject:
    try:
        return await find_subject(session, business_id, contact, email)
    except NotFoundError as error:
        if email is not None or is_id(contact):
            raise
        raise NotFoundError(
            f"{error}; the number of a contact that was erased is gone too:"
            " use the id that was printed then"
        ) from error


def _run(config: PortalConfig, work: Callable[[RunningPortal], Awaitable[_T]]) -> _T:
    async def run() -> _T:
        portal = RunningPortal.load(config, extra=host_plugins())
        try:
            async with portal.engine.connect() as connection:
                await connection.run_sync(check_migrated, portal.registry)
            return await work(portal)
        finally:
            await portal.close()

    try:
        return asyncio.run(run())
    except DatabaseError as error:
        reason = str(error.orig).strip().partition("\n")[0]
        raise click.ClickException(f"the database cannot be used ({reason})") from error
