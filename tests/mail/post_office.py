"""A mail server for tests: it keeps what it takes, and behaves badly when it is told to."""

import asyncio
import contextlib
import email
from collections.abc import AsyncIterator, Callable
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.smtp import SMTP


class PostOffice:
    """Behaves as ``mood`` says, at the moment that it is asked.

    Attributes:
        mood: What it does: an answer such as ``"550 unknown"`` by the name of the command
            (``MAIL``, ``RCPT``, ``DATA``, ``END``), ``stall`` to say nothing there, ``hang up``
            to close the connection there.
        mails: All that it has taken, whether or not it has said so.
        visits: How often somebody has connected.
        taken: Called after each mail.
    """

    def __init__(self) -> None:
        self.mood: dict[str, str] = {}
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.visits = 0
        self.port = 0
        self.taken: Callable[[], object] = lambda: None
        self._server: asyncio.Server | None = None
        self.connections: set[asyncio.Transport] = set()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?tls=none"

    async def open(self) -> None:
        """Open the doors; at the same place as before, if there was one."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._visit, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Refuse everybody."""
        if self._server is not None:
            self._server.close()
            for transport in tuple(self.connections):
                transport.abort()
            await self._server.wait_closed()
            self._server = None

    def _visit(self) -> "_Counter":
        self.visits += 1
        return _Counter(self)

    # What aiosmtpd asks of a handler

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return await self._answer("MAIL", server, "250 OK")

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        envelope.rcpt_tos.append(address)
        return await self._answer("RCPT", server, "250 OK")

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        answer = await self._answer("END", server, "250 OK", envelope)
        if answer.startswith("250"):
            self._keep(envelope)
        return answer

    async def _answer(self, place, server, usual, envelope=None) -> str:
        match self.mood.get(place, usual):
            case "stall":
                await asyncio.Event().wait()
            case "hang up":
                if envelope is not None:
                    self._keep(envelope)
                server.transport.abort()
                await asyncio.Event().wait()
            case answer:
                return answer
        raise AssertionError("nobody waits that long")

    def _keep(self, envelope) -> None:
        self.mails.append(email.message_from_bytes(envelope.content, policy=default))
        self.recipients += envelope.rcpt_tos
        self.taken()


class _Counter(SMTP):
    """One connection."""

    def __init__(self, office: PostOffice) -> None:
        super().__init__(office, enable_SMTPUTF8=True, loop=asyncio.get_running_loop())
        self._office = office

    def connection_made(self, transport) -> None:
        super().connection_made(transport)
        self._office.connections.add(transport)

    def connection_lost(self, error) -> None:
        self._office.connections.discard(self.transport)
        super().connection_lost(error)

    async def smtp_DATA(self, arg) -> None:  # noqa: N802
        match self._office.mood.get("DATA"):
            case None:
                await super().smtp_DATA(arg)
            case "stall":
                await asyncio.Event().wait()
            case "hang up":
                self.transport.abort()
            case answer:
                await self.push(answer)


@contextlib.asynccontextmanager
async def open_post_office() -> AsyncIterator[PostOffice]:
    """Open a post office for as long as a block lasts."""
    office = PostOffice()
    await office.open()
    try:
        yield office
    finally:
        await office.close()
