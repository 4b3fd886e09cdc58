"""What a mail looks like from outside: headers that nothing can be put into, parts, pictures."""

import email
from email.policy import default

import pytest

from portalkit.access.mails import SIGN_IN_LINK
from portalkit.errors import InputRefusedError
from portalkit.mail import Letterhead, OwnWords
from portalkit.mail.message import Envelope, MailLogo, build_message
from portalkit.mail.rendering import MailText, RenderedMail, paper_of, render_mail
from portalkit.testing.factories import NOW

NASTY = "Ana\r\nBcc: thief@evil.example\r\n\r\n<b>"
MAIL = RenderedMail(subject="Hello", text="Hello", html="<p>Hello</p>")


def envelope(**changes):
    values = {
        "message_id": "<1@mill.example>",
        "sender_name": "Mill",
        "sender": "portal@mill.example",
        "to_name": "Lucía",
        "to_email": "lucia@sol.example",
        "reply_to": "oficina@mill.example",
        "locale": "es",
        "unsubscribe_url": None,
        "date": NOW,
    }
    return Envelope(**(values | changes))


def parsed(content):
    return email.message_from_bytes(content, policy=default)


@pytest.mark.parametrize("field", ["sender_name", "to_name", "unsubscribe_url"])
def test_nothing_can_be_put_into_the_headers(field):
    mail = parsed(build_message(envelope(**{field: NASTY}), MAIL, None))

    assert mail["Bcc"] is None
    assert mail.get_body(("plain",)).get_content().strip() == "Hello"


def test_a_subject_stays_on_its_line():
    subject = f"{NASTY}\u2028Bcc: x@evil.example\x00"
    mail = parsed(
        build_message(envelope(), RenderedMail(subject=subject, text="x", html="x"), None)
    )

    assert mail["Bcc"] is None
    assert mail["Subject"] == "Ana Bcc: thief@evil.example <b> Bcc: x@evil.example"


@pytest.mark.parametrize(
    "address",
    [
        "a@b\r\nBcc: x@y.example",
        "a b@c.example",
        "a@b@c",
        "@",
        "",
        "a" * 260 + "@b.example",
        "a,b@c",
        "a@b..é.example",
        "a@b(c)d.es",
        'a@b"c.es',
        "a@c:d",
        "a@-b.es",
        "a@b.es.",
        "a@" + "b" * 64 + ".es",
        "a@ñ" + "b" * 63 + ".es",
    ],
)
async def test_what_is_no_address_is_refused(write, address):
    for options in ({"email": address}, {"reply_to": address}):
        with pytest.raises(InputRefusedError) as caught:
            await write(**options)
        assert caught.value.field in {"email", "reply_to"}


@pytest.mark.parametrize("field", ["to_email", "reply_to", "sender"])
def test_an_address_beyond_ascii_is_written_as_it_is(field):
    content = build_message(envelope(**{field: "lucía@sol.example"}), MAIL, None)

    assert "lucía@sol.example".encode() in content
    assert b"=?utf-8?q?luc" not in content


def test_mails_that_can_be_stopped_say_how_with_one_click():
    url = "https://portal.example/u/token"
    mail = parsed(build_message(envelope(unsubscribe_url=url), MAIL, None))

    assert mail["List-Unsubscribe"] == f"<{url}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_logo_travels_with_the_html():
    logo = MailLogo(content=b"\x89PNG\r\n\x1a\n123", subtype="png")
    mail = parsed(build_message(envelope(), MAIL, logo))

    text, related = mail.iter_parts()
    html, picture = related.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert html.get_content_type() == "text/html"
    assert picture["Content-ID"] == "<logo>"
    assert picture.get_content() == logo.content


@pytest.fixture
def letterhead():
    return Letterhead(
        business_id="b",
        name="Mill & <Sons>",
        sender="portal@mill.example",
        email="oficina@mill.example",
        phone="+34 953 000 000",
        website=None,
        imprint=None,
        address=("Camino 1",),
        colour="#4a671d",
        logo=None,
        portal_url="https://portal.example/",
        zone="Europe/Madrid",
        locale="es",
    )


@pytest.fixture
def render(portal, letterhead):
    def render(words, subject="Hello", **options):
        paper = paper_of(portal, letterhead, "en")
        values = {"link": "https://portal.example/i/x?a=1&b=2", "until": "tomorrow"}
        text = MailText(subject=subject, words=words)
        return render_mail(paper, SIGN_IN_LINK, text, values=values, **options)

    return render


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_people_write_is_shown_as_they_wrote_it(render):
    mail = render("<script>alert(1)</script>\n{{ 7*7 }}\n\nSecond & last", subject="<b>Hi</b>")

    assert "<script>" not in mail.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>{{ 7*7 }}</p>" in mail.html
    assert "&lt;b&gt;Hi&lt;/b&gt;</h1>" in mail.html
    assert "Mill &amp; &lt;Sons&gt;" in mail.html
    assert "<script>alert(1)</script>\n{{ 7*7 }}\n\nSecond & last" in mail.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_both_parts_carry_the_link_and_the_styles_are_written_where_they_apply(render):
    mail = render("Words", unsubscribe_url="https://portal.example/u/x")

    assert 'href="https://portal.example/i/x?a=1&amp;b=2" style=' in mail.html
    assert "https://portal.example/i/x?a=1&b=2" in mail.text
    assert "@media (prefers-color-scheme: dark)" in mail.html
    assert 'class="card" style="' in mail.html
    assert "https://portal.example/u/x" in mail.html
    assert "https://portal.example/u/x" in mail.text
    assert "http://" not in mail.html.replace("http://www.w3.org", "")


@pytest.mark.parametrize(
    ("own", "field"),
    [
        (OwnWords(subject=" \r\n ", words="x"), "subject"),
        (OwnWords(subject="x" * 300, words="x"), "subject"),
        (OwnWords(subject="x", words="  "), "words"),
        (OwnWords(subject="x", words="x" * 30_000), "words"),
    ],
)
async def test_own_words_are_neither_missing_nor_endless(write, own, field):
    with pytest.raises(InputRefusedError) as caught:
        await write(own=own)

    assert caught.value.field == field
