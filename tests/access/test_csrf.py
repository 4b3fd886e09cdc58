"""Tokens of forms: bound to one session, and to one purpose."""

import pytest

from portalkit.access.csrf import (
    csrf_token,
    is_pre_session,
    new_pre_session,
    pre_session_cookie_name,
    verify_csrf_token,
)
from portalkit.config import Secret

OLD = Secret("an-old-key-for-tests-0123456789abcdef")
NEW = Secret("a-newer-key-for-tests-0123456789abcde")


def test_a_token_fits_its_session_and_no_other():
    token = csrf_token((NEW,), "session-1")

    assert verify_csrf_token((NEW,), "session-1", token)
    assert not verify_csrf_token((NEW,), "session-2", token)


@pytest.mark.parametrize("token", ["", "x", "ñ" * 64, "\ud800", "0" * 64, "A" * 100_000])
def test_what_is_no_token_is_refused(token):
    assert not verify_csrf_token((NEW,), "session-1", token)


def test_keys_are_changed_without_breaking_open_forms():
    token = csrf_token((OLD,), "session-1")

    assert verify_csrf_token((NEW, OLD), "session-1", token)
    assert not verify_csrf_token((NEW,), "session-1", token)


def test_a_pre_session_is_known_as_our_own():
    cookie = new_pre_session((NEW,))

    assert is_pre_session((NEW,), cookie)
    assert not is_pre_session((OLD,), cookie)
    assert new_pre_session((NEW,)) != cookie


@pytest.mark.parametrize("cookie", ["", ".", "planted", "planted.", "planted.0000", "a.b.c"])
def test_a_planted_pre_session_is_refused(cookie):
    assert not is_pre_session((NEW,), cookie)


def test_a_token_of_a_form_is_no_pre_session_and_the_other_way_round():
    token = csrf_token((NEW,), "value")
    cookie = new_pre_session((NEW,))
    value, _, signature = cookie.partition(".")

    assert not is_pre_session((NEW,), f"value.{token}")
    assert not verify_csrf_token((NEW,), value, signature)


def test_the_cookie_of_signed_out_forms_is_named_for_its_door():
    assert pre_session_cookie_name(is_secure=True) == "__Host-pk-pre"
    assert pre_session_cookie_name(is_secure=False) == "pk-pre"
