"""A worker that writes half of a job, says so and waits to be killed."""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from errands import Clock, Errand, Tester, note

from portalkit.config import PortalConfig, Secret
from portalkit.hooks import Job
from portalkit.web.portal import RunningPortal


async def never_end(context, errand):
    await note(context, errand)
    sys.stdout.write("in the midst of it\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


async def main() -> None:
    config = PortalConfig(database_url=sys.argv[1], secret_keys=(Secret("k" * 32),), plugins=())
    job = Job(name="tester.errand", run=never_end, payload=Errand)
    portal = RunningPortal.load(config, extra={"tester": Tester(job)}, clock=Clock())
    await portal.queue.work_off(portal)


asyncio.run(main())
