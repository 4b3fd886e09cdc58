"""Values of the back office's pages of keys and mails."""

from portalkit.rendering.page import Crumb
from portalkit.rendering.ui import Chip, LinkButton, Pill, SearchBox, Tone
from portalkit.sections.backoffice.api_keys import KeyForm, KeyRow, KeysView
from portalkit.sections.backoffice.mail_views import (
    MailRowView,
    MailsView,
    TemplateRowView,
    TemplatesView,
)

_OFFICE = Crumb(label="Gestión", url="/backoffice")
_FAILED = Pill(label="Ha fallado", tone=Tone.CRITICAL, icon="alert-circle")
_SENT = Pill(label="Enviado", tone=Tone.POSITIVE, icon="circle-check", is_calm=True)


def _keys():
    row = KeyRow(
        name="ERP",
        prefix="pk_3f9a",
        made="Carmen, 21 nov 2026",
        used="Usada hace 2 horas",
        until="Sin fin",
        pill=_SENT,
        end_url="/backoffice/api-keys/1/end",
    )
    return KeysView(
        crumbs=(_OFFICE, Crumb(label="Claves de la API")),
        url="/backoffice/api-keys",
        rows=(row,),
        max_days=3650,
        new_key="pk_3f9a0c4f7g2km9pqrst",
        form=KeyForm(name="ERP", days="x"),
        errors={"days": "Un número entero de 1 a 3650, o nada."},
    )


def _mails(sample):
    rows = tuple(
        MailRowView(
            name=name,
            email="lucia@tiendasol.example",
            what="Tu acceso al portal",
            state=state,
            note=note,
            ago="hace 3 días",
            exact="21 nov 2026, 9:15",
            resend_url=url,
        )
        for name, state, note, url in (
            ("Lucía Romero", _SENT, "", None),
            (sample.long_name, _FAILED, "550 No such mailbox", "/backoffice/outbox/1/resend"),
        )
    )
    return MailsView(
        subtitle="2 correos",
        crumbs=(_OFFICE, Crumb(label="Correo")),
        rows=rows,
        chips=(
            Chip(label="Todos", url="?", count="2", is_current=True),
            Chip(label="Fallidos", url="?state=failed", count="1"),
        ),
        search=SearchBox(
            url="/backoffice/outbox", label="Buscar", placeholder="Nombre o dirección"
        ),
        has_server=False,
        templates=LinkButton(label="Textos", url="/backoffice/mail-templates", icon="pencil"),
    )


def _templates():
    row = TemplateRowView(
        title="Invitación",
        description="Cuando se invita a alguien",
        languages=(
            ("español", "/backoffice/mail-templates/x/es", Pill(label="Propio", icon="pencil")),
            ("English", "/backoffice/mail-templates/x/en", None),
        ),
    )
    return TemplatesView(crumbs=(_OFFICE, Crumb(label="Textos")), rows=(row,))


def office_pages(sample):
    """Return template and values by name."""
    return {
        "api-keys": ("backoffice/api_keys.html", {"keys": _keys()}),
        "mails": ("backoffice/mails.html", {"mails": _mails(sample)}),
        "mail-templates": ("backoffice/mail_templates.html", {"templates": _templates()}),
    }
