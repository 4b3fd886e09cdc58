"""Write ``dist/sbom.cdx.json``: every installed distribution, as CycloneDX 1.6.

What the example needs has the hashes that ``requirements/demo.txt`` pins, one for each archive
of its release; what was installed came from one of them.
"""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

ROOT = Path(__file__).parents[1]
TARGET = Path("dist/sbom.cdx.json")

Pins = Mapping[tuple[str, str], Sequence[str]]


def read_pins(text: str) -> Pins:
    """Return the SHA-256 of the archives of each name and version in a requirements file."""
    pins: dict[tuple[str, str], list[str]] = {}
    for entry in re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE):
        if match := re.match(r"([a-z0-9.-]+)==([^\s;]+)", entry):
            pins[match[1], match[2]] = re.findall(r"--hash=sha256:([0-9a-f]{64})", entry)
    return pins


def component(found: Distribution, pins: Pins) -> dict[str, object]:
    """Return one distribution as a component."""
    metadata = found.metadata
    name = re.sub(r"[-_.]+", "-", metadata["Name"]).lower()
    entry: dict[str, object] = {
        "type": "library",
        "bom-ref": f"pkg:pypi/{name}@{found.version}",
        "name": name,
        "version": found.version,
        "purl": f"pkg:pypi/{name}@{found.version}",
    }
    if expression := metadata.get("License-Expression"):
        entry["licenses"] = [{"expression": expression}]
    if hashes := pins.get((name, found.version)):
        entry["hashes"] = [{"alg": "SHA-256", "content": each} for each in hashes]
    return entry


def bill() -> dict[str, object]:
    """Return the bill of what is installed; the same installation has the same number."""
    pins = read_pins((ROOT / "requirements" / "demo.txt").read_text("utf-8"))
    found = {
        str(entry["bom-ref"]): entry
        for entry in (component(each, pins) for each in distributions())
    }
    components = [found[key] for key in sorted(found)]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_OID, json.dumps(components))}",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "portalkit-core"}},
        "components": components,
    }


def main() -> int:
    """Write the file."""
    document = bill()
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    print(f"{TARGET}: written", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
