"""Handing one mail to the server, and knowing afterwards how far that went.

A mail counts as handed over at the very end of its data: up to there nothing was accepted, and
it may be tried again without a second thought. Whoever has written that end and hears nothing
cannot know (decision 39).
"""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec

from portalkit.config import MailConfig, SmtpServer

__all__ = (
    "BrokenOffError",
    "NotTakenError",
    "Parcel",
    "PutOffError",
    "RefusedError",
    "ServerAwayError",
    "UnconfirmedError",
    "hand_to_server",
)

_GOODBYE_SECONDS: Final = 5.0
_LINE_END: Final = re.compile(rb"\r\n|\n|\r")
_LEADING_DOT: Final = re.compile(rb"(?m)^\.")
_CLOSING: Final = 421
_GO_ON: Final = 354
_REFUSED: Final = 500
# Commands unknown or out of order, and whoever sends is unknown: never about one mail.
_ABOUT_US: Final = frozenset({502, 503, 530, 535, 538})
_DONE: Final = range(200, 300)


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """A mail as the server gets it.

    Attributes:
        helo: How this machine introduces itself.
        is_utf8: An address has letters beyond ASCII before its ``@`` (RFC 6531).
    """

    helo: str
    sender: str
    recipient: str
    content: bytes
    is_utf8: bool = False


class RefusedError(Exception):
    """The server will not take this mail, now or later."""


class NotTakenError(Exception):
    """The server surely has not got this mail, and may take it later."""


class PutOffError(NotTakenError):
    """The server does not take this mail now, and says to try again."""


class ServerAwayError(NotTakenError):
    """The server cannot be reached or used: no fault of this mail."""


class BrokenOffError(NotTakenError):
    """The server has let us in and gave up in the midst of this mail, whosever fault that is.

    Attributes:
        names_recipient: It had heard who gets the mail, so that may be why.
    """

    def __init__(self, said: str, *, names_recipient: bool) -> None:
        super().__init__(said)
        self.names_recipient = names_recipient


class UnconfirmedError(Exception):
    """The server has all of the mail and did not say whether it took it."""


async def hand_to_server(
    server: SmtpServer,
    config: MailConfig,
    parcel: Parcel,
    *,
    before_end: Callable[[], Awaitable[None]],
    taken: Callable[[], Awaitable[None]],
) -> None:
    """Hand a mail over.

    Args:
        server: Where to.
        config: How patiently.
        parcel: The mail.
        before_end: Awaited when all but the end of the mail is written: what it notes down
            says that the server may have the mail from now on.
        taken: Awaited as soon as the server has taken it.

    Raises:
        RefusedError: For good.
        PutOffError: For now.
        BrokenOffError: For now, and so may be others.
        ServerAwayError: For now, and so will be others.
        UnconfirmedError: It may have been taken.
    """
    client = _client(server, config, parcel.helo)
    try:
        await _connect(client)
        await _announce(client, parcel)
        await _write(client, parcel.content)
        await before_end()
        await _end(client, config.data_timeout)
        await taken()
    except BaseException:
        _hang_up(client)
        raise
    # It was taken; that the server is slow to say goodbye changes nothing.
    with contextlib.suppress(Exception):
        await client.quit(timeout=_GOODBYE_SECONDS)
    _hang_up(client)


def _client(server: SmtpServer, config: MailConfig, helo: str) -> Any:
    import aiosmtplib  # noqa: PLC0415 - only where a mail is due

    return aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user,
        password=None if server.password is None else server.password.value,
        use_tls=server.tls == "implicit",
        start_tls=server.tls == "starttls",
        timeout=config.timeout,
        local_hostname=helo,
    )


async def _connect(client: Any) -> None:
    from aiosmtplib import SMTPException  # noqa: PLC0415 - only where a mail is due

    try:
        await client.connect()
    # A wrong password is a fault of the set-up, and of none of the mails.
    except (SMTPException, OSError, ValueError) as error:
        raise ServerAwayError(_said(error)) from error


async def _announce(client: Any, parcel: Parcel) -> None:
    if parcel.is_utf8:
        await _ask(client.ehlo())
        if not client.supports_extension("smtputf8"):
            raise RefusedError("the server takes no addresses with letters beyond ASCII")
    options = ["SMTPUTF8"] if parcel.is_utf8 else []
    encoding = "utf-8" if parcel.is_utf8 else "ascii"
    await _ask(client.mail(parcel.sender, options=options, encoding=encoding))
    rcpt = client.rcpt(parcel.recipient, encoding=encoding)
    await _ask(rcpt, names_recipient=True, is_final=True)
    answer = await _ask(client.execute_command(b"DATA"), names_recipient=True)
    if answer.code != _GO_ON:
        raise _refusal(answer.code, answer.message, names_recipient=True)


async def _ask(
    asking: Awaitable[Any], *, names_recipient: bool = False, is_final: bool = False
) -> Any:
    """Hear an answer; ``is_final``: a refusal is about this mail, so it has failed."""
    from aiosmtplib import SMTPException, SMTPResponseException  # noqa: PLC0415 - see above

    try:
        return await asking
    except SMTPResponseException as error:
        raise _refusal(
            error.code, error.message, names_recipient=names_recipient, is_final=is_final
        ) from error
    except (SMTPException, OSError, UnicodeError) as error:
        raise BrokenOffError(_said(error), names_recipient=names_recipient) from error


def _refusal(
    code: int, message: str, *, names_recipient: bool, is_final: bool = False
) -> Exception:
    text = f"{code} {' '.join(message.split())}"
    if code in _ABOUT_US:
        return ServerAwayError(text)
    if code == _CLOSING or (code >= _REFUSED and not is_final):
        return BrokenOffError(text, names_recipient=names_recipient)
    # What is neither a yes nor a no is nothing that a mail server says.
    return RefusedError(text) if code >= _REFUSED else PutOffError(text)


async def _write(client: Any, content: bytes) -> None:
    """Write all of a mail but its end."""
    from aiosmtplib import SMTPException  # noqa: PLC0415 - see above

    lines = _LINE_END.sub(b"\r\n", content).removesuffix(b"\r\n") + b"\r\n"
    try:
        client.protocol.write(_LEADING_DOT.sub(b"..", lines))
    except (SMTPException, OSError) as error:
        raise BrokenOffError(_said(error), names_recipient=True) from error
    # Lets a connection that has been closed meanwhile show itself.
    await asyncio.sleep(0)
    if not client.is_connected:
        raise BrokenOffError("the server hung up", names_recipient=True)


async def _end(client: Any, patience: float) -> None:
    """Write the end of a mail, and hear what becomes of it."""
    from aiosmtplib import SMTPException  # noqa: PLC0415 - see above

    transport = client.transport
    try:
        answer = await client.execute_command(b".", timeout=patience)
    except (SMTPException, OSError) as error:
        if _take_back(transport):
            raise BrokenOffError(_said(error), names_recipient=True) from error
        raise UnconfirmedError(_said(error)) from error
    except BaseException:
        _take_back(transport)
        raise
    if answer.code not in _DONE:
        raise _refusal(answer.code, answer.message, names_recipient=True, is_final=True)


def _take_back(transport: Any) -> bool:
    """Throw away what has not left this machine, and say whether the end was among it.

    The client has closed by now, which lets everything leave that still can; aborting does not.
    """
    if transport is None:
        return False
    is_here: bool = transport.get_write_buffer_size() > 0
    transport.abort()
    return is_here


def _hang_up(client: Any) -> None:
    """Close without waiting; what is not written yet must not be."""
    if client.transport is not None:
        client.transport.abort()
    client.close()


def _said(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
