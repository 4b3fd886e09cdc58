"""Every page of the kernel with sample values, as files that a browser can look at.

    python tests/look/gallery.py FOLDER            # write the pages
    python tests/look/gallery.py FOLDER --shots    # and a picture of each, in several sizes

Look at the pictures one by one.
"""

import argparse
import functools
import http.server
import shutil
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import access_samples as access
import list_samples as lists
import office_samples as office
import settings_samples as settings
import trail_samples as trail
from samples import Sample
from sheets import quote_sheet

from portalkit.config import PortalConfig
from portalkit.i18n import direction, load_translations
from portalkit.rendering.environment import build_environments
from portalkit.rendering.static import StaticFiles
from portalkit.web.headers import content_security_policy

COLOUR = "#4b651c"
OTHER_COLOUR = "#1646d2"
# No sandbox, because the suite also runs as root; nothing but the pages here is opened.
CHROMIUM = {
    # The one without windows does the same in less time.
    "executable_path": shutil.which("chromium-headless-shell") or shutil.which("chromium"),
    "args": [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
    ],
}
SIZES = {"desk": (1440, 900), "tablet": (820, 1180), "phone": (390, 844), "narrow": (320, 700)}


class Gallery:
    """Renders pages through the real environments into a folder."""

    def __init__(self, folder):
        self.folder = Path(folder)
        registry = SimpleNamespace(plugins={})
        self.static = StaticFiles(registry)
        self.translations = load_translations(registry, ["es", "en", "ar"])
        self.environments = build_environments(
            PortalConfig(), registry, self.translations, self.static
        )

    def write(self):
        """Write all pages and static files; return the names of the pages."""
        names = []
        for name, (sample, template, values) in self.pages().items():
            html = self.environments[sample.locale].get_template(template).render(**values)
            (self.folder / f"{name}.html").write_text(html, "utf-8")
            names.append(name)
        for name in self.static.names():
            # A page that sends itself on would be gone before anybody has looked at it.
            content = b"" if name == "core/continue.js" else self.static.content(name)
            self._put(self.static.url(name), content)
        for colour in (COLOUR, OTHER_COLOUR):
            url = self.static.brand_url(colour)
            *_, owner, digest, path = url.split("/")
            self._put(url, self.static.find(owner, digest, path).content)
        return names

    def _put(self, url, content):
        path = self.folder / url.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def sample(self, locale, colour=COLOUR, **options):
        return Sample(locale, brand_url=self.static.brand_url(colour), **options)

    def pages(self):
        """Return sample, template and values of each page by its name."""
        es, en, ar = (self.sample(locale) for locale in ("es", "en", "ar"))
        full = self.sample("es", is_overfull=True)
        other = self.sample("en", OTHER_COLOUR)
        pages = {}
        for key, sample in (("es", es), ("en", en), ("ar", ar), ("full", full)):
            pages |= {f"{name}-{key}": page for name, page in self._of(sample).items()}
        pages["home-other-brand"] = (
            other,
            "home/home.html",
            {"page": other.page(current="home"), "home": other.home_view(has_widgets=True)},
        )
        pages["list-100-rows"] = (
            es,
            "core/documents/list.html",
            {"page": es.page(), "list": lists.list_view(es, 100)},
        )
        arabic = {f"{name}-ar": page for name, page in self._states(ar).items()}
        return pages | self._states(es) | arabic

    def _of(self, sample):
        list_, document = "core/documents/list.html", "core/documents/document.html"
        sheet = quote_sheet(sample, self.translations[sample.locale])
        staff = functools.partial(sample.page, "staff")
        shown = {
            "home": ("home/home.html", sample.page(current="home"), {"home": sample.home_view()}),
            "list": (list_, sample.page(), {"list": lists.list_view(sample)}),
            "document": (
                document,
                sample.page(current="quotes"),
                {"document": sample.document(), "sheet": sheet},
            ),
            "profile": (
                "profile/profile.html",
                sample.page(current=None, notice=True),
                {"profile": office.profile(sample)},
            ),
            "login": ("access/login.html", sample.page(None), access.login()),
            "contacts": (
                "backoffice/contacts.html",
                staff("contacts"),
                {"contacts": office.contacts(sample)},
            ),
            "contact": (
                "backoffice/contact.html",
                staff("contacts"),
                {"contact": office.contact(sample)},
            ),
            "office-home": (
                "backoffice/home.html",
                staff("overview"),
                {"office": office.office_home(sample)},
            ),
            "office-documents": (
                "backoffice/documents.html",
                staff("documents"),
                {"list": lists.list_view(sample, 8, with_contact=True)},
            ),
            "office-document": (
                "backoffice/document.html",
                staff("documents"),
                {"office": office.office_document(sample), "sheet": sheet},
            ),
        }
        return {
            name: (sample, template, {"page": page, **values})
            for name, (template, page, values) in shown.items()
        }

    def _states(self, sample):
        words = SimpleNamespace(title=sample.lost, text=sample.lost_text)
        error = {"status": 404, "words": words, "request_id": "7F3K-20C9", "home_url": "/"}
        plain = {"locale_tag": sample.locale, "direction": direction(sample.locale), **error}
        signed_out = functools.partial(sample.page, None)
        shown = {
            "home-empty": ("home/home.html", {"home": sample.home_view(is_empty=True)}),
            "list-empty": ("core/documents/list.html", {"list": lists.empty_list(sample)}),
            "list-nothing": (
                "core/documents/list.html",
                {"list": lists.empty_list(sample, is_filtered=True)},
            ),
            "document-read": (
                "core/documents/document.html",
                {
                    "document": sample.document(has_actions=False),
                    "sheet": quote_sheet(sample, self.translations[sample.locale]),
                },
            ),
            "document-refusal": (
                "core/documents/refusal.html",
                {"refusal": sample.refusal()},
            ),
            "profile-errors": (
                "profile/profile.html",
                {"profile": office.profile(sample, errors={"new_password": sample.bad_email})},
            ),
            "error": ("core/error.html", error),
            **access.signed_in_pages(),
            **trail.signed_in_pages(sample),
        }
        outside = {
            "error-out": ("core/error.html", error),
            "login-errors": ("access/login.html", access.login({"": sample.bad_login})),
            "staff-login": ("access/staff_login.html", access.login()),
            "link-gone": ("access/link_gone.html", {}),
            "link": ("access/link.html", {"action_url": "/i/x", "purpose": sample.link_purpose}),
            "change-password": (
                "access/change_password.html",
                {
                    "errors": {"new_password": sample.bad_email},
                    "action_url": "/password",
                    "email": "lucia@tiendasol.example",
                    "min_password": 12,
                    "has_current": False,
                    "must_change": True,
                    "next": "",
                    "back_url": "/home",
                },
            ),
            **access.signed_out_pages(sample),
            **trail.signed_out_pages(sample),
        }
        inside_office = {
            "plugins": ("backoffice/plugins.html", {"plugins": office.plugins(sample)}),
            "contact-errors": (
                "backoffice/contact.html",
                {"contact": office.contact(sample, errors={"email": sample.bad_email})},
            ),
            "office-home-empty": (
                "backoffice/home.html",
                {"office": office.office_home(sample, is_empty=True)},
            ),
            **access.office_pages(),
            **settings.office_pages(sample),
            **trail.office_pages(sample),
        }
        made = {name: (sample, t, {"page": sample.page(), **v}) for name, (t, v) in shown.items()}
        made |= {name: (sample, t, {"page": signed_out(), **v}) for name, (t, v) in outside.items()}
        made |= {
            name: (sample, t, {"page": sample.page("staff"), **v})
            for name, (t, v) in inside_office.items()
        }
        made["error-plain"] = (sample, "core/error_plain.html", plain)
        return made


