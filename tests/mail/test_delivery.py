"""Every mail arrives: once if the trouble comes before its end, else at most twice."""
# ruff: noqa: PLR0917  # what a test needs are its arguments

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.exc import OperationalError

from portalkit.access.mails import PASSWORD_SET, PasswordSet
from portalkit.jobs import enqueue
from portalkit.jobs.inspection import retry_dead
from portalkit.jobs.models import JobRow
from portalkit.mail import OwnWords, Recipient, send_mail
from portalkit.mail.models import MailRow
from portalkit.testing.factories import NOW, make_business
from portalkit.web.portal import RunningPortal


async def test_a_mail_arrives_as_it_was_written(write, work, office, row, clock):
    mail_id = await write()

    tries = await work()

    assert tries == 1
    (mail,) = office.mails
    stored = await row(mail_id)
    assert office.recipients == ["lucia@sol.example"]
    assert mail["To"] == "Lucía <lucia@sol.example>"
    assert mail["From"] == "Almazara del Río <portal@mill.example>"
    assert mail["Reply-To"] == "oficina@mill.example"
    assert mail["Subject"] == "Tu contraseña del portal de Almazara del Río ha cambiado"
    assert mail["Message-ID"] == stored.message_id == f"<{mail_id}@mill.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "es"
    assert mail["List-Unsubscribe"] is None
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert (stored.state, stored.finished_at, stored.error) == ("sent", clock.now, None)


async def test_a_mail_of_a_transaction_that_is_rolled_back_is_never_sent(
    portal, mill, write, work, office
):
    @event.listens_for(portal.engine.sync_engine, "commit")
    def _refuse(connection):
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        await write()
    event.remove(portal.engine.sync_engine, "commit", _refuse)

    assert await work() == 0
    assert office.visits == 0


async def test_mails_wait_while_the_server_refuses_everybody(write, work, office, row, clock):
    first = await write()
    await office.close()

    await work()
    waiting = await row(first)
    clock.move(minutes=2)
    await office.open()
    await work()

    assert (waiting.state, waiting.handovers, waiting.tries) == ("waiting", 0, 1)
    assert "127.0.0.1" in waiting.error
    assert len(office.mails) == 1
    assert (await row(first)).state == "sent"


async def test_a_server_that_is_away_is_asked_once_and_not_for_each_mail(
    portal, write, work, office, clock
):
    people = [f"person{number:02}@sol.example" for number in range(30)]
    for email in people:
        await write(email)
    office.mood = {"MAIL": "530 5.7.0 sign in first"}

    async def is_there(model, *conditions):
        async with portal.reading() as session:
            return await session.scalar(select(func.count()).select_from(model).where(*conditions))

    async with portal.working():
        while not await is_there(MailRow, MailRow.error.is_not(None)):
            pass
        # Other work goes on, so that those that send have been looked at again.
        async with portal.writing() as session, session.begin():
            await enqueue(session, "mail.tidy", now=clock.now)
        while await is_there(JobRow, JobRow.name == "mail.tidy"):
            pass

    assert office.visits <= portal.config.mail.connections
    office.mood = {}
    clock.move(minutes=2)
    await work()
    assert sorted(office.recipients) == people


@pytest.mark.parametrize(
    "mood",
    [
        {"RCPT": "451 greylisted"},
        {"DATA": "451 not now"},
        {"END": "452 no room left"},
        {"MAIL": "421 shutting down"},
        {"RCPT": "hang up"},
        {"DATA": "hang up"},
    ],
    ids=str,
)
async def test_trouble_before_the_end_of_the_data_means_exactly_once(
    write, work, office, row, clock, mood
):
    mail_id = await write()
    office.mood = mood

    for _ in range(3):
        await work()
        clock.move(minutes=10)
    waiting = await row(mail_id)
    office.mood = {}
    await work()

    assert (waiting.state, waiting.handovers) == ("waiting", 0)
    assert [mail["Message-ID"] for mail in office.mails] == [f"<{mail_id}@mill.example>"]
    assert (await row(mail_id)).state == "sent"


@pytest.fixture
def mail_settings(request):
    return {"timeout": 10.0, "data_timeout": 10.0} | getattr(request, "param", {})


_HASTY = pytest.mark.parametrize(
    "mail_settings", [{"timeout": 0.2, "data_timeout": 0.2}], indirect=True, ids=["hasty"]
)


@_HASTY
@pytest.mark.parametrize("place", ["MAIL", "RCPT", "DATA"])
async def test_a_server_that_stalls_is_left_and_asked_again(write, work, office, row, clock, place):
    mail_id = await write()
    office.mood = {place: "stall"}

    await work()
    waiting = await row(mail_id)
    office.mood = {}
    clock.move(minutes=2)
    await work()

    assert (waiting.state, waiting.handovers) == ("waiting", 0)
    assert len(office.mails) == 1


