"""What every answer carries, and what never gets in."""

import re

import httpx
import pytest

from portalkit.app import create_app
from portalkit.config import PortalConfig, Secret
from portalkit.errors import ConfigError
from portalkit.web.headers import content_security_policy

from .conftest import PASSWORD, running, settle

WANTED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


# Nothing here changes what lives in the town: it is built once for each database.


@pytest.fixture(scope="module")
async def app(shared_portal_config):
    async with running(shared_portal_config) as app:
        yield app


@pytest.fixture(scope="module")
async def town(app):
    return await settle(app)


@pytest.mark.parametrize(
    "path",
    ["/", "/login", "/home", "/nothing/here", "/-/live", "/-/ready", "/-/static/core/x/y", "/%ff"],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS"])
async def test_every_answer_has_the_headers_of_safety(town, visitor, method, path):
    async with visitor() as client:
        answer = await client.request(method, path)

    assert answer.status_code < 500
    for name, value in WANTED.items():
        assert answer.headers[name] == value
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'self'" in policy
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"])
    assert "server" not in answer.headers


async def test_personal_pages_are_stored_nowhere(town, visitor):
    async with visitor() as client:
        await client.sign_in("ana@ana.example", PASSWORD)
        for path in ("/home", "/sales/invoices", "/profile", "/nothing"):
            assert (await client.get(path)).headers["cache-control"] == "no-store", path


async def test_the_request_id_of_a_proxy_is_kept_if_it_is_harmless(town, visitor):
    async with visitor() as client:
        kept = await client.get("/-/live", headers={"x-request-id": "abc-123-xyz"})
        replaced = await client.get("/-/live", headers={"x-request-id": "a b\tc<script>"})

    assert kept.headers["x-request-id"] == "abc-123-xyz"
    assert replaced.headers["x-request-id"] != "a b\tc<script>"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1:8000@evil.example", "127.0.0.1:9", "", "127.0.0.1.evil"]
)
async def test_another_host_name_is_refused(town, visitor, host):
    async with visitor() as client:
        answer = await client.get("/login", headers={"host": host})

    assert answer.status_code in {400, 421}
    assert "evil" not in answer.text


async def test_a_business_is_found_by_its_prefix_and_keeps_to_it(town, visitor):
    async with visitor() as client:
        page = await client.get("/bees/login")

        assert page.status_code == 200
        assert "Bees" in page.text
        assert 'action="/bees/login"' in page.text
        assert "Mill" not in page.text


async def test_a_session_is_refused_at_another_business(town, visitor):
    async with visitor() as client:
        await client.sign_in("ana@ana.example", PASSWORD)
        session = client.cookies["pk"]
        client.cookies.clear()
        client.cookies["pk-bees"] = session

        answer = await client.get("/bees/home")

        assert answer.status_code == httpx.codes.SEE_OTHER
        assert answer.headers["location"].startswith("/bees/login")


# Forms


async def post(client, path="/language", token=None, **headers):
    token = await client.token("/profile") if token is None else token
    return await client.post(path, data={"locale": "en", "csrf_token": token}, headers=headers)


async def test_a_form_of_the_portal_is_taken(town, visitor):
    async with visitor() as client:
        await client.sign_in("ana@ana.example", PASSWORD)

        assert (await post(client)).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
async def test_a_form_of_another_site_is_refused_even_with_its_token(town, visitor, headers):
    async with visitor() as client:
        await client.sign_in("ana@ana.example", PASSWORD)

        assert (await post(client, **headers)).status_code == 403


async def test_a_form_without_its_own_token_is_refused(town, visitor):
    async with visitor() as client, visitor() as other:
        await client.sign_in("ana@ana.example", PASSWORD)
        await other.sign_in("ben@ben.example", PASSWORD)
        foreign = await other.token("/profile")

        for token in ("", "x", foreign, "é" * 10):
            assert (await post(client, token=token)).status_code == 403, token


