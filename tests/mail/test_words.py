"""Words that a business writes: what they may do, what is refused, and what goes out instead."""

import msgspec
import pytest
from sqlalchemy import insert, select

from portalkit.access.mails import PASSWORD_SET
from portalkit.documents.announcing import DOCUMENTS_ANNOUNCED
from portalkit.mail import OwnWords
from portalkit.mail.editing import check_own
from portalkit.mail.models import MailTemplateRow
from portalkit.mail.rendering import paper_of, shipped_source, shown_values, words_of
from portalkit.mail.words import MAX_WORDS, WordsRefusedError, check_words, render_words
from portalkit.testing.factories import NOW

SAMPLE = {"person": "Lucía", "business": "Mill", "at": "24 nov", "is_new": True}


def refusal(source, most=MAX_WORDS):
    with pytest.raises(WordsRefusedError) as caught:
        check_words("words", source, SAMPLE, most=most)
    return caught.value.reason, caught.value.detail


@pytest.mark.parametrize(
    "source",
    [
        "Hello {{ person }}",
        "Hello {{ person|upper }} of {{ business | capitalize }}",
        "{% if is_new %}Welcome{% else %}Hello{% endif %} {{ person }}",
        "{% if is_new and not person %}x{% elif business or at %}y{% endif %}z",
        "100 % {# a note to ourselves #} } { %}",
    ],
)
def test_words_may_place_variables_and_leave_parts_out(source):
    check_words("words", source, SAMPLE, most=MAX_WORDS)


def test_words_are_rendered_with_their_variables():
    source = "{% if is_new %}Welcome{% endif %} {{ person|upper }} <b>"

    assert render_words(source, SAMPLE) == "Welcome LUCÍA <b>"
    assert render_words(source, SAMPLE | {"is_new": False}) == "LUCÍA <b>"


@pytest.mark.parametrize(
    ("source", "reason", "detail"),
    [
        ("  \n ", "missing", ""),
        ("{{ person", "syntax", "1"),
        ("a\nb\n{% if is_new %}", "syntax", "3"),
        ("{{ iban }}", "unknown", "iban"),
        ("{{ person|safe }}", "unknown", "safe"),
        ("{{ person|center(1000000000) }}", "unknown", "center"),
        ("a\n{{ person.__class__ }}", "forbidden", "2"),
        ("{{ person['x'] }}", "forbidden", "1"),
        ("{{ person.upper() }}", "forbidden", "1"),
        ("{{ 'a' * 50000000 }}", "forbidden", "1"),
        ("{{ 9 ** 9 ** 9 }}", "forbidden", "1"),
        ("{{ '%1000000000d' % 1 }}", "forbidden", "1"),
        ("{{ person ~ person }}", "forbidden", "1"),
        ("{% for x in person %}{{ x }}{% endfor %}", "forbidden", "1"),
        ("{% set person = person %}", "forbidden", "1"),
        ("{% macro x() %}{% endmacro %}", "forbidden", "1"),
        ("{% include 'core/head.html' %}", "forbidden", "1"),
        ("{% extends 'core/layout.html' %}", "forbidden", "1"),
        ("{% if person is defined %}x{% endif %}", "forbidden", "1"),
        ("{% if is_new %}" * 500, "forbidden", "1"),
        ("{% if is_new %}" * 200 + "x" + "{% endif %}" * 200, "forbidden", "1"),
        ("{{ " + "not " * 1900 + "is_new }}", "forbidden", "1"),
        ("{{ cycler }}", "unknown", "cycler"),
        ("{{ self }}", "unknown", "self"),
    ],
)
def test_everything_else_is_refused_with_its_line_or_name(source, reason, detail):
    found = refusal(source)

    assert found[0] == reason
    assert found[1] == detail or reason == "forbidden"


def test_words_have_an_end():
    assert refusal("x" * 11, most=10) == ("too_long", "10")


@pytest.mark.parametrize("name", ["subject", "words"])
async def test_words_that_get_too_long_with_what_they_are_about_are_replaced(portal, mill, name):
    async with portal.reading() as session:
        letterhead = await portal.letterhead(session, mill)
    paper = paper_of(portal, letterhead, "es")
    news = DOCUMENTS_ANNOUNCED.sample()
    long = msgspec.structs.replace(news, documents="Factura ñ\n" * 600)
    edited = {"subject": "{{ count }}", "words": "x"} | {name: "{{ documents }}" * 500}
    check_own(
        DOCUMENTS_ANNOUNCED,
        OwnWords(**edited | {"subject": "x"}),
        shown_values(paper, news, "Lucía"),
    )

    values = shown_values(paper, long, "Lucía")
    text = words_of(paper, DOCUMENTS_ANNOUNCED, values, OwnWords(**edited))

    assert text.problem == "they get too long with what they are about"
    assert len(text.words.encode()) < 1 << 20


async def test_a_business_sends_its_own_words_in_one_language_and_ours_in_the_other(
    portal, mill, write, work, office
):
    await _edit(portal, mill, subject="Clave nueva, {{ person }}", words="Fue el {{ at }}.")

    await write()
    await write(locale="en")
    await work()

    spanish, english = sorted(office.mails, key=lambda mail: mail["Content-Language"], reverse=True)
    assert spanish["Subject"] == "Clave nueva, Lucía"
    assert "Fue el 24 nov 2026" in spanish.get_body(("plain",)).get_content()
    assert english["Subject"] == "Your password for the portal of Almazara del Río was changed"


async def test_words_that_no_longer_work_are_replaced_and_staff_can_see_it(
    portal, mill, write, work, office
):
    await _edit(portal, mill, subject="{{ person }}", words="{{ what_was_removed }}")

    await write()
    await work()

    (mail,) = office.mails
    assert mail["Subject"] == "Tu contraseña del portal de Almazara del Río ha cambiado"
    async with portal.reading() as session:
        problem = await session.scalar(select(MailTemplateRow.problem))
    assert "what_was_removed" in problem


async def test_a_subject_that_was_stored_with_a_secret_in_it_is_not_used(portal, mill):
    async with portal.reading() as session:
        letterhead = await portal.letterhead(session, mill)
    paper = paper_of(portal, letterhead, "es")
    with_secrets = [each for each in portal.mail_templates.values() if each.secrets]
    for template in with_secrets:
        values = shown_values(paper, template.sample(), "Lucía")
        for subject in ("{{ link }}", "{{ code }}", "{% if link or code %}x{% endif %}"):
            edited = OwnWords(subject=subject, words="{{ person }}")
            text = words_of(paper, template, values, edited)
            assert text.problem is not None
            assert not any(str(values[name]) in text.subject for name in template.secrets)

    assert len(with_secrets) >= 4


async def test_the_shipped_words_can_be_edited_as_they_are(portal, mill):
    async with portal.reading() as session:
        letterhead = await portal.letterhead(session, mill)
    for template in portal.mail_templates.values():
        for locale in portal.translators:
            source = shipped_source(paper_of(portal, letterhead, locale), template)
            sample = dict.fromkeys(template.variables.__struct_fields__, "x")
            sample |= {"business": "x", "person": "x"}

            check_own(template, source, sample)
            assert "{{ person }}" in source.words


async def _edit(portal, business, **words):
    async with portal.writing() as session, session.begin():
        await session.execute(
            insert(MailTemplateRow).values(
                business_id=business,
                name=PASSWORD_SET.name,
                locale="es",
                updated_at=NOW,
                **words,
            )
        )
