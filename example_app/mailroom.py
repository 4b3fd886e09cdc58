"""The demo's mail server and letter box: it takes every mail and hands it to nobody else.

Whoever tries the demo reads the mails at ``/-/mail``. A host in earnest names a real server
in ``smtp_url`` and has nothing of this.
"""

import asyncio
import base64
import email
import re
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, Final

import jinja2
import msgspec
from litestar import Litestar, MediaType, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery

__all__ = ("Mailroom", "ReceivedMail")

_PAGES: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "pages"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
)
_NAME: Final = re.compile(r"[0-9]{1,25}")
_SHOWN: Final = 200
# The mail is somebody's words: it may look as it likes, and do nothing.
_FRAME: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


class ReceivedMail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail in the letter box."""

    id: str
    sender: str
    to: str
    subject: str
    message_id: str
    date: datetime | None
    text: str
    html: str


class Mailroom:
    """Takes mails on a port of its own and keeps them in a folder."""

    def __init__(self, folder: Path) -> None:
        """Find a free port; the doors open with :meth:`open`."""
        self._folder = folder / "mail"
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))

    @property
    def url(self) -> str:
        """What the portal is given as ``smtp_url``."""
        return f"smtp://127.0.0.1:{self._socket.getsockname()[1]}?tls=none"

    @property
    def routes(self) -> Sequence[HTTPRouteHandler]:
        """The pages of the letter box."""

        # A portal at the root answers every address but those written in full, so that which
        # mail is meant stands in the query.
        @get("/-/mail", media_type=MediaType.HTML, sync_to_thread=True)
        def letter_box(mail: FromQuery[str] = "") -> Response[str]:
            """List the newest mails, or show one: its HTML in a closed frame, and its text."""
            if mail:
                return _page("mail_letter.html", mail=self.find(mail))
            return _page("mail_list.html", mails=self.newest())

        @get("/-/mail/letter", media_type=MediaType.HTML, sync_to_thread=True)
        def letter(mail: FromQuery[str]) -> Response[str]:
            """Serve a mail's HTML, for the frame."""
            html = self.find(mail).html.replace("<head>", '<head><base target="_blank">', 1)
            headers = {"content-security-policy": _FRAME}
            return Response(html, media_type=MediaType.HTML, headers=headers)

        return (letter_box, letter)

    @asynccontextmanager
    async def open(self, _: Litestar) -> AsyncIterator[None]:
        """Take mails for as long as the application runs."""
        from aiosmtpd.smtp import SMTP  # noqa: PLC0415 - the demo's only

        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(self, enable_SMTPUTF8=True, loop=loop), sock=self._socket
        )
        try:
            yield
        finally:
            server.close()
            await server.wait_closed()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ARG002,N802 - aiosmtpd's
        """Keep a mail; whoever has sent it hears so when it is on the disk."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        path = self._folder / f"{time.time_ns()}.eml"
        path.write_bytes(envelope.content)
        return "250 Kept"

    def newest(self) -> list[ReceivedMail]:
        """Return the newest mails, the newest of them first."""
        paths = sorted(self._folder.glob("*.eml"), reverse=True)[:_SHOWN]
        return [_read(path) for path in paths]

    def find(self, mail: str) -> ReceivedMail:
        """Return one mail.

        Raises:
            NotFoundException: If there is none of that name.
        """
        path = self._folder / f"{mail}.eml"
        if not _NAME.fullmatch(mail) or not path.exists():
            raise NotFoundException
        return _read(path)


def _read(path: Path) -> ReceivedMail:
    message = email.message_from_bytes(path.read_bytes(), policy=default)
    return ReceivedMail(
        id=path.stem,
        sender=str(message["From"]),
        to=str(message["To"]),
        subject=str(message["Subject"]),
        message_id=str(message["Message-ID"]),
        date=message["Date"].datetime if message["Date"] else None,
        text=_part(message, "plain"),
        html=_with_pictures(message, _part(message, "html")),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return "" if part is None else str(part.get_content())


def _with_pictures(message: EmailMessage, html: str) -> str:
    for part in message.walk():
        name = str(part["Content-ID"] or "").strip("<>")
        if name and part.get_content_maintype() == "image":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                data = base64.b64encode(content).decode()
                html = html.replace(f"cid:{name}", f"data:{part.get_content_type()};base64,{data}")
    return html


def _page(name: str, **values: Any) -> Response[str]:
    return Response(_PAGES.get_template(name).render(**values), media_type=MediaType.HTML)
