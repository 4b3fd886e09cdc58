"""Keys of the API: made, shown once, looked after, ended."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation, URLEncodedBody

from portalkit.access.api_keys import (
    MAX_DAYS,
    ApiKeyView,
    list_api_keys,
    make_api_key,
    revoke_api_key,
)
from portalkit.audit import Actor
from portalkit.documents.pages import Reader
from portalkit.errors import InputRefusedError
from portalkit.hooks import Tone
from portalkit.model import Text, lazy_gettext, lazy_pgettext
from portalkit.rendering.page import Crumb, Notice
from portalkit.rendering.ui import Pill
from portalkit.sections.backoffice.permissions import MANAGE_API_KEYS

__all__ = ("API_KEY_ROUTES",)

_OPT: Final = {"permission": MANAGE_API_KEYS}
_WRONG: Final[Mapping[str, Text]] = {
    "name": lazy_gettext("Say what the key is for, in at most 100 letters."),
    "days": lazy_gettext("A whole number from 1 to 3650, or nothing."),
}
_WORKS: Final = lazy_pgettext("key", "Works")
_ENDED: Final = lazy_pgettext("key", "Ended")
_EXPIRED: Final = lazy_pgettext("key", "Expired")

_Reader = NamedDependency[SkipValidation[Reader]]


class KeyForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key that is wanted; nothing in ``days`` is a key without an end."""

    name: str = ""
    days: str = ""


class KeyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A key in the list; ``end_url`` is where a POST ends it, if it still works."""

    name: str
    prefix: str
    made: str
    used: str
    until: str
    pill: Pill
    end_url: str | None


class KeysView(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of the business.

    Attributes:
        new_key: The one that was made just now; never shown again.
        form: What was typed, if something is wrong with it.
        errors: Sentences by field.
    """

    crumbs: tuple[Crumb, ...]
    url: str
    rows: tuple[KeyRow, ...]
    max_days: int
    new_key: str | None
    form: KeyForm
    errors: Mapping[str, str]


@get("/api-keys", name="backoffice:api_keys", opt=_OPT)
async def show_keys(staff_reader: _Reader) -> Response[Any]:
    """List the keys, with those that are over."""
    return await _show(staff_reader)


@post("/api-keys", name="backoffice:api_keys.post", opt=_OPT)
async def make_key(data: URLEncodedBody[KeyForm], staff_reader: _Reader) -> Response[Any]:
    """Make a key and show it, this once."""
    context = staff_reader.context
    try:
        key = await make_api_key(
            staff_reader.session,
            business_id=context.business_id,
            name=data.name,
            actor=Actor.of(context),
            now=context.now,
            days=_days(data.days),
        )
    except InputRefusedError as error:
        return await _show(staff_reader, form=data, wrong=error.field)
    return await _show(staff_reader, new_key=key)


@post("/api-keys/{api_key:str}/end", name="backoffice:api_key.end", opt=_OPT)
async def end_key(api_key: FromPath[str], staff_reader: _Reader) -> Response[Any]:
    """End a key: it opens nothing from now on."""
    context, page = staff_reader.context, staff_reader.page
    await revoke_api_key(
        staff_reader.session,
        api_key,
        business_id=context.business_id,
        actor=Actor.of(context),
        now=context.now,
    )
    notice = Notice(text=lazy_gettext("The key no longer opens anything."))
    return page.redirect(page.url("backoffice:api_keys"), notice)


def _days(typed: str) -> int | None:
    typed = typed.strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) <= len(str(MAX_DAYS))):
        raise InputRefusedError("days", "is no number of days")
    return int(typed)


async def _show(
    reader: Reader,
    *,
    new_key: str | None = None,
    form: KeyForm | None = None,
    wrong: str | None = None,
) -> Response[Any]:
    page, translator = reader.page, reader.translator
    keys = await list_api_keys(reader.session, business_id=reader.business.id)
    view = KeysView(
        crumbs=(Crumb(label=translator.gettext("API keys")),),
        url=page.url("backoffice:api_keys"),
        rows=tuple(_row(reader, key) for key in keys),
        max_days=MAX_DAYS,
        new_key=new_key,
        form=form or KeyForm(),
        errors={} if wrong is None else {wrong: translator.text(_WRONG[wrong])},
    )
    status = HTTPStatus.OK if wrong is None else HTTPStatus.UNPROCESSABLE_ENTITY
    return await page.render("backoffice/api_keys.html", status=status, keys=view)


def _row(reader: Reader, key: ApiKeyView) -> KeyRow:
    gettext, zone = reader.translator.gettext, reader.context.zone
    formats, works = reader.translator.formats, key.works(reader.context.now)
    used = gettext("Never used")
    if key.used_at is not None:
        used = gettext("Last used %(moment)s") % {"moment": formats.moment(key.used_at, zone)}
    until = gettext("Works without an end")
    if key.expires_at is not None:
        until = gettext("Works until %(moment)s") % {"moment": formats.moment(key.expires_at, zone)}
    made = {"who": key.actor_name, "moment": formats.moment(key.created_at, zone)}
    return KeyRow(
        name=key.name,
        prefix=key.prefix,
        made=gettext("Made by %(who)s, %(moment)s") % made,
        used=used,
        until=until,
        pill=_pill(reader, key),
        end_url=reader.page.url("backoffice:api_key.end", api_key=key.id) if works else None,
    )


def _pill(reader: Reader, key: ApiKeyView) -> Pill:
    text = reader.translator.text
    if key.revoked_at is not None:
        return Pill(label=text(_ENDED), icon="circle-minus")
    if not key.works(reader.context.now):
        return Pill(label=text(_EXPIRED), icon="calendar-x")
    return Pill(label=text(_WORKS), tone=Tone.POSITIVE, icon="circle-check")


API_KEY_ROUTES: Final = (show_keys, make_key, end_key)
"""Routes of the keys, below ``/backoffice``."""
