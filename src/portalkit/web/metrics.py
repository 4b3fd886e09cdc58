"""Operations: counts and ages, for whoever watches over the portal (decision 28)."""

import hmac
import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency

from portalkit.errors import NotFoundError
from portalkit.jobs.inspection import JobFigures, measure_jobs
from portalkit.jobs.store import DEAD, RUNNING, WAITING
from portalkit.mail.queries import Outbox, measure_outbox
from portalkit.web.portal import RunningPortal

__all__ = ("metrics",)

_TEXT_FORMAT: Final = "text/plain; version=0.0.4"
# A proxy on the same machine says by one of these that somebody else asks.
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip", "via")

_Sample = tuple[Mapping[str, str], float]


@get("/-/metrics", name="core:metrics", opt={"public": True})
async def metrics(
    request: Request[Any, Any, Any], portal: NamedDependency[RunningPortal]
) -> Response[str]:
    """Tell how mails, jobs and plugins stand, in the text format of Prometheus."""
    if not _may_read(request, portal):
        raise NotFoundError("metrics are not for everybody")
    now = portal.now()
    async with portal.reading() as session:
        outbox = await measure_outbox(session)
        jobs = await measure_jobs(session, now)
    lines = [*_mails(outbox, now), *_jobs(jobs, now), *_plugins(portal.hooks.failures)]
    return Response("\n".join([*lines, ""]), media_type=_TEXT_FORMAT)


def _may_read(request: Request[Any, Any, Any], portal: RunningPortal) -> bool:
    """Ask for the token, or, where there is none, for somebody on the same machine."""
    token = portal.config.metrics_token
    if token is not None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.value.encode())
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _mails(outbox: Outbox, now: datetime) -> Iterator[str]:
    states = {"waiting": outbox.waiting, "failed": outbox.failed}
    yield from _gauge("mails", "Mails that were not sent.", _by("state", states))
    age = _age(outbox.oldest_at, now)
    yield from _gauge("mail_oldest_seconds", "Age of the oldest mail that waits.", [({}, age)])


def _jobs(jobs: JobFigures, now: datetime) -> Iterator[str]:
    states = {state: jobs.states.get(state, 0) for state in (WAITING, RUNNING, DEAD)}
    yield from _gauge("jobs", "Work in the background that is not done.", _by("state", states))
    late = _age(jobs.due_at, now)
    yield from _gauge("job_late_seconds", "How long a job that is due has waited.", [({}, late)])


def _plugins(failures: Mapping[tuple[str, str], int]) -> Iterator[str]:
    samples = [
        ({"plugin": plugin, "hook": hook}, float(count))
        for (plugin, hook), count in sorted(failures.items())
    ]
    text = "Calls of plugins that failed since this process began."
    yield from _gauge("plugin_failures_total", text, samples, kind="counter")


def _gauge(
    name: str, text: str, samples: Iterable[_Sample], *, kind: str = "gauge"
) -> Iterator[str]:
    yield f"# HELP portalkit_{name} {text}"
    yield f"# TYPE portalkit_{name} {kind}"
    for labels, value in samples:
        named = ",".join(f'{label}="{text}"' for label, text in labels.items())
        yield f"portalkit_{name}{{{named}}} {value:g}" if named else f"portalkit_{name} {value:g}"


def _by(label: str, counts: Mapping[str, int]) -> list[_Sample]:
    return [({label: name}, float(count)) for name, count in counts.items()]


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, round((now - since).total_seconds(), 3)) if since is not None else 0.0
