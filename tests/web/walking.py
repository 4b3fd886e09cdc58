"""The live list of routes, what stands in their addresses, and the state of the database."""

import re
from types import SimpleNamespace

import httpx
import msgspec
from litestar.routes import HTTPRoute
from sqlalchemy import select

from portalkit.access.api_keys import list_api_keys, make_api_key
from portalkit.access.models import Link, Membership, SessionRow
from portalkit.access.share_rules import ShareRules
from portalkit.access.sharing import make_share_link
from portalkit.audit import Actor
from portalkit.db import Base
from portalkit.documents.models import AttachmentRow, DocumentRow
from portalkit.mail.models import MailRow
from portalkit.model import new_id
from portalkit.testing.factories import NOW, make_staff

from .conftest import PASSWORD

NOBODY_KNOWS = new_id()
MALFORMED = ("1", "A" * 36, "%00", "..%2f..%2fetc%2fpasswd", "0" * 5_000, "%F0%9F%AB%92", "-")
# Parameters that name what every business has, and nobody in particular.
COMMON = {"action", "exporter", "locale", "plugin", "template"}

# What a form is filled in with, so that it is its sender who is refused and not its fields.
FIELDS = {
    "answer": "state=x",
    "code": "000000",
    "credential": "{}",
    "email": "zoe@zoe.example",
    "hours": "24",
    "is_enabled": "false",
    "locale": "es",
    "name": "Zoe",
    "new_password": "walnut-door-and-key",
    "password": "walnut-door-and-key",
    "recovery_code": "aaaa-bbbb-cccc",
    "role": "reader",
    "subject": "Your access",
    "theme": "dark",
    "ticket": "x",
    "words": "Hello",
}


async def owned_things(town, visitor):
    """Return what stands in addresses: Ana's, Ben's, and Cleo's at the other business."""
    portal = town.app.portal
    switched = [each.name for each in portal.manifests if each.activation == "contact"]
    common = {
        "plugin": (*switched, "sales")[0],
        "exporter": "text",
        "action": "accept",
        "locale": "es",
        "template": min(name for name, each in portal.mail_templates.items() if each.is_editable),
    }
    async with visitor() as client:
        await client.sign_in("ana@ana.example", PASSWORD)
    links = {contact: await _share_link(portal, contact) for contact in (town.ana, town.ben)}
    mails = {business: await _failed_mail(portal, business) for business in (town.mill, town.bees)}
    async with portal.reading() as session:
        rows = await session.execute(
            select(Membership.contact_id, Membership.person_id, DocumentRow.id, AttachmentRow.id)
            .join(DocumentRow, DocumentRow.contact_id == Membership.contact_id)
            .join(AttachmentRow, AttachmentRow.document_id == DocumentRow.id)
            .where(DocumentRow.kind == "invoice")
        )
        names = ("contact", "person", "id", "file_id")
        owned = [dict(zip(names, row, strict=True)) | common for row in rows]
        device = await session.scalar(select(SessionRow.id_hash))
    by_contact = {each["contact"]: each for each in owned}
    ana, ben = by_contact.pop(town.ana), by_contact.pop(town.ben)
    [cleo] = by_contact.values()
    ana["mail"] = ben["mail"] = mails[town.mill]
    cleo["mail"] = mails[town.bees]
    ana["member"], ben["member"] = await _staff(portal, town.mill), await _staff(portal, town.mill)
    cleo["member"] = await _staff(portal, town.bees)
    ana["api_key"] = ben["api_key"] = await _api_key(portal, town.mill)
    cleo["api_key"] = await _api_key(portal, town.bees)
    ana["link"], ben["link"] = links[town.ana], links[town.ben]
    cleo["link"] = await _share_link(portal, cleo["contact"])
    return SimpleNamespace(ana=ana | {"device": device}, ben=ben, cleo=cleo)


async def _share_link(portal, contact):
    async with portal.writing() as session, session.begin():
        document = (
            await session.execute(
                select(DocumentRow.id, DocumentRow.business_id).where(
                    DocumentRow.contact_id == contact, DocumentRow.kind == "invoice"
                )
            )
        ).one()
        await make_share_link(
            session,
            portal.config.secret_keys,
            business_id=document.business_id,
            contact_id=contact,
            document_id=document.id,
            rules=ShareRules(),
            actor=Actor(kind="system"),
            now=NOW,
        )
        return await session.scalar(select(Link.id).where(Link.contact_id == contact))


