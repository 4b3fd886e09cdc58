"""``portalkit einvoice inspect``: what it says of a file, for people and for programs."""

import json
import os

import pytest
from click.testing import CliRunner
from portalkit_einvoice.inspection import inspect_command
from portalkit_einvoice.inspection.profiles import profile_name
from sqlalchemy import create_engine, func, select

from portalkit.cli import cli
from portalkit.db import sync_url
from portalkit.documents.models import DocumentRow

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def portal_plugins() -> tuple[str, ...]:
    return ("sales", "purchases", "einvoice")


@pytest.fixture
def inspect(portal_config):
    """Run the command; return its exit code and what it printed."""

    def run(*arguments: str | os.PathLike[str]) -> tuple[int, str]:
        result = CliRunner().invoke(
            inspect_command, [str(each) for each in arguments], obj=portal_config
        )
        return result.exit_code, result.stdout

    return run


@pytest.fixture
def facts_of(inspect):
    """Return what the command says of one file to a program."""

    def facts(path: str | os.PathLike[str]) -> dict:
        _, printed = inspect("--json", path)
        return json.loads(printed)

    return facts


def test_it_is_a_command_of_the_plugin(database_url, make_invoice, tmp_path):
    config = tmp_path / "portalkit.toml"
    config.write_text(f'database_url = "{database_url}"\nplugins = ["einvoice"]\n')
    (tmp_path / "1.xml").write_text(make_invoice(), "utf-8")

    result = CliRunner().invoke(
        cli, ["--config", str(config), "einvoice", "inspect", str(tmp_path / "1.xml")]
    )

    assert result.exit_code == 0
    assert "UBL 2.1" in result.stdout


def test_it_says_all_there_is_to_know_of_a_pdf(facts_of, data_folder):
    facts = facts_of(data_folder / "zugferd" / "pdf" / "EN16931_Rabatte.pdf")

    assert facts["format"] == "PDF with XML inside (Factur-X, ZUGFeRD, Order-X)"
    assert facts["profile"] == "EN 16931"
    assert (facts["kind"], facts["type_code"], facts["number"]) == ("invoice", "380", "471102")
    assert (facts["date"], facts["currency"], facts["lines"]) == ("2018-06-05", "EUR", 4)
    assert facts["parties"] == {"seller": "Lieferant GmbH", "buyer": "Kunden AG Mitte"}
    assert facts["totals"] == {
        "line_total": "202.70",
        "allowances": "14.73",
        "charges": "5.80",
        "net": "193.77",
        "tax": "21.30",
        "gross": "215.07",
        "prepaid": "50.00",
        "payable": "165.07",
    }
    assert facts["arithmetic"] == {"agrees": True, "differences": [], "note": None}
    assert [file["name"] for file in facts["files"]] == ["factur-x.xml"]
    assert facts["error"] is None


def test_people_read_the_same(inspect, data_folder):
    code, printed = inspect(data_folder / "zugferd" / "pdf" / "EN16931_Rabatte.pdf")

    assert code == 0
    for text in (
        "EN16931_Rabatte.pdf",
        "invoice (type 380) 471102",
        "2018-06-05",
        "Lieferant GmbH",
        "165.07 EUR",
        "factur-x.xml (text/xml, 18.7 KiB)",
        "figures agree with EN 16931",
    ):
        assert text in printed


def test_figures_that_do_not_agree_are_named(inspect, facts_of, make_invoice, tmp_path):
    def amount(name: str, value: str) -> str:
        return f'<cbc:{name} currencyID="EUR">{value}</cbc:{name}>'

    path = tmp_path / "1.xml"
    line = amount("LineExtensionAmount", "100.00")
    path.write_text(make_invoice(line=line, totals=amount("TaxExclusiveAmount", "99.00")))

    _, printed = inspect(path)

    assert facts_of(path)["arithmetic"] == {
        "agrees": False,
        "differences": [{"what": "net", "stated": "99.00", "computed": "100.00"}],
        "note": "tax is not computed: a line does not state its own",
    }
    assert "figures do not agree with EN 16931" in printed
    assert ["net", "99.00", "100.00"] in [row.split() for row in printed.splitlines()]


@pytest.mark.parametrize(
    ("lines", "note"), [("", "no line has an amount"), (None, "no line has an amount")]
)
def test_what_cannot_be_computed_is_said(facts_of, make_cii, tmp_path, lines, note):
    path = tmp_path / "1.xml"
    path.write_text(make_cii(lines=lines))

    assert facts_of(path)["arithmetic"] == {"agrees": None, "differences": [], "note": note}


def test_figures_of_the_standards_own_examples_agree(facts_of, data_folder):
    disagreeing = {
        path.name
        for folder in ("zugferd/xml", "xrechnung", "en16931-cii")
        for path in sorted((data_folder / folder).glob("*.xml"))
        if facts_of(path)["arithmetic"]["agrees"] is False
    }

    # Prices for 1,273 pieces of which one is billed; a return with a positive quantity.
    assert disagreeing == {
        "CII_business_example_01.xml",
        "CII_example1.xml",
        "CII_example2.xml",
    }


def test_what_cannot_be_read_is_one_line_and_exit_code_1(inspect, make_invoice, tmp_path):
    (tmp_path / "1.xml").write_text("<Other/>")
    (tmp_path / "2.xml").write_text(make_invoice())

    code, printed = inspect(tmp_path / "1.xml", tmp_path / "2.xml", tmp_path / "3.xml")
    json_code, lines = inspect("--json", f"{tmp_path}/?.xml")

    assert code == json_code == 1
    assert "cannot be read: it is XML with the root Other, which is not imported" in printed
    assert "cannot be read: there is no such file" in printed
    assert "invoice (type 380) F-1" in printed
    assert [json.loads(line)["error"] is None for line in lines.splitlines()] == [False, True]


def test_names_cannot_paint_on_the_terminal(inspect, make_invoice, tmp_path):
    path = tmp_path / "[red]\x1b[31m.xml"
    path.write_text(make_invoice(buyer="[bold]\u202eBuyer\u2028x", number="F\u202e-1"))

    _, printed = inspect(path)

    assert "[bold] Buyer x" in printed
    assert "\x1b" not in printed
    assert "\u202e" not in printed


def test_nothing_is_stored(inspect, portal_config, data_folder):
    inspect(data_folder / "xrechnung")

    engine = create_engine(sync_url(portal_config.database_url))
    with engine.connect() as connection:
        stored = connection.execute(select(func.count()).select_from(DocumentRow)).scalar_one()
    engine.dispose()
    assert stored == 0


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        ("urn:factur-x.eu:1p0:minimum", "Factur-X MINIMUM"),
        ("urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic", "Factur-X BASIC"),
        ("urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended", "Factur-X EXTENDED"),
        ("urn:ferd:CrossIndustryDocument:invoice:1p0:comfort", "ZUGFeRD 1.0 COMFORT"),
        ("urn:order-x.eu:1p0:comfort", "Order-X COMFORT"),
        (
            "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0",
            "XRechnung 3.0",
        ),
        (
            "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0",
            "Peppol BIS Billing 3",
        ),
        ("urn:cen.eu:en16931:2017", "EN 16931"),
        ("OIOUBL-2.01", "OIOUBL 2.01"),
        ("urn:example", None),
    ],
)
def test_profiles_have_the_names_that_people_use(database_url, identifier, name):
    assert profile_name(identifier) == name
