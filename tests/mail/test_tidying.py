"""What is old goes, however much of it there is."""

from datetime import timedelta

from sqlalchemy import insert, select

from portalkit.access.mails import PASSWORD_SET
from portalkit.jobs import enqueue
from portalkit.mail.models import MailRow
from portalkit.mail.outcomes import TIDY
from portalkit.model import new_id


async def test_one_night_removes_all_that_is_old_enough(portal, write, mill, work, clock):
    kept = await write()
    await work()
    old = clock.now - timedelta(days=portal.config.mail.keep_days, hours=1)
    async with portal.writing() as session, session.begin():
        row = {
            "business_id": mill,
            "template": PASSWORD_SET.name,
            "to_email": "lucia@sol.example",
            "to_name": "Lucía",
            "locale": "es",
            "variables": {},
            "state": "sent",
            "handovers": 1,
            "tries": 1,
            "created_at": old,
            "finished_at": old,
        }
        await session.execute(insert(MailRow), [{"id": new_id(), **row} for _ in range(2_100)])
        await enqueue(session, TIDY, now=clock.now)

    assert await work() == 3

    async with portal.reading() as session:
        assert list(await session.scalars(select(MailRow.id))) == [kept]
