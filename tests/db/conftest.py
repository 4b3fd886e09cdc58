"""Databases without tables, and plugins with migrations of their own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from portalkit.testing.postgres import fresh_database

MIGRATION = '''
"""A step."""

import sqlalchemy as sa
from alembic import op

revision = {revision!r}
down_revision = {down!r}


def upgrade():
    {upgrade}


def downgrade():
    {downgrade}
'''


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / '100% empty.db'}"
    else:
        with fresh_database(request.getfixturevalue("postgres_url"), "template0") as url:
            yield url


@pytest.fixture
def kernel() -> SimpleNamespace:
    """The kernel without any plugin."""
    return SimpleNamespace(plugins={})


@pytest.fixture
def with_plugin(tmp_path: Path) -> Callable[..., SimpleNamespace]:
    """Return a registry whose plugin has migrations that make one table each."""

    def with_plugin(*tables: str, name: str = "acme", **steps: str) -> SimpleNamespace:
        folder = tmp_path / name / "migrations" / "versions"
        folder.mkdir(parents=True, exist_ok=True)
        down = None
        for number, table in enumerate(tables, 1):
            revision = f"{name}_{number}"
            columns = 'sa.Column("id", sa.Integer, primary_key=True)'
            text = MIGRATION.format(
                revision=revision,
                down=down,
                upgrade=steps.get(revision, f'op.create_table("{table}", {columns})'),
                downgrade=f'op.drop_table("{table}")',
            )
            (folder / f"{number}.py").write_text(text)
            down = revision
        return SimpleNamespace(plugins={name: SimpleNamespace(name=name, path=tmp_path / name)})

    return with_plugin