@_HASTY
@pytest.mark.parametrize("trouble", ["hang up", "stall"])
async def test_trouble_after_the_end_of_the_data_means_twice_at_most(
    write, work, office, row, clock, trouble
):
    mail_id = await write()
    office.mood = {"END": trouble}

    await work()
    after_one = await row(mail_id)
    for _ in range(4):
        clock.move(hours=1)
        await work()

    stored = await row(mail_id)
    assert (after_one.state, after_one.handovers) == ("waiting", 1)
    assert (stored.state, stored.handovers) == ("failed", 2)
    assert "may have arrived" in stored.error
    assert office.visits == 2
    assert {mail["Message-ID"] for mail in office.mails} <= {f"<{mail_id}@mill.example>"}
    assert len(office.mails) <= 2


async def test_a_mail_that_was_perhaps_taken_is_sent_once_more_under_the_same_id(
    write, work, office, row, clock
):
    mail_id = await write()
    office.mood = {"END": "hang up"}
    await work()
    office.mood = {}
    clock.move(minutes=2)

    await work()

    first, second = office.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert (await row(mail_id)).state == "sent"


async def test_a_worker_that_finds_another_one_sending_leaves_the_mail_and_comes_back(
    portal, write, work, office, row, clock
):
    mail_id = await write()
    usual = office.handle_RCPT

    async def meanwhile(*arguments):
        # A worker that was thought dead comes back, and dies before the end of the mail.
        async with portal.writing() as session, session.begin():
            await session.execute(update(MailRow).values(handovers=MailRow.handovers + 1))
        office.handle_RCPT = usual
        return await usual(*arguments)

    office.handle_RCPT = meanwhile
    await work()
    waiting = await row(mail_id)
    clock.move(minutes=2)
    await work()

    assert (waiting.state, waiting.handovers) == ("waiting", 1)
    assert (await row(mail_id)).state == "sent"
    assert len(office.mails) == 1


