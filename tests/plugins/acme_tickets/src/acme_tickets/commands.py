"""``portalkit acme_tickets``."""

import click
from sqlalchemy import create_engine, func, select

from acme_tickets.models import Ticket
from portalkit.config import PortalConfig
from portalkit.db import configure_engine, sync_url

__all__ = ("count_command",)


@click.command("count")
@click.pass_obj
def count_command(config: PortalConfig) -> None:
    """Print how many tickets there are."""
    engine = configure_engine(create_engine(sync_url(config.database_url)))
    with engine.connect() as connection:
        click.echo(connection.scalar(select(func.count()).select_from(Ticket)))
    engine.dispose()
