"""What a PDF says about itself: one RDF packet with the document's id (decision 12)."""

import io
from typing import Any, Final
from xml.etree.ElementTree import Element, fromstring, iterparse, register_namespace, tostring

from portalkit.rendering.pdf.wire import Job

__all__ = ("describe",)

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_MEDIA: Final = "http://ns.adobe.com/xap/1.0/mm/"
_ABOUT: Final = f"{{{_RDF}}}about"
_SCHEMAS: Final = "{http://www.aiim.org/pdfa/ns/extension/}schemas"
_BAG: Final = f"{_SCHEMAS}/{{{_RDF}}}Bag"

# PDF/A allows a schema of its own only if the file describes it (ISO 19005-3, 6.6.2.3.3).
_ACCESSIBLE: Final = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    ' xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"'
    ' xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"'
    ' xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"'
    ' xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">'
    '<rdf:Description rdf:about="" pdfuaid:part="1"/>'
    '<rdf:Description rdf:about=""><pdfaExtension:schemas><rdf:Bag>'
    '<rdf:li rdf:parseType="Resource">'
    "<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>"
    "<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>"
    "<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>"
    '<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">'
    "<pdfaProperty:name>part</pdfaProperty:name>"
    "<pdfaProperty:valueType>Integer</pdfaProperty:valueType>"
    "<pdfaProperty:category>internal</pdfaProperty:category>"
    "<pdfaProperty:description>Part of the PDF/UA standard</pdfaProperty:description>"
    "</rdf:li></rdf:Seq></pdfaSchema:property>"
    "</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description></rdf:RDF>"
)

for _prefix, _namespace in {
    "xmpMM": _MEDIA,
    "pdfaExtension": "http://www.aiim.org/pdfa/ns/extension/",
    "pdfaSchema": "http://www.aiim.org/pdfa/ns/schema#",
    "pdfaProperty": "http://www.aiim.org/pdfa/ns/property#",
}.items():
    register_namespace(_prefix, _namespace)


def describe(metadata: Any, job: Job) -> None:
    """Let a document's metadata also tell its id, PDF/UA, and what the job adds.

    WeasyPrint would put further packets beside its own, which no reader looks at, so all of
    it goes into the one that it writes itself.
    """
    write = metadata.generate_rdf_metadata

    def write_all(*arguments: Any) -> bytes:
        rdf = fromstring(write(*arguments))  # noqa: S314 -- written by WeasyPrint just now
        rdf.extend(fromstring(_ACCESSIBLE))  # noqa: S314 -- written above
        about = Element(f"{{{_RDF}}}Description", {_ABOUT: ""})
        about.set(f"{{{_MEDIA}}}DocumentID", job.identifier)
        rdf.append(about)
        for description in job.xmp:
            _add(rdf, description)
        packet: bytes = tostring(rdf, encoding="utf-8")
        return packet

    metadata.generate_rdf_metadata = write_all


def _add(rdf: Element, description: bytes) -> None:
    """Add a description; schemas that it describes join the list of those that are there.

    A property may occur once in a packet, and the list is one property.
    """
    own = io.BytesIO(description)
    for _, (prefix, namespace) in iterparse(own, events=("start-ns",)):  # noqa: S314 -- as below
        register_namespace(prefix, namespace)
    element = fromstring(description)  # noqa: S314 -- handed over by our own code
    bag = rdf.find(f"*/{_BAG}")
    for described in element.findall(_BAG):
        if bag is not None:
            bag.extend(described)
    for schemas in element.findall(_SCHEMAS):
        element.remove(schemas)
    if len(element) or len(element.attrib) > 1:
        rdf.append(element)
