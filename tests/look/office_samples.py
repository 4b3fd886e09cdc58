"""Sample view models of the back office and the profile."""

import list_samples as lists

from portalkit.hooks.types import Tone
from portalkit.rendering.ui import Choice, EmptyState, FormState, Pager, Pill, SearchBox, SortHeader
from portalkit.sections.backoffice.views import (
    ContactRow,
    ContactsView,
    ContactView,
    Figure,
    OfficeDocumentView,
    OfficeHomeView,
    OfficeTask,
    PersonView,
    PluginsView,
    SwitchView,
)
from portalkit.sections.profile.views import Device, MailSwitch, ProfileView


def profile(sample, *, errors=None):
    return ProfileView(
        name="Lucía Romero",
        email="lucia@tiendasol.example",
        contact_name=sample.customer,
        crumbs=sample.crumbs("home", last=sample.profile),
        has_password=True,
        may_have_password=True,
        has_second=False,
        security_url="/security",
        password=FormState(url="/profile/password", errors=errors or {}),
        min_password=12,
        mails=(MailSwitch(kind="documents.announced", label=sample.new_documents, is_on=True),),
        mails_url="/profile/mails",
        devices=(
            Device(name="Firefox · Windows", note=sample.today, exact="24 nov", is_current=True),
            Device(
                name="Safari · iPhone",
                note=sample.days_ago,
                exact="19 nov",
                icon="device-mobile",
                close_url="/profile/devices/2",
            ),
        ),
        close_others_url="/profile/devices/others",
    )


def access_pills(sample):
    return (
        Pill(label=sample.with_access, tone=Tone.POSITIVE, icon="circle-check", is_calm=True),
        Pill(label=sample.without, icon="user-plus"),
        Pill(label=sample.withdrawn, tone=Tone.CRITICAL, icon="ban"),
    )


def contacts(sample, count=8):
    names = (
        "Tienda Sol, S.L.",
        "Mercado de la Cebada, puesto 41",
        sample.long_name,
        "Hotel Encinar",
    )
    labels = (sample.contact, sample.access, sample.documents, sample.to_pay)
    columns = tuple(
        SortHeader(
            label=label,
            sort_url=f"?sort={index}" if index != 2 else None,
            direction="ascending" if not index else None,
            align="end" if index > 1 else "start",
        )
        for index, label in enumerate(labels)
    )
    return ContactsView(
        subtitle="148 · 96",
        caption=sample.contacts,
        url="/contacts",
        crumbs=sample.crumbs("office", last=sample.contacts),
        columns=columns,
        rows=tuple(
            ContactRow(
                id=str(index),
                name=names[index % 4],
                url=f"/contacts/{index}",
                email=f"persona{index}@cliente.example" if index % 4 < 3 else "",
                access=access_pills(sample)[(0, 0, 2, 1)[index % 4]],
                access_note=sample.today if index % 4 < 2 else "",
                documents=str(index * 17),
                due=(sample.money(31_200 * index),) if index % 4 < 3 else (),
            )
            for index in range(count)
        ),
        chips=lists.chips(sample)[:3],
        search=SearchBox(url="/contacts", label=sample.contacts, placeholder=sample.tax_id),
        pager=Pager(range_text=sample.range.format(count, 148), next_url="?page=2"),
        empty=EmptyState(title=sample.empty_title, text=sample.empty_text),
    )


def switches(sample):
    return tuple(
        SwitchView(name=name, title=title, description=text, is_on=is_on, url=f"/plugins/{name}")
        for name, title, text, is_on in (
            ("sales", sample.sales, sample.quote_text, True),
            ("purchases", sample.purchases, "", False),
        )
    )


def plugins(sample):
    return PluginsView(crumbs=sample.crumbs("office", last="Plugins"), switches=switches(sample))


def contact(sample, *, errors=None):
    def person(key, name, role, pill, *, is_open):
        return PersonView(
            id=key,
            name=name,
            initials=name[:1] + name.split()[-1][:1],
            email=f"{key}@tiendasol.example",
            note=f"{role} · {sample.today}",
            exact="24 nov 2026, 9:12",
            access=pill,
            set_password=FormState(url=f"/people/{key}/password") if is_open else None,
            link_url=f"/people/{key}/link" if is_open else None,
            withdraw_url=f"/people/{key}/withdraw" if is_open else None,
            restore_url=None if is_open else f"/people/{key}/restore",
        )

    pills = access_pills(sample)
    return ContactView(
        name=sample.customer,
        initials="TS",
        crumbs=sample.crumbs("office", "contacts", last=sample.customer),
        access=pills[0],
        min_password=12,
        has_passwords=True,
        facts=(
            (sample.tax_id, "B87000000"),
            (sample.email, "administracion@tiendasol.example"),
            (sample.language, "español"),
        ),
        due=(sample.money(650_749),),
        people=(
            person("lucia", "Lucía Romero", sample.owner, pills[0], is_open=True),
            person("pablo", "Pablo Sol", sample.buyer, pills[2], is_open=False),
        ),
        give_access=FormState(
            url="/contacts/1/access", values={"email": "ana"} if errors else {}, errors=errors or {}
        ),
        roles=(("owner", sample.owner), ("buyer", sample.buyer)),
        new_link=("Lucía Romero", "https://portal.example/i/" + "x" * 60) if errors else None,
        switches=switches(sample),
        documents_url="/documents?contact=1",
        documents_count="39",
    )


def office_document(sample):
    return OfficeDocumentView(
        document=sample.document(has_actions=False),
        contact_name=sample.customer,
        contact_initials="TS",
        contact_url="/contacts/1",
        contact_email="administracion@tiendasol.example",
        facts=((sample.number, "ERP-88231"), (sample.date, "18 nov 2026")),
    )


def office_home(sample, *, is_empty=False):
    empty = EmptyState(title=sample.empty_title, text=sample.empty_text)
    if is_empty:
        return OfficeHomeView(
            greeting=sample.staff_greeting, date_text="24", lead=sample.staff_lead, empty=empty
        )
    tasks = tuple(
        OfficeTask(
            title=f"PR-2026-{143 + index:04d}",
            url="/documents/1",
            icon="file-text",
            note=f"{sample.customer} · {sample.days_ago}",
            amount=sample.money(564_963),
        )
        for index in range(3)
    )
    return OfficeHomeView(
        greeting=sample.staff_greeting,
        date_text=sample.formats.date(sample.day(0), "full"),
        lead=sample.staff_lead,
        figures=(
            Figure(label=sample.contacts, value="148", url="/contacts", note=sample.with_access),
            Figure(label=sample.to_pay, value=sample.money(1_262_400), url="/documents"),
            Figure(label=sample.quotes, value="6", url="/documents"),
        ),
        tasks=((sample.quotes, tasks), (sample.overdue, tasks[:2])),
        shortcuts=(
            Choice(label=sample.contacts, url="/c"),
            Choice(label=sample.documents, url="/d"),
        ),
    )
