"""Where somebody may be sent after an act: own paths only (security R35)."""

import re
from typing import Final

__all__ = ("own_path",)

# One slash, then anything visible in ASCII but a second slash or a backslash: browsers read
# "//host" and "/\host" as addresses of other sites, and drop tabs and line ends first.
_OWN: Final = re.compile(r"/(?!/)[!-\[\]-~]*")
_MAX: Final = 2_000


def own_path(wish: str | None, default: str, *, prefix: str = "") -> str:
    """Return the path that was asked for if it is one of ours, else the default.

    Args:
        wish: The ``next`` of a request.
        default: An own path.
        prefix: Path under which this business's portal lies.
    """
    if wish is None or len(wish) > _MAX or not _OWN.fullmatch(wish):
        return default
    if prefix and wish != prefix and not wish.startswith((f"{prefix}/", f"{prefix}?")):
        return default
    return wish
