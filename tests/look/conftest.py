import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="module")
def gallery(tmp_path_factory):
    """All sample pages in a folder, and the base URL under which they are served."""
    from gallery import Gallery, served  # noqa: PLC0415  # after the path is known

    made = Gallery(tmp_path_factory.mktemp("gallery"))
    made.write()
    with served(made.folder) as base:
        yield made, base


@pytest.fixture(scope="module")
def chromium():
    """A browser of this module alone: its loop must not meet those of asynchronous tests."""
    from gallery import CHROMIUM  # noqa: PLC0415  # after the path is known

    if CHROMIUM["executable_path"] is None:
        pytest.skip("no Chromium: apt-get install chromium-headless-shell")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as play:
        opened = play.chromium.launch(**CHROMIUM)
        yield opened
        opened.close()