@_HASTY
@pytest.mark.parametrize("trouble", ["stall", "hang up", "421 too many of yours"])
async def test_one_recipient_that_hangs_delays_nobody_and_is_asked_ever_more_rarely(
    portal, write, work, office, row, clock, trouble
):
    slow = [await write(f"{name}@slow.example") for name in ("ana", "ben", "eva", "leo")]
    others = [f"person{number}@sol.example" for number in range(5)]
    for address in others:
        await write(address)
    office.mood = {f"RCPT {name}@slow.example": trouble for name in ("ana", "ben", "eva", "leo")}

    waits = []
    for _ in range(3):
        await work()
        async with portal.reading() as session:
            due = await session.scalar(select(func.max(JobRow.due_at)))
        waits.append((due - clock.now).total_seconds())
        clock.now = due

    assert office.recipients == others
    assert [(await row(each)).state for each in slow] == ["waiting"] * 4
    assert [wait // 30 for wait in waits] == [1, 2, 4]


@_HASTY
@pytest.mark.parametrize(
    ("place", "trouble"),
    [("RCPT", "stall"), ("RCPT", "421 closing"), ("DATA", "hang up"), ("MAIL", "550 go away")],
)
async def test_a_server_that_breaks_off_with_one_after_the_other_is_left_alone_for_a_while(
    write, work, office, clock, place, trouble
):
    for number in range(8):
        await write(f"lucia@sol{number}.example")
    office.mood = {place: trouble}

    assert await work() == 3

    office.mood = {}
    clock.move(minutes=2)
    await work()
    assert len(office.recipients) == len(set(office.recipients)) == 8


@pytest.mark.parametrize(
    ("place", "answer"),
    [
        ("MAIL", "530 5.7.0 Authentication required"),
        ("RCPT", "530 5.7.0 Must issue a STARTTLS command first"),
        ("DATA", "503 5.5.1 Bad sequence of commands"),
        ("END", "503 5.5.1 Bad sequence of commands"),
    ],
)
async def test_a_refusal_that_is_about_the_portal_fails_no_mail(
    write, work, office, row, clock, place, answer
):
    mails = [await write(f"person{number}@sol.example") for number in range(5)]
    office.mood = {place: answer}

    assert await work() == 1

    assert [(await row(each)).state for each in mails] == ["waiting"] * 5
    assert (await row(mails[0])).error == answer
    office.mood = {}
    clock.move(minutes=2)
    await work()
    assert len(office.recipients) == len(set(office.recipients)) == 5


@pytest.mark.parametrize("place", ["MAIL", "DATA"])
async def test_a_refusal_at_a_place_that_is_not_about_the_mail_is_not_the_end(
    write, work, office, row, clock, place
):
    mail_id = await write()
    office.mood = {place: "550 5.7.1 no"}
    await work()
    waiting = await row(mail_id)
    office.mood = {}
    clock.move(minutes=2)

    await work()

    assert (waiting.state, waiting.handovers, waiting.error) == ("waiting", 0, "550 5.7.1 no")
    assert (await row(mail_id)).state == "sent"


@pytest.mark.parametrize("place", ["RCPT", "END"])
async def test_a_refusal_for_good_ends_as_failed_with_the_servers_words(
    write, work, office, row, place
):
    mail_id = await write()
    office.mood = {place: "550 5.1.1 no such user here"}

    await work()

    stored = await row(mail_id)
    assert (stored.state, stored.error) == ("failed", "550 5.1.1 no such user here")
    assert await work() == 0


async def test_that_a_mail_was_taken_is_written_down_before_the_goodbye(write, work, office, row):
    mail_id = await write()
    states = []

    async def look():
        states.append((await row(mail_id)).state)

    office.leaving = look
    await work()

    assert states == ["sent"]


async def test_what_was_taken_is_not_sent_again_because_that_could_not_be_written_down(
    portal, write, work, office, row, clock
):
    mail_id = await write()
    refusals = []

    @event.listens_for(portal.engine.sync_engine, "commit")
    def _refuse(connection):
        if office.mails and not refusals:
            refusals.append(connection)
            raise OperationalError("COMMIT", {}, Exception("database is locked"))

    await work()
    clock.move(hours=1)
    await work()
    event.remove(portal.engine.sync_engine, "commit", _refuse)

    assert len(refusals) == 1
    assert (len(office.mails), office.visits) == (1, 1)
    assert (await row(mail_id)).state == "sent"


async def test_a_mail_that_cannot_be_made_says_so_and_is_tried_again(
    portal, write, work, office, row, clock
):
    mail_id = await write()
    async with portal.writing() as session, session.begin():
        await session.execute(update(MailRow).values(to_email="a@b..é.example"))

    await work()

    waiting = await row(mail_id)
    assert (waiting.state, waiting.tries, waiting.handovers) == ("waiting", 1, 0)
    assert waiting.error.startswith("UnicodeError: ")
    async with portal.writing() as session, session.begin():
        await session.execute(update(MailRow).values(to_email="lucia@sol.example"))
    clock.move(minutes=2)
    await work()
    assert (await row(mail_id)).state == "sent"


async def test_one_refused_mail_delays_no_other(write, work, office, row):
    refused = await write("nobody@sol.example")
    office.mood = {"RCPT": "451 later"}
    await work()
    office.mood = {}
    other = await write("lucia@sol.example")

    await work()

    assert (await row(refused)).state == "waiting"
    assert (await row(other)).state == "sent"


async def test_a_mail_that_cannot_be_sent_for_four_days_has_failed(
    write, work, office, row, clock, portal
):
    mail_id = await write()
    await office.close()
    began = clock.now

    while await work():
        async with portal.reading() as session:
            due = await session.scalar(
                select(func.min(JobRow.due_at)).where(JobRow.name == "mail.send")
            )
        if due is None:
            break
        clock.now = max(due, clock.now + timedelta(hours=3))

    stored = await row(mail_id)
    assert stored.state == "failed"
    assert "127.0.0.1" in stored.error
    assert clock.now - began >= timedelta(days=4)


async def test_what_a_mail_says_is_not_sent_when_it_is_no_longer_valid(
    write, work, office, row, clock
):
    mail_id = await write(valid_until=clock.now + timedelta(hours=1))
    clock.move(hours=2)

    await work()

    assert (await row(mail_id)).state == "failed"
    assert office.visits == 0


async def test_an_address_beyond_ascii_is_reached(write, work, office):
    await write("lucía@sol.example")
    await write("lucia@bücher.example")

    await work()

    assert office.recipients == ["lucía@sol.example", "lucia@xn--bcher-kva.example"]


async def test_a_dot_at_the_beginning_of_a_line_survives(write, work, office):
    await write(own=OwnWords(subject="Dots", words=".\n..\n.hidden"))

    await work()

    text = office.mails[0].get_body(("plain",)).get_content()
    assert text.splitlines()[:3] == [".", "..", ".hidden"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_without_a_server_mails_wait_and_nothing_is_lost(portal_config, clock):
    portal = RunningPortal.load(portal_config, clock=clock)
    async with portal.writing() as session, session.begin():
        mill = await make_business(session)
        mail_id = await send_mail(
            session,
            PASSWORD_SET,
            business_id=mill,
            to=Recipient(email="lucia@sol.example", name="Lucía", locale="es"),
            variables=PasswordSet(at=NOW),
            now=NOW,
        )

    assert await portal.queue.work_off(portal) == 0
    async with portal.reading() as session:
        assert await session.scalar(select(MailRow.state).where(MailRow.id == mail_id)) == "waiting"
    await portal.close()


async def test_a_job_that_is_tried_anew_sends_the_mail_that_was_given_up(
    portal, write, work, office, row, clock
):
    mail_id = await write()
    await office.close()
    while (await row(mail_id)).state == "waiting":
        await work()
        clock.move(hours=6)
    await office.open()
    async with portal.writing() as session, session.begin():
        tried = await retry_dead(session, clock.now)

    await work()

    assert tried == 1
    assert office.recipients == ["lucia@sol.example"]
    assert (await row(mail_id)).state == "sent"


@pytest.mark.parametrize("number", [20])
async def test_two_workers_never_send_the_same_mail(portal, write, office, number):
    sent = asyncio.Event()
    office.taken = lambda: len(office.mails) == number and sent.set()
    for place in range(number):
        await write(f"person{place}@sol.example")

    async with portal.working(), portal.working():
        await asyncio.wait_for(sent.wait(), 60)

    assert len(office.recipients) == len(set(office.recipients)) == number
