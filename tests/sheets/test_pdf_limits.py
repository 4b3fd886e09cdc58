"""Limits of rendering: time, memory, size, queue, and processes that are replaced."""

import asyncio
import os
import signal
import sys

import pytest

from portalkit.config import PdfConfig, child_environment
from portalkit.errors import RenderingBusyError, RenderingError, RenderingTimeoutError
from portalkit.rendering.pdf import PdfRenderer

PAGE = '<html lang="en"><title>x</title><body><p>{}</p></body></html>'
SMALL = PAGE.format("x")
NEVER_DONE = PAGE.format("<table><tr><td colspan=1000000>x<td>y</table>")
DEEP = PAGE.format("<table><tr><td>" * 70 + "x")
LARGE = {"a.png": bytes(150_000_000)}


@pytest.fixture
def make_renderer():
    made: list[PdfRenderer] = []

    def make(**limits) -> PdfRenderer:
        made.append(PdfRenderer(PdfConfig(**({"workers": 1} | limits))))
        return made[-1]

    yield make
    for renderer in made:
        asyncio.run(renderer.close())


async def test_nothing_runs_before_the_first_pdf(make_renderer):
    renderer = make_renderer(workers=2)
    assert renderer.pids == frozenset()

    await renderer.render(SMALL, identifier="uuid:x")

    assert len(renderer.pids) == 1


async def test_the_web_process_does_not_load_the_renderer(make_renderer):
    script = (
        "import sys; import portalkit.rendering.pdf, portalkit.rendering.sheet;"
        "sys.exit(any(name in sys.modules for name in ('weasyprint', 'PIL', 'fontTools')))"
    )

    done = await asyncio.create_subprocess_exec(sys.executable, "-c", script)

    assert await done.wait() == 0


async def test_what_takes_too_long_is_ended_and_the_next_one_works(make_renderer):
    renderer = make_renderer(timeout=6)
    await renderer.warm()
    before = renderer.pids

    with pytest.raises(RenderingTimeoutError):
        await renderer.render(NEVER_DONE, identifier="uuid:x")

    assert renderer.pids == frozenset()
    assert (await renderer.render(SMALL, identifier="uuid:x")).startswith(b"%PDF")
    assert renderer.pids != before


async def test_deep_nesting_fails_or_ends_but_never_hangs(make_renderer):
    renderer = make_renderer(timeout=6)

    with pytest.raises(RenderingError):
        await renderer.render(DEEP, identifier="uuid:x")

    assert (await renderer.render(SMALL, identifier="uuid:x")).startswith(b"%PDF")


async def test_what_takes_too_much_memory_is_ended(make_renderer):
    renderer = make_renderer(memory_mib=300, timeout=60)

    with pytest.raises(RenderingError, match="memory"):
        await renderer.render(SMALL, LARGE, identifier="uuid:x")

    assert (await renderer.render(SMALL, identifier="uuid:x")).startswith(b"%PDF")


async def test_a_pdf_that_is_too_large_is_refused(make_renderer):
    renderer = make_renderer(max_output_mib=1)
    pixels = os.urandom(3_000_000)
    image = b"P6 1000 1000 255\n" + pixels
    page = '<html lang="en"><title>x</title><img alt="x" src="https://sheet.invalid/a.png"></html>'

    with pytest.raises(RenderingError, match="larger"):
        await renderer.render(page, {"a.png": image}, identifier="uuid:x")


async def test_more_than_fit_into_the_queue_are_told_to_come_back(make_renderer):
    renderer = make_renderer(queue=2)
    running = [
        asyncio.create_task(renderer.render(SMALL, identifier=f"uuid:{number}"))
        for number in range(3)
    ]
    await asyncio.sleep(0)

    with pytest.raises(RenderingBusyError) as caught:
        await renderer.render(SMALL, identifier="uuid:x")

    assert caught.value.retry_after > 0
    assert all(content.startswith(b"%PDF") for content in await asyncio.gather(*running))
    assert (await renderer.render(SMALL, identifier="uuid:x")).startswith(b"%PDF")


async def test_no_more_processes_than_allowed(make_renderer):
    renderer = make_renderer(workers=2)

    await asyncio.gather(*(renderer.render(SMALL, identifier=f"uuid:{n}") for n in range(8)))

    assert len(renderer.pids) == 2


async def test_a_process_makes_room_after_some_documents(make_renderer):
    renderer = make_renderer(jobs_per_worker=2)
    seen = set()
    for number in range(4):
        await renderer.render(SMALL, identifier=f"uuid:{number}")
        seen |= renderer.pids

    assert len(seen) == 2


async def test_a_process_that_died_is_replaced(make_renderer):
    renderer = make_renderer()
    await renderer.render(SMALL, identifier="uuid:x")
    (pid,) = renderer.pids
    os.kill(pid, signal.SIGKILL)
    await asyncio.to_thread(os.waitid, os.P_PID, pid, os.WEXITED | os.WNOWAIT)

    assert (await renderer.render(SMALL, identifier="uuid:x")).startswith(b"%PDF")
    assert renderer.pids != {pid}


async def test_a_request_that_goes_away_disturbs_nobody(make_renderer):
    renderer = make_renderer()
    gone = asyncio.create_task(renderer.render(SMALL, identifier="uuid:x"))
    await asyncio.sleep(0)
    gone.cancel()

    assert (await renderer.render(SMALL, identifier="uuid:y")).startswith(b"%PDF")


async def test_closing_ends_what_runs(make_renderer):
    renderer = make_renderer()
    await renderer.warm()
    (pid,) = renderer.pids
    running = asyncio.create_task(renderer.render(NEVER_DONE, identifier="uuid:x"))
    await asyncio.sleep(0)

    await renderer.close()

    with pytest.raises(RenderingError):
        await running
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(RenderingError):
        await renderer.render(SMALL, identifier="uuid:x")


async def test_rendering_can_be_switched_off(make_renderer):
    with pytest.raises(RenderingError):
        await make_renderer(workers=0).render(SMALL, identifier="uuid:x")


async def test_an_interpreter_that_cannot_be_started_is_told(make_renderer, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")

    with pytest.raises(RenderingError, match="cannot start"):
        await make_renderer().render(SMALL, identifier="uuid:x")


async def test_a_machine_without_pango_is_told_what_to_install(
    make_renderer, monkeypatch, tmp_path
):
    broken = tmp_path / "weasyprint"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise OSError('cannot load library libpango')")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    with pytest.raises(RenderingError, match=r"libpango-1\.0-0"):
        await make_renderer().render(SMALL, identifier="uuid:x")


def test_a_rendering_process_gets_no_secrets(monkeypatch):
    monkeypatch.setenv("PORTALKIT_SECRET_KEYS", "x" * 32)
    monkeypatch.setenv("PORTALKIT_DATABASE_URL", "sqlite://")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")

    assert not [name for name in child_environment() if "SECRET" in name or "PORTALKIT" in name]
