"""Passkeys through HTTP, with a device made of software: what is right gets in, nothing else."""

import asyncio
import base64
import hashlib
import json
import re
import secrets
from datetime import timedelta

import cbor2
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import func, select, update

from portalkit.access.models import Contact, Passkey, Person, Staff
from portalkit.audit import Event

pytestmark = pytest.mark.anyio
ANA = "ana@ana.example"
BEN = "ben@ben.example"
CARMEN = "carmen@mill.example"
PASSWORD = "olive-trees-in-march"
DOORS = {ANA: "/login", BEN: "/login", CARMEN: "/backoffice/login"}
ORIGIN = "http://localhost:8000"
UP, UV, AT = 1, 4, 64


def b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Device:
    """Holds one passkey; what it says can be made wrong by keyword."""

    def __init__(self, count=1):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.count = count
        self.handle = None

    def _data(self, rp_id, flags, *, attested=b""):
        head = hashlib.sha256(rp_id.encode()).digest() + bytes([flags])
        return head + self.count.to_bytes(4, "big") + attested

    def make(self, options, *, origin=ORIGIN, rp_id="localhost", flags=UP | UV, **changes):
        self.handle = unb64(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public = cbor2.dumps(
            {
                1: 2,
                3: -7,
                -1: 1,
                -2: numbers.x.to_bytes(32, "big"),
                -3: numbers.y.to_bytes(32, "big"),
            }
        )
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        client = {
            "type": "webauthn.create",
            "challenge": options["challenge"],
            "origin": origin,
            "crossOrigin": False,
        } | changes
        statement = {
            "fmt": "none",
            "attStmt": {},
            "authData": self._data(rp_id, flags | AT, attested=attested),
        }
        return self._said(
            {
                "clientDataJSON": b64(json.dumps(client).encode()),
                "attestationObject": b64(cbor2.dumps(statement)),
            }
        )

    def use(
        self, options, *, origin=ORIGIN, rp_id="localhost", flags=UP | UV, handle=True, **changes
    ):
        self.count += 1
        client = {
            "type": "webauthn.get",
            "challenge": options["challenge"],
            "origin": origin,
        } | changes
        client_data = json.dumps(client).encode()
        data = self._data(rp_id, flags)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        handles = {True: b64(self.handle), False: None}
        return self._said(
            {
                "clientDataJSON": b64(client_data),
                "authenticatorData": b64(data),
                "signature": b64(signature),
                "userHandle": handles.get(handle, handle),
            }
        )

    def _said(self, response):
        return json.dumps(
            {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response}
        )


@pytest.fixture
def portal_config(portal_config):
    return msgspec.structs.replace(portal_config, base_url=ORIGIN)


@pytest.fixture
def add(sign_in):
    """Sign somebody in and add a passkey; return browser, device and the answer."""

    async def add_one(email=ANA, *, client=None, device=None, name="Phone", **wrong):
        client = client or await sign_in(email, DOORS[email])
        device = device or Device()
        asked = await client.submit("/security/passkeys/options", page="/security/passkeys/new")
        said = asked.json()
        answer = await client.submit(
            "/security/passkeys",
            {
                "ticket": said["ticket"],
                "credential": device.make(said["options"], **wrong),
                "name": name,
            },
            page="/security/passkeys/new",
        )
        return client, device, answer

    return add_one


@pytest.fixture
def ask(visitor):
    """Ask for a challenge at a door; return the browser and what it got."""

    async def ask_it(client=None, door="person", page="/login"):
        client = client or visitor()
        answer = await client.submit("/login/passkey/options", {"door": door}, page=page)
        return client, answer.json()

    return ask_it


@pytest.fixture
def use(ask):
    """Sign in with a passkey alone; return the browser and the answer."""

    async def use_it(device, *, door="person", said=None, client=None, credential=None, **wrong):
        if said is None:
            client, said = await ask(client, door)
        fields = {
            "ticket": said["ticket"],
            "credential": credential or device.use(said["options"], **wrong),
            "door": door,
        }
        return client, await client.submit("/login/passkey", fields, page="/login")

    return use_it


async def is_in(client, path="/profile"):
    return (await client.get(path)).status_code == 200


@pytest.fixture
def events(app):
    async def read(name):
        async with app.portal.reading() as session:
            rows = await session.scalars(select(Event.data).where(Event.name == name))
            return list(rows)

    return read


@pytest.mark.parametrize(("email", "door"), [(ANA, "person"), (CARMEN, "staff")])
async def test_a_passkey_alone_lets_in(email, door, add, use, events):
    _, device, answer = await add(email)
    assert answer.status_code == 200
    assert len(re.findall(r"<code>([a-z0-9-]{19})</code>", answer.text)) == 10

    client, answer = await use(device, door=door)

    assert answer.status_code == 303
    assert answer.headers["location"] == {"person": "/home", "staff": "/backoffice"}[door]
    assert await is_in(client, "/security")
    assert {"by": "passkey"} in await events("access.signed_in")
    assert await events("access.passkey_added") == [{"called": "Phone"}]


async def test_what_a_browser_is_told_to_ask_for(add, ask):
    client, device, _ = await add()
    made = (
        await client.submit("/security/passkeys/options", page="/security/passkeys/new")
    ).json()["options"]
    _, said = await ask()

    assert made["rp"] == {"id": "localhost", "name": "Mill"}
    assert made["authenticatorSelection"]["userVerification"] == "required"
    assert [each["id"] for each in made["excludeCredentials"]] == [b64(device.id)]
    assert said["options"]["userVerification"] == "required"
    # Nobody learns which passkeys there are.
    assert said["options"]["allowCredentials"] == []


@pytest.mark.parametrize("email", [ANA, CARMEN])
async def test_after_the_password_a_passkey_is_the_second_step(email, add, ask, visitor, events):
    _, device, _ = await add(email)
    client = visitor()
    answer = await client.submit(DOORS[email], {"email": email, "password": PASSWORD})
    assert answer.headers["location"] == "/login/code"
    assert "data-passkey" in (await client.get("/login/code")).text
    _, said = await ask(client, page="/login/code")
    assert [each["id"] for each in said["options"]["allowCredentials"]] == [b64(device.id)]

    answer = await client.submit(
        "/login/passkey",
        {"ticket": said["ticket"], "credential": device.use(said["options"]), "remember": "true"},
        page="/login/code",
    )

    assert answer.status_code == 303
    assert await is_in(client, "/security")
    assert "pk_device" in client.cookies
    assert {"by": "password", "second": "passkey"} in await events("access.signed_in")


WRONG_USES = {
    "another site": {"origin": "https://evil.example"},
    "the same host by another port": {"origin": "http://localhost:9000"},
    "another name of the host": {"rp_id": "evil.example"},
    "nobody was there": {"flags": UV},
    "nobody was verified": {"flags": UP},
    "another challenge": {"challenge": b64(b"x" * 43)},
    "signed when it was made": {"type": "webauthn.create"},
    "the handle of another account": {"handle": b64(b"0190b3b4-0000-7000-8000-000000000000")},
}


@pytest.mark.parametrize("wrong", WRONG_USES.values(), ids=WRONG_USES.keys())
async def test_a_passkey_that_says_something_else_lets_nobody_in(wrong, add, use, events):
    _, device, _ = await add()

    client, answer = await use(device, **wrong)

    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert not await is_in(client)
    assert len(await events("access.sign_in_failed")) == 1


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "{}",
        "[]",
        "null",
        '"x"',
        "{" * 5_000,
        '{"id": "\\u0000"}',
        '{"id": "' + "A" * 1_400 + '"}',
        '{"id": 5}',
        '{"id": "x"}',
        '{"id": "x", "rawId": "x", "type": "public-key", "response": {}}',
        "\ud800",
        "x" * 30_000,
        "\x00",
    ],
)
async def test_what_is_no_passkey_lets_nobody_in(credential, add, ask):
    await add()
    client, said = await ask()
    fields = {
        "ticket": said["ticket"],
        "credential": credential.encode("utf-8", "replace").decode(),
    }

    answer = await client.submit("/login/passkey", fields, page="/login")

    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


