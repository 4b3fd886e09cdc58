"""The mill's own plugin: news from a file, on the home page and as a feed for everybody."""

from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest

from example_app import harvest
from example_app.harvest.news import STATE, read_news, season, told_by
from portalkit.access.businesses import Resolved
from portalkit.access.switches import switch_plugin
from portalkit.app import create_app
from portalkit.audit import Actor
from portalkit.errors import PluginLoadError
from portalkit.testing.client import PortalClient, open_portal
from portalkit.testing.factories import NOW, make_business, make_contact, make_person

PASSWORD = "olive-trees-7"
FEED = "/-/harvest/news.xml"
ATOM = "{http://www.w3.org/2005/Atom}"
OWN = Path(harvest.__file__).with_name("news.toml")
ONE = """
[[news]]
id = "{id}"
day = "{day}"
title.es = "Aceite & <pan>"
text.es = "Ya."
"""


def make_app(config, file=None):
    settings = {} if file is None else {"harvest": {"news_file": str(file)}}
    config = msgspec.structs.replace(config, plugin_settings=settings)
    return create_app(
        config, plugins={"harvest": harvest}, clock=lambda: NOW, resolver=_mill_unless_bees
    )


def _mill_unless_bees(host, path, businesses):
    ids = {business.slug: business.id for business in businesses}
    return Resolved(ids["bees"], "/bees") if path.startswith("/bees/") else Resolved(ids["mill"])


@pytest.fixture
def portal_plugins():
    return ("home", "profile", "backoffice", "sales")


@pytest.fixture
async def app(portal_config):
    app = make_app(portal_config)
    async with open_portal(app):
        async with app.portal.writing() as session:
            mill = await make_business(session, "mill", name="Mill & Sons")
            bees = await make_business(session, "bees")
            ana = await make_contact(session, mill, "Ana")
            password = await app.portal.passwords.hash(PASSWORD)
            await make_person(session, mill, [ana], "ana@ana.example", password_hash=password)
            await switch_plugin(
                session,
                harvest.manifest,
                business_id=bees,
                is_enabled=False,
                actor=Actor(kind="host"),
                now=NOW,
            )
            await session.commit()
        yield app


async def test_everybody_reads_the_feed_and_nothing_in_it_is_personal(app):
    async with PortalClient(app) as client:
        feed = await client.get(FEED)
        again = await client.get(FEED, headers={"if-none-match": feed.headers["etag"]})
        await client.sign_in("ana@ana.example", PASSWORD)
        signed_in = await client.get(FEED, headers={"accept-language": "en"})

    assert feed.status_code == 200
    assert feed.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert feed.headers["cache-control"] == "public, max-age=3600"
    assert "set-cookie" not in feed.headers
    assert "vary" not in feed.headers
    assert again.status_code == 304
    assert signed_in.content == feed.content


async def test_the_feed_is_atom_with_the_newest_first(app):
    async with PortalClient(app) as client:
        feed = await client.get(FEED)

    assert feed.text.startswith("<?xml")
    root = ET.fromstring(feed.text)
    entries = root.findall(f"{ATOM}entry")
    assert root.tag == f"{ATOM}feed"
    assert root.findtext(f"{ATOM}title") == "Noticias de Mill & Sons"
    assert root.find(f"{ATOM}link[@rel='self']").get("href") == f"http://127.0.0.1:8000{FEED}"
    assert [entry.findtext(f"{ATOM}published") for entry in entries] == [
        "2026-11-16T00:00:00+01:00",
        "2026-10-20T00:00:00+02:00",
        "2026-07-25T00:00:00+02:00",
        "2026-05-12T00:00:00+02:00",
        "2026-02-01T00:00:00+01:00",
    ]
    assert root.findtext(f"{ATOM}updated") == "2026-11-16T00:00:00+01:00"
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 5
    assert entries[1].findtext(f"{ATOM}title") == "Ya está aquí el aceite nuevo."
    assert entries[1].find(f"{ATOM}category").get("term") == "2026/27"


