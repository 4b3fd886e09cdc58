"""Sample values of pages about who may see what, who did what, and what is kept of whom."""

from portalkit.documents.share_views import ConfirmView, ShareRow, ShareView
from portalkit.hooks.types import Tone
from portalkit.rendering.page import Crumb
from portalkit.rendering.ui import FormState, Pill
from portalkit.sections.backoffice.audit import AuditRow, AuditView
from portalkit.sections.backoffice.audit_queries import AuditWish
from portalkit.sections.backoffice.privacy import PrivacyView
from portalkit.sections.profile.people_views import ColleagueView, PeopleView
from portalkit.sections.profile.views import LogItem, LogView

_MOMENT = "24 nov 2026, 10:30"
_MACHINE = "2026-11-24T09:30:00+00:00"
_ROLES = (("owner", "Titular"), ("reader", "Solo lectura"))


def _share(sample):
    return ShareView(
        title="Factura",
        number="F2026-0214",
        url="/invoices/1/share",
        document_url="/invoices/1",
        lasts="2 días",
        crumbs=sample.crumbs("home", last="Compartir"),
        rows=tuple(
            ShareRow(
                who=who,
                made=_MOMENT,
                until=_MOMENT,
                opened="Abierto 2 veces",
                end_url=f"/end/{who}",
            )
            for who in ("Lucía Romero", sample.long_name)
        ),
        new_link=f"https://portal.almazara.example/d/{'a' * 80}",
        end_all_url="/end",
        problem=sample.long_name,
    )


def _confirm(**changes):
    view = ConfirmView(
        number="A2026-0230",
        contact="Tienda Sol, S.L.",
        email="c…@tiendasol.example",
        send_url="/confirm/send",
        check_url="/confirm",
        document_url="/notes/1",
        **changes,
    )
    return "core/documents/share_confirm.html", {"confirm": view}


def _people(sample):
    pill = Pill(label=sample.with_access, tone=Tone.POSITIVE, icon="circle-check", is_calm=True)
    people = tuple(
        ColleagueView(
            id=str(number),
            name=name,
            email=f"persona{number}@tiendasol.example",
            role="owner",
            note="Titular · hoy",
            exact=_MOMENT,
            state=pill,
            is_self=not number,
            was_invited=True,
            role_url=f"/people/{number}/role",
            invite_url=f"/people/{number}/invite" if number else None,
            remove_url=f"/people/{number}/remove",
        )
        for number, name in enumerate(("Lucía Romero", sample.long_name))
    )
    return PeopleView(
        contact_name=sample.customer,
        crumbs=sample.crumbs("home", last="Personas"),
        people=people,
        invite=FormState(url="/people", errors={"email": sample.bad_email}),
        roles=tuple((*role, ("Ver documentos", "Compartir")) for role in _ROLES),
    )


def _log(sample):
    entry = LogItem(
        icon="download",
        text="Lucía Romero ha descargado un documento",
        document="Factura F2026-0214",
        url="/invoices/1",
        moment="hace 2 horas",
        exact=_MOMENT,
        machine=_MACHINE,
    )
    return LogView(
        crumbs=sample.crumbs("home", last="Registro"),
        entries=(entry,) * 3,
        topics=(("", "Todo"), ("documents", "Documentos")),
        topic="",
        people=(("", "Todas"), ("1", sample.long_name)),
        person="",
        url="/profile/log",
        newest_url="/profile/log",
        older_url="/profile/log?before=1",
    )


def _audit(sample):
    row = AuditRow(
        text=f"{sample.long_name} ha mirado el portal como el contacto",
        exact=_MOMENT,
        ago="hace 2 horas",
        machine=_MACHINE,
        contact=sample.long_name,
        contact_url="/contacts/1",
        document="Factura F2026-0214",
        document_url="/documents/1",
        until=f"Hasta el {_MOMENT} como máximo",
    )
    return AuditView(
        crumbs=(Crumb(label="Registro de actividad"),),
        url="/audit",
        rows=(row,) * 3,
        groups=(("", "Todo"), ("sign_in", "Accesos")),
        wish=AuditWish(q="Carmen"),
        csv_url="/audit/csv",
        most="10.000",
        newest_url="/audit",
        searched="50.000",
        further_url="/audit?before=1",
    )


def _privacy(sample, **changes):
    view = PrivacyView(
        name=sample.long_name,
        number="C-0042",
        people="2 personas que solo actúan por él, con todos sus accesos",
        crumbs=(Crumb(label="Contactos", url="/contacts"), Crumb(label="Datos personales")),
        file_url="/privacy/file",
        erase_url="/privacy/erase",
        **changes,
    )
    return "backoffice/privacy.html", {"privacy": view}


def signed_out_pages(sample):
    """Return template and values by name, of pages that are a card in the middle."""
    forgot = {"action_url": "/login/forgot", "door_url": "/login", "email": "", "is_staff": False}
    return {
        "share-door": ("access/share.html", {"action_url": "/d/x"}),
        "share-confirm": _confirm(),
        "share-code": _confirm(proof="x", error=sample.bad_login),
        "forgot": ("access/forgot.html", {**forgot, "errors": {"email": sample.bad_email}}),
    }


def signed_in_pages(sample):
    return {
        "share": ("core/documents/share.html", {"share": _share(sample)}),
        "people": ("profile/people.html", {"people": _people(sample)}),
        "log": ("profile/log.html", {"log": _log(sample)}),
    }


def office_pages(sample):
    return {
        "audit": ("backoffice/audit.html", {"audit": _audit(sample)}),
        "privacy": _privacy(sample, error=sample.bad_login),
        "privacy-erased": _privacy(sample, erased=_MOMENT),
    }
