"""The demo's letter box keeps what it is sent and shows it, and can do nothing with it."""

import email.policy

import aiosmtplib
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from example_app.mailroom import Mailroom
from portalkit.settings import read_smtp_server


def message(
    subject="Hello <b>", html="<html><head></head><p>Read <a href='/x'>this</a></p></html>"
):
    mail = email.message.EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = "a@mill.example", "b@sol.example", subject
    mail["Message-ID"] = "<1@mill.example>"
    mail.set_content("Read https://portal.example/x")
    mail.add_alternative(html, subtype="html")
    return mail


@pytest.fixture
async def client(tmp_path):
    room = Mailroom(tmp_path)
    app = Litestar(list(room.routes), lifespan=[room.open], openapi_config=None)
    async with AsyncTestClient(app) as client:
        client.room = room
        yield client


async def send(room, mail):
    server = read_smtp_server(room.url)
    await aiosmtplib.send(mail, hostname=server.host, port=server.port)


async def test_an_empty_box_says_how_to_fill_it(client):
    assert "No mails yet" in (await client.get("/-/mail")).text


async def test_mails_are_listed_and_read_newest_first(client):
    await send(client.room, message("First"))
    await send(client.room, message())

    listed = (await client.get("/-/mail")).text
    newest, first = client.room.newest()
    letter = await client.get(f"/-/mail?mail={newest.id}")

    assert listed.index("Hello &lt;b&gt;") < listed.index("First")
    assert first.subject == "First"
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in letter.text
    assert '<a href="https://portal.example/x"' in letter.text


async def test_a_letter_is_closed_up_and_its_links_open_beside_it(client):
    await send(client.room, message())
    (mail,) = client.room.newest()

    frame = await client.get(f"/-/mail/letter?mail={mail.id}")

    assert '<base target="_blank">' in frame.text
    assert "default-src 'none'" in frame.headers["content-security-policy"]
    assert "script" not in frame.headers["content-security-policy"]


@pytest.mark.parametrize("name", ["1", "../key", "..%2Fkey", "x" * 400, ""])
async def test_what_is_no_mail_is_not_found(client, name):
    for path in (f"/-/mail?mail={name}", f"/-/mail/letter?mail={name}"):
        answer = await client.get(path)
        assert answer.status_code == 404 or (not name and answer.status_code == 200)
