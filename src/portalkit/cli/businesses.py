"""Which business a command is for."""

from collections.abc import Sequence
from typing import Final

import click
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.businesses import (
    BusinessAddress,
    BusinessView,
    list_addresses,
    load_business,
)

__all__ = ("business_option", "choose_business", "load_chosen_business")

_NONE: Final = (
    "there is no business: name one in [[business]] of portalkit.toml, "
    "or your application with --app"
)

business_option = click.option(
    "--business", "slug", help="Short name of the business, where there are several."
)


def choose_business(businesses: Sequence[BusinessAddress], slug: str | None) -> BusinessAddress:
    """Return the business of a slug, or the only one there is.

    Raises:
        click.ClickException: If there is none, or several come into question.
    """
    fitting = [business for business in businesses if slug in {None, business.slug}]
    if len(fitting) == 1:
        return fitting[0]
    if not businesses:
        raise click.ClickException(_NONE)
    names = ", ".join(business.slug for business in businesses)
    raise click.ClickException(f"which business? --business one of {names}")


async def load_chosen_business(session: AsyncSession, slug: str | None) -> BusinessView:
    """Return all about the business of a slug, or about the only one there is.

    Raises:
        click.ClickException: If there is none, or several come into question.
    """
    found = await load_business(session, choose_business(await list_addresses(session), slug).id)
    if found is None:
        raise click.ClickException(_NONE)
    return found
