"""The namespaces of UBL 2."""

from functools import lru_cache
from typing import Final

from portalkit_einvoice.xml.names import split_name

__all__ = ("ROOT_PREFIX", "short_name")

ROOT_PREFIX: Final = "urn:oasis:names:specification:ubl:schema:xsd:"
"""What the namespace of every UBL document begins with; ``Invoice-2`` and the like follow."""

_COMPONENTS: Final = frozenset(
    ROOT_PREFIX + name
    for name in (
        "CommonBasicComponents-2",
        "CommonAggregateComponents-2",
        "CommonExtensionComponents-2",
    )
)


@lru_cache(maxsize=2_048)
def short_name(tag: str) -> str:
    """Return the local name of a component of UBL; other names keep their namespace."""
    namespace, local = split_name(tag)
    return local if namespace in _COMPONENTS else tag
