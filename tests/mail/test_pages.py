"""Staff see what was sent and send again, write words, and send somebody the link."""
# ruff: noqa: PLR0917  # what a test needs are its arguments

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from portalkit.access.mails import PASSWORD_SET
from portalkit.audit import Event
from portalkit.mail.models import MailRow, MailTemplateRow
from portalkit.testing.client import PortalClient
from portalkit.testing.factories import make_business, make_contact, make_person, make_staff

PASSWORD = "olive-trees-in-march"
WORDS = f"/backoffice/mail-templates/{PASSWORD_SET.name}/es"


@pytest.fixture
async def people(portal, mill):
    """A contact with a person, three members of staff, and one of another business."""
    known = {"password_hash": await portal.passwords.hash(PASSWORD)}
    async with portal.writing() as session, session.begin():
        sol = await make_contact(session, mill, "Tienda Sol", locale="en")
        lucia = await make_person(session, mill, [sol], "lucia@sol.example", name="Lucía")
        for name, role in (("carmen", "admin"), ("sara", "sales"), ("rita", "reader")):
            await make_staff(session, mill, f"{name}@mill.example", role=role, locale="en", **known)
    return {"contact": sol, "person": lucia}


@pytest.fixture
def sign_in(app, people):
    async def sign_in(name="carmen") -> PortalClient:
        client = PortalClient(app)
        await client.sign_in(f"{name}@mill.example", PASSWORD, path="/backoffice/login")
        return client

    return sign_in


@pytest.fixture
async def carmen(sign_in):
    return await sign_in()


async def events(portal):
    async with portal.reading() as session:
        return list(await session.scalars(select(Event.name).where(Event.name.like("mail.%"))))


async def test_staff_see_what_waits_what_was_sent_and_why_something_failed(
    carmen, write, work, office, clock
):
    await write("lucia@sol.example")
    await work()
    office.mood = {"RCPT": "550 no such user"}
    await write("nobody@sol.example", name="Nobody")
    await work()
    office.mood = {"RCPT": "451 later"}
    await write("ben@bar.example", name="Ben")
    await work()

    everything = await carmen.get("/backoffice/outbox")
    failed = await carmen.get("/backoffice/outbox?status=failed")
    found = await carmen.get("/backoffice/outbox?q=BEN@")
    nothing = await carmen.get("/backoffice/outbox?q=zoe")

    assert "3 mails" in everything.text
    assert "550 no such user" in failed.text
    assert "ben@" not in failed.text
    assert "1 try · 451 later" in found.text
    assert "No mail fits" in nothing.text


async def test_a_mail_is_sent_again_under_its_id_and_that_is_noted(
    carmen, portal, write, work, office, row
):
    office.mood = {"RCPT": "550 no such user"}
    mail_id = await write()
    await work()
    office.mood = {}

    answer = await carmen.submit(f"/backoffice/outbox/{mail_id}/resend", page="/backoffice/outbox")
    again = await carmen.submit(f"/backoffice/outbox/{mail_id}/resend", page="/backoffice/outbox")
    await work()

    assert (answer.status_code, again.status_code) == (303, 409)
    assert [mail["Message-ID"] for mail in office.mails] == [f"<{mail_id}@mill.example>"]
    assert (await row(mail_id)).state == "sent"
    assert await events(portal) == ["mail.resent"]


