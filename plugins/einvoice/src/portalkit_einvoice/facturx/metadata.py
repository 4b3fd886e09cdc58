"""What a Factur-X PDF says about the XML in it (Factur-X 1.0, schema ``fx``)."""

from typing import Final

__all__ = ("FILENAME", "METADATA")

FILENAME: Final = "factur-x.xml"
"""The name that readers look for."""

_NAMESPACE: Final = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_RDF: Final = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""'
_STATED: Final = {
    "DocumentType": "INVOICE",
    "DocumentFileName": FILENAME,
    "Version": "1.0",
    "ConformanceLevel": "EN 16931",
}
_MEANINGS: Final = {
    "DocumentType": "What the embedded file is",
    "DocumentFileName": "Name of the embedded file",
    "Version": "Version of the schema that the embedded file follows",
    "ConformanceLevel": "Profile of the embedded file",
}


def _stated() -> str:
    parts = "".join(f"<fx:{name}>{text}</fx:{name}>" for name, text in _STATED.items())
    return f'<rdf:Description {_RDF} xmlns:fx="{_NAMESPACE}">{parts}</rdf:Description>'


def _described() -> str:
    properties = "".join(
        '<rdf:li rdf:parseType="Resource">'
        f"<pdfaProperty:name>{name}</pdfaProperty:name>"
        "<pdfaProperty:valueType>Text</pdfaProperty:valueType>"
        "<pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{meaning}</pdfaProperty:description></rdf:li>"
        for name, meaning in _MEANINGS.items()
    )
    return (
        f"<rdf:Description {_RDF}"
        ' xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"'
        ' xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"'
        ' xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">'
        '<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">'
        "<pdfaSchema:schema>Factur-X</pdfaSchema:schema>"
        f"<pdfaSchema:namespaceURI>{_NAMESPACE}</pdfaSchema:namespaceURI>"
        "<pdfaSchema:prefix>fx</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{properties}</rdf:Seq></pdfaSchema:property>"
        "</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"
    )


METADATA: Final = (_stated().encode(), _described().encode())
"""The properties, and their description, which PDF/A-3 wants (ISO 19005-3, 6.6.2.3.3)."""
