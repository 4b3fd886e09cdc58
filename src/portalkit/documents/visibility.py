"""Who may see which documents: the only place that knows.

Every query of documents for a contact takes its conditions from :func:`visible_documents`,
every one for staff from :func:`manageable_documents`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec
from sqlalchemy import ColumnElement, and_, bindparam, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.visitors import InternalTraversal

from portalkit.context import PortalContext, StaffContext
from portalkit.documents.models import DocumentRow
from portalkit.documents.statuses import DRAFT
from portalkit.hooks.types import DocumentKind

__all__ = (
    "OWN_DOCUMENTS",
    "PORTAL",
    "UNRESTRICTED",
    "Checked",
    "Restrictions",
    "ViewerPortal",
    "documents_of",
    "is_plain",
    "issued_documents",
    "manageable_documents",
    "own_parameters",
    "restrictions_in",
    "restrictions_of",
    "visible_documents",
)


class Restrictions(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What a contact may not see of the own documents.

    Attributes:
        hidden: Kinds of which nothing is shown.
        conditions: What must hold of the documents of a kind; other kinds have none.
    """

    hidden: frozenset[str] = frozenset()
    conditions: Mapping[str, Sequence[ColumnElement[bool]]] = {}


UNRESTRICTED: Final = Restrictions()
"""Nothing is kept from the contact."""

PORTAL: Final = "portalkit_portal"
"""Key of ``session.info`` under which a request's session knows the running portal."""

_RESTRICTIONS: Final = "portalkit_restrictions"

_columns = DocumentRow.__table__.c


class RestrictingHooks(Protocol):
    """What plugins say about documents."""

    def restrict_documents(self, context: PortalContext, kind: str) -> list[ColumnElement[bool]]:
        """Return conditions on the documents of a kind."""
        ...


class ViewerPortal(Protocol):
    """What is asked of the running portal to know what a contact may see."""

    @property
    def hooks(self) -> RestrictingHooks:
        """The plugins' hooks."""
        ...

    @property
    def kinds(self) -> Mapping[str, DocumentKind]:
        """Registered kinds by name."""
        ...

    @property
    def kind_owners(self) -> Mapping[str, str]:
        """The plugin that declares each kind."""
        ...


class Checked(ColumnElement[str]):
    """A column that is only checked: SQLite is not to look for an index that begins with it.

    Without statistics it would take the index of a business's documents by day for those of
    one contact, or that of all its events for those of one document. PostgreSQL has
    statistics, and would lose them by an expression.
    """

    inherit_cache = True
    _traverse_internals = [("column", InternalTraversal.dp_clauseelement)]  # noqa: RUF012

    def __init__(self, checked: ColumnElement[str]) -> None:
        self.column = checked
        self.type = checked.type


@compiles(Checked)
def _compile_checked(element: Checked, compiler: Any, **options: Any) -> str:
    sign = "+" if compiler.dialect.name == "sqlite" else ""
    return f"{sign}{compiler.process(element.column, **options)}"


def _own(business: Any, contact: Any) -> ColumnElement[bool]:
    return and_(
        Checked(_columns.business_id) == business,
        _columns.contact_id == contact,
        _columns.status != DRAFT,
    )


def visible_documents(
    context: PortalContext, restrictions: Restrictions = UNRESTRICTED
) -> ColumnElement[bool]:
    """Return the condition of what a contact may see.

    Own documents of this business, no drafts; with a share link the shared document only;
    and whatever plugins leave of each kind.
    """
    conditions = [_own(context.business_id, context.contact_id)]
    if context.document_id is not None:
        conditions.append(_columns.id == context.document_id)
    if restrictions.hidden:
        conditions.append(_columns.kind.not_in(sorted(restrictions.hidden)))
    conditions += [
        or_(_columns.kind != kind, and_(*several))
        for kind, several in sorted(restrictions.conditions.items())
    ]
    return and_(*conditions)


OWN_DOCUMENTS: Final = _own(bindparam("business"), bindparam("contact"))
"""``visible_documents`` of a contact without restrictions, with parameters to be given."""


def own_parameters(context: PortalContext) -> dict[str, str]:
    """Return the parameters of :data:`OWN_DOCUMENTS`."""
    return {"business": context.business_id, "contact": context.contact_id}


def is_plain(context: PortalContext, restrictions: Restrictions, kinds: Iterable[str] = ()) -> bool:
    """Say whether a contact sees all own documents that are not hidden by their kind.

    Args:
        context: Who looks.
        restrictions: What is kept from them.
        kinds: None of these may be hidden either.
    """
    return (
        context.document_id is None
        and not restrictions.conditions
        and restrictions.hidden.isdisjoint(kinds)
    )


def restrictions_of(portal: ViewerPortal, context: PortalContext) -> Restrictions:
    """Ask plugins and permissions what a contact may not see.

    Kinds of plugins that are switched off, and kinds whose permission the person lacks, are
    hidden altogether.

    Raises:
        GuardFailedError: If a plugin failed to answer.
    """
    hidden: set[str] = set()
    conditions: dict[str, Sequence[ColumnElement[bool]]] = {}
    for name, kind in portal.kinds.items():
        is_off = portal.kind_owners[name] not in context.active_plugins
        if is_off or (kind.permission is not None and kind.permission not in context.permissions):
            hidden.add(name)
        elif several := portal.hooks.restrict_documents(context, name):
            conditions[name] = several
    return Restrictions(hidden=frozenset(hidden), conditions=conditions)


def restrictions_in(session: AsyncSession, context: PortalContext) -> Restrictions:
    """Return what holds in a request's session, asked once.

    Raises:
        LookupError: If the session was not opened by a running portal.
    """
    known = session.info.get(_RESTRICTIONS)
    if known is not None and known[0] is context:
        restrictions: Restrictions = known[1]
        return restrictions
    portal = session.info.get(PORTAL)
    if portal is None:
        raise LookupError("the session does not know the portal: open it with portal.reading()")
    restrictions = restrictions_of(portal, context)
    session.info[_RESTRICTIONS] = (context, restrictions)
    return restrictions


def manageable_documents(staff: StaffContext) -> ColumnElement[bool]:
    """Return the condition of what staff may see: every document of the business, drafts too."""
    return documents_of(staff.business_id)


def documents_of(business_id: str) -> ColumnElement[bool]:
    """Return the condition of a business's documents, for the host and the command line."""
    return _columns.business_id == business_id


def issued_documents(business_id: str) -> ColumnElement[bool]:
    """Return the condition of what may leave a business's portal: all but drafts."""
    return and_(documents_of(business_id), _columns.status != DRAFT)
