"""The example served by a process, and a browser that its visitors share."""

import fcntl
import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

from .served import served
from .visitors import Visits

# The one without windows does the same in less time.
_CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
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
def filled_demo(request, tmp_path_factory):
    """A demo on its first day, to be copied and never served; workers of one run share it."""
    base = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        base = base.parent
    folder = base / "demo"
    with (base / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            folder.mkdir()
            with served(folder):
                pass
    return folder


@pytest.fixture(scope="session")
def demo_folder(filled_demo, tmp_path_factory):
    """The folder of the demo that is served to all tests of a worker."""
    return shutil.copytree(filled_demo, tmp_path_factory.mktemp("served") / "demo")


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
    if _CHROMIUM is None:
        pytest.skip("no Chromium: apt-get install chromium-headless-shell")
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