async def test_every_bit_of_the_signature_counts(add, ask, use):
    _, device, _ = await add()
    client, said = await ask()
    credential = json.loads(device.use(said["options"]))
    signature = bytearray(unb64(credential["response"]["signature"]))
    signature[-1] ^= 1
    credential["response"]["signature"] = b64(bytes(signature))

    _, answer = await use(device, client=client, said=said, credential=json.dumps(credential))

    assert answer.headers["location"] == "/login"


async def test_a_challenge_is_answered_once(add, ask, use, visitor):
    _, device, _ = await add()
    client, said = await ask()
    credential = device.use(said["options"])
    _, answer = await use(device, client=client, said=said, credential=credential)
    assert answer.headers["location"] == "/home"
    held = client.cookies["pk-pre"]
    again = visitor()
    again.cookies.set("pk-pre", held)

    _, answer = await use(device, client=again, said=said, credential=credential)
    assert answer.headers["location"] == "/login"
    # Not even signed anew, with a counter that grew.
    _, answer = await use(device, client=again, said=said)

    assert answer.headers["location"] == "/login"
    assert not await is_in(again)


async def test_of_several_that_answer_a_challenge_at_once_one_gets_in(add, ask, visitor):
    _, device, _ = await add()
    client, said = await ask()
    fields = {"ticket": said["ticket"], "credential": device.use(said["options"])}
    clients = [visitor() for _ in range(4)]
    for each in clients:
        each.cookies.set("pk-pre", client.cookies["pk-pre"])

    answers = await asyncio.gather(
        *(each.submit("/login/passkey", fields, page="/login") for each in clients)
    )

    places = sorted(answer.headers["location"] for answer in answers)
    assert places == ["/home", "/login", "/login", "/login"]


