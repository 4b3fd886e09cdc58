"""Write ``dist/sbom.cdx.json``: every installed distribution, as CycloneDX 1.6."""

import json
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

TARGET = Path("dist/sbom.cdx.json")


def component(found: Distribution) -> dict[str, object]:
    """Return one distribution as a component."""
    metadata = found.metadata
    name = metadata["Name"].lower().replace("_", "-")
    entry: dict[str, object] = {
        "type": "library",
        "bom-ref": f"pkg:pypi/{name}@{found.version}",
        "name": name,
        "version": found.version,
        "purl": f"pkg:pypi/{name}@{found.version}",
    }
    if expression := metadata.get("License-Expression"):
        entry["licenses"] = [{"expression": expression}]
    return entry


def main() -> int:
    """Write the file."""
    found = {str(entry["bom-ref"]): entry for entry in map(component, distributions())}
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "portalkit-core"}},
        "components": [found[key] for key in sorted(found)],
    }
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    print(f"{TARGET}: {len(found)} components", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
