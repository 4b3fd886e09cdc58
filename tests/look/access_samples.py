"""Values of the pages about the second step and what protects one's access."""

from markupsafe import Markup

from portalkit.access.doors import SignInWays
from portalkit.access.factors import FactorState
from portalkit.access.proving import Question
from portalkit.access.rules import SignInRules
from portalkit.access.security_views import PasskeyRow, ProviderRow, RememberedRow
from portalkit.access.share_rules import MAX_HOURS, ShareRules
from portalkit.rendering.page import Crumb
from portalkit.rendering.sheet.qr import secret_qr
from portalkit.sections.profile.contacts import ContactChoice

_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_URI = f"otpauth://totp/Almazara:lucia%40tiendasol.example?secret={_SECRET}&issuer=Almazara"
_CODES = tuple(f"{start}c4f-7g2k-m9pq-rst{start}" for start in "abcdefghjk")
_PROVIDERS = (("acme", "Entrar con Acme ID"),)
_WAYS = SignInWays(has_passwords=True, has_passkeys=True, has_mail=True, providers=_PROVIDERS)


_CRUMBS = (Crumb(label="Perfil", url="/profile"), Crumb(label="Mis datos"))


def login(errors=None, ways=_WAYS):
    return {
        "email": "lucia@tiendasol.example" if errors else "",
        "errors": errors or {},
        "next": "/",
        "action_url": "/login",
        "door": "person",
        "ways": ways,
    }


def _step(*, errors=None, **factors):
    state = {"has_totp": True, "passkeys": 1, "recovery_codes": 8} | factors
    return {
        "errors": errors or {},
        "next": "/home",
        "factors": FactorState(**state),
        "is_staff": False,
        "has_passkeys": bool(state["passkeys"]),
        "door_url": "/login",
        "remember": False,
    }


def _totp(**changes):
    return {
        "qr": secret_qr(_URI, "QR"),
        "app_url": _URI,
        "secret": " ".join(_SECRET[start : start + 4] for start in range(0, 32, 4)),
        "ticket": "x",
        "is_required": False,
        "other_url": "/security/passkeys/new",
        "errors": {},
    } | changes


def _prove(**changes):
    question = Question(
        title="Quitar la aplicación de códigos",
        text="Ya no se te pedirán sus códigos.",
        button="Quitar la aplicación de códigos",
        url="/security/totp/remove",
        back_url="/security",
        is_danger=True,
    )
    return {
        "question": question,
        "email": "lucia@tiendasol.example",
        "has_password": True,
        "has_code": True,
        "can_prove": True,
        "next": "",
        "errors": {},
    } | changes


def security(*, is_staff=False, is_bare=False):
    """Return the page of somebody who has everything, or nothing yet."""
    passkeys = tuple(
        PasskeyRow(
            id=str(number),
            name=name,
            note="hace 3 días",
            rename_url=f"/security/passkeys/{number}/name",
            remove_url=f"/security/passkeys/{number}/remove",
        )
        for number, name in enumerate(("Móvil de Lucía", "Chrome on Linux"))
    )
    device = RememberedRow(
        name="Firefox on Windows",
        icon="device-desktop",
        note="hace 2 horas",
        exact="24 nov 2026, 9:15",
        until="24 dic 2026",
        forget_url="/security/devices/1/forget",
    )
    return {
        "crumbs": (
            Crumb(label="Perfil", url="/profile"),
            Crumb(label="Acceso y seguridad"),
        ),
        "email": "lucia@tiendasol.example",
        "is_staff": is_staff,
        "may_have_password": True,
        "has_password": True,
        "has_second": not is_bare,
        "factors": FactorState(
            has_totp=not is_bare, passkeys=0 if is_bare else 2, recovery_codes=0 if is_bare else 2
        ),
        "has_passkeys": True,
        "passkeys": () if is_bare else passkeys,
        "providers": (
            ProviderRow(title="Acme ID", connect_url="/security/with/acme")
            if is_bare
            else ProviderRow(
                title="Acme ID", email="lucia@private.example", remove_url="/security/identities/1"
            ),
        ),
        "devices": () if is_bare else (device,),
    }


def mail_pages(sample):
    """Return the pages to which a mail leads, or that send one."""
    start = {"is_staff": False, "door_url": "/login", "email": "lucia@tiendasol.example"}
    code = start | {"next": "", "errors": {}}
    stop = start | {"action_url": "/mail/stop/x", "label": "Cuando hay documentos nuevos"}
    reset = start | {"action_url": "/login/reset/x", "min_password": 8}
    return {
        "mail-code": ("access/mail_code.html", code),
        "mail-code-errors": (
            "access/mail_code.html",
            code | {"errors": {"code": sample.bad_login}},
        ),
        "forgot-sent": ("access/forgot_sent.html", start | {"again_url": "/login/forgot"}),
        "reset": ("access/reset.html", reset | {"errors": {"new_password": sample.bad_email}}),
        "stop": ("access/stop.html", stop | {"is_on": True, "is_done": False}),
        "stop-done": ("access/stop.html", stop | {"is_on": False, "is_done": True}),
        "continue": ("access/continue.html", {"action_url": "/login/host/x", "fields": {}}),
        "share-gone": ("access/share_gone.html", {}),
    }


def signed_out_pages(sample):
    """Return template and values by name, of pages that are a card in the middle."""
    wrong = {"code": sample.bad_login}
    return mail_pages(sample) | {
        "code": ("access/code.html", _step()),
        "code-errors": ("access/code.html", _step(errors=wrong)),
        "code-passkey": ("access/code.html", _step(has_totp=False)),
        "recovery": ("access/recovery.html", _step()),
        "totp": ("access/totp.html", _totp()),
        "totp-required": ("access/totp.html", _totp(is_required=True, errors=wrong)),
        "recovery-codes": (
            "access/recovery_codes.html",
            {"codes": _CODES, "file_url": Markup("data:text/plain,x")},
        ),
        "prove": ("access/prove.html", _prove()),
        "prove-impossible": ("access/prove.html", _prove(can_prove=False)),
        "passkey": (
            "access/passkey.html",
            {"name": "Chrome", "max_name": 60, "is_required": False},
        ),
        "login-without-passwords": (
            "access/login.html",
            login(
                ways=SignInWays(
                    has_passwords=False, has_passkeys=True, has_mail=True, providers=_PROVIDERS
                )
            ),
        ),
    }


def signed_in_pages():
    choices = [
        ContactChoice(name=name, url="/profile/contacts/1", is_current=not place)
        for place, name in enumerate(("Tienda Sol", "Bar Luna"))
    ]
    return {
        "contact-choice": ("profile/contacts.html", {"choices": choices}),
        "data": ("profile/data.html", {"crumbs": _CRUMBS, "url": "/profile/data/file"}),
        "security": ("access/security.html", security()),
        "security-bare": ("access/security.html", security(is_bare=True)),
    }


def office_pages():
    rules = SignInRules(staff_need_second=True)
    return {
        "security-staff": ("access/security.html", security(is_staff=True)),
        "sign-in-rules": (
            "backoffice/sign_in.html",
            {
                "crumbs": (Crumb(label="Acceso y seguridad"),),
                "rules": rules,
                "has_providers": True,
                "form_url": "/backoffice/sign-in",
                "sharing": ShareRules(),
                "max_hours": MAX_HOURS,
                "sharing_url": "/backoffice/sign-in/sharing",
            },
        ),
    }