async def test_a_wrong_answer_uses_the_challenge_up_too(add, ask, use):
    _, device, _ = await add()
    client, said = await ask()
    await use(device, client=client, said=said, origin="https://evil.example")

    _, answer = await use(device, client=client, said=said)

    assert answer.headers["location"] == "/login"


async def test_a_challenge_is_for_the_browser_that_asked(add, ask, use, visitor):
    _, device, _ = await add()
    _, said = await ask()

    thief, answer = await use(device, client=visitor(), said=said)

    assert answer.headers["location"] == "/login"
    assert not await is_in(thief)


async def test_a_challenge_expires(add, ask, use, clock):
    _, device, _ = await add()
    client, said = await ask()
    clock.now += timedelta(minutes=10)

    _, answer = await use(device, client=client, said=said)

    assert answer.headers["location"] == "/login"


async def test_a_passkey_of_staff_does_not_open_the_door_of_contacts(add, use):
    _, device, _ = await add(CARMEN)

    client, answer = await use(device, door="person")

    assert answer.headers["location"] == "/login"
    assert not await is_in(client, "/security")


async def test_a_passkey_of_another_business_is_unknown(town, add, use, visitor, password):
    client = visitor()
    await client.sign_in("cleo@cleo.example", password, path="/bees/login")
    device = Device()
    asked = await client.submit(
        "/bees/security/passkeys/options", page="/bees/security/passkeys/new"
    )
    said = asked.json()
    answer = await client.submit(
        "/bees/security/passkeys",
        {"ticket": said["ticket"], "credential": device.make(said["options"]), "name": "Cleo's"},
        page="/bees/security/passkeys/new",
    )
    assert answer.status_code == 200

    _, answer = await use(device)

    assert answer.headers["location"] == "/login"