async def test_the_feed_is_there_in_each_language_of_the_business(app):
    async with PortalClient(app) as client:
        english = await client.get(f"{FEED}?lang=en")
        unknown = await client.get(f"{FEED}?lang=xx")

    assert "The new oil is here." in english.text
    assert 'xml:lang="en"' in english.text
    assert unknown.status_code == 400


async def test_a_business_without_the_plugin_has_no_feed(app):
    async with PortalClient(app) as client:
        assert (await client.get(f"/bees{FEED}")).status_code == 404


async def test_the_home_page_shows_the_newest_and_leads_to_the_feed(app):
    async with PortalClient(app) as client:
        await client.sign_in("ana@ana.example", PASSWORD)
        home = await client.get("/home")

    assert "Cajas de regalo para Navidad." in home.text
    assert "Ya está aquí el aceite nuevo." in home.text
    assert "Cerramos" not in home.text
    assert "Campaña 2026/27" in home.text
    head, _, body = home.text.partition("</head>")
    for part in (head, body):
        assert f'href="{FEED}?lang=es"' in part
    assert 'href="/almazara"' in body


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_two_portals_of_one_process_keep_their_own_news(portal_config, tmp_path):
    file = tmp_path / "other.toml"
    file.write_text(ONE.format(id="bread", day="11-01"))
    one, two = make_app(portal_config), make_app(portal_config, file)

    async with open_portal(one):
        async with open_portal(two):
            both = [[item.id for item in app.portal.state[STATE]] for app in (one, two)]
        left = [STATE in app.portal.state for app in (one, two)]

    assert both[0] == [item.id for item in read_news(OWN)]
    assert both[1] == ["bread"]
    assert left == [True, False]
    assert STATE not in one.portal.state


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_mistake_in_the_file_stops_the_start(portal_config, tmp_path):
    file = tmp_path / "wrong.toml"
    file.write_text(ONE.format(id="bread", day="13-01"))
    app = make_app(portal_config, file)

    with pytest.raises(ExceptionGroup) as caught:
        async with open_portal(app):
            pass

    assert caught.group_contains(PluginLoadError, match=r"harvest.*\$\.news\[0\]")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("news = 3", r"Expected `array`"),
        ("[[news]]", r"missing required field `id`"),
        ("[[news", r"Expected"),
        (ONE.format(id="Bread", day="11-01"), r"matching regex.* - at `\$\.news\[0\]\.id`"),
        (ONE.format(id="bread", day="1-1"), r"matching regex.* - at `\$\.news\[0\]\.day`"),
        (ONE.format(id="bread", day="02-29"), r"day is out of range"),
        (ONE.format(id="bread", day="11-01") * 2, r"two of the news"),
        (ONE.format(id="bread", day="11-01") + 'title.en = "Oil"', r"in the same languages"),
        (ONE.format(id="bread", day="11-01") + "colour = 3", r"unknown field `colour`"),
    ],
)
def test_a_file_with_a_mistake_is_refused_and_the_place_is_named(tmp_path, text, reason):
    file = tmp_path / "news.toml"
    file.write_text(text)

    with pytest.raises(ValueError, match=reason):
        read_news(file)


def test_news_come_again_every_year_and_in_the_language_there_is(tmp_path):
    file = tmp_path / "news.toml"
    file.write_text(ONE.format(id="bread", day="11-01"))
    news = read_news(file)

    assert [told.on for told in told_by(news, date(2026, 11, 1), "en")] == [date(2026, 11, 1)]
    (told,) = told_by(news, date(2026, 10, 31), "en")
    assert (told.on, told.title) == (date(2025, 11, 1), "Aceite & <pan>")


def test_a_season_begins_in_october():
    assert season(date(2026, 9, 30)) == "2025/26"
    assert season(date(2026, 10, 1)) == "2026/27"
    assert season(date(2099, 12, 1)) == "2099/00"
