"""Serves the example, as ``make demo`` does, but on the day that its data is made for.

It ends with whoever started it, however that ends: when its standard input is closed.
"""

import os
import signal
import sys
import threading
from datetime import UTC, datetime, time

from litestar import Litestar

from example_app import app
from example_app.__main__ import main
from example_app.settings import DemoSettings


def create() -> Litestar:
    """Make the application; its clock goes on from the evening of the demo's day."""
    evening = datetime.combine(DemoSettings.read().anchor, time(17), UTC)
    ahead = evening - datetime.now(UTC)
    return app.create(clock=lambda: datetime.now(UTC) + ahead)


def _end_with_the_tests() -> None:
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_tests, daemon=True).start()
    main("serve:create")
