"""Own paths, cookies, addresses behind proxies, names of browsers."""

import pytest

from portalkit.access.browser import client_address, dropped_cookie, session_cookie
from portalkit.access.device_names import device_name
from portalkit.access.paths import own_path
from portalkit.config import PortalConfig
from portalkit.errors import ConfigError
from portalkit.testing.hostile import FOREIGN_PATHS


@pytest.mark.parametrize("wish", FOREIGN_PATHS)
def test_nobody_is_sent_to_another_site(wish):
    assert own_path(wish, "/home") == "/home"


def test_the_list_of_foreign_paths_is_long_enough():
    assert len(FOREIGN_PATHS) >= 30


@pytest.mark.parametrize(
    "wish",
    ["/", "/home", "/sales/invoices?status=open&page=2#top", "/%09/h", "/a//b", "/~x", "/@x"],
)
def test_an_own_path_is_kept(wish):
    assert own_path(wish, "/other") == wish


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ("/mill", "/mill"),
        ("/mill?x=1", "/mill?x=1"),
        ("/mill/home", "/mill/home"),
        ("/miller/home", "/mill/login"),
        ("/home", "/mill/login"),
        (None, "/mill/login"),
    ],
)
def test_an_own_path_lies_below_the_portal(wish, expected):
    assert own_path(wish, "/mill/login", prefix="/mill") == expected


def test_a_cookie_over_https_is_bound_to_its_host():
    config = PortalConfig(base_url="https://portal.example")

    cookie = session_cookie(config, "__Host-pk", "abc")

    assert cookie.header == "__Host-pk=abc; Max-Age=2592000; Path=/; HttpOnly; Secure; SameSite=Lax"
    assert cookie.to_encoded_header() == (b"set-cookie", cookie.header.encode())


def test_a_cookie_in_a_frame_of_another_site_is_kept_apart():
    config = PortalConfig(base_url="https://portal.example", session_same_site="none")

    cookie = session_cookie(config, "__Host-pk", "abc")

    assert cookie.header.endswith("; Secure; SameSite=None; Partitioned")


def test_a_cookie_over_plain_loopback_is_never_for_other_sites():
    config = PortalConfig(session_same_site="none")

    cookie = dropped_cookie(config, "pk")

    assert cookie.header == "pk=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "expected"),
    [
        ("203.0.113.7", "", (), "203.0.113.7"),
        ("203.0.113.7", "10.0.0.1", (), "203.0.113.7"),
        ("127.0.0.1", "203.0.113.7", ("127.0.0.1",), "203.0.113.7"),
        ("127.0.0.1", "1.1.1.1, 203.0.113.7", ("127.0.0.1",), "203.0.113.7"),
        ("10.0.0.9", "1.1.1.1, 203.0.113.7, 10.0.0.2", ("10.0.0.0/8",), "203.0.113.7"),
        ("10.0.0.9", "unknown, 10.0.0.2", ("10.0.0.0/8",), "10.0.0.2"),
        ("10.0.0.9", "", ("10.0.0.0/8",), "10.0.0.9"),
        ("testclient", "1.1.1.1", ("10.0.0.0/8",), "testclient"),
        ("2001:db8::1", "203.0.113.7", ("2001:db8::/32",), "203.0.113.7"),
    ],
)
def test_an_address_is_believed_from_trusted_proxies_only(peer, forwarded, trusted, expected):
    assert client_address(peer, forwarded, trusted) == expected


@pytest.mark.parametrize(
    ("user_agent", "text", "icon"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Windows",
            "device-desktop",
        ),
        (
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/140.0 Safari/537.36 Edg/140.0"
            ),
            "Edge on Windows",
            "device-desktop",
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
                "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
            ),
            "Safari on iOS",
            "device-mobile",
        ),
        (
            (
                "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/140.0 Mobile Safari/537.36"
            ),
            "Chrome on Android",
            "device-mobile",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Safari",
            "Chrome on Android",
            "device-tablet",
        ),
        ("curl/8.0", "Unknown browser", "device-desktop"),
        ("Firefox/1", "Firefox", "device-desktop"),
        ("", "Unknown browser", "device-desktop"),
    ],
)
def test_a_browser_has_a_name_for_people(user_agent, text, icon):
    name = device_name(user_agent)

    assert (str(name.text), name.icon) == (text, icon)


@pytest.mark.parametrize("proxy", ["proxy.example", "10.0.0.0/99", "", "*"])
def test_a_proxy_is_an_address_or_a_network(proxy):
    with pytest.raises(ConfigError):
        PortalConfig(trusted_proxies=(proxy,))
