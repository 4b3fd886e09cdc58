"""A mill with customers, in a fresh database, that publishes documents."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from portalkit_purchases import PURCHASE_ORDER
from portalkit_sales.kinds import KINDS
from sqlalchemy import Connection, NullPool, create_engine, event, func, insert, select

from portalkit.access.models import Business, Contact, ContactIdentifier
from portalkit.context import PortalContext, SessionKind
from portalkit.db import Base, configure_engine, create_engine_for, session_makers, sync_url
from portalkit.documents import publish
from portalkit.documents.models import DocumentRow
from portalkit.model import new_id
from portalkit.storage import Storage
from portalkit.testing.factories import NOW


class Mill:
    """A business and what a test does with it; ``sol`` and ``luna`` are its customers."""

    def __init__(self, url: str, folder: str) -> None:
        self.url = url
        self.engine = configure_engine(create_engine(sync_url(url), poolclass=NullPool))
        self.storage = Storage(f"file:{folder}")
        self.kinds = {kind.name: kind for kind in (*KINDS, PURCHASE_ORDER)}
        self.id, self.sol, self.luna = new_id(), new_id(), new_id()
        self.other, self.stranger = new_id(), new_id()
        self.statements: list[str] = []

    def settle_in(self) -> None:
        base = {
            "currency": "EUR",
            "timezone": "Europe/Madrid",
            "locale": "es",
            "locales": ["es"],
            "brand_colour": "#4a671d",
            "settings": {},
            "version": 1,
            "created_at": NOW,
        }
        contacts = (
            (self.sol, self.id, "C-1", "Tienda Sol"),
            (self.luna, self.id, "C-2", "Bar Luna"),
            (self.stranger, self.other, "C-1", "Someone else's"),
        )
        with self.engine.begin() as connection:
            for business_id, slug in ((self.id, "mill"), (self.other, "other")):
                values = base | {"id": business_id, "slug": slug, "name": slug}
                connection.execute(insert(Business).values(values))
            for contact_id, business_id, external_id, name in contacts:
                connection.execute(
                    insert(Contact).values(
                        id=contact_id,
                        business_id=business_id,
                        external_id=external_id,
                        name=name,
                        name_key=name.lower(),
                        is_enabled=True,
                        created_at=NOW,
                    )
                )
            connection.execute(
                insert(ContactIdentifier).values(
                    business_id=self.id, scheme="VAT", value="B12345674", contact_id=self.sol
                )
            )

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            yield connection

    def publish(self, *publications, now=NOW):
        with self.writing() as connection:
            return publish(
                connection,
                self.id,
                publications,
                kinds=self.kinds,
                storage=self.storage,
                now=now,
            )

    def publish_one(self, publication, **options):
        (result,) = self.publish(publication, **options)
        return result

    def row(self, document_id):
        with self.engine.connect() as connection:
            found = select(DocumentRow.__table__).where(DocumentRow.id == document_id)
            return connection.execute(found).one()

    def rows(self, statement):
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(statement)]

    def sizes(self):
        with self.engine.connect() as connection:
            return {
                name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in Base.metadata.tables.items()
                if name.startswith("portalkit_")
            }

    @contextmanager
    def counting(self, engine=None) -> Iterator[list[str]]:
        """Collect the statements that run meanwhile."""
        statements: list[str] = []

        def note(connection, cursor, statement, *rest):
            if not statement.startswith(("BEGIN", "SAVEPOINT")):
                statements.append(statement)

        target = engine or self.engine
        event.listen(target, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(target, "before_cursor_execute", note)

    def context(self, contact_id=None, **changes) -> PortalContext:
        values = {
            "business_id": self.id,
            "contact_id": contact_id or self.sol,
            "person_id": new_id(),
            "kind": SessionKind.PERSON,
            "name": "Ana",
            "contact_name": "Tienda Sol",
            "role": "owner",
            "locale": "es",
            "zone": "Europe/Madrid",
            "currency": "EUR",
            "now": NOW,
            "permissions": frozenset({"sales.view", "purchases.view"}),
            "active_plugins": frozenset({"sales", "purchases"}),
        }
        return PortalContext(**(values | changes))


@pytest.fixture
def mill(database_url, tmp_path) -> Iterator[Mill]:
    mill = Mill(database_url, str(tmp_path / "files"))
    mill.settle_in()
    yield mill
    mill.engine.dispose()


@pytest.fixture
async def engine(mill):
    engine = create_engine_for(mill.url)
    yield engine
    await engine.dispose()


@pytest.fixture
async def reading(engine):
    maker, _ = session_makers(engine)
    async with maker() as session:
        yield session
