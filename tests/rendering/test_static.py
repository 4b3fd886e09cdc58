import asyncio
import gzip
import os
from types import SimpleNamespace
from urllib.parse import urljoin

import brotli
import pytest
from litestar import Litestar
from litestar.di import Provide
from litestar.testing import TestClient

from portalkit.errors import InputRefusedError, PluginLoadError
from portalkit.rendering.brand import brand_css
from portalkit.rendering.static import StaticFiles, serve_static

LONG = "/* " + "air " * 200 + "*/\n"


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "zoo" / "static"
    (folder / "fonts").mkdir(parents=True)
    (folder / "theme").mkdir()
    (folder / "fonts" / "a.woff2").write_bytes(b"wOF2" + bytes(400))
    (folder / "zoo.js").write_text("let a = 1;")
    (folder / "theme" / "zoo.css").write_text(
        f'{LONG}@font-face {{ src: url("../fonts/a.woff2#x") }} a {{ cursor: url(data:,x) }}'
        " b { fill: url(#own) } c { mask: url(/other.svg) }"
    )
    return folder


@pytest.fixture
def registry(folder):
    return SimpleNamespace(plugins={"zoo": SimpleNamespace(path=folder.parent)})


@pytest.fixture
def static(registry):
    return StaticFiles(registry, base_path="/portal")


@pytest.fixture
def get(static):
    app = Litestar(
        [serve_static],
        dependencies={"static": Provide(lambda: static, sync_to_thread=False)},
        openapi_config=None,
    )
    with TestClient(app) as client:

        def ask(url, *, method="GET", **headers):
            headers.setdefault("accept_encoding", "identity")
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return client.request(method, url.removeprefix("/portal"), headers=named)

        yield ask


def test_a_file_lies_under_its_owner_and_its_hash(static) -> None:
    _, portal, dash, static_, owner, digest, path = static.url("zoo/fonts/a.woff2").split("/", 6)

    assert (portal, dash, static_, owner, path) == ("portal", "-", "static", "zoo", "fonts/a.woff2")
    assert len(digest) == 16


def test_a_changed_file_gets_another_address(registry, folder) -> None:
    before = StaticFiles(registry).url("zoo/zoo.js")
    (folder / "zoo.js").write_text("let a = 2;")

    assert StaticFiles(registry).url("zoo/zoo.js") != before


def test_a_changed_font_changes_the_stylesheet_that_uses_it(registry, folder) -> None:
    before = StaticFiles(registry).url("zoo/theme/zoo.css")
    (folder / "fonts" / "a.woff2").write_bytes(b"wOF2 other")

    assert StaticFiles(registry).url("zoo/theme/zoo.css") != before


def test_a_missing_file_has_no_address(static) -> None:
    with pytest.raises(KeyError):
        static.url("zoo/missing.css")


def test_browsers_keep_files_for_ever_and_do_not_guess_their_type(static, get) -> None:
    answer = get(static.url("zoo/zoo.js"))

    assert answer.status_code == 200
    assert answer.text == "let a = 1;"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, deflate", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("deflate", None),
        ("", None),
    ],
)
def test_text_is_sent_in_the_best_encoding_the_browser_takes(
    static, get, accepted, encoding
) -> None:
    url = static.url("zoo/theme/zoo.css")

    for _ in range(2):
        answer = get(url, accept_encoding=accepted)

        assert answer.headers.get("content-encoding") == encoding
        assert answer.headers["vary"] == "accept-encoding"
        assert answer.content == static.content("zoo/theme/zoo.css")


def test_compressed_forms_are_smaller_and_have_tags_of_their_own(static, get) -> None:
    url = static.url("zoo/theme/zoo.css")

    answers = [get(url, accept_encoding=name) for name in ("br", "gzip", "identity")]

    sizes = [int(answer.headers["content-length"]) for answer in answers]
    assert sizes[0] < sizes[2]
    assert sizes[1] < sizes[2]
    assert len({answer.headers["etag"] for answer in answers}) == 3


def test_fonts_are_never_compressed(static, get) -> None:
    answer = get(static.url("zoo/fonts/a.woff2"), accept_encoding="br, gzip")

    assert "content-encoding" not in answer.headers
    assert answer.headers["content-type"] == "font/woff2"


def test_a_known_file_is_not_sent_again(static, get) -> None:
    url = static.url("zoo/zoo.js")
    tag = get(url).headers["etag"]

    answer = get(url, if_none_match=f'W/"other", {tag}')

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == tag