async def _staff(portal, business):
    async with portal.writing() as session, session.begin():
        return await make_staff(session, business, f"{new_id()}@mill.example", role="sales")


async def _api_key(portal, business):
    async with portal.writing() as session, session.begin():
        actor = Actor(kind="system")
        await make_api_key(session, business_id=business, name="ERP", actor=actor, now=NOW)
        [key] = await list_api_keys(session, business_id=business)
    return key.id


async def _failed_mail(portal, business):
    async with portal.writing() as session:
        mail = MailRow(
            id=new_id(),
            business_id=business,
            template="portalkit.link",
            to_email="zoe@zoe.example",
            to_name="Zoe",
            locale="es",
            variables={},
            state="failed",
            created_at=NOW,
            finished_at=NOW,
        )
        session.add(mail)
        await session.commit()
    return mail.id


def check_all_named(routes, things):
    """Fail for routes that name what nobody has said whose it is."""
    wanted = {(route.name, name) for route in routes for name in route.wanted}
    missing = [(route, name) for route, name in wanted if name not in things.ana]
    assert not missing, f"tell owned_things whose is what these routes name: {missing}"


class Walked(msgspec.Struct, frozen=True, kw_only=True):
    """A method of a route; ``wanted`` are the names of what stands in its address."""

    name: str
    method: str
    path: str
    wanted: tuple[str, ...]
    handler: object

    @property
    def opt(self):
        return self.handler.opt

    def address(self, values):
        return self.path.format(**values)

    def form(self):
        """Return the fields of the route's form."""
        field = self.handler.parsed_data_field
        if field is None:
            return {}
        fields = msgspec.structs.fields(field.annotation)
        unknown = [each.name for each in fields if each.required and each.name not in FIELDS]
        assert not unknown, f"FIELDS lacks what the form of {self.name} wants: {unknown}"
        return {each.name: FIELDS[each.name] for each in fields if each.name in FIELDS}


def routes_of(app):
    """Yield each method of each route that somebody wrote (``OPTIONS`` is Litestar's)."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            wanted = tuple(re.findall(r"{(\w+)}", route.path_format))
            for handler in route.route_handlers:
                for method in sorted(handler.http_methods - {"OPTIONS"}):
                    yield Walked(
                        name=handler.name,
                        method=method,
                        path=route.path_format,
                        wanted=wanted,
                        handler=handler,
                    )


def kind_of(app, route):
    """Return the kind of document that a route is about, or ``None``."""
    kinds = app.portal.kinds.values()
    return next((k for k in kinds if route.path.startswith(f"/{k.section}/{k.path}/")), None)


async def ask(client, route, address, *, page="/login", fields=None):
    """Call a route as a browser would: a form with the token of a page of its sender."""
    if route.method in {"GET", "HEAD"}:
        return await client.request(route.method, address)
    try:
        token = await client.token(page)
    except LookupError:
        token = "none"
    return await client.request(
        route.method,
        address,
        data={**(route.form() if fields is None else fields), "csrf_token": token},
        headers={"sec-fetch-site": "same-origin"},
    )


def is_sign_in(answer):
    """Tell whether nobody was recognized: pages lead to the door, forms say so."""
    if answer.status_code == httpx.codes.SEE_OTHER:
        return "/login" in answer.headers["location"]
    return answer.status_code == httpx.codes.UNAUTHORIZED


async def snapshot(app, *, but=()):
    """Return all rows of all tables, but for those that are named."""
    state = {}
    async with app.portal.reading() as session:
        for table in Base.metadata.sorted_tables:
            if table.name not in but:
                rows = (await session.execute(select(table))).all()
                state[table.name] = sorted(repr(tuple(row)) for row in rows)
    return state


def shape(answer):
    """Return what an answer says, without what differs each time."""
    text = re.sub(r"[0-9a-f]{16}", "#", answer.text)
    text = re.sub(r'name="csrf_token" value="[^"]+"', "", text)
    return re.sub(r"[0-9a-f-]{36}", "#", text)
