"""Orders wait while an invoice has been overdue for too long; the list of orders says why."""

import re
from datetime import date, timedelta

import msgspec
import pytest
from sqlalchemy import event

from portalkit.access.switches import switch_plugin
from portalkit.app import create_app
from portalkit.audit import Actor
from portalkit.context import PortalContext, SessionKind
from portalkit.documents import publish_in
from portalkit.model import PaymentInput
from portalkit.testing.client import PortalClient, open_portal
from portalkit.testing.factories import (
    NOW,
    make_body,
    make_business,
    make_contact,
    make_person,
    make_publication,
)

PASSWORD = "olive-trees-7"
TODAY = NOW.date()
HOLD = {"purchases": {"hold_after_days": 30}}
BANNER = "Pedidos en espera"


@pytest.fixture
def portal_plugins():
    return ("home", "profile", "backoffice", "sales", "purchases")


@pytest.fixture
def plugin_settings():
    return HOLD


@pytest.fixture
async def app(portal_config, plugin_settings):
    config = msgspec.structs.replace(portal_config, plugin_settings=plugin_settings)
    app = create_app(config, clock=lambda: NOW)
    async with open_portal(app):
        yield app


@pytest.fixture
async def shop(app):
    """Ana owns a shop, Alba only reads for it."""
    async with app.portal.writing() as session:
        mill = await make_business(session)
        ana = await make_contact(session, mill, "Ana")
        password = await app.portal.passwords.hash(PASSWORD)
        for name, role in (("ana", "owner"), ("alba", "reader")):
            email = f"{name}@ana.example"
            await make_person(session, mill, [ana], email, role=role, password_hash=password)
        await session.commit()
    return mill, ana


async def publish(app, shop, *publications):
    async with app.portal.writing() as session:
        results = await publish_in(
            session,
            shop[0],
            publications,
            kinds=app.portal.kinds,
            storage=app.portal.storage,
            now=NOW,
        )
        await session.commit()
    return {result.number: result.id for result in results}


def invoice(contact, number, overdue, **changes):
    """Return an invoice that is so many days past its day."""
    due_on = TODAY - timedelta(days=overdue)
    body = make_body(number=number, issued_on=due_on - timedelta(days=30), due_on=due_on)
    return make_publication(contact, body, **changes)


async def orders_of(app, name="ana"):
    async with PortalClient(app) as client:
        await client.sign_in(f"{name}@ana.example", PASSWORD)
        page = await client.get("/purchases/orders")
        assert page.status_code == 200
        return page.text


async def denied_to(app, shop, role="owner"):
    """Return what the plugins take from somebody of the shop."""
    async with app.portal.reading() as session:
        allowed = frozenset({"sales.view", "purchases.view"})
        context = PortalContext(
            business_id=shop[0],
            contact_id=shop[1],
            person_id="p",
            kind=SessionKind.PERSON,
            name="Ana",
            contact_name="Ana",
            role=role,
            locale="es",
            zone="Europe/Madrid",
            currency="EUR",
            now=NOW,
            permissions=allowed | {"purchases.order"} if role == "owner" else allowed,
            active_plugins=frozenset({"sales", "purchases"}),
        )
        return await app.portal.hooks.deny_permissions(session, context)


async def test_an_invoice_that_is_overdue_for_too_long_holds_orders(app, shop):
    ids = await publish(
        app,
        shop,
        invoice(shop[1], "F-31", 31),
        invoice(shop[1], "F-45", 45),
        invoice(shop[1], "F-1", 1),
    )

    page = await orders_of(app)

    assert await denied_to(app, shop) == {"purchases.order"}
    assert BANNER in page
    notice = re.search(r"La factura.*?volver a pedir\.", page, re.DOTALL)[0]
    assert f'<a href="/sales/invoices/{ids["F-45"]}">F-45</a>' in notice
    assert "45 días" in notice


@pytest.mark.parametrize("overdue", [30, 0, -5])
async def test_until_then_nothing_is_held(app, shop, overdue):
    await publish(app, shop, invoice(shop[1], "F-1", overdue))

    assert await denied_to(app, shop) == frozenset()
    assert BANNER not in await orders_of(app)


