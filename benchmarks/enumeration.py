"""Whether a stopwatch tells who is known: the same tries at each door, in shared random order.

Case O12 of the security page: known, unknown, disabled and without a password must take as
long as each other, and so must inviting a colleague whom the business knows or does not. Ranks
are compared (Mann and Whitney), since one slow answer in a hundred says nothing about the rest.
"""

import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, count, cycle, islice
from statistics import NormalDist
from typing import Final

import httpx
import msgspec
import sqlalchemy as sa

from benchmarks.figures import Figure, at_least, at_most
from benchmarks.site import TOKEN, Site, serve_portal, sign_in
from portalkit.access.models import Person, Staff, Throttle
from portalkit.model import new_id

__all__ = ("measure_enumeration",)

_KINDS: Final = ("known", "unknown", "disabled", "without a password")
_TRIES_EACH: Final = 4
"""Of one account: fewer than any door begins to count against it."""

_INVITED_EACH: Final = 10
"""Of known and of unknown addresses by one contact: more than twenty at once are too many."""

_ENVIRON: Final = {
    "PORTALKIT_TRUSTED_PROXIES": "127.0.0.1",
    # The doors that lead to mails are shut without a server; none leaves here.
    "PORTALKIT_SMTP_URL": "smtp://127.0.0.1:9",
    "PORTALKIT_MAIL__FROM_ADDRESS": "portal@bench.example",
    "PORTALKIT_JOBS__EMBEDDED": "false",
}

_Times = Mapping[str, Sequence[float]]


class _Door(msgspec.Struct, frozen=True):
    name: str
    page: str
    path: str
    field: Mapping[str, str]


_DOORS: Final = (
    _Door("password", "/login", "/login", {"password": "not the password"}),
    _Door("code by mail", "/login", "/login/mail", {}),
    _Door("forgotten password", "/login/forgot", "/login/forgot", {}),
)
_STAFF_DOORS: Final = (
    _Door("staff's password", "/backoffice/login", "/backoffice/login", _DOORS[0].field),
    _Door("staff's code by mail", "/backoffice/login", "/login/mail?door=staff", {}),
    _Door("staff's forgotten password", "/login/forgot?door=staff", "/login/forgot?door=staff", {}),
)


