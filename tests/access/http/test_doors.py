"""The doors, through HTTP: sign in and out, links, passwords, languages (cases O03 to O13)."""

import re

import pytest
from sqlalchemy import func, select, update

from portalkit.access.links import LinkPurpose, make_link
from portalkit.access.models import Membership, Person, SessionRow
from portalkit.access.sessions import session_hash
from portalkit.testing.factories import NOW, make_person
from portalkit.testing.hostile import FOREIGN_PATHS

pytestmark = pytest.mark.anyio
ANA = "ana@ana.example"
PASSWORD = "olive-trees-in-march"
NEW_PASSWORD = "figs-and-almonds-9"


@pytest.fixture
def link_for(town):
    """Make a one-time link; return its path."""

    async def make(email=ANA, business=None, purpose=LinkPurpose.SIGN_IN):
        async with town.app.portal.writing() as session:
            person = await session.scalar(select(Person.id).where(Person.email == email))
            token = await make_link(
                session,
                town.app.portal.config.secret_keys,
                business_id=business or town.mill,
                now=NOW,
                person_id=person,
                purpose=purpose,
            )
            await session.commit()
        return f"/i/{token}"

    return make


async def is_in(client):
    answer = await client.get("/profile")
    assert answer.status_code in {200, 303}
    return answer.status_code == 200


async def test_a_person_signs_in_and_lands_on_the_first_page(town, visitor):
    client = visitor()

    answer = await client.sign_in(ANA, PASSWORD)

    assert answer.headers["location"] == "/home"
    assert (await client.get("/home")).status_code == 200
    session, known = answer.headers.get_list("set-cookie")
    assert re.fullmatch(r"pk=[\w-]{43}; Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax", session)
    assert re.fullmatch(
        r"pk_known=[\w.-]{100,300}; Max-Age=31536000; Path=/; HttpOnly; SameSite=Lax", known
    )


async def test_whoever_was_sent_to_sign_in_comes_back_to_where_they_were(town, visitor):
    client = visitor()
    sent = await client.get("/profile?status=open&page=2")
    door = sent.headers["location"]
    assert door == "/login?next=/profile%3Fstatus%3Dopen%26page%3D2"

    page = await client.get(door)
    wish = re.search(r'name="next" value="([^"]*)"', page.text)[1].replace("&amp;", "&")
    answer = await client.submit(
        "/login", {"email": ANA, "password": PASSWORD, "next": wish}, page=door
    )

    assert answer.headers["location"] == "/profile?status=open&page=2"


async def test_nobody_gets_a_session_by_looking_around(town, visitor, sessions):
    client = visitor()
    for path in ("/", "/login", "/backoffice/login", "/home", "/i/x", "/nowhere"):
        await client.get(path)
    await client.submit("/login", {"email": ANA, "password": "wrong"})

    assert await sessions() == 0
    assert "pk" not in client.cookies


async def test_whoever_is_signed_in_is_not_asked_again(ana):
    answer = await ana.get("/login")

    assert (answer.status_code, answer.headers["location"]) == (303, "/home")


# O03: session fixation


@pytest.mark.parametrize("door", ["/login", "invitation"])
@pytest.mark.parametrize(
    "cookie",
    [
        "pk=attackerchosenid0001",
        f"pk={'A' * 43}",
        f"pk={'A' * 43}; pk={'B' * 43}",
        "pk=",
    ],
)
async def test_a_planted_cookie_is_worth_nothing(
    *, town, visitor, link_for, sessions, cookie, door
):
    client = visitor()
    path, fields = door, {"email": ANA, "password": PASSWORD}
    if door == "invitation":
        path, fields = await link_for(purpose=LinkPurpose.INVITATION), {}
    token = await client.token(path)
    held = f"{cookie}; pk-pre={client.cookies['pk-pre']}"
    client.cookies.clear()

    answer = await client.post(
        path,
        data=fields | {"csrf_token": token},
        headers={"cookie": held, "sec-fetch-site": "same-origin"},
    )

    assert answer.status_code == 303
    assert await sessions() == 1
    assert client.cookies["pk"] not in cookie
    attacker = visitor()
    answer = await attacker.get("/profile", headers={"cookie": cookie})
    assert answer.status_code == 303


async def test_nobody_is_signed_in_as_somebody_else_from_another_site(town, visitor, sessions):
    """The victim's browser has no cookie for signed-out forms, or one that was planted."""
    attacker, victim = visitor(), visitor()
    token = await attacker.token("/login")
    fields = {"email": ANA, "password": PASSWORD, "csrf_token": token}

    for cookie in ("", "pk-pre=planted", "pk-pre=planted.0000"):
        answer = await victim.post(
            "/login", data=fields, headers={"cookie": cookie, "sec-fetch-site": "same-origin"}
        )
        assert answer.status_code == 403

    assert await sessions() == 0


