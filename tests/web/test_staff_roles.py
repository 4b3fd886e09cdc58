"""What each role of staff may do: the table of the docs, and every route of the back office."""

from pathlib import Path

import pytest

from portalkit.access.permissions import StaffRole
from portalkit.context import Audience
from portalkit.testing.factories import make_staff

from .conftest import PASSWORD
from .walking import NOBODY_KNOWS, ask, routes_of

PAGE = Path(__file__).parents[2] / "docs" / "back-office.md"


def table_of(portal):
    """Return the table as the manifests say: what may be done, and a mark for each role."""
    lines = [
        f"| What | {' | '.join(StaffRole)} |",
        f"|---|{'---|' * len(StaffRole)}",
    ]
    for manifest in portal.manifests:
        for permission in manifest.permissions:
            marks = [
                "yes" if permission.name in portal.roles[Audience.STAFF, role.value] else ""
                for role in StaffRole
            ]
            # What is for contacts' people alone is none of the staff's.
            if manifest.name == "backoffice":
                lines.append(f"| {permission.label} | {' | '.join(marks)} |")
    return "\n".join(lines)


async def test_the_docs_say_what_each_role_may_do(town):
    assert table_of(town.app.portal) in PAGE.read_text()


@pytest.mark.parametrize("role", list(StaffRole))
async def test_each_route_is_open_to_the_roles_that_may_and_to_no_other(town, visitor, role):
    portal = town.app.portal
    allowed = portal.roles[Audience.STAFF, role.value]
    async with portal.writing() as session, session.begin():
        password = await portal.passwords.hash(PASSWORD)
        await make_staff(
            session, town.mill, "role@mill.example", role=role.value, password_hash=password
        )
    walked = {True: 0, False: 0}
    async with visitor() as client:
        await client.sign_in("role@mill.example", PASSWORD, path="/backoffice/login")
        for route in routes_of(town.app):
            if route.opt.get("audience") is not Audience.STAFF or route.opt.get("public"):
                continue
            wanted = route.opt.get("permission")
            address = route.address(dict.fromkeys(route.wanted, NOBODY_KNOWS))
            answer = await ask(client, route, address, page="/backoffice/contacts", fields={})

            may = wanted is None or wanted in allowed
            walked[may] += 1
            assert (answer.status_code != 403) == may, (route.name, wanted, answer.status_code)
    assert walked[True] >= 10
    assert (walked[False] == 0) == (role is StaffRole.ADMIN)
