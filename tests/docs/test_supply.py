"""What is installed can be told, and what the example is installed from is pinned (R72)."""

import json
import re
import runpy
from importlib.metadata import distributions, requires
from pathlib import Path
from uuid import UUID

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
SBOM = runpy.run_path(str(ROOT / "tools" / "sbom.py"))
DEMO = (ROOT / "requirements" / "demo.txt").read_text("utf-8")
CONSTRAINTS = (ROOT / "requirements" / "constraints.txt").read_text("utf-8")
OWN = (
    "portalkit-core",
    "portalkit-sales",
    "portalkit-purchases",
    "portalkit-catalog",
    "portalkit-einvoice",
)


def named(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def versions(text):
    return dict(re.findall(r"^([a-z0-9.-]+)==([^\s;]+)", text, re.MULTILINE))


@pytest.fixture
def bill(tmp_path, monkeypatch):
    """The file as it is written."""
    monkeypatch.chdir(tmp_path)
    assert SBOM["main"]() == 0
    return json.loads((tmp_path / "dist" / "sbom.cdx.json").read_text("utf-8"))


def test_the_bill_names_every_installed_distribution(bill):
    listed = {(each["name"], each["version"], each["purl"]) for each in bill["components"]}

    assert listed == {
        (named(each.name), each.version, f"pkg:pypi/{named(each.name)}@{each.version}")
        for each in distributions()
    }
    assert bill["specVersion"] == "1.6"
    assert UUID(bill["serialNumber"].removeprefix("urn:uuid:"))
    assert SBOM["bill"]()["serialNumber"] == bill["serialNumber"]


def test_what_the_example_needs_has_the_pinned_hashes_in_the_bill(bill):
    (litestar,) = (each for each in bill["components"] if each["name"] == "litestar")

    pinned = DEMO.partition("litestar==")[2].partition("\n\n")[0]
    assert litestar["hashes"]
    for each in litestar["hashes"]:
        assert each["alg"] == "SHA-256"
        assert f"--hash=sha256:{each['content']}" in pinned


def test_each_pin_of_the_example_has_hashes_and_the_version_of_the_constraints():
    pins = SBOM["read_pins"](DEMO)

    assert [pin for pin, hashes in pins.items() if not hashes] == []
    assert {name: version for name, version in pins} == versions(DEMO)  # noqa: C416
    assert versions(DEMO).items() <= versions(CONSTRAINTS).items()


@pytest.mark.parametrize("package", OWN)
def test_all_that_the_example_declares_is_pinned(package):
    declared = [Requirement(text) for text in requires(package) or ()]
    wanted = {
        named(each.name): each.specifier
        for each in declared
        if each.marker is None
        or any(
            each.marker.evaluate({"extra": extra}) for extra in ("", "demo", "passkeys", "server")
        )
    }

    pinned = versions(DEMO)
    missing = [
        name
        for name, specifier in wanted.items()
        if name not in OWN and not (name in pinned and specifier.contains(pinned[name]))
    ]
    assert missing == []
