"""Every owner's migrations lead up, down and up again to what its models say."""

import subprocess
import sys

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import NullPool

from portalkit.cli.db import import_models
from portalkit.config import PortalConfig
from portalkit.db import Base, configure_engine, sync_url
from portalkit.db.compare import schema_differences
from portalkit.db.migrate import check_migrated, current, downgrade, pending, reading, upgrade
from portalkit.db.revisions import KERNEL, owners_of
from portalkit.errors import MigrationsPendingError
from portalkit.hooks import inspect_plugins

INSTALLED = inspect_plugins(PortalConfig())
OWNERS = [owner.name for owner in owners_of(INSTALLED)]


def tables(url):
    with reading(url) as connection:
        return set(inspect(connection).get_table_names())


@pytest.fixture
def connection(empty_url):
    engine = configure_engine(create_engine(sync_url(empty_url), poolclass=NullPool))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.mark.parametrize("owner", OWNERS)
def test_tables_are_what_the_models_say(database_url, owner):
    import_models()

    assert schema_differences(database_url, INSTALLED, owner, Base.metadata) == []


@pytest.mark.parametrize("owner", OWNERS)
def test_migrations_lead_down_and_up_again(database_url, owner):
    before = tables(database_url)

    for other in reversed(OWNERS[OWNERS.index(owner) :]):
        downgrade(database_url, INSTALLED, other)

    kept = {name for name in tables(database_url) if name.startswith(f"{owner}_")}
    assert {name for name in kept if not name.startswith("portalkit_version")} == set()
    assert owner in upgrade(database_url, INSTALLED)
    assert tables(database_url) == before


def test_everything_is_pending_until_it_is_upgraded_once(empty_url, with_plugin):
    registry = with_plugin("acme_card", "acme_point")

    assert pending(empty_url, registry) == [KERNEL, "acme"]
    with pytest.raises(MigrationsPendingError, match="portalkit, acme: run 'portalkit db upgrade'"):
        check_migrated(empty_url, registry)

    assert upgrade(empty_url, registry) == [KERNEL, "acme"]

    assert upgrade(empty_url, registry) == []
    check_migrated(empty_url, registry)
    assert current(empty_url, registry)["acme"] == ("acme_2",)
    assert {"acme_card", "acme_point", "portalkit_version_acme"} <= tables(empty_url)


def test_looking_at_a_database_that_is_not_there_does_not_make_it(tmp_path, kernel):
    path = tmp_path / "none.db"

    assert current(f"sqlite:///{path}", kernel) == {KERNEL: ()}
    assert not path.exists()


def test_a_new_step_is_pending_for_its_owner_only(empty_url, with_plugin):
    upgrade(empty_url, with_plugin("acme_card"))

    registry = with_plugin("acme_card", "acme_point")

    assert pending(empty_url, registry) == ["acme"]
    assert upgrade(empty_url, registry) == ["acme"]


def test_an_uninstalled_plugin_stops_nobody_from_upgrading(empty_url, with_plugin, kernel):
    upgrade(empty_url, with_plugin("acme_card"))

    assert upgrade(empty_url, kernel) == []
    assert "acme_card" in tables(empty_url)


def test_a_database_that_is_newer_than_the_code_is_not_pending(empty_url, with_plugin, tmp_path):
    upgrade(empty_url, with_plugin("acme_card", "acme_point"))
    (tmp_path / "acme" / "migrations" / "versions" / "2.py").unlink()
    older = with_plugin("acme_card")

    assert pending(empty_url, older) == []
    assert upgrade(empty_url, older) == []


def test_a_plugin_can_be_taken_back(empty_url, with_plugin):
    registry = with_plugin("acme_card", "acme_point")
    upgrade(empty_url, registry)

    downgrade(empty_url, registry, "acme", "acme_1")
    assert "acme_point" not in tables(empty_url)
    assert pending(empty_url, registry) == ["acme"]
    downgrade(empty_url, registry, "acme")
    assert "acme_card" not in tables(empty_url)
    with pytest.raises(LookupError):
        downgrade(empty_url, registry, "nobody")


def test_a_failing_step_leaves_nothing_of_its_owner_behind(empty_url, with_plugin):
    registry = with_plugin("acme_card", "acme_point", acme_2="raise RuntimeError('no')")

    with pytest.raises(RuntimeError):
        upgrade(empty_url, registry)

    assert "acme_card" not in tables(empty_url)
    assert pending(empty_url, registry) == ["acme"]


def test_a_hosts_connection_keeps_its_transaction(connection, with_plugin):
    registry = with_plugin("acme_card")

    with connection.begin() as transaction:
        assert upgrade(connection, registry) == [KERNEL, "acme"]
        assert pending(connection, registry) == []
        transaction.rollback()

    assert pending(connection, registry) == [KERNEL, "acme"]


def test_a_hosts_connection_without_a_transaction_is_committed(connection, kernel, empty_url):
    upgrade(connection, kernel)

    assert pending(empty_url, kernel) == []


UPGRADE = """
import sys, types
from portalkit.db.migrate import upgrade
print(*upgrade(sys.argv[1], types.SimpleNamespace(plugins={})))
"""


def test_two_processes_may_upgrade_at_once(empty_url, kernel):
    command = [sys.executable, "-c", UPGRADE, empty_url]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]

    found = [process.communicate(timeout=120)[0].strip() for process in processes]

    assert sorted(found) == ["", KERNEL]
    assert pending(empty_url, kernel) == []


def test_rebuilding_a_table_on_sqlite_loses_nothing_that_refers_to_it(tmp_path, with_plugin):
    url = f"sqlite:///{tmp_path / 'x.db'}"
    upgrade(url, with_plugin("acme_card"))
    engine = configure_engine(create_engine(url, poolclass=NullPool))
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TABLE acme_point (id INTEGER PRIMARY KEY, "
                "card_id INTEGER REFERENCES acme_card (id) ON DELETE CASCADE)"
            )
        )
        connection.execute(text("INSERT INTO acme_card VALUES (1)"))
        connection.execute(text("INSERT INTO acme_point VALUES (1, 1)"))
    rebuild = (
        'with op.batch_alter_table("acme_card", recreate="always") as batch:\n'
        '        batch.add_column(sa.Column("name", sa.String))'
    )

    upgrade(url, with_plugin("acme_card", "unused", acme_2=rebuild))

    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM acme_point")) == 1
        with pytest.raises(IntegrityError):
            connection.execute(text("INSERT INTO acme_point VALUES (2, 9)"))
    engine.dispose()


def test_a_step_that_breaks_references_on_sqlite_is_refused(tmp_path, with_plugin):
    url = f"sqlite:///{tmp_path / 'x.db'}"
    upgrade(url, with_plugin("acme_card"))
    step = (
        'op.execute("CREATE TABLE acme_x (id INTEGER REFERENCES acme_card (id))")\n'
        '    op.execute("INSERT INTO acme_x VALUES (9)")'
    )

    with pytest.raises(RuntimeError, match="left a row of acme_x without its acme_card"):
        upgrade(url, with_plugin("acme_card", "unused", acme_2=step))

    assert "acme_x" not in tables(url)
