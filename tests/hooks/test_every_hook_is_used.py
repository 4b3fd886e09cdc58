"""Every hook is used by a plugin that is shipped, as far as the example's portal loads it."""

from datetime import date

import pytest

from example_app.app import portal_of
from example_app.settings import DemoSettings
from portalkit.hooks import PortalSpecs
from portalkit.hooks.checks import hook_names

# Who can vouch for people differs from host to host; a plugin of the tests uses it.
EXCEPTED = {"portalkit_register_auth_providers"}


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    """The plugins of the example: those in ``plugins/`` and the mill's own."""
    folder = tmp_path_factory.mktemp("demo")
    settings = {"DEMO_DIR": str(folder), "DEMO_TODAY": date(2026, 11, 24).isoformat()}
    return portal_of(DemoSettings.read(settings)).app.portal.registry


def test_every_hook_is_used_by_a_shipped_plugin(registry):
    shipped = [name for name, plugin in registry.plugins.items() if not plugin.is_kernel]
    used = {hook for name in shipped for hook in registry.hooks.hooks_of(name)}

    unused = sorted(set(hook_names(PortalSpecs)) - used - EXCEPTED)

    assert shipped == ["sales", "purchases", "catalog", "einvoice", "harvest"]
    assert unused == []