async def test_all_that_failed_is_sent_again_and_that_is_noted(
    carmen, portal, mill, write, work, office, row, clock
):
    office.mood = {"RCPT": "550 5.7.1 your address is blocked"}
    failed = [await write(f"person{number}@sol.example") for number in range(3)]
    expired, perhaps, other = await write(), await write(), await write()
    await work()
    async with portal.writing() as session, session.begin():
        bees = await make_business(session, "bees", host="bees.example")
        changes = {
            expired: {"valid_until": clock.now - timedelta(minutes=1)},
            perhaps: {"handovers": 2},
            other: {"business_id": bees},
        }
        for mail_id, values in changes.items():
            await session.execute(update(MailRow).where(MailRow.id == mail_id).values(values))
    office.mood = {}

    shown = await carmen.get("/backoffice/outbox?status=failed")
    path = re.search(r'<form method="post" action="([^"]+/resend-failed)">', shown.text)[1]
    answers = []
    for _ in range(2):
        answers.append(await carmen.submit(path, page="/backoffice/outbox"))
        await work()

    assert [answer.status_code for answer in answers] == [303, 303]
    assert office.recipients == [f"person{number}@sol.example" for number in range(3)]
    assert {(await row(each)).state for each in failed} == {"sent"}
    assert {(await row(each)).state for each in (expired, perhaps, other)} == {"failed"}
    async with portal.reading() as session:
        noted = select(Event.name, Event.data).where(Event.name.like("mail.%"))
        assert (await session.execute(noted)).all() == [("mail.failed_resent", {"mails": 3})]


async def test_without_failed_mails_there_is_nothing_to_send_again(carmen, write, work):
    await write()
    await work()

    assert "/resend-failed" not in (await carmen.get("/backoffice/outbox")).text


async def test_who_may_not_see_mails_sends_none_again(sign_in, write, work, office, row):
    office.mood = {"RCPT": "550 no such user"}
    mail_id = await write()
    await work()
    rita, sara = await sign_in("rita"), await sign_in("sara")

    refused = await rita.submit("/backoffice/outbox/resend-failed", page="/backoffice/contacts")
    done = await sara.submit("/backoffice/outbox/resend-failed", page="/backoffice/outbox")

    assert (refused.status_code, done.status_code) == (403, 303)
    assert (await row(mail_id)).state == "waiting"


async def test_mails_of_another_business_are_not_there(carmen, portal, write, work, row):
    mail_id = await write()
    await work()
    async with portal.writing() as session, session.begin():
        other = await make_business(session, "bees", host="bees.example")
        stored = await session.get(MailRow, mail_id)
        stored.business_id = other

    listed = await carmen.get("/backoffice/outbox")
    resent = await carmen.submit(
        f"/backoffice/outbox/{mail_id}/resend", page="/backoffice/mail-templates"
    )

    assert "No mails yet" in listed.text
    assert resent.status_code == 404
    assert (await row(mail_id)).state == "sent"


async def test_long_lists_have_pages(carmen, write):
    for number in range(27):
        await write(f"person{number}@sol.example")

    first = await carmen.get("/backoffice/outbox")
    second = await carmen.get("/backoffice/outbox?page=2")

    assert first.text.count('<li><div class="pk-grow">') == 25
    assert second.text.count('<li><div class="pk-grow">') == 2


@pytest.mark.parametrize(
    ("name", "outbox", "words"), [("carmen", 200, 200), ("sara", 200, 403), ("rita", 403, 403)]
)
async def test_roles_decide_who_sees_mails_and_who_changes_words(sign_in, name, outbox, words):
    client = await sign_in(name)

    assert (await client.get("/backoffice/outbox")).status_code == outbox
    assert (await client.get("/backoffice/mail-templates")).status_code == words
    assert (await client.get(WORDS)).status_code == words
    assert (await client.get(f"{WORDS}/preview")).status_code == words


async def test_nobody_signed_out_gets_there(app, people):
    async with PortalClient(app) as client:
        for path in ("/backoffice/outbox", "/backoffice/mail-templates", WORDS):
            assert (await client.get(path)).status_code in {303, 401}


