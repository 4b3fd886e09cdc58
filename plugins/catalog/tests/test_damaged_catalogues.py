"""Catalogues that are broken or mean harm arrive as a whole or leave nothing behind."""

from copy import deepcopy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from portalkit_catalog.models import PriceRow, ProductRow
from portalkit_catalog.stored import read_products
from sqlalchemy import func, select

from portalkit.audit import Event
from portalkit.exchange import import_files
from portalkit.model import new_id

CATALOGUES = (
    "ubl-catalogue/Mobile_Catalogue_UBL.xml",
    "ubl-ehf/Catalogue_Example.xml",
    "ubl-ehf/PunchOut_Example.xml",
    "ubl-oioubl/CATEXE_01_01_00_Catalogue_v2p2.xml",
)
ODD_TEXTS = [
    "",
    "-1",
    "0",
    "1e9",
    "9" * 28,
    "0." + "0" * 20 + "1",
    "2024-02-30",
    "0001-01-01",
    "9999-12-31",
    "Delete",
    "false",
    "XXX",
    "euro",
    "\u202e\u2028",
    "\x85",
    "x" * 30_000,
    "https://mill.example/oil.png",
]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
often = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def arrives_wholly_or_not_at_all(make_desk, engine, tmp_path):
    """Import a file for a business of its own and look at what it left."""
    path = tmp_path / "catalogue.xml"

    def check(content: bytes) -> None:
        path.write_bytes(content)
        desk, before = make_desk(new_id()), counts(engine)
        (result,) = import_files(desk, [path])
        with engine.connect() as connection:
            products = read_products(connection, desk.business_id)
        if result.line.ok:
            # Of products that are only deleted nothing is kept.
            if b"Delete" not in content:
                assert len(products) == result.line.lines
            assert result.outcome.value == ("arrived" if products else "unchanged")
        else:
            assert "failed" not in result.line.error
            assert result.line.error.isprintable()
            assert counts(engine) == before

    return check


def counts(engine):
    with engine.connect() as connection:
        return [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (ProductRow, PriceRow, Event)
        ]


@often
@given(
    which=st.sampled_from(CATALOGUES),
    cuts=st.lists(
        st.tuples(
            st.sampled_from(["cut", "flip", "remove", "repeat"]),
            st.floats(0, 1, exclude_max=True),
            st.integers(1, 400),
            st.integers(0, 255),
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_damaged_bytes(arrives_wholly_or_not_at_all, data_folder, which, cuts):
    content = (data_folder / which).read_bytes()
    for what, place, size, byte in cuts:
        at = int(place * len(content))
        match what:
            case "cut":
                content = content[:at]
            case "flip":
                content = content[:at] + bytes([byte]) + content[at + 1 :]
            case "remove":
                content = content[:at] + content[at + size :]
            case "repeat":
                content = content[: at + size] + content[at:]

    arrives_wholly_or_not_at_all(content)


@often
@given(
    which=st.sampled_from(CATALOGUES),
    changes=st.lists(
        st.tuples(
            st.integers(0, 10_000),
            st.sampled_from(["text", "double", "remove", "currencyID", "unitCode", "languageID"]),
            st.sampled_from(ODD_TEXTS),
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_odd_values(arrives_wholly_or_not_at_all, data_folder, which, changes):
    root = etree.parse(data_folder / which).getroot()
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
        elif what in {"currencyID", "unitCode", "languageID"}:
            element.set(what, text)

    arrives_wholly_or_not_at_all(etree.tostring(root))
