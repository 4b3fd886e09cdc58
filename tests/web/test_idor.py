"""Nobody reaches what is not theirs, by any route that names a thing (case O01).

The test walks the live list of routes: one that is new and names a thing it does not know
fails until it is told whose the thing is.
"""

import re

import httpx
from litestar.routes import HTTPRoute

from portalkit.model import new_id

from .conftest import PASSWORD
from .walking import MALFORMED

# Routes whose parameter names nothing of a contact's, or holds a token that is signed: those
# have a walk of their own, with the kernel's other open routes.
HARMLESS = {"core:static", "core:logo", "core:elsewhere", "core:stop", "core:stop.post"}
# PDFs take long; a code is asked of whoever came by a link, never of the owner.
PASSED_BY = (".pdf", ".confirm")
NOBODY_KNOWS = new_id()


def routes_with_ids(app):
    for route in app.routes:
        if isinstance(route, HTTPRoute) and "{" in route.path_format:
            for handler in route.route_handlers:
                if handler.name and handler.name not in HARMLESS:
                    for method in sorted(handler.http_methods - {"OPTIONS"}):
                        yield handler.name, method, route.path_format


def owned(town, name, path):
    """Return Ana's address of a route, and the same with an id that nobody has."""
    kind = next((k for k in KIND_OF_PATH if f"/{KIND_OF_PATH[k]}/" in f"{path}/"), None)
    document = town.documents.get(kind or "invoice", town.documents["invoice"])
    values = {
        "id": document,
        "document_id": document,
        "file_id": town.files[document],
        "action": "accept",
        "exporter": "text",
        "link": NOBODY_KNOWS,
    }
    wanted = re.findall(r"{(\w+)}", path)
    if not set(wanted) <= values.keys():
        return None
    real = path.format(**values)
    unknown = path.format(**(values | {"id": NOBODY_KNOWS, "document_id": NOBODY_KNOWS}))
    return real, unknown


KIND_OF_PATH = {
    "purchase_order": "purchases/orders",
    "credit_note": "credit-notes",
    "invoice": "invoices",
    "quote": "quotes",
    "proforma": "proformas",
    "delivery_note": "delivery-notes",
    "sales_order": "orders",
}


# Staff's own routes name contacts, people and links of their business; they have a walk of
# their own below.
def is_contact_route(name):
    return not name.startswith(("backoffice:", "access:", "profile:", "documents:", "api:"))


async def ask(client, method, path):
    if method in {"GET", "HEAD"}:
        return await client.request(method, path)
    try:
        token = await client.token("/profile" if client.cookies else "/login")
    except LookupError:
        token = "none"
    return await client.post(
        path, data={"csrf_token": token}, headers={"sec-fetch-site": "same-origin"}
    )


async def test_each_route_with_an_id_is_shut_to_everybody_else(town, visitor):
    strangers = {
        "another contact": ("ben@ben.example", "/login", ""),
        "another business": ("cleo@cleo.example", "/bees/login", "/bees"),
        "nobody": (None, None, ""),
        "another business's staff": ("abel@bees.example", "/bees/backoffice/login", "/bees"),
        "staff": ("carmen@mill.example", "/backoffice/login", ""),
    }
    walked, unknown_routes = [], []
    for who, (email, door, prefix) in strangers.items():
        async with visitor() as client:
            if email:
                await client.sign_in(email, PASSWORD, path=door)
            for name, method, path in routes_with_ids(town.app):
                if not is_contact_route(name):
                    continue
                addresses = owned(town, name, path)
                if addresses is None:
                    unknown_routes.append(name)
                    continue
                for address in {addresses[0], prefix + addresses[0]}:
                    answer = await ask(client, method, address)
                    assert answer.status_code in {303, 401, 403, 404}, (who, method, address)
                    if answer.status_code == httpx.codes.SEE_OTHER:
                        assert "/login" in answer.headers["location"], (who, method, address)
                    assert b"invoice-" not in answer.content, (who, method, address)
                walked.append((name, method))

    assert not unknown_routes
    assert len(set(walked)) >= 15
    print(f"IDOR: {len(set(walked))} routes x {len(strangers)} strangers, 0 leaks")  # noqa: T201  # the figure of the case


async def test_what_is_not_yours_looks_like_what_does_not_exist(town, visitor):
    async with visitor() as client:
        await client.sign_in("ben@ben.example", PASSWORD)
        for name, method, path in routes_with_ids(town.app):
            if not is_contact_route(name) or method == "HEAD":
                continue
            real, unknown = owned(town, name, path)
            theirs, nobodys = await ask(client, method, real), await ask(client, method, unknown)

            assert theirs.status_code == nobodys.status_code, (method, path)
            assert _shape(theirs) == _shape(nobodys), (method, path)


async def test_the_owner_gets_in_by_the_same_routes(town, visitor):
    """The control: the addresses above are real ones."""
    async with visitor() as client:
        await client.sign_in("ana@ana.example", PASSWORD)
        for name, method, path in routes_with_ids(town.app):
            if not is_contact_route(name) or method != "GET" or name.endswith(PASSED_BY):
                continue
            real, unknown = owned(town, name, path)

            assert (await client.get(real)).status_code == 200, name
            assert (await client.get(unknown)).status_code == 404, name


async def test_an_id_that_is_none_is_not_found(town, visitor):
    async with visitor() as client:
        await client.sign_in("ana@ana.example", PASSWORD)
        for name, method, path in routes_with_ids(town.app):
            if not is_contact_route(name):
                continue
            for wanted in re.findall(r"{(\w+)}", path):
                for wrong in MALFORMED:
                    address = owned(town, name, path.replace(f"{{{wanted}}}", wrong))[0]
                    answer = await ask(client, method, address)

                    assert answer.status_code in {404, 405}, (method, address[:200])


async def test_an_id_in_other_spelling_is_not_found(town, visitor):
    async with visitor() as client:
        await client.sign_in("ana@ana.example", PASSWORD)

        answer = await client.get(f"/sales/invoices/{town.documents['invoice'].upper()}")

        assert answer.status_code == 404


async def test_a_document_is_found_under_its_own_list_only(town, visitor):
    async with visitor() as client:
        await client.sign_in("ana@ana.example", PASSWORD)

        assert (await client.get(f"/sales/quotes/{town.documents['invoice']}")).status_code == 404


def _shape(answer):
    text = re.sub(r"[0-9a-f]{16}", "#", answer.text)
    text = re.sub(r'name="csrf_token" value="[^"]+"', "", text)
    return re.sub(r"[0-9a-f-]{36}", "#", text)