async def test_words_are_changed_used_and_restored(carmen, portal, write, work, office):
    shown = await carmen.get(WORDS)
    saved = await carmen.submit(
        WORDS, {"subject": "Clave nueva, {{ person }}", "words": "Hola.\n\nFue el {{ at }}."}
    )
    await write()
    await work()
    restored = await carmen.submit(f"{WORDS}/restore", page=WORDS)
    await write()
    await work()

    assert "{{ person }}" in shown.text
    assert (saved.status_code, restored.status_code) == (303, 303)
    assert [mail["Subject"] for mail in office.mails] == [
        "Clave nueva, Lucía",
        "Tu contraseña del portal de Almazara del Río ha cambiado",
    ]
    assert await events(portal) == ["mail.words_changed", "mail.words_restored"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"subject": "", "words": "x"}, "Write something here."),
        ({"subject": "x", "words": "{{ iban }}"}, "“iban” is none of the variables below."),
        ({"subject": "x", "words": "a\n{{ person"}, "in line 2 is not closed"),
        ({"subject": "x", "words": "{{ person.x }}"}, "Line 1 does more than place variables"),
        ({"subject": "x" * 300, "words": "x"}, "At most 200 letters."),
    ],
)
async def test_words_that_cannot_be_used_are_refused_and_shown_again(
    carmen, portal, fields, sentence
):
    answer = await carmen.submit(WORDS, fields)

    async with portal.reading() as session:
        stored = await session.scalar(select(MailTemplateRow.words))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert stored is None


async def test_no_code_and_no_link_is_put_into_a_subject(carmen, portal):
    secrets = [
        (each.name, name) for each in portal.mail_templates.values() for name in each.secrets
    ]
    for template, name in secrets:
        page = f"/backoffice/mail-templates/{template}/es"
        for subject in (f"{{{{ {name} }}}}", f"{{% if {name} %}}x{{% endif %}}"):
            fields = {"subject": f"Hola {subject}", "words": f"{{{{ {name} }}}}"}
            saved = await carmen.submit(page, fields)
            shown = await carmen.submit(f"{page}/preview", fields, page=page)
            assert saved.status_code == 422
            assert f"“{name}” may not stand in the subject" in saved.text
            assert f"“{name}” may not stand in the subject" in shown.text

    assert {name for _, name in secrets} == {"code", "link"}
    async with portal.reading() as session:
        assert await session.scalar(select(MailTemplateRow.words)) is None


async def test_a_preview_shows_what_is_typed_in_a_closed_frame_and_stores_nothing(carmen, portal):
    stored = await carmen.get(f"{WORDS}/preview")
    typed = await carmen.submit(
        f"{WORDS}/preview", {"subject": "S", "words": "<img src=x> {{ person }}"}, page=WORDS
    )
    plain = await carmen.submit(
        f"{WORDS}/preview", {"subject": "S", "words": "W", "part": "text"}, page=WORDS
    )
    wrong = await carmen.submit(
        f"{WORDS}/preview", {"subject": "S", "words": "{{ x }}"}, page=WORDS
    )

    assert "Tu contraseña del portal" in stored.text
    assert "&lt;img src=x&gt; Lucía Romero" in typed.text
    assert "<pre" in plain.text
    assert "“x” is none of the variables below." in wrong.text
    for answer in (stored, typed, plain, wrong):
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
        assert policy.endswith("sandbox")
    async with portal.reading() as session:
        assert await session.scalar(select(MailTemplateRow.words)) is None


async def test_words_that_were_not_used_are_marked_with_the_reason(carmen, portal, write, work):
    await carmen.submit(WORDS, {"subject": "Hola", "words": "{{ at }}"})
    own = (await carmen.get("/backoffice/mail-templates")).text
    async with portal.writing() as session, session.begin():
        await session.execute(update(MailTemplateRow).values(words="{{ gone }}"))
    await write()
    await work()

    listed = (await carmen.get("/backoffice/mail-templates")).text
    page = (await carmen.get(WORDS)).text

    assert ("Own words" in own, "Not used" in own) == (True, False)
    assert ("Own words" in listed, "Not used" in listed) == (False, True)
    assert "Not used" in page
    assert "so the words of the portal went out: &#39;gone&#39; is undefined" in page


