"""To which contact each document of a batch goes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Select, and_, bindparam, select

from portalkit.audit import Actor
from portalkit.documents.models import DocumentRow
from portalkit.documents.prepare import prepare
from portalkit.documents.rowset import encode_rows, rowset
from portalkit.errors import DocumentRefusedError, ImportRefusedError
from portalkit.exchange.owners import Owners, other_party
from portalkit.exchange.reading import ReadDocument
from portalkit.exchange.results import FileResult
from portalkit.hooks.types import DocumentKind
from portalkit.model import ContactRef, Party, Publication

__all__ = ("Addressed", "Addresses")

_IDENTITY: Final = ("issuer", "type_code", "number", "issued_on", "kind")

Identity = tuple[Any, ...]


class Addressed(msgspec.Struct, frozen=True, kw_only=True):
    """A document with the contact that it goes to."""

    read: ReadDocument
    contact_id: str

    @property
    def publication(self) -> Publication:
        """What is handed over to be stored."""
        return Publication(
            body=self.read.document.body,
            contact=ContactRef(id=self.contact_id),
            files=self.read.files,
        )


class _Sided(msgspec.Struct, frozen=True, kw_only=True):
    """A document whose other party is known, and of a stranger the document's identity.

    Attributes:
        doubt: Why the party is no contact for certain.
    """

    read: ReadDocument
    party: Party
    contact_id: str | None = None
    identity: Identity = ()
    doubt: str | None = None


class Addresses:
    """Finds or makes the contacts of a batch.

    Args:
        connection: In the transaction in which the documents are stored.
        business_id: Whose contacts.
        kinds: Registered kinds by name.
        own: The business's own numbers.
        forced: The contact that everything goes to, if one was named.
        match_email: Also find contacts by e-mail address.
    """

    def __init__(
        self,
        connection: Connection,
        business_id: str,
        *,
        kinds: Mapping[str, DocumentKind],
        own: frozenset[str],
        forced: str | None,
        match_email: bool,
    ) -> None:
        self._connection = connection
        self._business_id = business_id
        self._kinds = kinds
        self._own = own
        self._forced = forced
        self._owners = Owners(connection, business_id, match_email=match_email)

    def address(
        self, batch: Sequence[ReadDocument | FileResult], now: datetime
    ) -> list[Addressed | FileResult]:
        """Return what was read with its contacts, in the same order; making new ones last."""
        if self._forced is not None:
            return [
                Addressed(read=each, contact_id=self._forced)
                if isinstance(each, ReadDocument)
                else each
                for each in batch
            ]
        sided = [self._side(each) for each in batch]
        self._owners.look_up(each.party for each in sided if isinstance(each, _Sided))
        found = [self._find(each) for each in sided]
        strangers = [each.identity for each in found if isinstance(each, _Sided) and each.identity]
        homes = self._homes(strangers)
        return [
            self._settle_in(each, homes, now) if isinstance(each, _Sided) else each
            for each in found
        ]

    def settle(self, used: Iterable[str], *, actor: Actor, now: datetime) -> None:
        """Take back the contacts that were made and for which nothing was stored."""
        self._owners.settle(used, actor=actor, now=now)

    def _side(self, read: ReadDocument | FileResult) -> _Sided | FileResult:
        if isinstance(read, FileResult):
            return read
        try:
            return _Sided(read=read, party=other_party(read.document.body, self._own))
        except ImportRefusedError as error:
            return read.refused(error)

    def _find(self, sided: _Sided | FileResult) -> _Sided | FileResult:
        if isinstance(sided, FileResult):
            return sided
        contact_id, doubt = self._ask(sided.party)
        if contact_id is not None:
            return msgspec.structs.replace(sided, contact_id=contact_id)
        body = sided.read.document.body
        try:
            checked = prepare(Publication(body=body, contact=ContactRef()), self._kinds)
        except DocumentRefusedError as error:
            return sided.read.refused(error)
        return msgspec.structs.replace(sided, identity=checked.identity, doubt=doubt)

    def _ask(self, party: Party) -> tuple[str | None, str | None]:
        try:
            return self._owners.find(party), None
        except ImportRefusedError as error:
            return None, error.reason

    def _homes(self, identities: Sequence[Identity]) -> dict[Identity, str]:
        """Return the contacts of those documents that are here already.

        Importing a file again must not make a second contact of a party without identifiers,
        nor be refused because its identifiers have come to be those of several.
        """
        if not identities:
            return {}
        rows = self._connection.execute(
            _by_identity(self._connection.dialect.name),
            {"business": self._business_id}
            | encode_rows(dict(zip(_IDENTITY, each, strict=True)) for each in identities),
        )
        return {tuple(row[1:]): row[0] for row in rows if row[0] is not None}

    def _settle_in(
        self, sided: _Sided, homes: dict[Identity, str], now: datetime
    ) -> Addressed | FileResult:
        contact_id, doubt = sided.contact_id or homes.get(sided.identity), sided.doubt
        if contact_id is None:
            # A document before this one may have made the contact meanwhile.
            contact_id, doubt = self._ask(sided.party)
        if doubt is not None and contact_id is None:
            return sided.read.refused(doubt)
        if contact_id is None:
            contact_id = self._owners.make(sided.party, now)
            homes[sided.identity] = contact_id
        return Addressed(read=sided.read, contact_id=contact_id)


@cache
def _by_identity(dialect: str) -> Select[*tuple[Any, ...]]:
    wanted = rowset(dialect, *_IDENTITY)
    columns = [getattr(DocumentRow, name) for name in _IDENTITY]
    same = [getattr(DocumentRow, name) == wanted.c[name] for name in _IDENTITY]
    # The outer join keeps SQLite from turning the order round and reading the whole table.
    return (
        select(DocumentRow.contact_id, *columns)
        .select_from(wanted)
        .outerjoin(DocumentRow, and_(DocumentRow.business_id == bindparam("business"), *same))
    )
