"""What the API may answer beside what is asked for, as its description says it."""

from collections.abc import Mapping
from typing import Final

from litestar.openapi.datastructures import ResponseSpec

from portalkit.web.problems import PROBLEM_TYPE, Problem

__all__ = ("EXPORT", "FILE", "FOUND", "LISTED", "PDF")

Responses = Mapping[int, ResponseSpec]


def _problem(description: str) -> ResponseSpec:
    return ResponseSpec(
        Problem, description=description, media_type=PROBLEM_TYPE, generate_examples=False
    )


def _bytes(media_type: str) -> ResponseSpec:
    return ResponseSpec(
        bytes, description="The file.", media_type=media_type, generate_examples=False
    )


_KNOWN: Final = ResponseSpec(None, description="It is the one you have (`If-None-Match`).")

_ANYWHERE: Final[Responses] = {
    401: _problem("There is no key, or none of this business that works."),
    403: _problem("The key does not open this."),
    429: _problem("Too many wrong keys; `Retry-After` says when to come back."),
    503: _problem("Not now; `Retry-After` says when to come back."),
}

LISTED: Final[Responses] = {
    **_ANYWHERE,
    400: _problem("A parameter is wrong; `field` names it."),
}
FOUND: Final[Responses] = {**_ANYWHERE, 404: _problem("There is no such thing.")}
FILE: Final[Responses] = {**FOUND, 200: _bytes("application/octet-stream"), 304: _KNOWN}
PDF: Final[Responses] = {**FOUND, 200: _bytes("application/pdf"), 304: _KNOWN}
EXPORT: Final[Responses] = {
    **FILE,
    422: _problem("The document cannot be expressed in this format; `reasons` say why."),
}
