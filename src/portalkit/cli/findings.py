"""What a check has found: well, worth a thought, or not to be served like this."""

from enum import StrEnum

import msgspec

__all__ = ("Finding", "Level", "fail", "ok", "warn")


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Finding(msgspec.Struct, frozen=True):
    """One line of a check.

    Attributes:
        subject: What was looked at: a setting, or a part of the surroundings.
        text: What was found there, and what to do about it.
    """

    level: Level
    subject: str
    text: str


def ok(subject: str, text: str) -> Finding:
    """Return that something is well."""
    return Finding(Level.OK, subject, text)


def warn(subject: str, text: str) -> Finding:
    """Return that something works but is worth a thought."""
    return Finding(Level.WARN, subject, text)


def fail(subject: str, text: str) -> Finding:
    """Return that something does not work, or is not safe."""
    return Finding(Level.FAIL, subject, text)
