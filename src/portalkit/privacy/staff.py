"""Forgetting a member of staff who is shut out."""

import re
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account
from portalkit.access.models import ApiKey, Link, Staff
from portalkit.audit import Actor, Event, record
from portalkit.errors import ConflictError
from portalkit.privacy.erasing import Erasure
from portalkit.privacy.mentions import silenced
from portalkit.privacy.traces import batches, forget_mails, forget_tries, run

__all__ = ("erase_staff",)


async def erase_staff(
    session: AsyncSession, account: Account, *, actor: Actor, now: datetime
) -> Erasure:
    """Forget a member of staff in the session's transaction; what they did stays, without a name.

    Keys of the API that they made go on: they are the business's.

    Args:
        session: A session that writes; undo it if this fails.
        account: Who, read in the same transaction.
        actor: Who does it, for the history.
        now: The current moment.

    Raises:
        ConflictError: If they are not shut out.
    """
    if account.is_open:
        raise ConflictError(f"{account.email} is not shut out: do that first")
    emails = (account.email,)
    # By name alone it would be mails to customers that are lost: names are shared.
    spoken = re.compile(rf"(?<![\w.@-]){re.escape(account.email)}(?![\w@-])", re.IGNORECASE)
    mails = await forget_mails(session, account.business_id, emails, pattern=spoken)
    events = await _forget_in_events(session, account)
    for model in (Link, ApiKey):
        theirs = (model.business_id == account.business_id, model.actor_id == account.id)
        await run(session, update(model).where(*theirs).values(actor_name=""))
    await forget_tries(session, account.business_id, emails, accounts=(account.id,))
    # Second factors, remembered devices and the like go with the row.
    await run(session, delete(Staff).where(Staff.id == account.id))
    await record(
        session,
        business_id=account.business_id,
        name="staff.erased",
        actor=actor,
        at=now,
        data={"staff": account.id},
    )
    return Erasure(people=1, mails=mails, events=events)


async def _forget_in_events(session: AsyncSession, account: Account) -> int:
    theirs = (Event.business_id == account.business_id, Event.actor_id == account.id)
    words = "|".join(re.escape(word) for word in (account.name, account.email))
    pattern = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
    async for rows in batches(session, select(Event.id, Event.data).where(*theirs), Event.id):
        for row in rows:
            silent = silenced(row.data, pattern)
            if silent != row.data:
                await run(session, update(Event).where(Event.id == row.id).values(data=silent))
    return await run(session, update(Event).where(*theirs).values(actor_name=""))
