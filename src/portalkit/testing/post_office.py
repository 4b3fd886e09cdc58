"""A mail server for tests: it keeps what it takes, and behaves badly when it is told to."""

import asyncio
import contextlib
import email
from collections.abc import AsyncIterator, Awaitable, Callable
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope

__all__ = ("PostOffice", "open_post_office")


class PostOffice:
    """Behaves as ``mood`` says, at the moment that it is asked.

    Attributes:
        mood: What it does, by the name of the command (``MAIL``, ``RCPT``, ``DATA``, and
            ``END`` for the end of a mail; ``RCPT lucia@sol.example`` for one of them alone):
            an answer such as ``"550 unknown"``, ``stall`` to say nothing, ``hang up`` to close
            the connection, and at ``DATA`` also ``stop reading``, until :meth:`read_on`.
        mails: All that it has taken, whether or not it has said so.
        recipients: Their addresses, in the same order.
        visits: How often somebody has connected.
        taken: Called after each mail.
        leaving: Awaited when somebody says goodbye, before the answer.
        port: On loopback; 0 before it has been opened.
    """

    def __init__(self) -> None:
        self.mood: dict[str, str] = {}
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.visits = 0
        self.taken: Callable[[], object] = lambda: None
        self.leaving: Callable[[], Awaitable[object]] = _answer_at_once
        self.port = 0
        self.connections: set[asyncio.BaseTransport] = set()
        self.is_empty = asyncio.Event()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """What the portal is given as ``smtp_url``."""
        return f"smtp://127.0.0.1:{self.port}?tls=none"

    async def open(self) -> None:
        """Open the doors; at the same place as before, if there was one."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._visit, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Refuse everybody, and hang up on whoever is there."""
        if self._server is not None:
            self._server.close()
            for transport in tuple(self.connections):
                _abort(transport)
            await self._server.wait_closed()
            self._server = None

    async def read_on(self) -> None:
        """Read what was not read yet, and wait until everybody has gone."""
        for transport in tuple(self.connections):
            if isinstance(transport, asyncio.ReadTransport):
                transport.resume_reading()
        await self.is_empty.wait()

    def _visit(self) -> "_Connection":
        self.visits += 1
        return _Connection(self)

    # What aiosmtpd asks of a handler

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Hear who sends."""
        del session
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return await self._answer("MAIL", server)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Hear for whom."""
        del session, options
        envelope.rcpt_tos.append(address)
        own = f"RCPT {address}"
        return await self._answer(own if own in self.mood else "RCPT", server)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Envelope
    ) -> str:
        """Take a whole mail."""
        del session
        answer = await self._answer("END", server, envelope)
        if answer.startswith("250"):
            self._keep(envelope)
        return answer

    async def _answer(self, place: str, server: Any, envelope: Envelope | None = None) -> str:
        answer = self.mood.get(place, "250 OK")
        if answer not in {"stall", "hang up"}:
            return answer
        if answer == "hang up":
            if envelope is not None:
                self._keep(envelope)
            server.transport.abort()
        # Whoever waits is cut off with the connection.
        await asyncio.Event().wait()
        raise AssertionError("nobody waits that long")

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        self.mails.append(email.message_from_bytes(raw, policy=default))
        self.recipients += envelope.rcpt_tos
        self.taken()


class _Connection(SMTP):
    def __init__(self, office: PostOffice) -> None:
        super().__init__(office, enable_SMTPUTF8=True, loop=asyncio.get_running_loop())
        self._office = office

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._office.connections.add(transport)
        self._office.is_empty.clear()

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport is not None:
            self._office.connections.discard(self.transport)
        if not self._office.connections:
            self._office.is_empty.set()
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        match self._office.mood.get("DATA"):
            case None:
                await super().smtp_DATA(arg)
            case "stall":
                await asyncio.Event().wait()
            case "stop reading":
                if isinstance(self.transport, asyncio.ReadTransport):
                    self.transport.pause_reading()
                await super().smtp_DATA(arg)
            case "hang up":
                _abort(self.transport)
            case answer:
                await self.push(answer)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        await self._office.leaving()
        await super().smtp_QUIT(arg)


async def _answer_at_once() -> None:
    pass


def _abort(transport: asyncio.BaseTransport | None) -> None:
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()


@contextlib.asynccontextmanager
async def open_post_office() -> AsyncIterator[PostOffice]:
    """Open a post office for as long as a block lasts."""
    office = PostOffice()
    await office.open()
    try:
        yield office
    finally:
        await office.close()