def test_head_tells_the_size_and_sends_nothing(static, get) -> None:
    answer = get(static.url("zoo/fonts/a.woff2"), method="HEAD")

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "404"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_written(static, get, method) -> None:
    assert get(static.url("zoo/zoo.js"), method=method).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/-/static/zoo/0000000000000000/zoo.js",
        "/-/static/zoo/{digest}/../zoo.js",
        "/-/static/zoo/{digest}/%2e%2e/zoo.js",
        "/-/static/zoo/{digest}/..%2fzoo.js",
        "/-/static/zoo/{digest}/..%5czoo.js",
        "/-/static/zoo/{digest}//etc/passwd",
        "/-/static/zoo/{digest}/zoo.js%00.css",
        "/-/static/zoo/{digest}/fonts",
        "/-/static/core/{digest}/zoo.js",
        "/-/static/other/{digest}/zoo.js",
    ],
)
def test_nothing_else_is_served(static, get, path) -> None:
    digest = static.url("zoo/zoo.js").split("/")[-2]

    assert get(path.format(digest=digest)).status_code == 404


def test_links_and_hidden_files_are_left_out(registry, folder, tmp_path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "b.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "links").symlink_to(tmp_path / "secrets")
    (folder / ".env.txt").write_text("secret")

    names = StaticFiles(registry).names()

    assert [name for name in names if name.startswith("zoo/")] == [
        "zoo/fonts/a.woff2",
        "zoo/theme/zoo.css",
        "zoo/zoo.js",
    ]


def test_a_stylesheet_finds_its_fonts_under_their_own_hash(static, get) -> None:
    text = static.content("zoo/theme/zoo.css").decode()
    font = static.url("zoo/fonts/a.woff2")

    reference = text.partition('src: url("')[2].partition("#x")[0]
    address = urljoin(static.url("zoo/theme/zoo.css"), reference)
    assert address == font
    assert get(address).status_code == 200
    assert "url(data:,x)" in text
    assert "url(#own)" in text
    assert "url(/other.svg)" in text


def test_a_stylesheet_that_misses_a_file_stops_the_start(registry, folder) -> None:
    (folder / "broken.css").write_text("a { background: url('gone.svg') }")

    with pytest.raises(PluginLoadError, match=r"zoo.*broken\.css.*gone\.svg"):
        StaticFiles(registry)


def test_stylesheets_that_import_each_other_in_a_circle_stop_the_start(registry, folder) -> None:
    (folder / "one.css").write_text("@import url(two.css);")
    (folder / "two.css").write_text("@import url(one.css);")

    with pytest.raises(PluginLoadError, match="refers to itself"):
        StaticFiles(registry)


def test_a_file_of_an_unknown_kind_stops_the_start(registry, folder) -> None:
    (folder / "page.html").write_text("<script>")

    with pytest.raises(PluginLoadError, match=r"page\.html"):
        StaticFiles(registry)


def test_changes_are_seen_at_once_while_developing(registry, folder) -> None:
    static = StaticFiles(registry, debug=True)
    before = static.url("zoo/zoo.js")
    (folder / "zoo.js").write_text("let b = 22;")
    os.utime(folder / "zoo.js", ns=(1, 1))

    assert static.url("zoo/zoo.js") != before
    assert static.content("zoo/zoo.js") == b"let b = 22;"


def test_the_brand_of_a_business_is_served_by_any_process(static, get, registry) -> None:
    url = static.brand_url("#4B651C")

    answer = get(url)

    assert url.endswith("/brand-4b651c.css")
    assert answer.content == brand_css("#4b651c")
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert get(url.replace("4b651c", "000000")).status_code == 404
    assert StaticFiles(registry, base_path="/portal").brand_url("#4b651c") == url


def test_a_colour_that_is_none_has_no_stylesheet(static) -> None:
    with pytest.raises(InputRefusedError):
        static.brand_url("red")


def test_many_brands_do_not_fill_the_memory(static) -> None:
    urls = {static.brand_url(f"#0000{number:02x}") for number in range(256)}
    again = static.brand_url("#010101")

    assert len(urls | {again}) == 257
    assert static.find("core", again.split("/")[-2], "brand-010101.css") is not None


def test_what_is_compressed_can_be_read_again(static) -> None:
    file = static.find("zoo", static.url("zoo/theme/zoo.css").split("/")[-3], "theme/zoo.css")
    assert file is not None

    for name, decompress in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        encoding, content = asyncio.run(file.encoded(name))

        assert encoding == name
        assert decompress(content) == file.content