class _Pages(http.server.SimpleHTTPRequestHandler):
    """Serves the pages under the policy that the portal sends, so that nothing inline slips in."""

    def end_headers(self):
        self.send_header("content-security-policy", content_security_policy({}))
        super().end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def served(folder):
    """Serve a folder on the loopback address; yield its base URL."""
    handler = functools.partial(_Pages, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def take_pictures(folder, names, wanted):
    """Take a picture of each page in each size and theme that ``wanted`` lists."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # only pictures need it

    shots = folder / "shots"
    shots.mkdir(exist_ok=True)
    with served(folder) as base, sync_playwright() as play:
        browser = play.chromium.launch(**CHROMIUM)
        for look in wanted:
            size, _, theme = look.partition("-")
            width, height = SIZES[size]
            page = browser.new_page(
                viewport={"width": width, "height": height},
                color_scheme=theme or "light",
                has_touch=size != "desk",
            )
            for name in names:
                page.goto(f"{base}/{name}.html")
                page.screenshot(path=shots / f"{name}-{look}.png", full_page=True)
            page.close()
        browser.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--shots", action="store_true")
    parser.add_argument("--only", default="", help="pages whose name contains this")
    parser.add_argument("--looks", default="desk-light,desk-dark,tablet-light,phone-light")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    names = [name for name in Gallery(options.folder).write() if options.only in name]
    if options.shots:
        take_pictures(options.folder, names, options.looks.split(","))
    sys.stdout.write(f"{len(names)} pages in {options.folder}\n")


if __name__ == "__main__":
    main()