async def test_paid_invoices_drafts_and_credit_notes_hold_nothing(app, shop):
    paid = (PaymentInput(external_id="P-1", amount=2200, paid_on=TODAY),)
    note = make_body("credit_note", "C-1", issued_on=date(2026, 1, 1), due_on=date(2026, 1, 1))
    await publish(
        app,
        shop,
        invoice(shop[1], "F-1", 90, payments=paid),
        invoice(shop[1], "F-2", 90, status="draft"),
        invoice(shop[1], "F-3", 90, status="cancelled"),
        make_publication(shop[1], note),
    )

    assert await denied_to(app, shop) == frozenset()


async def test_an_invoice_that_is_paid_in_part_still_holds(app, shop):
    part = (PaymentInput(external_id="P-1", amount=1000, paid_on=TODAY),)
    await publish(app, shop, invoice(shop[1], "F-1", 90, payments=part))

    assert await denied_to(app, shop) == {"purchases.order"}


async def test_the_invoice_of_another_contact_holds_nothing(app, shop):
    async with app.portal.writing() as session:
        ben = await make_contact(session, shop[0], "Ben")
        await session.commit()
    await publish(app, shop, invoice(ben, "F-1", 90))

    assert await denied_to(app, shop) == frozenset()
    assert BANNER not in await orders_of(app)


async def test_who_cannot_order_anyway_is_told_nothing(app, shop):
    await publish(app, shop, invoice(shop[1], "F-1", 90))

    assert BANNER not in await orders_of(app, "alba")
    assert await denied_to(app, shop, "reader") == frozenset()


@pytest.mark.parametrize(
    "plugin_settings", [HOLD | {"sales": {"visible_since": TODAY - timedelta(days=60)}}]
)
async def test_an_invoice_that_is_not_shown_holds_without_being_named(app, shop):
    ids = await publish(app, shop, invoice(shop[1], "F-SECRET", 90))

    page = await orders_of(app)

    assert await denied_to(app, shop) == {"purchases.order"}
    assert BANNER in page
    assert "90 días" in page
    assert "F-SECRET" not in page
    assert ids["F-SECRET"] not in page


def asked(app):
    """Return a list that gathers the statements about documents."""
    ran = []
    engine = app.portal.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *call: ran.append(call[2]))
    return ran


async def test_a_page_takes_one_statement_more(app, shop):
    await publish(app, shop, invoice(shop[1], "F-1", 90))
    async with PortalClient(app) as client:
        await client.sign_in("ana@ana.example", PASSWORD)
        ran = asked(app)
        await client.get("/purchases/orders")
        holding = [each for each in ran if "is_shown" in each]
        await app.portal.drain()
        ran.clear()
        await client.get("/home")

    assert len(holding) == 1
    assert len([each for each in ran if "is_shown" in each]) == 1


@pytest.mark.parametrize("plugin_settings", [{}])
async def test_a_host_that_holds_nothing_asks_nothing(app, shop):
    await publish(app, shop, invoice(shop[1], "F-1", 900))
    ran = asked(app)

    assert await denied_to(app, shop) == frozenset()
    assert ran == []
    assert BANNER not in await orders_of(app)
    assert not any("is_shown" in each for each in ran)


async def test_contacts_without_purchases_are_not_asked_about(app, shop):
    await publish(app, shop, invoice(shop[1], "F-1", 90))
    async with app.portal.writing() as session:
        manifest = app.portal.registry.plugins["purchases"].manifest
        await switch_plugin(
            session,
            manifest,
            business_id=shop[0],
            contact_id=shop[1],
            is_enabled=False,
            actor=Actor(kind="host"),
            now=NOW,
        )
        await session.commit()
    async with PortalClient(app) as client:
        await client.sign_in("ana@ana.example", PASSWORD)
        ran = asked(app)
        orders = await client.get("/purchases/orders")
        home = await client.get("/home")

    assert (orders.status_code, home.status_code) == (404, 200)
    assert not any("is_shown" in each for each in ran)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("days", [-1, "soon", 4000])
def test_a_wrong_number_of_days_stops_the_start(portal_config, days):
    config = msgspec.structs.replace(
        portal_config, plugin_settings={"purchases": {"hold_after_days": days}}
    )

    with pytest.raises(ExceptionGroup) as caught:
        create_app(config)

    assert "hold_after_days" in str(caught.value.exceptions[0])
