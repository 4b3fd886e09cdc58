"""The namespaces of Facturae 3.2."""

from functools import lru_cache
from typing import Final

from portalkit_einvoice.xml.names import split_name

__all__ = ("NAMESPACE", "NAMESPACES", "ROOT", "SIGNATURE", "short_name")

ROOT: Final = "Facturae"

NAMESPACES: Final = {
    "http://www.facturae.es/Facturae/2009/v3.2/Facturae": "3.2",
    "http://www.facturae.gob.es/formato/Versiones/Facturaev3_2.xml": "3.2",
    "http://www.facturae.es/Facturae/2014/v3.2.1/Facturae": "3.2.1",
    "http://www.facturae.gob.es/formato/Versiones/Facturaev3_2_1.xml": "3.2.1",
    "http://www.facturae.gob.es/formato/Versiones/Facturaev3_2_2.xml": "3.2.2",
}
"""Version by the namespace of the root; no other element has one."""

NAMESPACE: Final = "http://www.facturae.gob.es/formato/Versiones/Facturaev3_2_2.xml"
"""Of what is written."""

SIGNATURE: Final = "{http://www.w3.org/2000/09/xmldsig#}Signature"


@lru_cache(maxsize=2_048)
def short_name(tag: str) -> str:
    """Return the local name of an element of Facturae, also where a file gives it a namespace."""
    namespace, local = split_name(tag)
    return local if namespace in NAMESPACES and local != ROOT else tag
