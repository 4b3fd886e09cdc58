"""What contacts and staff can do with a document beside reading it."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.context import Audience, PortalContext
from portalkit.hooks.types import Portal, Tone
from portalkit.model import Document, Text

__all__ = ("ActionContext", "ActionResult", "DocumentAction", "always")


def always(document: Document, context: PortalContext) -> bool:  # noqa: ARG001 - a protocol
    """Say yes: the action is available on every document of its kinds."""
    return True


class ActionContext(msgspec.Struct, frozen=True, kw_only=True):
    """What an action gets to work with, inside one transaction."""

    session: AsyncSession
    context: PortalContext
    document: Document
    form: Any
    portal: Portal


class ActionResult(msgspec.Struct, frozen=True, kw_only=True):
    """What an action says afterwards.

    Attributes:
        message: Shown on the document's page.
        redirect: Own path to go to; the document's page when left out.
    """

    message: Text | None = None
    tone: Tone = Tone.POSITIVE
    redirect: str | None = None


class DocumentAction(msgspec.Struct, frozen=True, kw_only=True):
    """A button on a document's page: it posts, CSRF-checked, and runs in one transaction.

    Attributes:
        kinds: Kinds it belongs to; ``None`` for all.
        form: Type of what it asks for; shown by ``template``.
    """

    name: str
    label: Text
    run: Callable[[ActionContext], Awaitable[ActionResult]]
    icon: str = "check"
    order: int = 500
    style: Literal["primary", "default", "danger"] = "default"
    kinds: frozenset[str] | None = None
    available: Callable[[Document, PortalContext], bool] = always
    form: type[msgspec.Struct] | None = None
    template: str | None = None
    confirm: Text | None = None
    permission: str | None = None
    audience: Audience = Audience.CONTACT
