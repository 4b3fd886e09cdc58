"""What a reader is told when something goes wrong, and how (security R63, R70).

Every answer of an error carries a request id and never a trace, a path or a query.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import msgspec
from litestar import Request, Response
from litestar.enums import MediaType
from litestar.exceptions import HTTPException
from litestar.response import Redirect
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from portalkit.context import Audience
from portalkit.errors import (
    ExportRefusedError,
    InputRefusedError,
    KeyRequiredError,
    NotFoundError,
    PasswordChangeRequiredError,
    PermissionRefusedError,
    PortalError,
    RenderingBusyError,
    ScopeMissingError,
    SecondFactorRequiredError,
    SignInRequiredError,
    ThrottledError,
    TransitionRefusedError,
)
from portalkit.log import log_event
from portalkit.model import Text, lazy_gettext
from portalkit.model.ids import is_id
from portalkit.web.pages import error_fragment, error_page
from portalkit.web.problems import is_api, problem_response
from portalkit.web.visit import Visit, visit_of

__all__ = ("ErrorWords", "answer_error", "words_for")

_log = logging.getLogger("portalkit.web")

# Where addresses end that no route has; scanners ask for thousands of them.
_NOWHERE: Final = "core:elsewhere"


class ErrorWords(msgspec.Struct, frozen=True, kw_only=True):
    """What an error page says: what happened, and what to do now."""

    title: Text
    text: Text


_WORDS: Final[dict[str, ErrorWords]] = {
    "not_found": ErrorWords(
        title=lazy_gettext("There is nothing here"),
        text=lazy_gettext("The page does not exist, or it is not yours to see."),
    ),
    "permission_refused": ErrorWords(
        title=lazy_gettext("You may not do this"),
        text=lazy_gettext("Your role does not allow it. Ask whoever manages your account."),
    ),
    "read_only": ErrorWords(
        title=lazy_gettext("Here you can only look"),
        text=lazy_gettext("Nothing was changed."),
    ),
    "cross_site": ErrorWords(
        title=lazy_gettext("The form has expired"),
        text=lazy_gettext("Nothing was changed. Go back, reload the page and send it again."),
    ),
    "input_refused": ErrorWords(
        title=lazy_gettext("Something in the request is wrong"),
        text=lazy_gettext("Nothing was changed. Go back and check what you entered."),
    ),
    "document_refused": ErrorWords(
        title=lazy_gettext("The document cannot be stored"),
        text=lazy_gettext("Nothing was changed."),
    ),
    "conflict": ErrorWords(
        title=lazy_gettext("It has changed meanwhile"),
        text=lazy_gettext("Nothing was changed. Reload the page to see how things stand."),
    ),
    "contact_closed": ErrorWords(
        title=lazy_gettext("Nobody is let in for this contact"),
        text=lazy_gettext("It is disabled, or its data was erased. Nothing was changed."),
    ),
    "export_refused": ErrorWords(
        title=lazy_gettext("It cannot be had in this format"),
        text=lazy_gettext("The document itself is complete: read it, print it or take its PDF."),
    ),
    "throttled": ErrorWords(
        title=lazy_gettext("Too many tries"),
        text=lazy_gettext("Wait a moment and try again. Nothing is locked for good."),
    ),
    "archive_running": ErrorWords(
        title=lazy_gettext("Another archive is on its way"),
        text=lazy_gettext("Wait until it has arrived, then ask for the next one."),
    ),
    "guard_failed": ErrorWords(
        title=lazy_gettext("This part is not available right now"),
        text=lazy_gettext("A check of access could not be made. Try again in a few minutes."),
    ),
    "rendering": ErrorWords(
        title=lazy_gettext("The document cannot be made right now"),
        text=lazy_gettext(
            "Try again in a few minutes. On the page you can still read and print it."
        ),
    ),
    "rendering_timeout": ErrorWords(
        title=lazy_gettext("The document cannot be made right now"),
        text=lazy_gettext(
            "Try again in a few minutes. On the page you can still read and print it."
        ),
    ),
    "storage": ErrorWords(
        title=lazy_gettext("The file cannot be read right now"),
        text=lazy_gettext("Try again in a few minutes. Nothing of yours is lost."),
    ),
    "busy": ErrorWords(
        title=lazy_gettext("The portal is busy"),
        text=lazy_gettext("Try again in a few seconds. Nothing was changed."),
    ),
    "too_large": ErrorWords(
        title=lazy_gettext("That is too large"),
        text=lazy_gettext("Nothing was changed. Send something smaller."),
    ),
    "method_not_allowed": ErrorWords(
        title=lazy_gettext("This address does something else"),
        text=lazy_gettext("Nothing was changed. Go back to the portal and try from there."),
    ),
    "sign_in_required": ErrorWords(
        title=lazy_gettext("Sign in first"),
        text=lazy_gettext("Your session has ended."),
    ),
    "key_required": ErrorWords(
        title=lazy_gettext("A key is needed"),
        text=lazy_gettext("Send a key of this business that works: “Authorization: Bearer pk_…”."),
    ),
    "scope_missing": ErrorWords(
        title=lazy_gettext("The key does not open this"),
        text=lazy_gettext("Make a key in the back office that does."),
    ),
    "maintenance": ErrorWords(
        title=lazy_gettext("The portal is being looked after"),
        text=lazy_gettext("It will be back shortly. Nothing of yours is lost."),
    ),
    "internal": ErrorWords(
        title=lazy_gettext("Something went wrong on our side"),
        text=lazy_gettext("Nothing was changed. If it happens again, tell us the number below."),
    ),
}

# Where somebody must go who has something to do before anything else.
_FIRST: Final[dict[type[Exception], str]] = {
    PasswordChangeRequiredError: "access:password",
    SecondFactorRequiredError: "access:totp",
}

# Litestar's own refusals, by status.
_BY_STATUS: Final = {
    400: "input_refused",
    401: "sign_in_required",
    403: "permission_refused",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "input_refused",
    422: "input_refused",
    429: "throttled",
    503: "busy",
}


def words_for(code: str) -> ErrorWords:
    """Return what a reader is told about an error."""
    return _WORDS.get(code, _WORDS["internal"])


def answer_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Turn any exception into an answer: a page, a fragment for htmx, or the way to sign in."""
    status, code = _classify(error)
    visit = visit_of(request.scope)
    response = _answer(request, error, visit, status, code)
    _note(request, error, visit, {"reason": code, "status": response.status_code})
    return response


