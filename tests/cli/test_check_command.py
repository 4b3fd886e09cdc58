"""``portalkit check``: what works here, and what must not be served to strangers."""

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from litestar import post
from sqlalchemy import create_engine, insert

from portalkit.access.models import Business, Staff
from portalkit.audit import Event
from portalkit.cli.check import check_command
from portalkit.cli.deployment import _may_lose_commits, check_deployment
from portalkit.cli.findings import Level
from portalkit.config import MailConfig, PdfConfig, PortalConfig, Secret
from portalkit.db import sync_url
from portalkit.hooks import HOOK_API, Manifest, PluginRoute, hookimpl, inspect_plugins
from portalkit.model import new_id

KEY = Secret("0123456789abcdefghijklmnopqrstuvwxyz")
NO_PDF = PdfConfig(workers=0)


def fit(**changes):
    """Return settings that are fit for the internet."""
    settings = {
        "base_url": "https://portal.mill.example",
        "database_url": "postgresql://portal@db/portal",
        "secret_keys": (KEY,),
        "smtp_url": Secret("smtp://mail.mill.example:587"),
        "mail": MailConfig(from_address="portal@mill.example"),
        "storage_url": "file:///srv/portal",
        "trusted_proxies": ("10.0.0.1",),
        "plugins": ("sales",),
    }
    return PortalConfig(**{**settings, **changes})


def levels(config, *, workers=2, registry=None):
    """Return the worst that is said of each subject, but for who runs the tests."""
    found = {}
    for finding in check_deployment(config, registry or inspect_plugins(config), workers=workers):
        found[finding.subject] = max(
            found.get(finding.subject, Level.OK), finding.level, key=list(Level).index
        )
    del found["user"]
    return found


def test_nothing_is_said_against_settings_that_are_fit():
    assert set(levels(fit()).values()) == {Level.OK}


@pytest.mark.parametrize(
    ("changes", "subject", "level"),
    [
        ({"debug": True}, "debug", Level.FAIL),
        ({"base_url": "http://127.0.0.1:8000", "is_demo": True}, "is_demo", Level.FAIL),
        ({"base_url": "http://127.0.0.1:8000"}, "base_url", Level.FAIL),
        ({"base_url": "https://localhost"}, "base_url", Level.FAIL),
        ({"secret_keys": ()}, "secret_keys", Level.FAIL),
        ({"secret_keys": (Secret("changeme" * 4),)}, "secret_keys", Level.FAIL),
        ({"secret_keys": (KEY, Secret("x" * 40))}, "secret_keys", Level.FAIL),
        ({"trusted_proxies": ()}, "trusted_proxies", Level.WARN),
        ({"trusted_proxies": ("10.0.0.1", "0.0.0.0/0")}, "trusted_proxies", Level.FAIL),
        ({"trusted_proxies": ("::/0",)}, "trusted_proxies", Level.FAIL),
        ({"smtp_url": None}, "smtp_url", Level.WARN),
        ({"plugins": "*"}, "plugins", Level.WARN),
        ({"safe_mode": True}, "safe_mode", Level.WARN),
        ({"trace_hooks": True}, "trace_hooks", Level.WARN),
        ({"csp_sources": {"img-src": ("https://cdn.example",)}}, "csp_sources", Level.WARN),
        ({"session_same_site": "none"}, "session_same_site", Level.WARN),
        ({"storage_url": "file:./files"}, "storage_url", Level.WARN),
        ({"database_url": "sqlite:////srv/portal.db"}, "database_url", Level.FAIL),
    ],
)
def test_a_setting_that_is_not_fit_is_named(changes, subject, level):
    found = levels(fit(**changes))

    assert found[subject] is level


def test_sqlite_serves_one_process_and_lies_at_a_fixed_place():
    alone = levels(fit(database_url="sqlite:////srv/portal.db"), workers=1)
    relative = levels(fit(database_url="sqlite:///portal.db"), workers=1)

    assert alone["database_url"] is not Level.FAIL
    assert relative["database_url"] is Level.WARN


@pytest.mark.parametrize(
    ("version", "may_lose"),
    [
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((4, 0, 0), False),
    ],
)
def test_versions_of_sqlite_that_may_lose_commits_are_known(version, may_lose):
    assert _may_lose_commits(version) is may_lose


@post("/paid")
async def paid() -> None:
    """Take word of a payment."""


class Webhook:
    manifest = Manifest(name="bank", title="Bank", api=HOOK_API)

    @hookimpl
    def portalkit_register_routes(self):
        yield PluginRoute(handler=paid, is_public=True, csrf=False)


def test_routes_without_a_check_of_forms_are_listed():
    config = fit(allow_csrf_exempt=("bank",))
    registry = inspect_plugins(config, {"bank": Webhook()})

    found = [
        each for each in check_deployment(config, registry, workers=2) if each.subject == "csrf"
    ]

    assert not registry.broken
    assert [each.level for each in found] == [Level.WARN]
    assert found[0].text.startswith("POST /-/bank/paid ")


