"""What the pages of mail show; ``backoffice/mail*.html`` place it."""

import msgspec

from portalkit.rendering.page import Crumb
from portalkit.rendering.ui import Chip, EmptyState, FormState, LinkButton, Pager, Pill, SearchBox

__all__ = (
    "InviteView",
    "LinkMailView",
    "MailRowView",
    "MailsView",
    "TemplateRowView",
    "TemplateView",
    "TemplatesView",
)


class MailRowView(msgspec.Struct, frozen=True, kw_only=True):
    """A mail in the list.

    Attributes:
        what: Its subject, or what sort of mail it is.
        note: Why it waits or failed.
        resend_url: Where a POST sends it once more; ``None`` if that cannot be.
    """

    name: str
    email: str
    what: str
    state: Pill
    note: str
    ago: str
    exact: str
    resend_url: str | None = None


class MailsView(msgspec.Struct, frozen=True, kw_only=True):
    """The list of mails.

    Attributes:
        has_server: Whether there is a mail server; mails wait without one.
        templates: Way to the words of mails, for those who may change them.
        resend_failed_url: Where a POST sends all failed ones once more; ``None`` if there are none.
    """

    subtitle: str
    crumbs: tuple[Crumb, ...]
    rows: tuple[MailRowView, ...]
    chips: tuple[Chip, ...]
    search: SearchBox
    has_server: bool
    pager: Pager | None = None
    empty: EmptyState | None = None
    templates: LinkButton | None = None
    resend_failed_url: str | None = None


class TemplateRowView(msgspec.Struct, frozen=True, kw_only=True):
    """A sort of mail; ``languages``: name of a language, its page, and its state if it has one."""

    title: str
    description: str
    languages: tuple[tuple[str, str, Pill | None], ...]


class TemplatesView(msgspec.Struct, frozen=True, kw_only=True):
    """All sorts of mail."""

    crumbs: tuple[Crumb, ...]
    rows: tuple[TemplateRowView, ...]


class TemplateView(msgspec.Struct, frozen=True, kw_only=True):
    """The words of a sort of mail, in one language.

    Attributes:
        form: ``subject`` and ``words``.
        variables: What the words may name, and what it would say.
        preview_url: GET: the mail as it is stored; POST with the form: as it is typed.
        sample_url: Where a POST with the form sends a sample to whoever is signed in; ``None``
            without a mail server.
        restore_url: Where a POST brings the shipped words back; ``None`` if they are used.
        problem: Why the own words could not be used the last time.
    """

    title: str
    description: str
    crumbs: tuple[Crumb, ...]
    languages: tuple[Chip, ...]
    form: FormState
    variables: tuple[tuple[str, str], ...]
    preview_url: str
    sample_url: str | None = None
    restore_url: str | None = None
    problem: str | None = None
    state: Pill | None = None


class LinkMailView(msgspec.Struct, frozen=True, kw_only=True):
    """A mail with a link for one person, before it leaves.

    Attributes:
        note: What is added to the text, and what ends by it.
    """

    title: str
    note: str
    name: str
    email: str
    language: str
    crumbs: tuple[Crumb, ...]
    form: FormState
    cancel_url: str
    has_server: bool


class InviteView(msgspec.Struct, frozen=True, kw_only=True):
    """What is about to happen when many contacts are invited.

    Attributes:
        count: How many contacts will be.
        left_out: How many of those that were chosen cannot be, or have signed in already.
        ids: Those that were chosen; nothing for all that were never invited.
        subject: Of the mail, as it reads by itself; ``words`` are its text.
        template_urls: Name of each language, and where its words are changed.
    """

    crumbs: tuple[Crumb, ...]
    count: int
    left_out: int
    ids: tuple[str, ...]
    form_url: str
    cancel_url: str
    subject: str
    words: str
    template_urls: tuple[tuple[str, str], ...]
    has_server: bool
