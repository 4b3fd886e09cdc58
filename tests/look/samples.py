"""Sample view models: a typical, an empty and an overfull portal of an oil mill."""

from datetime import UTC, date, datetime, timedelta

from markupsafe import Markup
from wording import WORDS

from portalkit.context import PortalContext, SessionKind, StaffContext
from portalkit.documents.views import (
    ActionButton,
    AttachmentLink,
    ChainStep,
    DocumentLink,
    DocumentView,
    FormatLink,
    HistoryItem,
    RefusalView,
)
from portalkit.hooks.types import Tone
from portalkit.i18n import Formats
from portalkit.rendering.page import Brand, Crumb, Language, NavGroup, NavLink, Notice, Page
from portalkit.rendering.ui import (
    EmptyState,
    LinkButton,
    Pill,
)
from portalkit.sections.home.views import HomeView, LatestDocument, TaskCard, WidgetView

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
MILLION = 100_000_000


class Sample:
    """Builds everything in one language; ``is_overfull`` with long names and large amounts."""

    def __init__(self, locale, *, theme="system", is_overfull=False, logo_url=None, brand_url=""):
        self.locale, self.words, self.formats = locale, WORDS[locale], Formats(locale)
        self.theme, self.is_overfull = theme, is_overfull
        self.name = "Almazara Sierra Alta"
        self.customer = self.words["long_name"] if is_overfull else "Tienda Sol, S.L."
        self.brand = Brand(
            name=self.words["long_name"] if is_overfull else self.name,
            initials="SA",
            logo_url=logo_url,
            stylesheet_url=brand_url,
            email="hola@sierra-alta.example",
            phone="+34 953 000 000",
        )

    def __getattr__(self, name):
        return self.words[name]

    def money(self, minor_units):
        return self.formats.money(self._large(minor_units), "EUR")

    def parts(self, minor_units):
        return self.formats.money_parts(self._large(minor_units), "EUR")

    def _large(self, minor_units):
        return minor_units * MILLION if self.is_overfull else minor_units

    def day(self, back):
        return date(2026, 11, 24) - timedelta(days=back)

    # Frame

    def _context(self, audience):
        common = {
            "business_id": "b",
            "locale": self.locale,
            "zone": "Europe/Madrid",
            "currency": "EUR",
            "now": NOW,
        }
        if audience == "staff":
            return StaffContext(staff_id="s", name="Carmen Ortega", role="admin", **common)
        return PortalContext(
            contact_id="c",
            person_id="p",
            kind=SessionKind.PERSON,
            name="Lucía Romero",
            contact_name=self.customer,
            role="owner",
            **common,
        )

    def page(self, audience="contact", current="invoices", *, notice=False, slots=None):
        nav = self._nav(current) if audience == "contact" else self._office_nav(current)
        return Page(
            context=None if audience is None else self._context(audience),
            brand=self.brand,
            locale=self.locale,
            direction="rtl" if self.locale == "ar" else "ltr",
            zone="Europe/Madrid",
            theme=self.theme,
            path="/here",
            request_id="7F3K-20C9",
            csrf_token="token",
            languages=(
                Language(tag="es", name="español", is_current=self.locale == "es"),
                Language(tag="en", name="English", is_current=self.locale == "en"),
                Language(tag="ar", name="العربية", is_current=self.locale == "ar"),
            ),
            nav=() if audience is None else nav,
            tabs=() if audience is None else tuple(group.links[0] for group in nav)[:4],
            notice=Notice(text=self.said) if notice else None,
            slots=slots or {},
            resolve_url=lambda route, **_: "/" + route.replace(":", "-"),
            render_response=None,
            redirect_response=None,
        )

    def _nav(self, current):
        def link(name, icon, badge=None):
            return NavLink(
                label=self.words[name],
                url=f"/{name}",
                icon=icon,
                badge=badge,
                is_current=name == current,
            )

        return (
            NavGroup(label=None, links=(link("home", "home"),)),
            NavGroup(
                label=self.sales,
                links=(
                    link("invoices", "file-invoice", 1),
                    link("quotes", "file-text", 128 if self.is_overfull else 2),
                    link("proformas", "receipt-2"),
                    link("delivery_notes", "truck-delivery"),
                    link("orders", "clipboard-list"),
                ),
            ),
            NavGroup(label=None, links=(link("purchase_orders", "shopping-bag"),)),
        )

    def _office_nav(self, current):
        links = (("overview", "list-check"), ("contacts", "users"), ("documents", "files"))
        return tuple(
            NavGroup(
                label=None,
                links=(
                    NavLink(
                        label=self.words[name],
                        url=f"/{name}",
                        icon=icon,
                        is_current=name == current,
                    ),
                ),
            )
            for name, icon in links
        )

    def crumbs(self, *names, last=None):
        steps = [Crumb(label=self.words[name], url=f"/{name}") for name in names]
        return (*steps, *([Crumb(label=last)] if last else []))

    # Document and home

    def document(self, *, has_actions=True):
        actions = (
            ActionButton(
                name="accept",
                label=self.accept,
                url="/quotes/1/accept",
                style="primary",
                confirm=self.terms,
                request_key="k",
            ),
            ActionButton(
                name="reject", label=self.reject, url="/quotes/1/reject", icon="x", confirm=self.why
            ),
        )
        number = "PR-2026-0143" + "/SERIE-B-2026-EXPORTACION" * self.is_overfull
        return DocumentView(
            url="/quotes/1",
            kind_title=self.quote,
            number=number,
            crumbs=self.crumbs("sales", "quotes", last=number),
            subtitle=self.overfull if self.is_overfull else self.quote_text,
            position=self.position,
            next_url="/quotes/2",
            state=Pill(label=self.to_answer, tone=Tone.WARNING, icon="clock"),
            amount=self.parts(564_963),
            due_text=self.valid,
            actions=actions if has_actions else (),
            links=self._links(),
            formats=(
                FormatLink(label="UBL (EN 16931)", url="/quotes/1/export/ubl"),
                FormatLink(
                    label="Facturae 3.2.2" + " MUY LARGO" * 8 * self.is_overfull,
                    url="/quotes/1/export/facturae",
                    reasons=(self.nothing_text, self.empty_text),
                ),
            ),
            attachments=(
                AttachmentLink(
                    filename="calendario-reparto" + "-muy-largo" * 12 * self.is_overfull + ".pdf",
                    url="/a/1",
                    note="PDF · 46 KB",
                ),
                AttachmentLink(
                    filename="F-2026-0260.xml", url="/a/2", note="UBL · 12 KB", icon="file-code"
                ),
            ),
            history=tuple(
                HistoryItem(
                    icon=icon,
                    text=text,
                    moment=moment,
                    exact="24 nov 2026, 9:12",
                    machine="2026-11-24T09:12",
                )
                for icon, text, moment in (
                    ("eye", self.opened, self.today),
                    ("send", self.sent, self.days_ago),
                )
            ),
            chain=(
                ChainStep(label=self.request, text="PC-2026-00031", url="/p/31", date="16 nov"),
                ChainStep(label=self.quote, text=number, date="18 nov", state="current"),
                ChainStep(label=self.orders, text=self.on_accept, state="todo"),
                ChainStep(label=self.delivery, text=self.on_accept, state="todo"),
                ChainStep(label=self.invoice, text=self.on_accept, state="todo"),
            ),
        )

    def refusal(self):
        number = "F-2026-0260"
        return RefusalView(
            kind_title=self.invoice,
            number=number,
            format="Facturae 3.2.2",
            reasons=(self.nothing_text, self.empty_text),
            crumbs=self.crumbs("sales", "invoices", last="Facturae 3.2.2"),
            url="/invoices/1",
            pdf_url="/invoices/1.pdf",
        )

    def _links(self):
        return (
            DocumentLink(
                label=self.download,
                short_label=self.download_short,
                url="/quotes/1.pdf",
                icon="download",
                note="84 KB",
                is_download=True,
            ),
            DocumentLink(label=self.print, url="/quotes/1/print", icon="printer", is_print=True),
        )

    def _widgets(self):
        figures = ((self.invoices, "38"), (self.to_pay, self.money(650_749)), (self.quotes, "2"))
        stat = Markup('<div class="pk-stat"><dt>{}</dt><dd>{}</dd></div>')
        shown = [("number", self.invoices, stat.format(*figure)) for figure in figures]
        shown.append(("wide", self.name, Markup("<p>{}</p>").format(self.overfull)))
        return tuple(
            WidgetView(name=f"w{index}", title=title, size=size, html=html)
            for index, (size, title, html) in enumerate(shown)
        )

    def home_view(self, *, is_empty=False, has_widgets=False):
        empty = EmptyState(title=self.empty_title, text=self.empty_text)
        if is_empty:
            return HomeView(
                greeting=self.greeting, date_text=self._today(), lead=self.lead_none, empty=empty
            )
        tasks = (
            TaskCard(
                title=self.overdue_ago,
                pill=Pill(label=self.overdue_ago, tone=Tone.CRITICAL, icon="alert-triangle"),
                reference="F-2026-0230",
                text=self.overfull if self.is_overfull else self.overdue_text,
                amount=self.parts(120_450),
                links=(LinkButton(label=self.see_invoice, url="/invoices/230"),),
            ),
            TaskCard(
                title=self.quotes,
                pill=Pill(label=self.expires, tone=Tone.WARNING, icon="clock"),
                reference="PR-2026-0143",
                text=self.quote_text,
                amount=self.parts(564_963),
                links=(LinkButton(label=self.answer, url="/quotes/1"),),
            ),
        )
        return HomeView(
            greeting=self.greeting,
            date_text=self._today(),
            lead=self.lead,
            tasks=tasks * 3 if self.is_overfull else tasks,
            latest=tuple(
                LatestDocument(
                    number=f"F-2026-{260 - index:04d}",
                    url="/invoices/1",
                    icon="file-invoice",
                    note=f"{self.invoice} · {self.days_ago}",
                    exact="20 nov 2026",
                    amount=self.money(158_492 + index * 700),
                )
                for index in range(4)
            ),
            all_url="/invoices",
            widgets=self._widgets() if has_widgets else (),
        )

    def _today(self):
        return self.formats.date(date(2026, 11, 24), "full")