@pytest.fixture
def here(portal_config, tmp_path):
    """Return settings of a portal that works on this machine."""
    return PortalConfig(
        database_url=portal_config.database_url,
        storage_url=f"file:{tmp_path / 'files'}",
        secret_keys=(KEY,),
        plugins="*",
        pdf=NO_PDF,
    )


@pytest.fixture
def run():
    def run(config, *arguments):
        result = CliRunner().invoke(check_command, arguments, obj=config)
        lines = [line.split(None, 2) for line in result.output.splitlines()]
        return result.exit_code, {line[1]: (line[0], line[2]) for line in lines if len(line) > 2}

    return run


@pytest.fixture
def fill(here):
    """Put rows into the database."""

    def fill(table, **values):
        engine = create_engine(sync_url(here.database_url))
        with engine.begin() as connection:
            connection.execute(insert(table).values(values))
        engine.dispose()

    return fill


def mill():
    return {
        "id": new_id(),
        "slug": "mill",
        "name": "Mill",
        "currency": "EUR",
        "timezone": "Europe/Madrid",
        "locale": "es",
        "locales": ["es"],
        "brand_colour": "#4a671d",
        "settings": {},
        "version": 1,
        "created_at": datetime.now(UTC),
    }


def test_what_works_is_used_and_said(run, here, fill):
    business = mill()
    fill(Business, **business)
    before, first = run(here)
    fill(
        Staff,
        id=new_id(),
        business_id=business["id"],
        email="carmen@mill.example",
        name="Carmen",
        role="admin",
        is_enabled=True,
        must_change_password=False,
        created_at=datetime.now(UTC),
    )

    after, second = run(here)

    assert before == after == 0
    assert {name: first[name][0] for name in ("database", "storage", "clock", "businesses")} == {
        "database": "ok",
        "storage": "ok",
        "clock": "ok",
        "businesses": "ok",
    }
    assert first["staff"][0] == "warn"
    assert "staff" not in second


def test_a_portal_without_a_business_is_worth_a_word(run, here):
    assert run(here)[1]["businesses"][0] == "warn"


def test_a_clock_that_is_behind_what_was_written_fails(run, here, fill):
    business = mill()
    fill(Business, **business)
    fill(
        Event,
        id=new_id(),
        business_id=business["id"],
        name="access.signed_in",
        actor_kind="person",
        actor_name="Ana",
        data={},
        at=datetime.now(UTC) + timedelta(hours=1),
    )

    code, found = run(here)

    assert code == 1
    assert found["clock"][0] == "fail"


def test_a_database_without_tables_and_a_storage_that_is_none_fail(run, tmp_path):
    (tmp_path / "file").write_text("no folder")
    code, found = run(
        PortalConfig(
            database_url=f"sqlite:///{tmp_path / 'new.db'}",
            storage_url=f"file:{tmp_path / 'file'}",
            plugins=("ghost",),
            pdf=NO_PDF,
        )
    )

    assert code == 1
    assert found["database"][0] == found["storage"][0] == "fail"
    assert "portalkit db upgrade" in found["database"][1]
    assert found["plugins"] == ("fail", "ghost is not installed")
    assert not (tmp_path / "new.db").exists()


def test_a_database_that_cannot_be_used_is_one_line(run, tmp_path):
    (tmp_path / "broken.db").write_text("this is no database at all, whatever its name says")

    code, found = run(
        PortalConfig(database_url=f"sqlite:///{tmp_path / 'broken.db'}", plugins=(), pdf=NO_PDF)
    )

    assert code == 1
    assert found["database"] == (
        "fail",
        "cannot be used: file is not a database; is database_url right?",
    )


def test_a_pdf_is_made(run, tmp_path):
    _, found = run(
        PortalConfig(
            database_url=f"sqlite:///{tmp_path / 'x.db'}", storage_url="memory:", plugins=()
        )
    )

    assert found["PDF"][0] == "ok"


def test_more_is_asked_of_what_is_served_to_strangers(run, tmp_path):
    config = PortalConfig(
        database_url=f"sqlite:///{tmp_path / 'x.db'}", storage_url="memory:", plugins=(), pdf=NO_PDF
    )

    _, plain = run(config)
    code, strict = run(config, "--deploy", "--workers", "2")

    assert "base_url" not in plain
    assert code == 1
    assert strict["base_url"][0] == strict["database_url"][0] == "fail"


def test_a_first_check_says_that_a_key_is_missing(run, tmp_path):
    code, found = run(
        PortalConfig(
            database_url=f"sqlite:///{tmp_path / 'x.db'}",
            storage_url="memory:",
            plugins=(),
            pdf=NO_PDF,
        )
    )

    assert code == 1
    assert found["secret_keys"] == (
        "fail",
        "none: set PORTALKIT_SECRET_KEYS to 32 random bytes or more",
    )
