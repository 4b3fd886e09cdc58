"""Inputs that attackers send, for tests of pages that take them."""

from typing import Final

__all__ = ("FOREIGN_PATHS",)

FOREIGN_PATHS: Final = (
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/ /evil.example",
    "https://evil.example",
    "HTTPS:evil.example",
    "https:evil.example",
    "http:/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "@evil.example",
    "evil.example",
    "?next=//evil.example",
    "#/home",
    "",
    "/home\r\nset-cookie: pk=x",
    "/home\x00",
    "/home\x7f",
    "\u2215\u2215evil.example",
    "/\u2215evil.example",
    "/\uff0fevil.example",
    "/home\u2028",
    "/\u0085/evil.example",
    "/" + "x" * 2_001,
)
"""Values of ``next`` that would lead to another site, or split a header, if they were believed."""
