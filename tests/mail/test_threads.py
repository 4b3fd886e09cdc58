"""What is about the same reaches the same person in its order; nothing else waits for it."""

import pytest


@pytest.fixture
def pass_time(work, clock):
    async def pass_time(**by):
        clock.move(**by)
        await work()

    return pass_time


def ids(office):
    return [mail["Message-ID"] for mail in office.mails]


async def test_of_the_same_thread_none_arrives_before_an_older_one(
    write, work, office, row, pass_time
):
    office.mood = {"RCPT": "451 later"}
    first = await write(thread="document-1")
    await work()
    office.mood = {}
    second = await write(thread="document-1")
    others = [
        await write(thread="document-2"),
        await write("mateo@sol.example", thread="document-1"),
        await write(),
    ]

    await work()
    early = ids(office)
    for _ in range(4):
        await pass_time(seconds=31)

    assert early == [f"<{each}@mill.example>" for each in others]
    assert ids(office)[3:] == [f"<{each}@mill.example>" for each in (first, second)]
    assert (await row(second)).tries == 1


async def test_as_soon_as_one_is_sent_the_next_one_of_its_thread_is_too(
    write, work, office, pass_time
):
    office.mood = {"RCPT": "451 later"}
    written = [await write(thread="document-1") for _ in range(5)]
    await work()
    office.mood = {}

    await pass_time(minutes=1)

    assert ids(office) == [f"<{each}@mill.example>" for each in written]
    await pass_time(minutes=1)
    assert len(office.mails) == len(written)


async def test_one_that_failed_holds_up_none(write, work, office, row):
    office.mood = {"RCPT": "550 unknown"}
    await write(thread="document-1")
    await work()
    office.mood = {}
    second = await write(thread="document-1")

    await work()

    assert (await row(second)).state == "sent"


async def test_one_waits_for_an_older_one_as_long_as_that_takes(write, office, row, pass_time):
    office.mood = {"RCPT": "451 later"}
    first = await write(thread="document-1")
    second = await write(thread="document-1")
    for _ in range(16):
        await pass_time(hours=7)
    assert (await row(first)).state == "failed"
    office.mood = {}

    await pass_time(hours=7)

    assert (await row(second)).state == "sent"
