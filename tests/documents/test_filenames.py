"""Names of files that are handed out (case O11)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalkit.documents.filenames import content_disposition, document_filename, safe_filename

PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
HEADER = re.compile(
    r'(?:attachment|inline); filename="[A-Za-z0-9._-]+"'
    r"(?:; filename\*=UTF-8''[A-Za-z0-9._~%-]+)?"
)
HOSTILE = [
    "../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "%2e%2e%2fetc%2fpasswd",
    "a\0b.pdf",
    "a\r\nSet-Cookie: x=1",
    'a"; filename="evil.exe',
    "F\u202efdp.exe",
    "x" * 5_000,
    "CON",
    "nul.pdf",
    "",
    ".",
    "...",
    "-rf",
    "~root",
    "\ud800",
    "ñ" * 300,
    "فاتورة",
    " \t ",
]


@pytest.mark.parametrize(
    ("word", "number", "name"),
    [
        ("Factura", "F26-0412", "factura-F26-0412.pdf"),
        ("Pedido de compra", "PC-2026-00093", "pedido-de-compra-PC-2026-00093.pdf"),
        ("Albarán", "A/26/0931", "albaran-A-26-0931.pdf"),
        ("Factura", "12345678&G33", "factura-12345678-G33.pdf"),
        ("Factura", "F1.exe", "factura-F1-exe.pdf"),
        ("فاتورة", "F26", "F26.pdf"),
        ("فاتورة", "٣", "document.pdf"),
        ("", "CON", "_CON.pdf"),
    ],
)
def test_a_documents_file_is_named_by_kind_and_number(word, number, name):
    assert document_filename(word, number) == name


@pytest.mark.parametrize("number", HOSTILE)
def test_no_number_makes_a_path_or_breaks_out(number):
    name = document_filename("Factura", number)

    assert PLAIN.fullmatch(name)
    assert name.endswith(".pdf")
    assert name.count(".") == 1
    assert len(name) <= 100


@given(st.text(), st.text())
def test_any_number_makes_a_safe_name(word, number):
    name = document_filename(word, number, "xml")

    assert PLAIN.fullmatch(name)
    assert HEADER.fullmatch(content_disposition(name))


def test_a_suffix_is_a_suffix():
    with pytest.raises(ValueError, match="suffix"):
        document_filename("Factura", "F1", "pdf/../x")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Plano del molino.pdf", "Plano del molino.pdf"),
        ("señal ñandú.PNG", "señal ñandú.PNG"),
        ("C:\\Users\\Ana\\foto.jpg", "foto.jpg"),
        ("../../etc/passwd", "passwd"),
        ("请求.csv", "请求.csv"),
        ("CON.txt", "_CON.txt"),
        (".htaccess", "htaccess"),
        ("a\u202egnp.exe", "a gnp.exe"),
        ("", "document"),
        ("...", "document"),
        ("x" * 5_000 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_a_file_that_was_sent_keeps_what_is_harmless_of_its_name(sent, kept):
    assert safe_filename(sent) == kept


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("inline", [True, False])
def test_a_header_holds_one_name_and_nothing_else(name, inline):
    header = content_disposition(name, inline=inline)

    assert HEADER.fullmatch(header)
    assert header.startswith("inline" if inline else "attachment")
    assert len(header) < 1_000


@given(st.text())
def test_any_name_makes_a_safe_header(name):
    assert HEADER.fullmatch(content_disposition(name))


def test_names_in_other_scripts_are_told_twice():
    assert content_disposition("señal.pdf") == (
        "attachment; filename=\"senal.pdf\"; filename*=UTF-8''se%C3%B1al.pdf"
    )