async def test_a_session_gets_a_new_id_at_every_rise_of_rights(town, visitor, ana, link_for):
    ids = [ana.cookies["pk"]]
    path = await link_for()
    await ana.submit(path)
    ids.append(ana.cookies["pk"])
    await ana.submit(
        "/profile/password",
        {"current_password": PASSWORD, "new_password": NEW_PASSWORD},
        page="/profile",
    )
    ids.append(ana.cookies["pk"])

    assert len(set(ids)) == 3
    assert await is_in(ana)
    for old in ids[:2]:
        answer = await visitor().get("/profile", headers={"cookie": f"pk={old}"})
        assert answer.status_code == 303


# O04: the end of sessions


@pytest.fixture
async def browsers(town, visitor):
    """Return three browsers of Ana and one of Carmen, all signed in."""
    clients = [visitor() for _ in range(3)]
    for client in clients:
        await client.sign_in(ANA, PASSWORD)
    carmen = visitor()
    await carmen.sign_in("carmen@mill.example", PASSWORD, path="/backoffice/login")
    return [*clients, carmen]


async def test_signing_out_ends_this_session_only(browsers):
    first, second, third, _ = browsers

    answer = await first.submit("/logout", page="/profile")

    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert answer.headers["clear-site-data"] == '"cache"'
    assert "pk" not in first.cookies
    assert [await is_in(one) for one in (first, second, third)] == [False, True, True]


async def test_an_id_is_worth_nothing_after_signing_out(visitor, ana):
    held = ana.cookies["pk"]
    await ana.submit("/logout", page="/profile")

    answer = await visitor().get("/profile", headers={"cookie": f"pk={held}"})

    assert answer.status_code == 303


async def test_a_new_password_ends_all_other_sessions(town, browsers, visitor):
    first, second, third, _ = browsers

    answer = await first.submit(
        "/profile/password",
        {"current_password": PASSWORD, "new_password": NEW_PASSWORD},
        page="/profile",
    )

    assert answer.status_code == 303
    assert [await is_in(one) for one in (first, second, third)] == [True, False, False]
    with pytest.raises(PermissionError):
        await visitor().sign_in(ANA, PASSWORD)
    await visitor().sign_in(ANA, NEW_PASSWORD)


async def test_one_device_or_all_others_are_signed_out_from_the_profile(browsers):
    first, second, third, _ = browsers
    page = (await first.get("/profile")).text
    one = re.search(r'action="(/profile/devices/[0-9a-f]{64}/close)"', page)[1]

    assert (await first.submit(one, page="/profile")).status_code == 303
    assert [await is_in(client) for client in (first, second, third)].count(True) == 2
    assert (await first.submit("/profile/devices/close-others", page="/profile")).status_code == 303
    assert [await is_in(client) for client in (first, second, third)] == [True, False, False]


async def test_nobody_ends_the_session_of_somebody_else(town, ana, visitor):
    ben = visitor()
    await ben.sign_in("ben@ben.example", PASSWORD)
    async with town.app.portal.reading() as session:
        hashes = list(await session.scalars(select(SessionRow.id_hash)))
    hashes.remove(session_hash(ben.cookies["pk"]))

    for id_hash in (*hashes, "x", "%00"):
        path = f"/profile/devices/{id_hash}/close"
        assert (await ben.submit(path, page="/profile")).status_code == 404

    assert await is_in(ana)


@pytest.mark.parametrize("act", ["password", "withdraw"])
async def test_staff_end_all_sessions_of_a_person(act, town, browsers):
    *clients, carmen = browsers

    answer = await carmen.submit(
        f"/backoffice/contacts/{town.ana}/people/{town.ana_person}/{act}",
        {"password": NEW_PASSWORD} if act == "password" else {},
        page=f"/backoffice/contacts/{town.ana}",
    )

    assert answer.status_code == 303
    assert [await is_in(client) for client in clients] == [False, False, False]


async def test_a_disabled_person_is_out_at_the_next_request(town, ana):
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(update(Person).where(Person.email == ANA).values(is_enabled=False))

    assert not await is_in(ana)


async def test_nothing_personal_is_kept_by_the_browser(ana):
    for path in ("/home", "/profile", "/login", "/nowhere"):
        assert (await ana.get(path)).headers["cache-control"] == "no-store", path


# O06: open redirects


async def test_nobody_is_sent_away_from_the_portal(town, visitor):
    for wish in FOREIGN_PATHS:
        client = visitor()
        for path, fields in (
            ("/language", {"locale": "en"}),
            ("/theme", {"theme": "dark"}),
            ("/login", {"email": ANA, "password": PASSWORD}),
        ):
            answer = await client.submit(path, {**fields, "next": wish}, page="/login")

            assert answer.status_code == 303, wish
            assert answer.headers["location"] in {"/", "/home"}, wish
        door = await visitor().get("/login", params={"next": wish})
        assert 'name="next" value=""' in door.text, wish


