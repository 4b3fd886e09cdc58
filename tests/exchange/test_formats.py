"""A file that nobody reads is refused by the name of what it is."""

import gzip

import pytest

from portalkit.errors import ImportRefusedError
from portalkit.exchange.formats import choose_importer


class Rooted:
    """Recognises a root, as the first bytes show it."""

    name = title = "rooted"

    def recognizes(self, head: bytes, filename: str) -> bool:
        return b"<Mine" in head


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"%PDF-1.7", "a PDF"),
        (b"PK\x03\x04abc", "a ZIP archive (unpack it first)"),
        (gzip.compress(b"x", mtime=0), "a gzip archive (unpack it first)"),
        (b"\x89PNG\r\n", "a PNG picture"),
        (b'{"a": 1}', "JSON"),
        (b"a;b;c", "no XML"),
        (b"\x00\x01\x02", "no XML"),
        (
            b'<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:data:standard:CrossIndustryInvoice:100">',
            "CII (Cross Industry Invoice)",
        ),
        (
            b'<fe:Facturae xmlns:fe="http://www.facturae.gob.es/Versiones/Facturaev3_2_2.xml">',
            "Facturae",
        ),
        ("<Facturae/>".encode("utf-16"), "Facturae"),
        (b"<!DOCTYPE html><html>", "HTML"),
        (b"<a:Other xmlns:a='x'>", "XML with the root Other"),
        (b"<!-- only", "XML without a root"),
    ],
)
def test_formats_are_named(content, name):
    with pytest.raises(ImportRefusedError) as refused:
        choose_importer(content, "x", [Rooted()])

    assert refused.value.reason == f"it is {name}, which is not imported"


@pytest.mark.parametrize("content", [b"", b" \n", b" " * 5_000])
def test_nothing_is_called_empty(content):
    with pytest.raises(ImportRefusedError, match=r"^it is empty$"):
        choose_importer(content, "x", [Rooted()])


def test_a_long_comment_does_not_hide_the_root():
    content = b"<?xml version='1.0'?>\n<!--" + b" licence" * 2_000 + b"-->\n<Mine/>"

    assert choose_importer(content, "x", [Rooted()]).name == "rooted"
