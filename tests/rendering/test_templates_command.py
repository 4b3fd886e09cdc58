import pytest
from click.testing import CliRunner

from portalkit.cli.templates import templates_group
from portalkit.config import PortalConfig


@pytest.fixture
def run(tmp_path):
    config = PortalConfig(template_dir=tmp_path, plugins=())
    return lambda *arguments: CliRunner().invoke(templates_group, arguments, obj=config)


def test_the_layers_of_a_template_are_printed_the_used_one_first(run, tmp_path) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "ui.html").write_text("ours")

    result = run("why", "core/ui.html")

    assert result.exit_code == 0
    used, below = result.output.splitlines()
    assert used.split() == ["used", "host", "host", str(tmp_path / "core" / "ui.html")]
    assert below.split()[:3] == ["below", "portalkit", "kernel"]


def test_a_template_that_does_not_exist_is_told_in_one_line(run) -> None:
    result = run("why", "core/missing.html")

    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "Error: no layer has 'core/missing.html' (looked into: host, portalkit)"
    ]