# O12: nobody learns who is known


async def test_every_refusal_looks_the_same(town, visitor):
    async with town.app.portal.writing() as session, session.begin():
        password = await town.app.portal.passwords.hash(PASSWORD)
        for name in ("disabled", "withdrawn", "nopassword"):
            person = await make_person(
                session,
                town.mill,
                [town.ana],
                f"{name}@ana.example",
                password_hash=None if name == "nopassword" else password,
                is_enabled=name != "disabled",
            )
            if name == "withdrawn":
                await session.execute(
                    update(Membership)
                    .where(Membership.person_id == person)
                    .values(is_enabled=False)
                )
    client, answers = visitor(), set()
    for email, typed in (
        (ANA, "not the password"),
        ("nobody@ana.example", PASSWORD),
        ("disabled@ana.example", PASSWORD),
        ("withdrawn@ana.example", PASSWORD),
        ("nopassword@ana.example", PASSWORD),
        ("cleo@cleo.example", PASSWORD),
        ("carmen@mill.example", PASSWORD),
    ):
        answer = await client.submit("/login", {"email": email, "password": typed})
        headers = {k: v for k, v in answer.headers.items() if k != "x-request-id"}
        headers["content-length"] = str(int(headers["content-length"]) - len(email))
        answers.add((answer.status_code, answer.text.replace(email, ""), str(headers)))

    assert len(answers) == 1


# O13: brute force


async def guess_until_refused(client, email=ANA, door="/login"):
    """Guess until no more is taken, and return how many guesses were."""
    for number in range(30):
        answer = await client.submit(door, {"email": email, "password": f"guess {number}"})
        if answer.status_code == 429:
            return number
    raise AssertionError("nobody stopped it")


async def test_the_owner_gets_in_by_password_from_where_they_were_before(town, visitor):
    owner, guesser, elsewhere = visitor(), visitor(), visitor()
    await owner.sign_in(ANA, PASSWORD)
    await owner.submit("/logout", page="/profile")

    await guess_until_refused(guesser)

    with pytest.raises(PermissionError, match="429"):
        await elsewhere.sign_in(ANA, PASSWORD)
    await owner.sign_in(ANA, PASSWORD)
    assert await is_in(owner)


async def test_a_browser_that_was_let_in_before_has_two_tries_more_than_any_other(town, visitor):
    client = visitor()
    await client.sign_in(ANA, PASSWORD)
    await client.submit("/logout", page="/profile")

    assert await guess_until_refused(client) == 12
    assert client.cookies["pk_known"]


@pytest.mark.parametrize("which", ["another's", "of another door", "forged", "cut"])
async def test_a_value_of_another_account_gives_no_further_tries(town, visitor, which):
    client, guesser = visitor(), visitor()
    email, door = {
        "another's": ("ben@ben.example", "/login"),
        "of another door": ("carmen@mill.example", "/backoffice/login"),
    }.get(which, (ANA, "/login"))
    await client.sign_in(email, PASSWORD, path=door)
    value = client.cookies["pk_known"]
    changed = {"forged": value[::-1], "cut": value[:-4]}.get(which, value)
    await guess_until_refused(guesser)

    guesser.cookies.set("pk_known", changed)

    assert await guess_until_refused(guesser) == 0


async def test_a_link_still_lets_in_who_is_being_guessed_at(town, visitor, link_for):
    client = visitor()
    for number in range(15):
        await client.submit("/login", {"email": ANA, "password": f"guess {number}"})

    path = await link_for()
    await client.submit(path)

    assert await is_in(client)


# Links


async def test_a_link_shows_one_button_and_the_button_lets_in(town, visitor, link_for, sessions):
    client, path = visitor(), await link_for()

    for _ in range(3):
        page = await client.get(path)
    assert page.status_code == 200
    assert page.text.count("<button") - page.text.count("pk-text-btn") == 1
    assert await sessions() == 0
    answer = await client.submit(path)

    assert (answer.status_code, answer.headers["location"]) == (303, "/home")
    assert await is_in(client)


async def test_a_link_works_once_and_says_so_neutrally(town, visitor, link_for):
    path = await link_for()
    used = visitor()
    await used.submit(path)

    doors = (path, "/i/unknown", f"{path}x", f"/i/{'x' * 300}")
    answers = [await visitor().get(door) for door in doors]

    assert {answer.status_code for answer in answers} == {410}
    changing = re.compile(r'value="[^"]*"')
    assert len({changing.sub("", answer.text) for answer in answers}) == 1


