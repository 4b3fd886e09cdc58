"""What stands in the log: one line for each event, as JSON or for people to read.

A line carries ids and never what somebody typed or was sent (security R69). An error is told
by its class and the places it passed, because its message may repeat a value; see
:func:`described` for the few messages that are written for a log.
"""

import logging
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from json import dumps
from typing import Any, Final, Literal

from portalkit.errors import PortalError

__all__ = (
    "JsonFormatter",
    "LogFormat",
    "TextFormatter",
    "described",
    "driver_message",
    "log_config",
    "log_event",
    "origin",
)

LogFormat = Literal["auto", "json", "text"]
"""``auto`` is text for a terminal and JSON for everything else."""

_Fields = Mapping[str, Any]

# For whom something is done: a request or a job. Asked only when a line is written.
_origin: ContextVar[Callable[[], _Fields] | None] = ContextVar("portalkit_origin", default=None)

# What PostgreSQL says of values that do not fit repeats them.
_DATA_EXCEPTION: Final = "22"
# Their messages are ours, the driver's without values, or name no more than a piece of code.
_TOLD: Final = (PortalError, AttributeError, NameError, ImportError)
_MAX_FRAMES: Final = 25


@contextmanager
def origin(fields: Callable[[], _Fields]) -> Iterator[None]:
    """Let every line that is written inside the block say for whom it was.

    Args:
        fields: Called for each line, so that a request which writes none pays nothing.
    """
    token = _origin.set(fields)
    try:
        yield
    finally:
        _origin.reset(token)


def log_event(
    logger: logging.Logger,
    level: int,
    event: str,
    message: str = "",
    *,
    error: BaseException | None = None,
    **fields: object,
) -> None:
    """Write one line about something that has happened.

    Args:
        logger: Whose line it is.
        level: Of the line.
        event: A stable name by which lines are found: ``access.refused``.
        message: A sentence for people, if the name does not say it all.
        error: What went wrong.
        fields: Ids and short words; ``None`` is left out.
    """
    if logger.isEnabledFor(level):
        told = {name: value for name, value in fields.items() if value is not None}
        extra = {"portalkit": {"event": event, **_current(), **told}}
        logger.log(level, "%s", message or event, exc_info=error, extra=extra, stacklevel=2)


def _current() -> _Fields:
    fields = _origin.get()
    return {} if fields is None else fields()


def described(error: BaseException) -> str:
    """Return an error in one line; of the database's without a value that was to be stored."""
    inner = _of_driver(error)
    said = str(error) if inner is None else f"{type(inner).__name__}: {driver_message(inner)}"
    text = " ".join(said.split()).removesuffix(":")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _of_driver(error: BaseException) -> BaseException | None:
    """Return what SQLAlchemy has wrapped, if it is one of its errors; it is slow to import."""
    inner = getattr(error, "orig", None)
    return inner if isinstance(inner, BaseException) and hasattr(error, "statement") else None


def driver_message(error: BaseException) -> str:
    """Return what a database's driver says, without the values that it may repeat.

    PostgreSQL adds the row or the key to its message: "DETAIL: Key (email)=(...)".
    """
    diagnosis = getattr(error, "diag", None)
    if diagnosis is None:
        return str(error)
    if (getattr(error, "sqlstate", None) or "").startswith(_DATA_EXCEPTION):
        return ""
    return diagnosis.message_primary or str(error).partition("\n")[0]


class JsonFormatter(logging.Formatter):
    """One object for each line, all ASCII: nothing that was sent can begin a line of its own."""

    def __init__(self, *, shows_messages: bool = False) -> None:
        """Make it; ``shows_messages``: those of all errors, for whoever develops a plugin."""
        super().__init__()
        self._shows_messages = shows_messages

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        error = _error(record)
        if error is not None:
            line["error"] = self._said(error)
            line["trace"] = self._trail(error, set())
        return dumps(line, default=str)

    def _said(self, error: BaseException) -> str:
        if self._shows_messages or isinstance(error, _TOLD) or _of_driver(error) is not None:
            return described(error)
        return type(error).__name__

    def _trail(self, error: BaseException, seen: set[int]) -> list[str]:
        """Return the classes and places of an error, after those of what led to it."""
        if id(error) in seen:
            return []
        seen.add(id(error))
        before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        lines = [] if before is None else self._trail(before, seen)
        for part in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
            lines += self._trail(part, seen)
        frames = traceback.extract_tb(error.__traceback__, limit=-_MAX_FRAMES)
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return [*lines, *places, self._said(error)]


class TextFormatter(JsonFormatter):
    """The same for people at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with the places of an error below it."""
        message, fields = record.getMessage(), _fields(record)
        pairs = [f"{name}={value}" for name, value in fields.items() if value != message]
        words = (_time(record), record.levelname, message, *pairs)
        lines = [" ".join(map(_printable, words))]
        error = _error(record)
        if error is not None:
            lines += [f"    {_printable(line)}" for line in self._trail(error, set())]
        return "\n".join(lines)


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _fields(record: logging.LogRecord) -> _Fields:
    fields: _Fields | None = getattr(record, "portalkit", None)
    return _current() if fields is None else fields


def _error(record: logging.LogRecord) -> BaseException | None:
    return record.exc_info[1] if record.exc_info else None


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def log_config(style: LogFormat = "auto", *, shows_messages: bool = False) -> dict[str, Any]:
    """Return a configuration for ``logging.config.dictConfig``: all lines to standard error.

    Args:
        style: How lines look.
        shows_messages: Write the messages of all errors; they may carry what was typed.
    """
    is_text = style == "text" or (style == "auto" and sys.stderr.isatty())
    name = TextFormatter.__name__ if is_text else JsonFormatter.__name__
    formatter = {"()": f"{__name__}.{name}", "shows_messages": shows_messages}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"portalkit": formatter},
        "handlers": {"portalkit": {"class": "logging.StreamHandler", "formatter": "portalkit"}},
        "loggers": {"portalkit": {"level": "INFO"}},
        "root": {"handlers": ["portalkit"], "level": "WARNING"},
    }
