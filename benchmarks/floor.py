"""The floor: the same list without a portal, as bare as the framework allows.

One query for 25 rows through SQLAlchemy's asynchronous ORM, one Jinja2 template, no sign-in,
no permissions, no navigation, no formats. What the portal adds is measured against it.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

import jinja2
from litestar import Litestar, MediaType, Response, get
from litestar.datastructures import State
from litestar.params import FromQuery
from sqlalchemy import Index, String, select
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from portalkit.db import async_url

PAGE_SIZE = 25

TEMPLATE = jinja2.Environment(autoescape=True).from_string(
    """<!doctype html>
<html lang="es">
<head><meta charset="utf-8"><title>Facturas</title></head>
<body>
<h1>Facturas</h1>
<table>
<thead><tr><th>Fecha</th><th>Número</th><th>Descripción</th><th>Estado</th><th>Total</th></tr></thead>
<tbody>
{% for row in rows %}
<tr><td>{{ row.issued_on }}</td><td><a href="/invoices/{{ row.id }}">{{ row.number }}</a></td>
<td>{{ row.description }}</td><td>{{ row.status }}</td>
<td>{{ "%.2f" % (row.total / 100) }} {{ row.currency }}</td></tr>
{% endfor %}
</tbody>
</table>
</body>
</html>
"""
)


class FloorBase(DeclarativeBase):
    """Metadata of its own, in the same database as the portal's."""


class FloorInvoice(FloorBase):
    """An invoice with what a list shows of it."""

    __tablename__ = "floor_invoice"
    __table_args__ = (Index("ix_floor_invoice_list", "contact_id", "issued_on", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(40))
    description: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(20))
    issued_on: Mapped[date]
    total: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))


@get("/invoices", media_type=MediaType.HTML)
async def invoices(state: State, contact: FromQuery[str] = "own") -> Response[str]:
    """Answer with the newest invoices of a contact."""
    statement = (
        select(FloorInvoice)
        .where(FloorInvoice.contact_id == contact)
        .order_by(FloorInvoice.issued_on.desc(), FloorInvoice.id.desc())
        .limit(PAGE_SIZE)
    )
    async with state.sessions() as session:
        rows = (await session.scalars(statement)).all()
    return Response(TEMPLATE.render(rows=rows), media_type=MediaType.HTML)


def create() -> Litestar:
    """Create the app on the database that ``BENCH_DATABASE_URL`` names."""
    # As SQLAlchemy makes it: the portal's own driver for SQLite is part of what is measured.
    engine: AsyncEngine = create_async_engine(async_url(os.environ["BENCH_DATABASE_URL"]))

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
        yield
        await engine.dispose()

    return Litestar([invoices], lifespan=[lifespan], openapi_config=None)
