"""Check that each distribution declares what it imports, and imports what it declares."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Distributions whose import name deptry cannot guess from this environment.
MODULES = "portalkit-core=portalkit,python-stdnum=stdnum"
# Needed at run time without an import of ours: tzdata by zoneinfo, psycopg, aiosqlite and
# uvloop by URL or by name, granian as the server.
UNIMPORTED = "DEP002=tzdata|aiosqlite|psycopg|uvloop|granian"


def check(project: Path, source: str) -> bool:
    """Run deptry on one distribution and say whether it is content."""
    command = [
        sys.executable,
        "-m",
        "deptry",
        source,
        "--no-ansi",
        "--per-rule-ignores",
        UNIMPORTED,
        "--package-module-name-map",
        MODULES,
    ]
    if project == ROOT:
        command += ["--optional-dependencies-dev-groups", "dev"]
    print(f"deptry {project.relative_to(ROOT) / source}", flush=True)
    return subprocess.run(command, cwd=project, check=False).returncode == 0


def main() -> int:
    """Check all of them and return 1 if one is wrong."""
    plugins = sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))
    results = [check(ROOT, "src")] + [check(plugin, "src") for plugin in plugins]
    return 0 if all(results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
