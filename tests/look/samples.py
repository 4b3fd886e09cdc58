"""Sample view models: a typical, an empty and an overfull portal of an oil mill."""

from datetime import UTC, date, datetime, timedelta

from wording import WORDS

from portalkit.context import PortalContext, SessionKind, StaffContext
from portalkit.documents.views import (
    ActionButton,
    Aging,
    AgingPart,
    AttachmentLink,
    Cell,
    ChainStep,
    DocumentLink,
    DocumentView,
    HistoryItem,
    ListColumn,
    ListRow,
    ListView,
    PeriodMenu,
    bar_spans,
)
from portalkit.hooks.types import Tone
from portalkit.i18n import Formats
from portalkit.rendering.page import Brand, Crumb, Language, NavGroup, NavLink, Notice, Page
from portalkit.rendering.ui import (
    Chip,
    Choice,
    EmptyState,
    LinkButton,
    Pager,
    Pill,
    SearchBox,
)
from portalkit.sections.home.views import HomeView, LatestDocument, TaskCard

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

    # List

    def pills(self):
        return (
            Pill(label=self.pending, tone=Tone.INFO, icon="clock"),
            Pill(label=self.partial, tone=Tone.WARNING, icon="circle-half-2"),
            Pill(label=self.open, icon="arrow-back-up"),
            Pill(label=self.overdue, tone=Tone.CRITICAL, icon="alert-triangle"),
            Pill(label=self.paid, tone=Tone.POSITIVE, icon="circle-check", is_calm=True),
        )

    def columns(self, *, with_contact=False):
        shown = [
            ("date", "d1", "start", "descending"),
            ("number", "a1", "start", None),
            ("contact" if with_contact else "kind", "-2", "start", None),
            ("description", "c1", "start", None),
            ("state", "e1", "start", None),
            ("due", "-3", "start", None),
            ("total", "b1", "end", None),
        ]
        return tuple(
            ListColumn(
                name=name,
                label=self.words[name],
                place=place,
                align=align,
                direction=direction,
                sort_url=f"/invoices?sort={name}",
            )
            for name, place, align, direction in shown
        )

    def row(self, index, *, with_contact=False):
        pill = self.pills()[(0, 0, 1, 2, 0, 4, 3, 4, 4, 4)[index % 10]]
        amount = (158_492, 138_620, 194_567, -8_640, 98_620, 183_872, 120_450)[index % 7]
        issued, due = self.day(4 + index * 3), self.day(4 + index * 3 - 30)
        number = f"F-2026-{260 - index:04d}"
        text = self.overfull if self.is_overfull or index == 2 else self.quote_text
        middle = self.customer if with_contact else self.invoice
        cells = (
            Cell(
                format="date",
                place="d1",
                text=self.formats.date(issued),
                machine=issued.isoformat(),
            ),
            Cell(format="link", place="a1", text=number + "/A-LARGO" * self.is_overfull),
            Cell(format="kind", place="-2", text=middle),
            Cell(format="text", place="c1", text=text),
            Cell(format="status", place="e1", text=pill.label, pill=pill),
            Cell(
                format="date",
                place="-3",
                text=self.formats.date(due) if index != 3 else "",
                machine=due.isoformat() if index != 3 else None,
            ),
            Cell(
                format="money",
                place="b1",
                text=self.money(amount),
                note=self.left.format(self.money(134_567)) if index % 10 == 2 else None,
            ),
        )
        return ListRow(
            url=f"/invoices/{index}",
            number=number,
            cells=cells,
            is_quiet=pill.is_calm,
            pdf_url=f"/invoices/{index}.pdf",
        )

    def list_view(self, count=12, *, with_contact=False):
        total = 300 if count > 25 else 39
        spans = bar_spans((120_450, 98_620, 431_679))
        parts = tuple(
            AgingPart(age=age, label=label, amount=self.money(amount), start=start, width=width)
            for age, label, amount, (start, width) in (
                ("overdue", self.overdue_sum, 120_450, spans[0]),
                ("soon", self.soon, 98_620, spans[1]),
                ("later", self.later, 431_679, spans[2]),
            )
        )
        name = "documents" if with_contact else "invoices"
        aging = (Aging(label=self.to_pay, total=self.parts(650_749), parts=parts),)
        return ListView(
            title=self.words[name],
            caption=self.caption,
            url=f"/{name}",
            crumbs=self.crumbs("home", "sales", last=self.words[name]),
            columns=self.columns(with_contact=with_contact),
            rows=tuple(self.row(index, with_contact=with_contact) for index in range(count)),
            chips=self.chips(),
            search=SearchBox(
                url=f"/{name}", label=self.search, placeholder=self.placeholder, query=""
            ),
            period=self.period(),
            aging=() if with_contact else aging * (2 if self.is_overfull else 1),
            footer_label=self.rows.format(total),
            footer_amounts=(self.money(5_214_592),) * (2 if self.is_overfull else 1),
            pager=Pager(
                range_text=self.range.format(count, total),
                next_url="/invoices?page=2",
                sizes=tuple(
                    Choice(label=str(size), url=f"?size={size}", is_current=size == 25)
                    for size in (25, 50, 100)
                ),
            ),
        )

    def chips(self):
        shown = (("all", "39"), ("to_pay", "5"), ("overdue", "1"), ("paid", "33"), ("credits", "1"))
        return tuple(
            Chip(label=self.words[name], count=count, url=f"?status={name}", is_current=not index)
            for index, (name, count) in enumerate(shown)
        )

    def period(self):
        options = ((self.any, True), (self.this_month, False), (self.quarter, False))
        return PeriodMenu(
            label=self.any,
            url="/invoices",
            options=tuple(
                Choice(label=label, url="?period=x", is_current=current)
                for label, current in options
            ),
        )

    def empty_list(self, *, is_filtered=False):
        full = self.list_view(0)
        return ListView(
            title=full.title,
            caption=full.caption,
            url=full.url,
            crumbs=full.crumbs,
            columns=full.columns,
            rows=(),
            chips=full.chips if is_filtered else (),
            search=full.search if is_filtered else None,
            period=full.period if is_filtered else None,
            empty=EmptyState(
                title=self.nothing_title if is_filtered else self.empty_title,
                text=self.nothing_text if is_filtered else self.empty_text,
                icon="search" if is_filtered else None,
                clear_url="/invoices" if is_filtered else None,
            ),
        )

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
            DocumentLink(label="UBL", url="/quotes/1.ubl", icon="file-code", is_download=True),
        )

    def home_view(self, *, is_empty=False):
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
        )

    def _today(self):
        return self.formats.date(date(2026, 11, 24), "full")
