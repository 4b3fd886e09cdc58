"""Files that mean harm, or are broken: each is refused with one line that names the reason."""

import base64
import gzip
import io
import zipfile
from contextlib import suppress
from copy import deepcopy

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree
from portalkit_einvoice.ubl import UblImporter
from portalkit_einvoice.xml.parsing import MAX_ITEMS

from portalkit.documents.canonical import canonical, read_body
from portalkit.errors import ImportRefusedError

LAUGHS = "".join(
    f'<!ENTITY l{n} "{"&l" * 0}{"".join(f"&l{n - 1};" for _ in range(10))}">' for n in range(1, 10)
)


def with_doctype(text: str, doctype: str) -> str:
    declaration, rest = text.split("?>", 1)
    return f"{declaration}?>{doctype}{rest}"


def refused(read, content: bytes | str) -> str:
    with pytest.raises(ImportRefusedError) as caught:
        read(content)
    reason = str(caught.value)
    assert reason.isprintable()
    assert 0 < len(reason) < 300
    return reason


@pytest.mark.parametrize(
    "doctype",
    [
        f'<!DOCTYPE Invoice [<!ENTITY l0 "ha">{LAUGHS}]>',
        '<!DOCTYPE Invoice [<!ENTITY f SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Invoice [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>',
        '<!DOCTYPE Invoice SYSTEM "http://127.0.0.1:9/invoice.dtd">',
        '<!DOCTYPE Invoice PUBLIC "-//X//Y//EN" "file:///etc/passwd">',
        "<!DOCTYPE Invoice>",
    ],
    ids=["laughs", "file", "parameter", "external", "public", "empty"],
)
def test_a_dtd_is_refused_before_anything_is_expanded_or_fetched(read, make_invoice, doctype):
    text = with_doctype(make_invoice(buyer="&l9;&f;"), doctype)

    assert refused(read, text) == (
        "it has a document type declaration (DTD), which is not accepted"
    )


def test_an_entity_nobody_declared_is_refused(read, make_invoice):
    assert "Entity 'f' not defined" in refused(read, make_invoice(buyer="&f;"))


def test_a_file_above_the_limit_is_refused_without_being_parsed(make_invoice):
    importer = UblImporter(1)
    content = make_invoice(buyer="x" * 1024 * 1024).encode()

    with pytest.raises(ImportRefusedError, match=r"^it is larger than 1 MiB$"):
        importer.read(content, "large.xml")


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("latin-1", "ISO-8859-1"),
        ("cp1252", "windows-1252"),
    ],
)
def test_declared_encodings_and_byte_order_marks_are_read(
    read, importer, make_invoice, encoding, declared
):
    text = make_invoice(buyer="Peña & Müller".replace("&", "&amp;"))
    content = text.replace('encoding="UTF-8"', f'encoding="{declared}"').encode(encoding)

    assert importer.recognizes(content[:4096], "x.xml")
    assert read(content).body.parties[1].name == "Peña & Müller"


@pytest.mark.parametrize("declared", ["UTF-8", "US-ASCII", "UTF-16", "KLINGON", ""])
def test_a_wrong_encoding_is_refused(read, make_invoice, declared):
    text = make_invoice(buyer="Peña").replace('encoding="UTF-8"', f'encoding="{declared}"')

    assert refused(read, text.encode("latin-1")).startswith("it is not well-formed XML: ")


def test_nul_bytes_and_control_characters_are_refused(read, make_invoice):
    for char in ("\x00", "\x01", "\x1b", "&#0;", "&#27;", "\ufffe"):
        assert refused(read, make_invoice(buyer=f"a{char}b")).startswith(
            "it is not well-formed XML: "
        )


def test_a_truncated_file_is_refused_wherever_it_ends(read, make_invoice):
    content = make_invoice().encode()

    for end in range(0, len(content) - 10, 7):
        refused(read, content[:end])


def test_what_is_no_xml_is_not_recognised_and_refused(read, importer):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("invoice.xml", b"\x00" * 1_000_000)
    for content in (
        b"",
        b"hello",
        b"%PDF-1.7\n",
        b'{"kind": "invoice"}',
        archive.getvalue(),
        gzip.compress(b"<Invoice/>"),
        b"\x89PNG\r\n\x1a\n" + bytes(200),
        bytes(range(256)) * 8,
    ):
        assert not importer.recognizes(content[:4096], "invoice.xml")
        refused(read, content)


