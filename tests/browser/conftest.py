"""The example served by a process, and a browser that its visitors share."""

import fcntl
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from .served import served
from .visitors import Visits

_CHROMIUM = Path("/usr/bin/chromium")
# No sandbox, because the suite also runs as root; nothing but the example is opened.
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)


@pytest.fixture(scope="session")
def demo_folder(request, tmp_path_factory):
    """A folder for the demo; workers of one run get copies of one that is filled once."""
    own = tmp_path_factory.mktemp("demo")
    if not hasattr(request.config, "workerinput"):
        return own
    shared = tmp_path_factory.getbasetemp().parent / "demo"
    with (shared.parent / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shared.exists():
            shared.mkdir()
            with served(shared):
                pass
    shutil.copytree(shared, own, dirs_exist_ok=True)
    return own


@pytest.fixture(scope="session")
def portal_url(demo_folder):
    with served(demo_folder) as url:
        yield url


@pytest.fixture(scope="session")
def states():
    """Sessions of visitors who have signed in, for the next browsers of the same visitors."""
    return {}


@pytest.fixture(scope="package")
def chromium():
    """A browser of these tests alone: its loop must not meet those of asynchronous tests."""
    if not _CHROMIUM.exists():
        pytest.skip("no Chromium: apt-get install chromium")
    expect.set_options(timeout=15_000)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visits(chromium, portal_url, states):
    """Opens pages; at the end their consoles must have stayed silent."""
    visits = Visits(chromium, portal_url, states)
    yield visits
    visits.close()
    assert visits.unexpected == []
