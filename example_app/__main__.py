"""``python -m example_app``: migrate, fill once, serve on loopback."""

import asyncio
import multiprocessing

from granian import Granian
from granian.constants import Interfaces, Loops, RuntimeModes
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from example_app.app import portal_of
from example_app.data.apiary import APIARY
from example_app.data.mill import MILL, TIENDA_SOL
from example_app.seed import is_seeded, seed
from example_app.settings import DEMO_PASSWORD, DemoSettings
from portalkit.db.migrate import upgrade
from portalkit.web.portal import RunningPortal

__all__ = ("main", "prepare")


def prepare(settings: DemoSettings, console: Console) -> None:
    """Bring the database up to date and fill it if it is empty."""
    portal = portal_of(settings).app.portal
    for owner in upgrade(portal.config.database_url, portal.registry):
        console.print(f"db upgrade: {owner}")
    asyncio.run(_fill(portal, settings, console))


async def _fill(portal: RunningPortal, settings: DemoSettings, console: Console) -> None:
    try:
        if await is_seeded(portal):
            return
        columns = (TextColumn("demo data"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console) as progress:
            task = progress.add_task("documents")
            await seed(
                portal,
                settings.anchor,
                lambda done, total: progress.update(task, completed=done, total=total),
            )
    finally:
        await portal.close()


def _welcome(settings: DemoSettings, console: Console) -> None:
    url = settings.config.base_url
    console.print(f"\n[bold]{MILL.name}[/bold], a demo of portalkit on {settings.anchor}\n")
    console.print(f"  customer  {url}/login               {TIENDA_SOL.email}")
    console.print(f"  staff     {url}/backoffice/login    {MILL.staff[0].email}")
    console.print(f"  password  {DEMO_PASSWORD}  (for both; demo only)\n")
    console.print(f"  mails it sends       {url}/-/mail")
    console.print(f"  the mill's own page  {url}/almazara")
    console.print(f"  a second business    {url}/{APIARY.slug}/login\n")


def main(application: str = "example_app.app:create") -> None:
    """Prepare the demo and serve it until it is interrupted.

    Args:
        application: Where the function is that makes the application.
    """
    # A forked worker would inherit the threads of the store without their being alive.
    multiprocessing.set_start_method("spawn")
    settings = DemoSettings.read()
    console = Console(highlight=False, soft_wrap=True)
    prepare(settings, console)
    _welcome(settings, console)
    Granian(
        application,
        factory=True,
        address="127.0.0.1",
        port=settings.port,
        # SQLite serves one process well; its data lies beside it.
        workers=1,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        runtime_mode=RuntimeModes.st,
        workers_kill_timeout=5,
        log_access=False,
        log_enabled=False,
    ).serve()


if __name__ == "__main__":
    main()
