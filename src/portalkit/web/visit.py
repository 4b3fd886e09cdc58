"""One request on its way through the portal: whose portal, who asks, with which session."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from litestar import Request
from litestar.types import Scope
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.businesses import BusinessView
from portalkit.access.csrf import (
    csrf_token,
    is_pre_session,
    new_pre_session,
    pre_session_cookie_name,
    verify_csrf_token,
)
from portalkit.access.permissions import permissions_for
from portalkit.access.rules import SignInRules, sign_in_rules
from portalkit.access.sessions import SessionView, cookie_name, session_hash
from portalkit.access.viewing import VIEW_AS
from portalkit.context import ApiContext, Audience, PortalContext, StaffContext
from portalkit.errors import GuardFailedError, NotFoundError
from portalkit.web.portal import RunningPortal

__all__ = ("SAFE_METHODS", "Visit", "visit_of")

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_THEMES: Final = frozenset({"light", "dark"})


class Visit:
    """What is known about one request: made at the edge, finished before the answer leaves.

    Attributes:
        prefix: Path under which this business's portal lies; ``""`` at the root.
        path: Own path without the prefix and the query.
        query: The query, without its question mark.
        seen: The session that the page is for, if there is one.
        account: The session of whoever is signed in, which is not always the page's: also
            while a shared document is looked at, or the portal as one of its contacts.
        context: Who asks, once the session is known.
        caller: The system that asks, at the API; it is nobody anywhere else.
        guard_error: A guarding plugin failed; most routes are closed then.
    """

    def __init__(
        self,
        portal: RunningPortal,
        request: Request[Any, Any, Any],
        *,
        request_id: str,
        business: BusinessView | None,
        prefix: str,
    ) -> None:
        """Start a visit; ``business`` is ``None`` for operations and static files."""
        self.portal = portal
        self.request_id = request_id
        self.prefix = prefix
        self.path: str = request.scope["path"]
        self.query: str = request.scope["query_string"].decode("latin-1")
        self.is_safe = request.method in SAFE_METHODS
        self.is_partial = "hx-request" in request.headers
        self.cookies: Mapping[str, str] = request.cookies
        self.accept_language: str | None = request.headers.get("accept-language")
        self.now: datetime = portal.now()
        self.seen: SessionView | None = None
        self.account: SessionView | None = None
        self.context: PortalContext | StaffContext | None = None
        self.caller: ApiContext | None = None
        self.guard_error: GuardFailedError | None = None
        self._business = business
        self._session: AsyncSession | None = None
        self._pre_session: str | None = None

    @property
    def business(self) -> BusinessView:
        """The business whose portal is visited.

        Raises:
            NotFoundError: If the address belongs to none.
        """
        if self._business is None:
            raise NotFoundError("no business has this address")
        return self._business

    @property
    def has_business(self) -> bool:
        """Whether the address belongs to a business."""
        return self._business is not None

    def know_better(self, business: BusinessView) -> None:
        """Take a newer view of the same business."""
        self._business = business

    def told(self) -> Mapping[str, str | None]:
        """Return whose request it is, as each of its lines in the log says."""
        told: dict[str, str | None] = {"request": self.request_id}
        if self._business is not None:
            told["business"] = self._business.id
        match self.context:
            case PortalContext(contact_id=contact, person_id=person, link_id=link):
                looking = self.account.staff_id if self.account is not None else None
                told |= {"contact": contact, "person": person, "link": link, "staff": looking}
            case StaffContext(staff_id=staff):
                told["staff"] = staff
        if self.caller is not None:
            told["key"] = self.caller.key_id
        return {name: value for name, value in told.items() if value is not None}

    @property
    def full_path(self) -> str:
        """Path and query as the browser sees them."""
        return f"{self.prefix}{self.path}" + (f"?{self.query}" if self.query else "")

    @property
    def rules(self) -> SignInRules:
        """What the business asks of everybody who signs in."""
        return sign_in_rules(self.business.settings)

    @property
    def must_change_password(self) -> bool:
        """Whether a one-time password must be replaced before anything else."""
        return self.seen is not None and self._has_one_time_password(self.seen)

    @property
    def must_enrol(self) -> bool:
        """Whether a second factor must be set up before anything else."""
        return self.seen is not None and self._lacks_second(self.seen)

    def may_view_as(self, staff: SessionView) -> bool:
        """Say whether a session of staff may look as a contact at this moment."""
        if self._has_one_time_password(staff) or self._lacks_second(staff):
            return False
        return VIEW_AS in permissions_for(self.portal.roles, Audience.STAFF, staff.role)

    def _has_one_time_password(self, seen: SessionView) -> bool:
        return self.portal.config.access.password_sign_in and seen.must_change_password

    def _lacks_second(self, seen: SessionView) -> bool:
        if seen.has_second_factor or seen.is_strong:
            return False
        return self.rules.needs_second(seen.kind)

    @property
    def idle(self) -> timedelta:
        """How long a session may rest."""
        return timedelta(days=self.portal.config.session_idle_days)

    @property
    def session(self) -> AsyncSession:
        """The request's database session: it reads on GET and HEAD, else it writes."""
        if self._session is None:
            self._session = self.portal.reading() if self.is_safe else self.portal.writing()
        return self._session

    async def finish(self, *, keep: bool) -> None:
        """End the request's transaction; what it wrote is kept only if ``keep``."""
        if self._session is None:
            return
        session, self._session = self._session, None
        writes = keep and not self.is_safe
        try:
            if writes:
                await session.commit()
        finally:
            await session.close()
        if writes:
            self.portal.schedule_events(session)

    # Cookies and form tokens

    def cookie_name(self, what: str = "") -> str:
        """Return the name of a cookie of this business, of the session's if nothing is said."""
        slug = self.business.slug if self.prefix != self.portal.config.base_path else ""
        return cookie_name(is_secure=self.portal.config.is_secure, slug=slug, what=what)

    @property
    def session_id(self) -> str | None:
        """What the browser holds as its session, whether or not it is one."""
        return self.cookies.get(self.cookie_name())

    @property
    def pre_session_cookie(self) -> str:
        """Name of the cookie that signed-out forms are bound to."""
        return pre_session_cookie_name(is_secure=self.portal.config.is_secure)

    def pre_session(self) -> str:
        """Return the value signed-out forms are bound to, the browser's own or a new one."""
        if self._pre_session is None:
            held = self.cookies.get(self.pre_session_cookie, "")
            keys = self.portal.config.secret_keys
            self._pre_session = held if is_pre_session(keys, held) else new_pre_session(keys)
        return self._pre_session

    @property
    def has_new_pre_session(self) -> bool:
        """Whether the browser must be told the pre-session value."""
        held = self.cookies.get(self.pre_session_cookie)
        return self._pre_session is not None and self._pre_session != held

    def _form_secret(self) -> str:
        """Return what forms are bound to: the session, or the pre-session value."""
        return (self.session_id or "") if self.account is not None else self.pre_session()

    def form_token(self) -> str:
        """Return the token of this visit's forms."""
        return csrf_token(self.portal.config.secret_keys, self._form_secret())

    @property
    def bound_to(self) -> str:
        """What ties a ticket to this browser; nobody learns a cookie's value from it."""
        return session_hash(self._form_secret())

    def is_own_form(self, token: str) -> bool:
        """Say whether a form was shown to this browser."""
        keys = self.portal.config.secret_keys
        if self.account is not None:
            return verify_csrf_token(keys, self.session_id or "", token)
        held = self.cookies.get(self.pre_session_cookie, "")
        return is_pre_session(keys, held) and verify_csrf_token(keys, held, token)

    @property
    def theme(self) -> str:
        """What the reader chose: ``light``, ``dark`` or ``system``."""
        chosen = self.cookies.get("pk-theme", "")
        return chosen if chosen in _THEMES else "system"


def visit_of(scope: Scope) -> Visit:
    """Return the visit that the edge has put into an ASGI scope."""
    visit: Visit = scope["state"]["visit"]
    return visit
