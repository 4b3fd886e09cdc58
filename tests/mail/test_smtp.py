"""A mail that was not taken is nowhere on its way any more."""

import pytest

from portalkit.config import MailConfig, SmtpServer
from portalkit.mail.smtp import BrokenOffError, Parcel, hand_to_server

LINE = b"x" * 900 + b"\r\n"


async def _nothing():
    pass


async def test_what_a_server_did_not_read_is_thrown_away(office):
    parcel = Parcel(
        helo="mill.example",
        sender="portal@mill.example",
        recipient="lucia@sol.example",
        content=b"Subject: Long\r\n\r\n" + LINE * 28_000,
    )
    office.mood = {"DATA": "stop reading"}

    with pytest.raises(BrokenOffError):
        await hand_to_server(
            SmtpServer(host="127.0.0.1", port=office.port, tls="none"),
            MailConfig(timeout=10.0, data_timeout=0.2),
            parcel,
            before_end=_nothing,
            taken=_nothing,
        )
    await office.read_on()

    assert office.mails == []