def _answer(
    request: Request[Any, Any, Any], error: Exception, visit: Visit, status: HTTPStatus, code: str
) -> Response[Any]:
    if isinstance(error, SignInRequiredError):
        return _to_sign_in(request, visit)
    if type(error) in _FIRST and request.method == "GET":
        first = visit.portal.routes.url(visit.prefix, _FIRST[type(error)])
        return Redirect(first, status_code=303)
    headers = _headers(error, status)
    if is_api(visit):
        words = _words(error, code)
        return problem_response(
            visit,
            error,
            status=status,
            code=code,
            title=words.title,
            text=words.text,
            headers=headers,
        )
    if request.method == "HEAD":
        return Response(None, status_code=status, headers=headers, media_type=MediaType.HTML)
    words = _words(error, code)
    if "hx-request" in request.headers:
        headers |= {"hx-retarget": "#pk-notice", "hx-reswap": "innerHTML"}
        html = error_fragment(visit, words)
    else:
        html = error_page(visit, status, words)
    return Response(html, status_code=status, headers=headers, media_type=MediaType.HTML)


def _classify(error: Exception) -> tuple[HTTPStatus, str]:
    match error:
        case PortalError():
            return error.status, error.code
        case HTTPException():
            return HTTPStatus(error.status_code), _BY_STATUS.get(error.status_code, "internal")
        case OperationalError() | PoolTimeoutError():
            return HTTPStatus.SERVICE_UNAVAILABLE, "busy"
        case _:
            return HTTPStatus.INTERNAL_SERVER_ERROR, "internal"


def _words(error: Exception, code: str) -> ErrorWords:
    words = words_for(code)
    if isinstance(error, TransitionRefusedError | ExportRefusedError) and error.reasons:
        return msgspec.structs.replace(words, text=error.reasons[0])
    if isinstance(error, InputRefusedError):
        text = lazy_gettext("Nothing was changed. What is wrong: %(field)s.", field=error.field)
        return msgspec.structs.replace(words, text=text)
    return words


def _headers(error: Exception, status: HTTPStatus) -> dict[str, str]:
    if isinstance(error, ThrottledError | RenderingBusyError):
        return {"retry-after": str(error.retry_after)}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"retry-after": "5"}
    if isinstance(error, HTTPException) and error.headers:
        return {name: value for name, value in error.headers.items() if name.lower() == "allow"}
    return {}


def _note(
    request: Request[Any, Any, Any], error: Exception, visit: Visit, said: dict[str, Any]
) -> None:
    """Write a line about what failed or was refused; other answers need none."""
    handler = request.scope.get("route_handler")
    said |= {"method": request.method, "route": getattr(handler, "name", None)}
    if said["status"] >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log_event(_log, logging.ERROR, "request.failed", error=error, **said)
        return
    event = _refusal(error, visit, said)
    if event is None:
        return
    if isinstance(error, PermissionRefusedError):
        said["permission"] = error.permission
    # Only ids: everything else in a path may be a token, or was made up.
    ids = [value for value in map(str, request.path_params.values()) if is_id(value)]
    log_event(_log, logging.WARNING, event, target=",".join(ids) or None, **said)


def _refusal(error: Exception, visit: Visit, said: Mapping[str, Any]) -> str | None:
    """Return how a refusal is called in the log; ``None`` if nobody was refused anything."""
    if isinstance(error, KeyRequiredError | ScopeMissingError):
        return "api.key_refused"
    match said["status"]:
        case HTTPStatus.TOO_MANY_REQUESTS:
            return "access.throttled"
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return "access.refused"
        case HTTPStatus.NOT_FOUND:
            is_ours = isinstance(error, NotFoundError) and said["route"] != _NOWHERE
            return "access.refused" if is_ours else None
        case HTTPStatus.SEE_OTHER if isinstance(error, SignInRequiredError):
            # The usual way in, unless somebody is in already and knocks at another door.
            return None if visit.context is None else "access.refused"
    return None


def _to_sign_in(request: Request[Any, Any, Any], visit: Visit) -> Response[Any]:
    """Send a person to the sign-in page and back afterwards; a program gets a plain 401."""
    audience = request.scope["route_handler"].opt.get("audience")
    route = "backoffice:login" if audience is Audience.STAFF else "access:login"
    target = visit.portal.routes.url(visit.prefix, route)
    if request.method in {"GET", "HEAD"}:
        target = f"{target}?next={quote(visit.full_path, safe='/')}"
    if "hx-request" in request.headers:
        return Response(None, status_code=401, headers={"hx-redirect": target})
    if request.method in {"GET", "HEAD"}:
        return Redirect(target, status_code=303)
    html = error_page(visit, HTTPStatus.UNAUTHORIZED, words_for("sign_in_required"))
    return Response(html, status_code=401, media_type=MediaType.HTML)