async def test_staff_get_a_sample_of_what_they_type_that_opens_nothing(
    carmen, portal, work, office
):
    for name, template in portal.mail_templates.items():
        page = f"/backoffice/mail-templates/{name}/es"
        link = "{{ link }}" if "link" in template.variables.__struct_fields__ else ""
        fields = {"subject": "Hola {{ person }}", "words": f"Prueba. {link}"}
        assert (await carmen.submit(f"{page}/sample", fields, page=page)).status_code == 303
    await work()

    assert office.recipients == ["carmen@mill.example"] * len(portal.mail_templates)
    for mail in office.mails:
        text, html = (mail.get_body((part,)).get_content() for part in ("plain", "html"))
        assert mail["Subject"].startswith("Muestra: Hola ")
        assert "Prueba." in text
        links = re.findall(r'href="([^"]+)"', html) + re.findall(r"https?://\S+", text)
        assert {each for each in links if urlsplit(each).path.strip("/")} == set()
        assert not str(mail["List-Unsubscribe"]).startswith("<https://portal.example")
    assert await events(portal) == ["mail.sample_sent"] * len(portal.mail_templates)
    async with portal.reading() as session:
        assert await session.scalar(select(MailTemplateRow.words)) is None


async def test_a_sample_of_what_cannot_be_used_is_not_sent(carmen, work, office):
    answer = await carmen.submit(
        f"{WORDS}/sample", {"subject": "x", "words": "{{ iban }}"}, page=WORDS
    )
    await work()

    assert answer.status_code == 422
    assert "“iban” is none of the variables below." in answer.text
    assert office.mails == []


@pytest.mark.parametrize(
    "path",
    ["nothing/es", f"{PASSWORD_SET.name}/xx", "../../x/es", f"{PASSWORD_SET.name}/es%00"],
)
async def test_words_of_what_is_not_there_are_not_found(carmen, path):
    assert (await carmen.get(f"/backoffice/mail-templates/{path}")).status_code in {400, 404}


async def test_the_link_is_sent_in_the_contacts_language_with_words_that_can_be_changed(
    carmen, portal, people, work, office
):
    page = f"/backoffice/contacts/{people['contact']}/people/{people['person']}/mail-link"
    asked = await carmen.get(page)
    sent = await carmen.submit(page, {"subject": "Come in", "words": "Dear Lucía,\n\nhere it is."})
    await work()

    (mail,) = office.mails
    text = mail.get_body(("plain",)).get_content()
    link = re.search(r"https://portal\.example(/i/\S+)", text)[1]
    async with PortalClient(carmen.app) as lucia:
        opened = await lucia.get(link)
        entered = await lucia.submit(link)
    async with portal.reading() as session:
        stored = await session.scalar(select(MailRow))
    assert "Hello Lucía," in asked.text
    assert sent.status_code == 303
    assert mail["Subject"] == "Come in"
    assert "Dear Lucía," in text
    assert opened.status_code == 200
    assert entered.status_code == 303
    assert (stored.sealed, stored.variables.keys()) == (None, {"until"})


@pytest.mark.parametrize("fields", [{"subject": " ", "words": "x"}, {"subject": "x", "words": " "}])
async def test_a_link_without_words_is_not_sent(carmen, people, fields, work, office):
    page = f"/backoffice/contacts/{people['contact']}/people/{people['person']}/mail-link"

    answer = await carmen.submit(page, fields)

    await work()
    assert answer.status_code == 422
    assert office.mails == []


async def test_staff_without_the_right_send_no_links(sign_in, people):
    rita = await sign_in("rita")
    page = f"/backoffice/contacts/{people['contact']}/people/{people['person']}/mail-link"

    assert (await rita.get(page)).status_code == 403


async def test_whoever_gets_a_password_from_staff_is_told_by_mail(carmen, people, work, office):
    contact = f"/backoffice/contacts/{people['contact']}"

    answer = await carmen.submit(
        f"{contact}/people/{people['person']}/password",
        {"password": "a-password-for-once"},
        page=contact,
    )
    await work()

    (mail,) = office.mails
    assert answer.status_code == 303
    assert mail["To"] == "Lucía <lucia@sol.example>"
    assert mail["Subject"] == "Your password for the portal of Almazara del Río was changed"
    assert "a-password-for-once" not in mail.as_string()
