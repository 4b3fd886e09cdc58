"""Roles and switches: what nobody said is not allowed, and plugins only take away."""

import pytest

from portalkit.access.permissions import (
    PersonRole,
    StaffRole,
    active_plugins,
    permissions_for,
    role_table,
)
from portalkit.context import Audience
from portalkit.hooks.manifest import HOOK_API, Manifest, Permission


def manifest(name="sales", **changes):
    return Manifest(name=name, title=name, api=HOOK_API, **changes)


SALES = manifest(
    permissions=(
        Permission(name="sales.view", label="See"),
        Permission(name="sales.answer", label="Answer", roles=frozenset({"owner", "buyer"})),
        Permission(
            name="sales.manage",
            label="Manage",
            roles=frozenset(),
            staff_roles=frozenset({"admin", "sales"}),
        ),
        Permission(name="sales.read", label="Read", roles=frozenset(), staff_roles=None),
    )
)
TABLE = role_table([SALES])


@pytest.mark.parametrize(
    ("audience", "role", "allowed"),
    [
        (Audience.CONTACT, PersonRole.OWNER, {"sales.view", "sales.answer"}),
        (Audience.CONTACT, PersonRole.BUYER, {"sales.view", "sales.answer"}),
        (Audience.CONTACT, PersonRole.ACCOUNTANT, {"sales.view"}),
        (Audience.CONTACT, PersonRole.READER, {"sales.view"}),
        (Audience.STAFF, StaffRole.ADMIN, {"sales.manage", "sales.read"}),
        (Audience.STAFF, StaffRole.SALES, {"sales.manage", "sales.read"}),
        (Audience.STAFF, StaffRole.SUPPORT, {"sales.read"}),
        (Audience.STAFF, StaffRole.READER, {"sales.read"}),
        (Audience.CONTACT, "admin", set()),
        (Audience.STAFF, "owner", set()),
        (Audience.API, "admin", set()),
        (Audience.CONTACT, "", set()),
    ],
)
def test_a_role_may_do_what_manifests_say(audience, role, allowed):
    assert permissions_for(TABLE, audience, role) == allowed


def test_what_a_plugin_denies_falls_away():
    allowed = permissions_for(TABLE, Audience.CONTACT, "owner", denied={"sales.answer", "x.y"})

    assert allowed == {"sales.view"}


def test_permissions_of_a_plugin_that_is_off_fall_away():
    assert permissions_for(TABLE, Audience.CONTACT, "owner", active={"home"}) == frozenset()
    assert permissions_for(TABLE, Audience.CONTACT, "owner", active={"sales"}) != frozenset()


@pytest.mark.parametrize(
    ("activation", "is_default", "business", "contact", "is_on"),
    [
        ("site", True, None, None, True),
        ("site", False, False, False, True),
        ("business", True, None, None, True),
        ("business", False, None, None, False),
        ("business", False, True, None, True),
        ("business", True, False, None, False),
        ("business", True, None, False, True),
        ("business", True, False, True, False),
        ("contact", True, None, None, True),
        ("contact", False, None, None, False),
        ("contact", False, None, True, True),
        ("contact", True, None, False, False),
        ("contact", True, False, True, False),
        ("contact", False, True, None, False),
        ("contact", False, True, True, True),
    ],
)
def test_a_switch_counts_where_the_manifest_allows_it(
    activation, is_default, business, contact, is_on
):
    one = manifest(activation=activation, enabled_by_default=is_default)

    active = active_plugins(
        [one],
        {} if business is None else {"sales": business},
        {} if contact is None else {"sales": contact},
    )

    assert active == (frozenset({"sales"}) if is_on else frozenset())


def test_staff_see_a_plugin_that_is_switched_for_each_contact():
    one = manifest(activation="contact", enabled_by_default=False)

    assert active_plugins([one], {}) == {"sales"}
    assert active_plugins([one], {"sales": False}) == frozenset()


def test_the_kernels_own_sections_cannot_be_switched_off():
    names = ("home", "profile", "backoffice")

    active = active_plugins([manifest(name) for name in names], dict.fromkeys(names, False))

    assert active == set(names)
