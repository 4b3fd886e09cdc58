"""Which session a page is for, where a browser holds several.

Beside the session of whoever is signed in there are two others, each with a cookie of its own
that is looked at on contacts' pages and nowhere else: one for each shared document, only on that
document's addresses; and one of staff who look at the portal as a contact, worth something only
together with the session of the same member of staff, and only as long as that one may look.
"""

from collections.abc import Mapping

import msgspec
from litestar.types import Scope
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.sessions import SessionView, find_session, find_sessions
from portalkit.access.sharing import share_cookie
from portalkit.context import Audience, SessionKind
from portalkit.model.ids import is_id
from portalkit.web.visit import Visit

__all__ = ("Beside", "cookies_beside", "find_seen", "held_beside")

_ACCOUNTS = frozenset({SessionKind.PERSON, SessionKind.STAFF})


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """What a browser holds beside its session, as far as the route asks for it.

    Attributes:
        document_id: The shared document that the address is about.
    """

    share: str | None = None
    view: str | None = None
    document_id: str | None = None

    @property
    def is_any(self) -> bool:
        """Whether there is anything."""
        return self.share is not None or self.view is not None


def held_beside(visit: Visit) -> Mapping[str, str]:
    """Return all that a browser holds beside its session for this business, by cookie."""
    view, share = visit.cookie_name("view"), share_cookie(visit.cookie_name("share"), "")
    return {
        name: value
        for name, value in visit.cookies.items()
        # Another business's name goes on where ours has the document's id.
        if name == view or (name.startswith(share) and is_id(name.removeprefix(share)))
    }


def cookies_beside(visit: Visit, scope: Scope) -> Beside:
    """Return the cookies beside the session's that count at a route."""
    opt = scope["route_handler"].opt
    if opt.get("audience") is not Audience.CONTACT or opt.get("public"):
        return Beside()
    document_id = str(scope["path_params"].get("id", "")) if opt.get("shared") else ""
    share = None
    if is_id(document_id):
        share = visit.cookies.get(share_cookie(visit.cookie_name("share"), document_id))
    view = visit.cookies.get(visit.cookie_name("view"))
    return Beside(share=share, view=view, document_id=document_id)


async def find_seen(
    visit: Visit, session: AsyncSession, beside: Beside
) -> tuple[SessionView | None, SessionView | None]:
    """Return who is signed in, and the session that the page is for; one statement.

    A person sees what is theirs as themselves, also where it was shared with them.
    """
    business_id, now, idle = visit.business.id, visit.now, visit.idle
    if not beside.is_any:
        account = _of_kind(
            await find_session(
                session, visit.session_id or "", business_id=business_id, now=now, idle=idle
            ),
            *_ACCOUNTS,
        )
        return account, account
    held = (visit.session_id, beside.share, beside.view)
    found = await find_sessions(session, held, business_id=business_id, now=now, idle=idle)
    account = _of_kind(found[0], *_ACCOUNTS)
    if account is not None:
        # What the business asks of its staff may have changed since it was read.
        newest = await visit.portal.businesses.fresh(
            session, visit.business, account.business_version
        )
        visit.know_better(newest)
    return account, _choose(visit, account, share=found[1], view=found[2], beside=beside)


def _choose(
    visit: Visit,
    account: SessionView | None,
    *,
    share: SessionView | None,
    view: SessionView | None,
    beside: Beside,
) -> SessionView | None:
    person, staff = _of_kind(account, SessionKind.PERSON), _of_kind(account, SessionKind.STAFF)
    view, share = _of_kind(view, SessionKind.VIEW_AS), _of_kind(share, SessionKind.SHARE)
    is_held = view is not None and staff is not None and view.staff_id == staff.staff_id
    # Whoever may not look any more is refused here too, and not only in the back office.
    if is_held and staff is not None and visit.may_view_as(staff):
        return view
    if share is None or share.document_id != beside.document_id:
        return account
    is_own = person is not None and person.contact_id == share.contact_id
    return account if is_own else share


def _of_kind(seen: SessionView | None, *kinds: SessionKind) -> SessionView | None:
    return seen if seen is not None and seen.kind in kinds else None
