"""Which business a request is for: the apiary below its name, the mill everywhere else."""

from collections.abc import Sequence

from example_app.data.apiary import APIARY
from example_app.data.mill import MILL
from portalkit.access.businesses import BusinessAddress, Resolved

__all__ = ("mill_unless_named",)


def mill_unless_named(
    host: str,  # noqa: ARG001  # a resolver's signature
    path: str,
    businesses: Sequence[BusinessAddress],
) -> Resolved | None:
    """Resolve ``/miel/...`` to the apiary and every other path to the mill."""
    by_slug = {business.slug: business.id for business in businesses}
    if path.lstrip("/").partition("/")[0] == APIARY.slug and APIARY.slug in by_slug:
        return Resolved(by_slug[APIARY.slug], f"/{APIARY.slug}")
    return Resolved(by_slug[MILL.slug]) if MILL.slug in by_slug else None
