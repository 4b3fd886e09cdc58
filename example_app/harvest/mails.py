"""A note to the mill's office on the day that its customers begin to read a piece of news."""

from typing import Final

import msgspec
from sqlalchemy import select

from example_app.harvest.news import news_of, told_by
from portalkit.access.models import Business
from portalkit.hooks import EmailTemplate, Job, JobContext
from portalkit.mail import Recipient, send_mail
from portalkit.model import lazy_gettext

__all__ = ("NEWS_BEGINS", "TELL_OFFICE", "NewsBegins")


class NewsBegins(msgspec.Struct, frozen=True, kw_only=True):
    """What customers read from today on."""

    headline: str
    story: str


def _sample() -> NewsBegins:
    return NewsBegins(
        headline="Ya está aquí el aceite nuevo.", story="Recogido en octubre, molido el mismo día."
    )


NEWS_BEGINS: Final = EmailTemplate(
    name="harvest.news_begins",
    title=lazy_gettext("News for customers"),
    description=lazy_gettext("To the office, on the day that customers begin to read it."),
    template="harvest/mail/news_begins",
    variables=NewsBegins,
    sample=_sample,
)


async def _tell_office(context: JobContext, _: None) -> None:
    """Write to each business that has an address, in its own language."""
    businesses = await context.session.execute(
        select(Business.id, Business.name, Business.email, Business.locale)
    )
    today = context.now.date()
    for business_id, name, email, locale in businesses.all():
        for told in told_by(news_of(context.portal), today, locale):
            if told.on == today and email is not None:
                await send_mail(
                    context.session,
                    NEWS_BEGINS,
                    business_id=business_id,
                    to=Recipient(email=email, name=name, locale=locale),
                    variables=NewsBegins(headline=told.title, story=told.text),
                    now=context.now,
                )


TELL_OFFICE: Final = Job(name="harvest.tell_office", run=_tell_office, cron="0 6 * * *")
