"""Sample lists of documents: typical, long, empty, and with filters that hide everything."""

from portalkit.documents.views import (
    Aging,
    AgingPart,
    ArchiveMenu,
    Cell,
    ListColumn,
    ListRow,
    ListView,
    PeriodMenu,
    bar_spans,
)
from portalkit.hooks.types import Tone
from portalkit.rendering.ui import Chip, Choice, EmptyState, Pager, Pill, SearchBox


def pills(sample):
    return (
        Pill(label=sample.pending, tone=Tone.INFO, icon="clock"),
        Pill(label=sample.partial, tone=Tone.WARNING, icon="circle-half-2"),
        Pill(label=sample.open, icon="arrow-back-up"),
        Pill(label=sample.overdue, tone=Tone.CRITICAL, icon="alert-triangle"),
        Pill(label=sample.paid, tone=Tone.POSITIVE, icon="circle-check", is_calm=True),
    )


def columns(sample, *, with_contact=False):
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
            label=sample.words[name],
            place=place,
            align=align,
            direction=direction,
            sort_url=f"/invoices?sort={name}",
        )
        for name, place, align, direction in shown
    )


def row(sample, index, *, with_contact=False):
    pill = pills(sample)[(0, 0, 1, 2, 0, 4, 3, 4, 4, 4)[index % 10]]
    amount = (158_492, 138_620, 194_567, -8_640, 98_620, 183_872, 120_450)[index % 7]
    issued, due = sample.day(4 + index * 3), sample.day(4 + index * 3 - 30)
    number = f"F-2026-{260 - index:04d}"
    text = sample.overfull if sample.is_overfull or index == 2 else sample.quote_text
    middle = sample.customer if with_contact else sample.invoice
    cells = (
        Cell(
            format="date",
            place="d1",
            text=sample.formats.date(issued),
            machine=issued.isoformat(),
        ),
        Cell(format="link", place="a1", text=number + "/A-LARGO" * sample.is_overfull),
        Cell(format="kind", place="-2", text=middle),
        Cell(format="text", place="c1", text=text),
        Cell(format="status", place="e1", text=pill.label, pill=pill),
        Cell(
            format="date",
            place="-3",
            text=sample.formats.date(due) if index != 3 else "",
            machine=due.isoformat() if index != 3 else None,
        ),
        Cell(
            format="money",
            place="b1",
            text=sample.money(amount),
            note=sample.left.format(sample.money(134_567)) if index % 10 == 2 else None,
        ),
    )
    return ListRow(
        url=f"/invoices/{index}",
        id=str(index),
        number=number,
        cells=cells,
        is_quiet=pill.is_calm,
        pdf_url=f"/invoices/{index}.pdf",
    )


def list_view(sample, count=12, *, with_contact=False):
    total = 300 if count > 25 else 39
    spans = bar_spans((120_450, 98_620, 431_679))
    parts = tuple(
        AgingPart(age=age, label=label, amount=sample.money(amount), start=start, width=width)
        for age, label, amount, (start, width) in (
            ("overdue", sample.overdue_sum, 120_450, spans[0]),
            ("soon", sample.soon, 98_620, spans[1]),
            ("later", sample.later, 431_679, spans[2]),
        )
    )
    name = "documents" if with_contact else "invoices"
    aging = (Aging(label=sample.to_pay, total=sample.parts(650_749), parts=parts),)
    return ListView(
        title=sample.words[name],
        caption=sample.caption,
        url=f"/{name}",
        crumbs=sample.crumbs("home", "sales", last=sample.words[name]),
        columns=columns(sample, with_contact=with_contact),
        rows=tuple(row(sample, index, with_contact=with_contact) for index in range(count)),
        chips=chips(sample),
        search=SearchBox(
            url=f"/{name}", label=sample.search, placeholder=sample.placeholder, query=""
        ),
        period=period(sample),
        aging=() if with_contact else aging * (2 if sample.is_overfull else 1),
        footer_label=sample.rows.format(total),
        footer_amounts=(sample.money(5_214_592),) * (2 if sample.is_overfull else 1),
        pager=Pager(
            range_text=sample.range.format(count, total),
            next_url="/invoices?page=2",
            sizes=tuple(
                Choice(label=str(size), url=f"?size={size}", is_current=size == 25)
                for size in (25, 50, 100)
            ),
        ),
        archive=None if with_contact else archive(sample),
    )


def archive(sample):
    """Return what is offered of a list in one file; too much of it where it is overfull."""
    return ArchiveMenu(
        url="/invoices/archive",
        hidden=(("sort", "total"),),
        formats=(("pdf", "PDF"), ("ubl", "UBL (EN 16931)"), ("facturae", "Facturae 3.2.2")),
        all_label="" if sample.is_overfull else sample.rows.format(39),
        most="500",
    )


def chips(sample):
    shown = (("all", "39"), ("to_pay", "5"), ("overdue", "1"), ("paid", "33"), ("credits", "1"))
    return tuple(
        Chip(label=sample.words[name], count=count, url=f"?status={name}", is_current=not index)
        for index, (name, count) in enumerate(shown)
    )


def period(sample):
    options = ((sample.any, True), (sample.this_month, False), (sample.quarter, False))
    return PeriodMenu(
        label=sample.any,
        url="/invoices",
        options=tuple(
            Choice(label=label, url="?period=x", is_current=current) for label, current in options
        ),
    )


def empty_list(sample, *, is_filtered=False):
    full = list_view(sample, 0)
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
            title=sample.nothing_title if is_filtered else sample.empty_title,
            text=sample.nothing_text if is_filtered else sample.empty_text,
            icon="search" if is_filtered else None,
            clear_url="/invoices" if is_filtered else None,
        ),
    )
