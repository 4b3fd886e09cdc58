"""Updates the catalogues of the kernel and of all shipped plugins; 1 if texts are missing."""

import sys
from pathlib import Path

from portalkit.i18n.extract import main

ROOT = Path(__file__).resolve().parent.parent


def packages() -> list[Path]:
    """Return the folders of all packages that have catalogues of their own."""
    plugins = sorted(ROOT.glob("plugins/*/src/portalkit_*"))
    return [ROOT / "src" / "portalkit", *plugins, ROOT / "example_app" / "harvest"]


if __name__ == "__main__":
    sys.exit(main([*sys.argv[1:], *(str(folder) for folder in packages())]))
