"""Odd documents: what is written as Facturae passes its schema, or it says why it cannot be."""

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree
from portalkit_einvoice.facturae.writing import obstacles_of, write

from portalkit.errors import ExportRefusedError
from portalkit.model import DocumentBody, PersonName

from .samples import full_invoice
from .test_export_odd import ODD, Path, leaves


def facturae_invoice() -> DocumentBody:
    """Return an invoice that uses what Facturae has and the rest of the world does not."""
    body = full_invoice()
    seller, *others = body.parties
    person = PersonName(given_name="Ana", surname="Gil", second_surname="Ruiz")
    return msgspec.structs.replace(
        body, parties=(msgspec.structs.replace(seller, person=person), *others)
    )


PLAIN = msgspec.json.decode(msgspec.json.encode(facturae_invoice()))
PATHS = sorted(leaves(PLAIN), key=str)


@pytest.fixture(scope="module")
def schema(data_folder) -> etree.XMLSchema:
    rules = data_folder / "rules" / "facturae-xsd"
    return etree.XMLSchema(etree.parse(rules / "Facturaev3_2_2.xsd"))


def changed(path: Path, value: object) -> DocumentBody | None:
    """Return the document with one value changed; nothing if no document has such a value."""
    plain = msgspec.json.decode(msgspec.json.encode(PLAIN))
    holder = plain
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    try:
        return msgspec.convert(plain, DocumentBody)
    except msgspec.ValidationError:
        return None


def outcome(body: DocumentBody, schema: etree.XMLSchema) -> list[str]:
    try:
        content = write(body)
    except ExportRefusedError as error:
        return [] if error.reasons else ["it does not say why"]
    schema.validate(etree.fromstring(content))
    return [str(error) for error in schema.error_log]


def test_the_document_that_is_changed_can_be_written(schema):
    assert schema.validate(etree.fromstring(write(facturae_invoice())))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(path=st.sampled_from(PATHS), value=ODD)
@example(path=("parties", 0, "name"), value="\x00")
@example(path=("lines", 0, "net_price"), value="0.000000001")
def test_a_document_with_an_odd_value_passes_or_says_why(schema, path, value):
    body = changed(path, value)

    if body is not None:
        obstacles_of(body)
        assert outcome(body, schema) == []