def test_a_deep_file_is_refused(read, make_invoice):
    deep = "<cac:Party>" * 100 + "</cac:Party>" * 100

    assert refused(read, make_invoice(tail=deep)) == "its elements are nested more than 64 deep"


def test_too_many_elements_stop_the_parser_long_before_the_end(read, make_invoice):
    # What comes after the limit is never looked at: not even that it is no XML.
    text = make_invoice(tail="<a/>" * (MAX_ITEMS + 1) + "<a" * 1_000_000)

    assert refused(read, text) == f"it has more than {MAX_ITEMS} elements and attributes"


def test_many_attributes_count_like_elements(read, make_invoice):
    attributes = " ".join(f'a{number}="1"' for number in range(MAX_ITEMS // 2 + 1))

    refused(read, make_invoice(tail=f"<a {attributes}/><b {attributes}/>"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("xsd:Invoice-2", "xsd:Order-2"),
        ("xsd:Invoice-2", "xsd:Invoice-1"),
        ("urn:oasis:names:specification:ubl:schema:xsd:Invoice-2", "urn:example:invoice"),
        ('xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"', ""),
    ],
)
def test_another_namespace_is_no_ubl(read, make_invoice, old, new):
    reason = refused(read, make_invoice().replace(old, new))

    assert reason.startswith("its root Invoice (")
    assert reason.endswith(") is no document of UBL 2")


def test_components_of_another_namespace_are_not_read_as_ubl(read, make_invoice):
    text = make_invoice().replace("CommonBasicComponents-2", "CommonBasicComponents-3")

    assert refused(read, text) == "it has no ID"


@pytest.mark.parametrize("root", ["Statement", "DebitNote", "ApplicationResponse"])
def test_an_unsupported_root_is_refused_by_its_name(read, make_invoice, root):
    assert refused(read, make_invoice(root=root)).startswith(f"UBL {root} is not imported: only ")


def test_a_catalogue_is_refused_because_its_products_need_another_plugin(read, make_invoice):
    assert refused(read, make_invoice(root="Catalogue")) == (
        "UBL Catalogue is not imported: it holds products, for which the catalog plugin is needed"
    )


@pytest.mark.parametrize("missing", ["ID", "IssueDate"])
def test_number_and_date_are_needed(read, make_invoice, missing):
    text = make_invoice().replace(f"<cbc:{missing}>", f"<!-- <cbc:{missing}>", 1)
    text = text.replace(f"</cbc:{missing}>", f"</cbc:{missing}> -->", 1)

    assert refused(read, text) == f"it has no {missing}"


def attached(content: str, attributes: str = "") -> str:
    return f"""<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID><cac:Attachment>
    <cbc:EmbeddedDocumentBinaryObject {attributes}>{content}</cbc:EmbeddedDocumentBinaryObject>
    </cac:Attachment></cac:AdditionalDocumentReference>"""


@pytest.mark.parametrize("content", ["%%%", "abc", "YWJj=YWJj", "ñ"])
def test_a_file_inside_that_is_no_base64_is_refused(read, make_invoice, content):
    reason = refused(read, make_invoice(head=attached(content)))

    assert reason == "file 1 inside it is not valid base64"


def test_a_name_that_leads_elsewhere_is_cut_and_kept_as_stated(read, make_invoice):
    stated = "..\\..\\etc/pass\u202ewd.pdf"
    head = attached(base64.b64encode(b"abc").decode(), f'filename="{stated}" mimeCode="x y"')

    document = read(make_invoice(head=head))

    (file,) = document.files
    assert (file.filename, file.media_type) == ("passwd.pdf", "application/octet-stream")
    path = "AdditionalDocumentReference/Attachment/EmbeddedDocumentBinaryObject"
    assert document.body.extra[f"{path}@filename"] == stated
    assert document.body.extra[f"{path}@mimeCode"] == "x y"


def test_too_many_files_inside_are_refused(read, make_invoice):
    assert refused(read, make_invoice(head=attached("YWJj") * 101)) == (
        "it has more than 100 files inside"
    )


def test_an_address_elsewhere_is_never_fetched_only_kept(read, make_invoice):
    head = """<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID><cac:Attachment>
    <cac:ExternalReference><cbc:URI>http://127.0.0.1:9/x.pdf</cbc:URI></cac:ExternalReference>
    </cac:Attachment></cac:AdditionalDocumentReference>"""

    document = read(make_invoice(head=head))

    assert document.files == ()
    assert (
        document.body.extra["AdditionalDocumentReference/Attachment/ExternalReference/URI"]
        == "http://127.0.0.1:9/x.pdf"
    )


def mutate(content: bytes, kind: str, place: float, size: int, byte: int) -> bytes:
    """Damage a file: cut it, turn bytes over, repeat or remove a stretch or an element."""
    at = int(place * len(content))
    match kind:
        case "cut":
            return content[:at]
        case "flip":
            return content[:at] + bytes([byte]) + content[at + 1 :]
        case "remove":
            return content[:at] + content[at + size :]
        case "repeat":
            return content[: at + size] + content[at:]
        case _:
            start = max(content.find(b"<cbc:", at), content.find(b"<ram:", at))
            name = content[start + 1 : start + 60].split(b">")[0].split(b" ")[0]
            end = content.find(b"</" + name + b">", start) + len(name) + 3
            if start < 0 or end < start:
                return content
            return content[:end] + content[start:end] + content[end:]


MUTATIONS = st.tuples(
    st.sampled_from(["cut", "flip", "remove", "repeat", "double"]),
    st.floats(0, 1, exclude_max=True),
    st.integers(1, 400),
    st.integers(0, 255),
)


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(which=st.integers(0, 1000), mutations=st.lists(MUTATIONS, min_size=1, max_size=4))
@example(which=0, mutations=[("flip", 0.0, 1, 0)])
def test_a_damaged_real_file_is_read_or_refused_and_nothing_else(
    supported, data_folder, readers, which, mutations
):
    content = (data_folder / supported[which % len(supported)]["path"]).read_bytes()
    for mutation in mutations:
        content = mutate(content, *mutation)

    for reader in readers:
        reader.recognizes(content[:4096], "damaged.xml")
        with suppress(ImportRefusedError):
            (document,) = reader.read(content, "damaged.xml")
            assert document.body.number


ODD_TEXTS = [
    "",
    "-1",
    "1e9",
    "9" * 28,
    "9" * 15 + ".99",
    "0." + "0" * 20 + "1",
    "2024-02-30",
    "9999-12-31",
    "0001-01-01Z",
    "true",
    "XXX",
    "NA",
    "\u202e\u2028",
    "x" * 30_000,
    "#ABC#",
]


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    which=st.integers(0, 1000),
    changes=st.lists(
        st.tuples(
            st.integers(0, 10_000),
            st.sampled_from(["text", "currencyID", "filename", "double", "remove"]),
            st.sampled_from(ODD_TEXTS),
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_a_real_file_with_odd_values_is_read_or_refused_and_nothing_else(
    supported, data_folder, readers, which, changes
):
    root = etree.parse(data_folder / supported[which % len(supported)]["path"]).getroot()
    for place, what, text in changes:
        elements = list(root.iter("*"))
        element = elements[place % len(elements)]
        parent = element.getparent()
        if what == "text":
            element.text = text
        elif what == "double" and parent is not None:
            parent.insert(0, deepcopy(element))
        elif what == "remove" and parent is not None:
            parent.remove(element)
        elif what in {"currencyID", "filename"}:
            element.set(what, text)

    for reader in readers:
        with suppress(ImportRefusedError):
            (document,) = reader.read(etree.tostring(root), "odd.xml")
            assert read_body(canonical(document.body)) == document.body


def test_a_long_name_of_a_file_inside_keeps_its_suffix(read, make_invoice):
    head = attached("YWJj", f'filename="{"x" * 300}.pdf"')

    (file,) = read(make_invoice(head=head)).files

    assert len(file.filename) == 120
    assert file.filename.endswith("xxx.pdf")