async def test_the_passkey_of_somebody_else_is_no_second_step(add, ask, visitor):
    """The password of one and the passkey of another are not two factors of anybody."""
    await add(ANA)
    _, bens, _ = await add(BEN)
    client = visitor()
    await client.submit("/login", {"email": ANA, "password": PASSWORD})
    _, said = await ask(client, page="/login/code")

    answer = await client.submit(
        "/login/passkey",
        {"ticket": said["ticket"], "credential": bens.use(said["options"])},
        page="/login/code",
    )

    assert answer.headers["location"] == "/login/code"
    assert not await is_in(client)


async def test_a_counter_that_does_not_grow_tells_of_a_copy(add, use):
    _, device, _ = await add(device=Device(count=7))
    client, answer = await use(device)
    assert answer.headers["location"] == "/home"
    device.count = 7

    client, answer = await use(device)

    assert answer.headers["location"] == "/login"
    assert not await is_in(client)


async def test_a_device_without_a_counter_is_believed(add, ask, use):
    _, device, _ = await add(device=Device(count=0))
    for _ in range(2):
        device.count = -1
        _, answer = await use(device)
        assert answer.headers["location"] == "/home"


SHUT = {
    "person": update(Person).values(is_enabled=False),
    "contact": update(Contact).values(is_enabled=False),
}


@pytest.mark.parametrize("what", SHUT)
async def test_a_passkey_of_somebody_whose_access_ended_lets_nobody_in(what, town, add, use):
    _, device, _ = await add()
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(SHUT[what])

    client, answer = await use(device)

    assert answer.headers["location"] == "/login"
    assert not await is_in(client)


async def test_tries_with_passkeys_are_counted_by_address(add, use):
    _, device, _ = await add()
    answers = []
    for _ in range(52):
        _, answer = await use(device, origin="https://evil.example")
        answers.append(answer.status_code)

    assert answers.count(429) >= 1
    assert set(answers) == {303, 429}


# Adding, naming, removing


WRONG_NEW = {
    "another site": {"origin": "https://evil.example"},
    "another name of the host": {"rp_id": "evil.example"},
    "nobody was verified": {"flags": UP},
    "another challenge": {"challenge": b64(b"x" * 43)},
    "made by signing in": {"type": "webauthn.get"},
}


@pytest.mark.parametrize("wrong", WRONG_NEW.values(), ids=WRONG_NEW.keys())
async def test_a_new_passkey_that_says_something_else_is_not_kept(wrong, add, town):
    _, _, answer = await add(**wrong)

    assert answer.headers["location"] == "/security/passkeys/new"
    async with town.app.portal.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Passkey)) == 0
        assert not (
            await session.scalar(select(Person).where(Person.email == ANA))
        ).has_second_factor


async def test_a_passkey_is_kept_once(add, sign_in, town):
    _, device, _ = await add()
    ben = await sign_in(BEN)

    _, _, answer = await add(BEN, client=ben, device=device)

    assert answer.headers["location"] == "/security/passkeys/new"
    async with town.app.portal.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Passkey)) == 1


async def test_what_one_browser_was_told_makes_no_passkey_of_another(sign_in, town):
    """Nobody gets a passkey into an account by handing its owner a ticket of their own."""
    ana, ben = await sign_in(ANA), await sign_in(BEN)
    said = (await ben.submit("/security/passkeys/options", page="/security/passkeys/new")).json()
    device = Device()

    answer = await ana.submit(
        "/security/passkeys",
        {"ticket": said["ticket"], "credential": device.make(said["options"])},
        page="/security/passkeys/new",
    )

    assert answer.headers["location"] == "/security/passkeys/new"
    async with town.app.portal.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Passkey)) == 0


