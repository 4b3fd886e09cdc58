"""``portalkit worker`` and ``portalkit jobs``: work in the background, and a look at it."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from logging.config import dictConfig
from typing import TypeVar

import click
import msgspec
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.audit import Actor, record
from portalkit.cli.application import host_plugins
from portalkit.config import PortalConfig
from portalkit.db import create_engine_for, session_makers
from portalkit.errors import NotFoundError
from portalkit.jobs.inspection import JobView, drop_job, list_jobs, retry_dead, retry_job
from portalkit.log import log_config

__all__ = ("jobs_group", "worker_command")

_log = logging.getLogger("portalkit.jobs")
_T = TypeVar("_T")

_ACTOR = Actor(kind="system", name="command line")


@click.command("worker", short_help="Do jobs in the background until stopped.")
@click.option(
    "--concurrency",
    type=click.IntRange(1, 64),
    help="Jobs at a time (default: jobs.concurrency).",
)
@click.pass_obj
def worker_command(config: PortalConfig, concurrency: int | None) -> None:
    """Do jobs until stopped; those that were begun are finished first.

    Any number of workers may run, beside web processes that work too or, with
    'jobs.embedded = false', instead of them.
    """
    dictConfig(log_config(config.log_format, shows_messages=config.debug))
    jobs = msgspec.structs.replace(config.jobs, embedded=True)
    if concurrency is not None:
        jobs = msgspec.structs.replace(jobs, concurrency=concurrency)
    asyncio.run(_work(msgspec.structs.replace(config, jobs=jobs)))


async def _work(config: PortalConfig) -> None:
    from portalkit.app import create_app  # noqa: PLC0415 - imports all of the portal

    app, stop = create_app(config, plugins=host_plugins()), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with app.lifespan():
        _log.info("working, %d jobs at a time", config.jobs.concurrency)
        await stop.wait()
        _log.info("stopping")


@click.group("jobs")
def jobs_group() -> None:
    """Look at what waits in the background."""


@jobs_group.command("list")
@click.option(
    "--state", type=click.Choice(["waiting", "running", "dead"]), help="Only jobs of this state."
)
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=100,
    show_default=True,
    help="List no more than so many.",
)
@click.option("--json", "is_json", is_flag=True, help="One line of JSON for each job.")
@click.pass_obj
def show_jobs(config: PortalConfig, state: str | None, limit: int, *, is_json: bool) -> None:
    """List jobs that are not done yet, oldest first."""
    found = _run(config, lambda session: list_jobs(session, state=state, limit=limit))
    if is_json:
        for job in found:
            click.echo(msgspec.json.encode(job).decode())
        return
    table = Table("Id", "Job", "State", "Due", "Tries", "Last error", box=None)
    for job in found:
        table.add_row(*_cells(job))
    Console(highlight=False, markup=False, soft_wrap=True).print(table)


def _cells(job: JobView) -> tuple[str, ...]:
    due = job.due_at.isoformat(" ", "seconds") if job.due_at is not None else ""
    return job.id, job.name, job.state, due, str(job.tries), job.error or ""


@jobs_group.command("retry")
@click.argument("job_id", required=False)
@click.option("--dead", "is_all", is_flag=True, help="All jobs that were given up.")
@click.pass_obj
def retry(config: PortalConfig, job_id: str | None, *, is_all: bool) -> None:
    """Let a job be begun now; one that was given up gets its tries anew."""
    if (job_id is None) is not is_all:
        raise click.UsageError("name one job, or say --dead")
    now = datetime.now(UTC)
    if job_id is None:
        number = _run(config, lambda session: retry_dead(session, now))
        click.echo(f"{number} jobs are tried again")
        return
    _take_in_hand(config, job_id, "job.retried", lambda session: retry_job(session, job_id, now))


@jobs_group.command("drop")
@click.argument("job_id")
@click.pass_obj
def drop(config: PortalConfig, job_id: str) -> None:
    """Remove a job for good; what it was to do is not done."""
    _take_in_hand(config, job_id, "job.dropped", lambda session: drop_job(session, job_id))


def _take_in_hand(
    config: PortalConfig,
    job_id: str,
    name: str,
    act: Callable[[AsyncSession], Awaitable[str | None]],
) -> None:
    async def work(session: AsyncSession) -> None:
        business_id = await act(session)
        if business_id is not None:
            await record(
                session,
                business_id=business_id,
                name=name,
                actor=_ACTOR,
                at=datetime.now(UTC),
                data={"job": job_id},
            )

    try:
        _run(config, work)
    except NotFoundError as error:
        raise click.ClickException(str(error)) from error


def _run(config: PortalConfig, work: Callable[[AsyncSession], Awaitable[_T]]) -> _T:
    """Do some work in one transaction."""

    async def run() -> _T:
        engine = create_engine_for(config.database_url)
        try:
            _, writing = session_makers(engine)
            async with writing() as session, session.begin():
                return await work(session)
        except DatabaseError as error:
            reason = str(error.orig).strip().partition("\n")[0]
            raise click.ClickException(
                f"the database cannot be used ({reason}): run 'portalkit db upgrade' first"
            ) from error
        finally:
            await engine.dispose()

    return asyncio.run(run())
