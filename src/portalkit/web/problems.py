"""What a program is told when something goes wrong: problem details (RFC 9457)."""

from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException

from portalkit.documents.exports import reasons_of
from portalkit.errors import ExportRefusedError, InputRefusedError
from portalkit.model import Text, lazy_gettext
from portalkit.web.keys import api_locale
from portalkit.web.visit import Visit

__all__ = ("API_PATH", "PROBLEM_TYPE", "Problem", "is_api", "problem_response")

API_PATH: Final = "/api/v1"
"""Where the API lies, below the path of the business's portal."""

PROBLEM_TYPE: Final = "application/problem+json"

_CHALLENGE: Final = "Bearer"


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Problem details.

    Attributes:
        type: ``urn:portalkit:problem:`` and the code.
        title: What happened, in the reader's language.
        detail: What to do now, in the reader's language.
        code: What happened, for programs; it stays the same in every language.
        request_id: What to tell whoever looks into the log.
        field: The parameter that is wrong.
        reason: What is wrong with it, for who writes the program.
        reasons: Why a document cannot be had in a format, in the reader's language.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    field: str | None = None
    reason: str | None = None
    reasons: tuple[str, ...] = ()


def is_api(visit: Visit) -> bool:
    """Say whether an address belongs to the API, whether or not there is something."""
    return visit.path == "/api" or visit.path.startswith("/api/")


def problem_response(
    visit: Visit,
    error: Exception,
    *,
    status: HTTPStatus,
    code: str,
    title: Text,
    text: Text,
    headers: dict[str, str],
) -> Response[Any]:
    """Answer a program with problem details."""
    translator = visit.portal.translators[api_locale(visit)]
    reasons = reasons_of(error) if isinstance(error, ExportRefusedError) else ()
    field, reason = _place(error)
    if field is not None:
        text = lazy_gettext("Nothing was changed. What is wrong: %(field)s.", field=field)
    problem = Problem(
        type=f"urn:portalkit:problem:{code}",
        title=translator.text(title),
        status=int(status),
        detail=translator.text(text),
        code=code,
        request_id=visit.request_id,
        field=field,
        reason=reason,
        reasons=tuple(translator.text(reason) for reason in reasons),
    )
    if status == HTTPStatus.UNAUTHORIZED:
        headers |= {"www-authenticate": _CHALLENGE}
    return Response(
        msgspec.json.encode(problem), status_code=status, headers=headers, media_type=PROBLEM_TYPE
    )


def _place(error: Exception) -> tuple[str | None, str | None]:
    """Return which parameter is wrong, and why."""
    if isinstance(error, InputRefusedError):
        return error.field, error.reason
    extra = error.extra if isinstance(error, HTTPException) else None
    first = extra[0] if isinstance(extra, list) and extra else None
    if not isinstance(first, dict) or not isinstance(first.get("key"), str):
        return None, None
    return first["key"], str(first.get("message", ""))
