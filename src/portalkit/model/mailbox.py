"""What an e-mail address is, for all who take one in, keep one or write to one."""

import re
from typing import Final

__all__ = ("is_mailbox", "wire_mailbox")

_MAX: Final = 254
_LOCAL: Final = re.compile(r"[^\s@\x00-\x1f\x7f<>,;:\"()\[\]\\]{1,64}")
_LABEL: Final = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_DOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


def is_mailbox(text: str) -> bool:
    """Say whether a mail could be sent to a text; only a mail proves that it arrives."""
    if len(text) > _MAX or text.count("@") != 1 or not text.isprintable():
        return False
    try:
        local, _, domain = wire_mailbox(text).rpartition("@")
    except UnicodeError:
        return False
    return _LOCAL.fullmatch(local) is not None and _DOMAIN.fullmatch(domain) is not None


def wire_mailbox(address: str) -> str:
    """Return an address with its domain as mail servers write it (IDNA).

    Raises:
        UnicodeError: If the domain can be none.
    """
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"
