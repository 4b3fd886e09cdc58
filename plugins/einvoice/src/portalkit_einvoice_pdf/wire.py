"""What an importer and the process that opens PDFs say to each other."""

from typing import Literal

import msgspec

__all__ = ("EmbeddedFile", "Found", "Problem", "Question", "Ready", "Start")

Problem = Literal["", "damaged", "encrypted", "files", "large", "memory"]


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of the process: the first message to it.

    Attributes:
        max_bytes: Of all that is unpacked of one PDF.
        max_files: Inside one PDF.
    """

    memory_mib: int
    max_bytes: int
    max_files: int


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to ``Start``."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One PDF to open.

    Attributes:
        seconds: Processor time after which the process ends itself.
    """

    content: bytes
    seconds: int


class EmbeddedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file inside a PDF, with what the PDF says of it."""

    name: str
    media_type: str
    description: str
    content: bytes


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The files inside a PDF, or why they cannot be had.

    Attributes:
        problem: ``memory`` also means that the process has ended.
    """

    files: tuple[EmbeddedFile, ...] = ()
    problem: Problem = ""
