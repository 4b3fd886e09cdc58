"""What the web process and a rendering process say to each other."""

from typing import Final, Literal

import msgspec

from portalkit.model.header import PdfAttachment

__all__ = ("ASSET_ROOT", "Job", "Ready", "Result", "Start")

ASSET_ROOT: Final = "https://sheet.invalid/"
"""Where the assets of a document seem to lie; a name that can never be looked up (RFC 6761)."""


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of a process: the first message to it."""

    memory_mib: int
    max_output: int


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to ``Start``; ``problem`` says why the process is of no use."""

    problem: str | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One document to render.

    Attributes:
        assets: Bytes by the path below ``ASSET_ROOT``.
        identifier: Written into the metadata, so that the file is known again.
        digest: Hash of the job itself; makes the file's own identifiers the same every time.
        xmp: Further ``rdf:Description`` elements for the metadata.
        seconds: Processor time after which the process ends itself.
    """

    html: str
    assets: dict[str, bytes]
    identifier: str
    digest: bytes
    seconds: int
    attachments: tuple[PdfAttachment, ...] = ()
    xmp: tuple[bytes, ...] = ()


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """A rendered document, or why there is none.

    Attributes:
        problem: ``memory`` also means that the process has ended.
        complaints: What was left out (an asset that was not handed over, unknown CSS).
    """

    pdf: bytes = b""
    problem: Literal["", "failed", "memory", "size"] = ""
    detail: str = ""
    complaints: tuple[str, ...] = ()