def measure_enumeration(site: Site, *, label: str, workers: int, tries: int) -> Iterator[Figure]:
    """Yield how far apart the answers to known and unknown addresses are, for each door.

    Args:
        site: Where they knock; people are added to it.
        label: Name of the database.
        workers: Processes that serve.
        tries: How many of each kind at each door.
    """
    number = tries // _TRIES_EACH
    people = _add(site, number, site.add_owner, Person, "")
    staff = _add(site, number, site.add_staff, Staff, "staff-")
    with (
        serve_portal(site, workers, environ=_ENVIRON) as portal,
        httpx.Client(base_url=portal.url) as client,
    ):
        addresses = count()
        for door in (*_DOORS, *_STAFF_DOORS):
            accounts = staff if door in _STAFF_DOORS else people
            # Doors that send mails count them together.
            with site.engine.begin() as connection:
                connection.execute(sa.delete(Throttle))
            times = _knock(client, door, accounts, addresses)
            yield from _figures(f"{door.name}: known or not, {label}", times)
        each = min(_INVITED_EACH, number)
        owners = [site.add_owner(f"owner-{place}").email for place in range(tries // each)]
        times = _invite(portal.url, owners, people["known"], each)
        yield from _figures(f"invited colleague: known or not, {label}", times)


def _figures(name: str, times: _Times) -> Iterator[Figure]:
    medians = [statistics.median(each) for each in times.values()]
    apart = max(medians) - min(medians)
    # O12: within 5 ms or 5 %, whichever is more.
    yield at_most(f"{name}, medians apart", apart, max(5.0, 0.05 * max(medians)), "ms")
    yield at_least(f"{name}, probability of chance", _chance(times), 0.01)


def _add(
    site: Site,
    number: int,
    add: Callable[[str], object],
    table: type[Person | Staff],
    prefix: str,
) -> Mapping[str, list[str]]:
    """Add accounts of each kind and return their addresses; nobody is added as unknown."""
    names = {
        kind: [f"{prefix}{kind.replace(' ', '-')}-{place}" for place in range(number)]
        for kind in _KINDS
    }
    accounts = {kind: [f"{name}@bench.example" for name in each] for kind, each in names.items()}
    for kind in ("known", "disabled", "without a password"):
        for name in names[kind]:
            add(name)
    changed: Mapping[str, Mapping[str, object]] = {
        "disabled": {"is_enabled": False},
        "without a password": {"password_hash": None},
    }
    with site.engine.begin() as connection:
        for kind, values in changed.items():
            statement = sa.update(table).where(table.email.in_(accounts[kind]))
            connection.execute(statement.values(values))
    return accounts


def _invite(url: str, owners: Sequence[str], known: Sequence[str], each: int) -> _Times:
    """Return the milliseconds of each invitation by owners of other contacts, by kind."""
    times: dict[str, list[float]] = defaultdict(list)
    waiting = cycle(known)
    for owner in owners:
        headers = sign_in(url, owner) | {"Origin": url, "Sec-Fetch-Site": "same-origin"}
        with httpx.Client(base_url=url, headers=headers) as client:
            found = TOKEN.search(client.get("/profile/people").text)
            if found is None:
                raise RuntimeError("the page of people has no form")
            # Nobody is invited twice by one contact: that is told, and may be.
            tries = [("known elsewhere", email) for email in islice(waiting, each)]
            tries += [("unknown", f"{new_id()}@bench.example") for _ in range(each)]
            random.shuffle(tries)
            fields = {"name": "Ana", "role": "reader", "csrf_token": found[1]}
            for kind, email in tries:
                began = time.perf_counter()
                answer = client.post("/profile/people", data=fields | {"email": email})
                times[kind].append((time.perf_counter() - began) * 1_000)
                if answer.status_code != httpx.codes.SEE_OTHER:
                    raise RuntimeError(f"an invitation of {kind} answered {answer.status_code}")
    return times


def _knock(
    client: httpx.Client,
    door: _Door,
    accounts: Mapping[str, list[str]],
    addresses: Iterator[int],
) -> _Times:
    """Return the milliseconds of each try, by kind."""
    found = TOKEN.search(client.get(door.page).text)
    if found is None:
        raise RuntimeError(f"{door.page} has no form")
    tries = [(kind, email) for kind, emails in accounts.items() for email in emails * _TRIES_EACH]
    random.shuffle(tries)
    times: dict[str, list[float]] = defaultdict(list)
    statuses: dict[str, set[int]] = defaultdict(set)
    for kind, email in tries:
        place = next(addresses)
        began = time.perf_counter()
        answer = client.post(
            door.path,
            data={"email": email, "csrf_token": found[1], **door.field},
            headers={
                "Origin": str(client.base_url).rstrip("/"),
                "Sec-Fetch-Site": "same-origin",
                # Everybody comes from somewhere else; one address has a limit of its own.
                "X-Forwarded-For": f"10.{place // 62_500}.{place // 250 % 250}.{place % 250}",
            },
        )
        times[kind].append((time.perf_counter() - began) * 1_000)
        statuses[kind].add(answer.status_code)
    is_same = len(set(map(frozenset, statuses.values()))) == 1
    if not is_same or statuses["known"] & {404, 429}:
        raise RuntimeError(f"{door.path} answered {dict(statuses)}")
    return times


def _chance(times: _Times) -> float:
    """Return how likely the two kinds that differ most do so by chance, pairs counted."""
    pairs = list(combinations(times.values(), 2))
    return min(1.0, len(pairs) * min(_mann_whitney(one, other) for one, other in pairs))


def _mann_whitney(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the two-sided probability, by the normal approximation without ties."""
    ranks = {value: rank for rank, value in enumerate(sorted([*one, *other]), start=1)}
    m, n = len(one), len(other)
    u = sum(ranks[value] for value in one) - m * (m + 1) / 2
    deviation = (m * n * (m + n + 1) / 12) ** 0.5
    return 2 * NormalDist().cdf(-abs(u - m * n / 2) / deviation)