async def test_passkeys_are_named_and_removed_by_their_owner(add, use, sign_in, town, events):
    client, device, _ = await add(name="My phone")
    _, _, answer = await add(client=client, name="\x00" * 5)
    assert answer.headers["location"] == "/security"
    page = (await client.get("/security")).text
    assert "My phone" in page
    [first, second] = re.findall(r'action="/security/passkeys/([0-9a-f-]{36})/name"', page)
    ben = await sign_in(BEN)
    for path in (f"/security/passkeys/{first}/name", f"/security/passkeys/{first}/remove"):
        fields = {"name": "Mine"} if path.endswith("name") else {"password": PASSWORD}
        assert (await ben.submit(path, fields, page="/security")).status_code == 404

    for name in ("", " ", "x" * 61, "a\x00b"):
        path = f"/security/passkeys/{first}/name"
        assert (await client.submit(path, {"name": name}, page="/security")).status_code == 400
    await client.submit(
        f"/security/passkeys/{first}/name", {"name": " Red  phone "}, page="/security"
    )
    assert "Red phone" in (await client.get("/security")).text
    wrong = await client.submit(f"/security/passkeys/{first}/remove", {"password": "no"})
    assert wrong.status_code == 422
    answer = await client.submit(f"/security/passkeys/{first}/remove", {"password": PASSWORD})
    assert answer.headers["location"] == "/security"

    _, answer = await use(device)
    assert answer.headers["location"] == "/login"
    await client.submit(f"/security/passkeys/{second}/remove", {"password": PASSWORD})
    async with town.app.portal.reading() as session:
        assert not (
            await session.scalar(select(Person).where(Person.email == ANA))
        ).has_second_factor
    assert len(await events("access.passkey_removed")) == 2


async def test_a_while_after_the_sign_in_one_proves_again_who_one_is(sign_in, clock):
    ana = await sign_in(ANA)
    said = (await ana.submit("/security/passkeys/options", page="/security/passkeys/new")).json()
    clock.now += timedelta(minutes=9, seconds=59)
    assert (await ana.get("/security/passkeys/new")).status_code == 200
    clock.now += timedelta(seconds=1)

    answer = await ana.get("/security/passkeys/new")
    assert answer.headers["location"].startswith("/security/confirm")
    fields = {"ticket": said["ticket"], "credential": Device().make(said["options"])}
    answer = await ana.submit("/security/passkeys", fields, page="/security")
    assert answer.headers["location"] == "/security/passkeys/new"


async def test_there_are_so_many_passkeys_and_no_more(town, add):
    client, _, _ = await add()
    async with town.app.portal.writing() as session, session.begin():
        row = (await session.scalars(select(Passkey))).one()
        for number in range(19):
            session.add(
                Passkey(
                    id=f"{row.id[:-2]}{number:02d}",
                    business_id=row.business_id,
                    person_id=row.person_id,
                    credential_id=f"x{number}",
                    public_key="x",
                    sign_count=0,
                    name="x",
                    created_at=row.created_at,
                )
            )

    _, _, answer = await add(client=client)

    assert answer.headers["location"] == "/security/passkeys/new"


class TestWithoutThem:
    """At an address that is a number, browsers make no passkeys."""

    @pytest.fixture
    def portal_config(self, portal_config):
        return msgspec.structs.replace(portal_config, base_url="http://127.0.0.1:8000")

    async def test_nothing_of_them_is_offered_or_open(self, sign_in, visitor):
        ana = await sign_in(ANA)

        assert "passkeys.js" not in (await visitor().get("/login")).text
        assert "/security/passkeys" not in (await ana.get("/security")).text
        assert (await ana.get("/security/passkeys/new")).status_code == 404
        for path in ("/login/passkey/options", "/security/passkeys/options"):
            assert (await ana.submit(path, page="/security")).status_code == 404


async def test_staff_have_passkeys_of_their_own(add, town):
    await add(CARMEN)

    async with town.app.portal.reading() as session:
        carmen = await session.scalar(select(Staff).where(Staff.email == CARMEN))
        [row] = await session.scalars(select(Passkey))
    assert carmen.has_second_factor
    assert (row.staff_id, row.person_id) == (carmen.id, None)