async def test_nobody_can_be_signed_in_with_a_planted_cookie(town, visitor):
    """Login CSRF: the form is bound to a cookie that we signed."""
    async with visitor() as attacker, visitor() as victim:
        token = await attacker.token("/login")
        victim.cookies["pk-pre"] = "planted.value"
        answer = await victim.post(
            "/login",
            data={"email": "ben@ben.example", "password": PASSWORD, "csrf_token": token},
        )

        assert answer.status_code == 403
        assert "pk" not in victim.cookies


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"a=" + b"x" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a=1" for _ in range(1_500)), "application/x-www-form-urlencoded", 400),
        (b"a=%ff%fe", "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 415),
        (b"x", "text/plain", 415),
        (b"--x--", "multipart/form-data; boundary=x", 415),
    ],
)
async def test_a_body_that_is_no_small_form_is_refused(town, visitor, content, media_type, status):
    async with visitor() as client:
        answer = await client.post("/login", content=content, headers={"content-type": media_type})

    assert answer.status_code == status


async def test_reading_changes_nothing(town, visitor, sessions):
    before = await sessions()
    async with visitor() as client:
        for path in ("/", "/login", "/home", "/nothing", "/i/some-token"):
            await client.get(path)
            await client.head(path)

    assert await sessions() == before


@pytest.mark.parametrize(
    "path", ["/login", "/home", "/sales/invoices", "/backoffice/contacts", "/profile"]
)
@pytest.mark.parametrize(
    "query", ["?page=x", "?a=%00", "?next=%0d%0aX:1", "?sort=;drop", "?q=" + "x" * 3000]
)
async def test_no_query_makes_an_error_of_ours(town, visitor, path, query):
    async with visitor() as client:
        if not path.startswith("/backoffice"):
            await client.sign_in("ana@ana.example", PASSWORD)
        else:
            await client.sign_in("carmen@mill.example", PASSWORD, path="/backoffice/login")
        answer = await client.get(path + query)

    assert answer.status_code < 500


# Errors


async def test_an_error_page_has_a_number_and_no_trace(app, town, visitor, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("secret detail of the inside")

    monkeypatch.setattr("portalkit.web.dependencies.build_page", broken)
    async with visitor() as client:
        answer = await client.get("/login")

    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert answer.headers["x-request-id"] in answer.text


async def test_an_error_speaks_the_readers_language(town, visitor):
    async with visitor() as client:
        spanish = await client.get("/nothing")
        english = await client.get("/nothing", headers={"accept-language": "en"})

    assert "Aquí no hay nada" in spanish.text
    assert "There is nothing here" in english.text


async def test_htmx_gets_one_line_for_the_notice(town, visitor):
    async with visitor() as client:
        await client.sign_in("ana@ana.example", PASSWORD)
        answer = await client.get("/sales/invoices/x", headers={"hx-request": "true"})

    assert answer.status_code == 404
    assert answer.headers["hx-retarget"] == "#pk-notice"
    assert "<html" not in answer.text


async def test_an_ended_session_leads_htmx_to_the_sign_in_page(town, visitor):
    async with visitor() as client:
        answer = await client.get("/sales/invoices?q=oil", headers={"hx-request": "true"})

    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/login?next=/sales/invoices%3Fq%3Doil"


# Configuration


def test_the_portal_does_not_start_without_a_key(tmp_path):
    with pytest.raises(ConfigError, match="secret_keys"):
        create_app(PortalConfig(database_url=f"sqlite:///{tmp_path / 'x.db'}"))


@pytest.mark.parametrize(
    "sources",
    [{"script-src": ("'unsafe-inline'",)}, {"img-src": ("*",)}, {"worker-src": ("'self'",)}],
)
def test_the_policy_cannot_be_opened_to_everything(sources):
    with pytest.raises(ConfigError, match="csp_sources"):
        content_security_policy(sources)


def test_a_host_may_add_a_source():
    policy = content_security_policy({"img-src": ("https://img.example",)})

    assert "img-src 'self' data: https://img.example" in policy


def test_plain_http_is_for_loopback_only():
    with pytest.raises(ConfigError, match="base_url"):
        PortalConfig(base_url="http://portal.example", secret_keys=(Secret("k" * 32),))