async def test_a_head_request_uses_nothing_up(town, visitor, link_for):
    client, path = visitor(), await link_for()

    await client.head(path)

    assert (await client.get(path)).status_code == 200


# Passwords of the business


async def test_a_one_time_password_opens_nothing_but_its_own_change(town, visitor):
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(
            update(Person)
            .where(Person.email == ANA)
            .values(must_change_password=True, password_set_at=NOW)
        )
    client = visitor()
    await client.sign_in(ANA, PASSWORD)

    for path in ("/home", "/profile"):
        answer = await client.get(path)
        assert (answer.status_code, answer.headers.get("location")) == (303, "/password"), path
    answer = await client.submit("/password", {"new_password": "password"})
    assert answer.status_code == 422
    answer = await client.submit("/password", {"new_password": NEW_PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/home")
    assert await is_in(client)
    await visitor().sign_in(ANA, NEW_PASSWORD)
    with pytest.raises(PermissionError):
        await visitor().sign_in(ANA, PASSWORD)


@pytest.mark.parametrize(
    ("current", "new", "field"),
    [
        ("wrong", NEW_PASSWORD, "current_password"),
        ("", NEW_PASSWORD, "current_password"),
        (PASSWORD, "short", "new_password"),
        (PASSWORD, "x" * 129, "new_password"),
        (PASSWORD, "qwertyuiop", "new_password"),
        (PASSWORD, ANA, "new_password"),
    ],
)
async def test_a_password_is_changed_only_as_it_should_be(ana, current, new, field):
    answer = await ana.submit(
        "/profile/password",
        {"current_password": current, "new_password": new},
        page="/profile",
    )

    assert answer.status_code == 422
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', answer.text)
    assert new == ANA or new not in answer.text
    assert await is_in(ana)


async def test_the_password_page_is_for_whoever_is_signed_in(town, visitor):
    client = visitor()

    assert (await client.get("/password")).status_code == 303
    answer = await client.submit("/password", {"new_password": NEW_PASSWORD}, page="/login")
    assert answer.status_code == 401


# Audiences and businesses


async def test_each_door_lets_in_its_own(town, visitor):
    for email, path in (
        (ANA, "/backoffice/login"),
        ("carmen@mill.example", "/login"),
        ("cleo@cleo.example", "/login"),
    ):
        with pytest.raises(PermissionError):
            await visitor().sign_in(email, PASSWORD, path=path)


async def test_a_session_of_a_person_opens_no_back_office(ana):
    answer = await ana.get("/backoffice/contacts")

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/backoffice/login?next=")


async def test_a_session_of_one_business_is_nobody_at_another(town, ana):
    held = ana.cookies["pk"]

    answer = await ana.get("/bees/profile", headers={"cookie": f"pk-bees={held}"})

    assert answer.status_code == 303


async def test_two_businesses_are_signed_in_to_side_by_side(town, ana):
    await ana.sign_in("cleo@cleo.example", PASSWORD, path="/bees/login")

    assert await is_in(ana)
    assert (await ana.get("/bees/profile")).status_code == 200
    assert {"pk", "pk-bees"} <= set(ana.cookies)


# Language and theme


async def test_a_language_is_kept_for_the_browser_and_for_the_person(town, visitor, ana):
    page = await ana.get("/profile")
    assert '<html lang="es"' in page.text

    await ana.submit("/language", {"locale": "en", "next": "/profile"}, page="/profile")

    assert '<html lang="en"' in (await ana.get("/profile")).text
    other = visitor()
    await other.sign_in(ANA, PASSWORD)
    assert '<html lang="en"' in (await other.get("/profile")).text


async def test_a_language_that_is_not_offered_is_refused(town, visitor):
    for locale in ("xx", "", "../en", "en; x=y"):
        answer = await visitor().submit("/language", {"locale": locale}, page="/login")

        assert answer.status_code == 400, locale


async def test_a_theme_is_kept_in_the_browser(town, visitor):
    client = visitor()

    await client.submit("/theme", {"theme": "dark"}, page="/login")
    assert 'data-theme="dark"' in (await client.get("/login")).text
    assert (await client.submit("/theme", {"theme": "pink"}, page="/login")).status_code == 400


async def test_a_field_too_many_is_refused(town, visitor):
    client = visitor()

    answer = await client.submit("/login", {"email": ANA, "password": PASSWORD, "business_id": "x"})

    assert answer.status_code == 400


async def test_the_last_sign_in_is_written(town, ana):
    async with town.app.portal.reading() as session:
        at = await session.scalar(select(Person.signed_in_at).where(Person.email == ANA))
        signed_in = await session.scalar(
            select(func.count()).select_from(Person).where(Person.signed_in_at.is_not(None))
        )

    assert (at, signed_in) == (NOW, 1)
