"""``portalkit worker`` works and stops when asked; ``portalkit jobs`` shows and takes in hand."""

import asyncio
import json
import os
import signal
import subprocess
import sys

import msgspec
import pytest
from click.testing import CliRunner
from errands import Errand
from sqlalchemy import select, update

from portalkit.audit import Event
from portalkit.cli.jobs import jobs_group
from portalkit.db import create_engine_for, session_makers
from portalkit.jobs import enqueue
from portalkit.jobs.models import JobRow
from portalkit.testing.factories import NOW, make_business


@pytest.fixture
def in_database(database_url):
    """Do something in one transaction, outside of any loop, as the command does."""

    def in_database(work):
        async def run():
            engine = create_engine_for(database_url)
            try:
                _, writing = session_makers(engine)
                async with writing() as session, session.begin():
                    return await work(session)
            finally:
                await engine.dispose()

        return asyncio.run(run())

    return in_database


@pytest.fixture
def job(in_database):
    """A job that was given up; its id."""

    async def leave(session):
        business = await make_business(session)
        job = await enqueue(
            session, "tester.errand", Errand(business), now=NOW, business_id=business
        )
        await session.execute(
            update(JobRow).values(state="dead", due_at=None, error="nobody at home", attempt=3)
        )
        return job

    return in_database(leave)


@pytest.fixture
def run(portal_config):
    def run(*arguments):
        return CliRunner().invoke(jobs_group, arguments, obj=portal_config)

    return run


def test_jobs_are_listed_with_their_last_error(job, run):
    shown = run("list")
    (line,) = run("list", "--state", "dead", "--json").output.splitlines()

    assert shown.exit_code == 0
    assert "nobody at home" in shown.output
    assert msgspec.json.decode(line)["id"] == job
    assert run("list", "--state", "waiting", "--json").output == ""


@pytest.mark.parametrize("everything", [True, False])
def test_a_job_that_was_given_up_is_tried_again(job, run, in_database, everything):
    answer = run("retry", "--dead") if everything else run("retry", job)

    async def state(session):
        return (await session.execute(select(JobRow.state, JobRow.first_tried_at))).one()

    assert answer.exit_code == 0, answer.output
    assert tuple(in_database(state)) == ("waiting", None)


def test_a_job_is_dropped_and_that_is_noted(job, run, in_database):
    answer = run("drop", job)

    async def left(session):
        names = await session.scalars(select(Event.name))
        return list(names), list(await session.scalars(select(JobRow.id)))

    assert answer.exit_code == 0, answer.output
    assert in_database(left) == (["job.dropped"], [])


@pytest.mark.parametrize("command", ["retry", "drop"])
def test_a_job_that_is_not_there_or_being_done_is_refused_in_one_line(
    job, run, in_database, command
):
    async def begin(session):
        await session.execute(update(JobRow).values(state="running"))

    in_database(begin)

    answers = [run(command, job), run(command, "nothing")]

    assert [answer.exit_code for answer in answers] == [1, 1]
    assert all("that nobody is doing" in answer.output for answer in answers)


def test_retry_wants_to_know_what(run):
    assert run("retry").exit_code == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_worker_works_and_ends_when_it_is_told_to(database_url, in_database, tmp_path):
    command = "from portalkit.cli import main; main()"
    environ = os.environ | {
        "PORTALKIT_DATABASE_URL": database_url,
        "PORTALKIT_SECRET_KEYS": "k" * 32,
        "PORTALKIT_PLUGINS": "sales",
        "PORTALKIT_STORAGE_URL": f"file:{tmp_path / 'files'}",
        "PORTALKIT_JOBS__EMBEDDED": "false",
    }
    with subprocess.Popen(
        [sys.executable, "-c", command, "worker"],
        env=environ,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    ) as process:
        begun = process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        rest = process.stderr.read()

    assert json.loads(begun)["message"] == "working, 4 jobs at a time"
    assert json.loads(rest)["message"] == "stopping"
    assert process.returncode == 0
