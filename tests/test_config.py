"""The configuration: three sources, and no start with a wrong setting."""

from pathlib import Path

import msgspec
import pytest

from portalkit.config import PortalConfig, Secret
from portalkit.errors import ConfigError

KEY = "k" * 32


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "portalkit.toml"
    path.write_text('session_idle_days = 3\nlocales = ["en"]\n[pdf]\nworkers = 1\n')

    config = PortalConfig.load(
        path, environ={"PORTALKIT_PDF__WORKERS": "4", "PORTALKIT_SECRET_KEYS": f"{KEY},{KEY}x"}
    )

    assert config.session_idle_days == 3
    assert config.locales == ("en",)
    assert config.pdf.workers == 4
    assert [key.value for key in config.secret_keys] == [KEY, f"{KEY}x"]


def test_python_wins_over_everything(tmp_path: Path) -> None:
    config = PortalConfig.load(
        environ={"PORTALKIT_BASE_URL": "http://127.0.0.1:1"}, base_url="https://portal.example"
    )

    assert config.base_url == "https://portal.example"


def test_settings_of_a_plugin_come_from_the_environment() -> None:
    class Settings(msgspec.Struct, forbid_unknown_fields=True):
        page_size: int = 25

    config = PortalConfig.load(environ={"PORTALKIT_SALES__PAGE_SIZE": "50"})

    assert config.settings_for("sales", Settings) == Settings(page_size=50)


@pytest.mark.parametrize(
    ("environ", "place"),
    [
        ({"PORTALKIT_FOO": "1"}, "PORTALKIT_FOO"),
        ({"PORTALKIT_SESSION_IDLE_DAYS": "many"}, "$.session_idle_days"),
        ({"PORTALKIT_PDF__WORKER": "1"}, "worker"),
        ({"PORTALKIT_SECRET_KEYS": "short"}, "secret_keys"),
        ({"PORTALKIT_BASE_URL": "http://portal.example"}, "base_url"),
        ({"PORTALKIT_BASE_URL": "ftp://portal.example"}, "base_url"),
        ({"PORTALKIT_DATABASE_URL": "mysql://x"}, "database_url"),
        ({"PORTALKIT_SESSION_IDLE_DAYS": "15"}, "session_idle_days"),
        ({"PORTALKIT_SESSION_MAX_DAYS": "31"}, "session_max_days"),
        ({"PORTALKIT_PASSWORD__MEMORY_KIB": "1024"}, "password"),
        (
            {"PORTALKIT_IS_DEMO": "true", "PORTALKIT_BASE_URL": "https://portal.example"},
            "is_demo",
        ),
    ],
)
def test_a_wrong_or_unknown_setting_names_its_place(environ: dict[str, str], place: str) -> None:
    with pytest.raises(ConfigError) as refused:
        PortalConfig.load(environ=environ)

    assert place in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["= broken", "no_such_setting = 1", "session_idle_days = true"])
def test_a_wrong_file_names_itself(tmp_path: Path, text: str) -> None:
    path = tmp_path / "portalkit.toml"
    path.write_text(text)

    with pytest.raises(ConfigError, match=r"portalkit\.toml"):
        PortalConfig.load(path, environ={})


def test_a_file_that_was_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        PortalConfig.load(tmp_path / "other.toml", environ={})


def test_a_secret_never_shows_itself() -> None:
    config = PortalConfig.load(
        environ={
            "PORTALKIT_SECRET_KEYS": KEY,
            "PORTALKIT_SMTP_URL": "smtp://me:hush@localhost",
            "PORTALKIT_MAIL__FROM_ADDRESS": "portal@mill.example",
        }
    )

    assert KEY not in repr(config)
    assert "hush" not in repr(config)
    assert str(Secret("hush")) == "Secret(...)"


def test_the_prefix_is_the_path_of_the_base_url() -> None:
    config = PortalConfig(base_url="https://shop.example/portal/")

    assert config.base_path == "/portal"
    assert config.origin == "https://shop.example"
    assert config.is_secure
