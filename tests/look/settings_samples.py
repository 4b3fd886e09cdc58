"""Values of the back office's pages of keys and mails."""

from portalkit.rendering.page import Crumb
from portalkit.rendering.ui import Chip, FormState, LinkButton, Pill, SearchBox, Tone
from portalkit.sections.backoffice.api_keys import KeyForm, KeyRow, KeysView
from portalkit.sections.backoffice.mail_views import (
    InviteView,
    LinkMailView,
    MailRowView,
    MailsView,
    TemplateRowView,
    TemplatesView,
    TemplateView,
)
from portalkit.sections.backoffice.staff_views import MemberView, StaffRoleView, StaffView

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


_SUBJECT = "Tu acceso al portal de Almazara Sierra Alta"
_WORDS = "Hola, Lucía:\n\nHemos abierto nuestro portal para ti.\n\nAlmazara Sierra Alta"


def _template(sample):
    return TemplateView(
        title="Invitación",
        description="Cuando se invita a alguien",
        crumbs=(_OFFICE, Crumb(label="Textos", url="/backoffice/mail-templates")),
        languages=(
            Chip(label="español", url="?", is_current=True),
            Chip(label="English", url="?en"),
        ),
        form=FormState(
            url="/backoffice/mail-templates/x/es",
            values={"subject": _SUBJECT, "words": _WORDS},
            errors={"words": sample.bad_login},
        ),
        variables=(("business", sample.long_name), ("link", f"https://portal.example/{'x' * 60}")),
        preview_url="about:blank",
        restore_url="/backoffice/mail-templates/x/es/restore",
        problem="unknown variable",
        state=Pill(label="No se usa", icon="alert-triangle", tone=Tone.CRITICAL),
    )


def _link_mail(sample):
    return LinkMailView(
        title="Enviar el enlace",
        note="Debajo de tu texto va un botón con el enlace.",
        name=sample.long_name,
        email="lucia@tiendasol.example",
        language="español",
        crumbs=(_OFFICE, Crumb(label="Enviar el enlace")),
        form=FormState(
            url="/mail-link",
            values={"subject": "", "words": _WORDS},
            errors={"subject": sample.bad_login},
        ),
        cancel_url="/contacts/1",
        has_server=False,
    )


def _invite(**changes):
    return InviteView(
        crumbs=(_OFFICE, Crumb(label="Invitar")),
        form_url="/invitations",
        cancel_url="/contacts",
        subject=_SUBJECT,
        words=_WORDS,
        template_urls=(("español", "/x/es"), ("English", "/x/en")),
        has_server=False,
        **changes,
    )


def _member(number, name, **changes):
    here = f"/backoffice/staff/{number}"
    values = {
        "role_url": f"{here}/role",
        "link_url": f"{here}/link",
        "factors_url": f"{here}/factors",
        "disable_url": f"{here}/disable",
    }
    return MemberView(
        id=str(number),
        name=name,
        email=f"persona{number}@almazara.example",
        role="sales",
        note="Ventas · Aplicación de códigos · última entrada hace 3 días",
        exact="21 nov 2026, 9:15",
        access=_SENT,
        is_self=not number,
        **(values | changes),
    )


def _staff(sample):
    shut_out = {
        "role_url": None,
        "link_url": None,
        "factors_url": None,
        "disable_url": None,
        "enable_url": "/backoffice/staff/2/enable",
    }
    return StaffView(
        crumbs=(_OFFICE, Crumb(label="Personal")),
        members=(
            _member(0, "Carmen Ortega"),
            _member(1, sample.long_name),
            _member(2, "Julián Cobo", **shut_out),
        ),
        roles=(
            StaffRoleView(value="sales", label="Ventas", allows=("Dar acceso", "Ver correos")),
            StaffRoleView(value="reader", label="Solo lectura", allows=()),
        ),
        add=FormState(url="/backoffice/staff", errors={"email": sample.bad_email}),
        min_password=12,
        has_passwords=True,
        sends_mail=False,
        new_link=(sample.long_name, f"https://portal.example/i/{'x' * 60}"),
    )


def office_pages(sample):
    """Return template and values by name."""
    return {
        "api-keys": ("backoffice/api_keys.html", {"keys": _keys()}),
        "staff": ("backoffice/staff.html", {"staff": _staff(sample)}),
        "mails": ("backoffice/mails.html", {"mails": _mails(sample)}),
        "mail-template": ("backoffice/mail_template.html", {"mail": _template(sample)}),
        "link-mail": ("backoffice/link_mail.html", {"mail": _link_mail(sample)}),
        "invite": (
            "backoffice/invite.html",
            {"invite": _invite(count=12, left_out=3, ids=("1", "2"))},
        ),
        "invite-nobody": (
            "backoffice/invite.html",
            {"invite": _invite(count=0, left_out=0, ids=())},
        ),
        "mail-templates": ("backoffice/mail_templates.html", {"templates": _templates()}),
    }
