"""Which importer reads a file; and for those that none reads, what they are."""

import re
from collections.abc import Iterable
from typing import Final

from portalkit.errors import ImportRefusedError
from portalkit.hooks.types import DocumentImporter

__all__ = ("choose_importer",)

_HEAD: Final = 4096
_LOOK: Final = 256 * 1024

_MAGIC: Final = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive (unpack it first)"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "a gzip archive (unpack it first)"),
    (b"BZh", "a bzip2 archive (unpack it first)"),
    (b"\xfd7zXZ\x00", "an xz archive (unpack it first)"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive (unpack it first)"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive (unpack it first)"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"{", "JSON"),
    (b"[", "JSON"),
)

# By what stands in the first bytes; the order matters, for an envelope names what is in it.
_XML: Final = (
    (b"StandardBusinessDocument", "a document in an SBDH envelope (take it out first)"),
    (b":CrossIndustryInvoice:", "CII (Cross Industry Invoice)"),
    (b":CrossIndustryDocument:", "CII (ZUGFeRD 1)"),
    (b"SCRDMCCBDACIOMessageStructure", "CII (Order-X)"),
    (b"acturae", "Facturae"),
    (b"FatturaElettronica", "FatturaPA"),
    (b"<html", "HTML"),
    (b"<!DOCTYPE html", "HTML"),
)
_BEFORE_ROOT: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_ROOT: Final = re.compile(rb"<(?:[\w.-]{1,60}:)?([A-Za-z_][\w.-]{0,60})[\s/>]")


def choose_importer(
    content: bytes, filename: str, importers: Iterable[DocumentImporter]
) -> DocumentImporter:
    """Return the first importer that recognises a file by its first 4 KiB.

    Comments in front of an XML document's root do not count: licences are longer than that.

    Args:
        content: The whole file.
        filename: Its name, without folders.
        importers: In the order of their plugins.

    Raises:
        ImportRefusedError: If none does; the line names the format as far as it is known.
    """
    head = content[:_HEAD]
    if not head.strip():
        raise ImportRefusedError("it is empty")
    for importer in importers:
        if importer.recognizes(head, filename):
            return importer
    start = _BEFORE_ROOT.match(content[:_LOOK])
    head = content[start.end() if start else 0 :][:_HEAD]
    for importer in importers:
        if importer.recognizes(head, filename):
            return importer
    raise ImportRefusedError(f"it is {_name(content[:_HEAD], head)}, which is not imported")


def _name(head: bytes, root_head: bytes) -> str:
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    # UTF-16 becomes plain enough to be looked at.
    plain = root_head.replace(b"\x00", b"").lstrip(b"\xff\xfe \t\r\n")
    if not plain.startswith(b"<"):
        return "no XML"
    for sign, name in _XML:
        if sign in plain:
            return name
    root = _ROOT.search(plain)
    return f"XML with the root {root[1].decode()}" if root else "XML without a root"
