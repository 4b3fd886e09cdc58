"""Logos that businesses upload: written anew, or refused."""

import io
import struct
import zlib
from xml.etree.ElementTree import fromstring

import pytest
from PIL import Image

from portalkit.errors import InputRefusedError
from portalkit.rendering.logo import logo_suffix, prepare_logo

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">{}</svg>'


def picture(width: int, height: int, mode: str = "RGB", kind: str = "PNG", **options) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (width, height), 1).save(out, kind, **options)
    return out.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def bomb(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    rows = zlib.compress(bytes(1 + width * 4) * 100, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (picture(300, 100), ".png"),
        (picture(300, 100, "RGBA"), ".png"),
        (picture(300, 100, "P"), ".png"),
        (picture(300, 100, "L"), ".png"),
        (picture(300, 100, "CMYK", "JPEG"), ".jpg"),
        (picture(300, 100, "RGB", "JPEG"), ".jpg"),
    ],
)
def test_a_picture_is_written_anew(content, suffix):
    logo = prepare_logo(content)

    assert logo_suffix(logo) == suffix
    image = Image.open(io.BytesIO(logo))
    assert image.size == (300, 100)
    assert image.mode in {"RGB", "RGBA"}


def test_nothing_that_was_hidden_in_the_file_stays():
    exif = Image.Exif()
    exif[0x010E] = "hidden words"
    content = picture(30, 30, kind="JPEG", exif=exif, comment=b"hidden words") + b"<script>"

    logo = prepare_logo(content)

    assert b"hidden" not in logo
    assert b"script" not in logo


def test_a_large_picture_is_made_as_small_as_it_is_shown():
    image = Image.open(io.BytesIO(prepare_logo(picture(4_000, 2_000))))

    assert image.size == (1_040, 520)


@pytest.mark.parametrize("size", [(15_000, 15_000), (10_000, 10_000), (5_001, 1), (4_000, 4_000)])
def test_a_bomb_is_refused_by_its_head(size):
    with pytest.raises(InputRefusedError):
        prepare_logo(bomb(*size))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + bytes(500),
        picture(50, 50)[:60],
        b"\xff\xd8\xff\xe0" + bytes(100),
        bytes(3_000_000),
        b"<html><svg></svg></html>",
    ],
)
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(InputRefusedError) as caught:
        prepare_logo(content)

    assert caught.value.field == "logo"


def test_an_svg_keeps_its_shapes_and_loses_the_rest():
    content = (
        '<?xml version="1.0"?><!-- made by hand -->'
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:ed="http://editor.example/"'
        ' width="40px" height="20" class="x" ed:version="1" onload="alert(1)">'
        "<metadata>who drew it</metadata><ed:view/><title>Mill</title>"
        '<g style="fill:#4d5a1e;font-family:x;-x-y:1"><path d="M0 0h9z" data-x="1"/></g>'
        '<linearGradient id="a"><stop offset="0" stop-color="red"/></linearGradient>'
        '<rect width="3" height="3" fill="url(#a)"/></svg>'
    )

    logo = prepare_logo(content.encode())

    root = fromstring(logo)
    assert root.attrib == {"viewBox": "0 0 40 20"}
    assert [element.tag.rpartition("}")[2] for element in root.iter()] == [
        "svg",
        "title",
        "g",
        "path",
        "linearGradient",
        "stop",
        "rect",
    ]
    assert root[1].attrib == {"fill": "#4d5a1e"}
    assert root[1][0].attrib == {"d": "M0 0h9z"}
    assert root[3].get("fill") == "url(#a)"
    assert logo_suffix(logo) == ".svg"


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<foreignObject/>",
        '<image href="https://x.example/"/>',
        '<use href="#a"/>',
        "<style>rect{fill:red}</style>",
        "<animate/>",
        '<a href="javascript:alert(1)"><path d="M0 0"/></a>',
        '<rect fill="url(https://x.example/)"/>',
        '<rect style="fill:url(//x.example/)"/>',
        '<linearGradient xmlns:x="http://www.w3.org/1999/xlink" x:href="http://x.example/"/>',
        "<g>" * 60 + "</g>" * 60,
        "<path/>" * 6_000,
        "<path",
    ],
)
def test_an_svg_that_acts_or_points_elsewhere_is_refused(inside):
    with pytest.raises(InputRefusedError):
        prepare_logo(SVG.format(inside).encode())


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
        '<!doctype svg SYSTEM "http://x.example/"><svg xmlns="http://www.w3.org/2000/svg"/>',
        '<?xml-stylesheet href="x.css"?><svg xmlns="http://www.w3.org/2000/svg"/>',
        '<svg xmlns="http://www.w3.org/2000/svg"><path/></svg>',
        '<svg><path d="M0 0"/></svg>',
        '<x:svg xmlns:x="http://x.example/"><svg/></x:svg>',
        "<svg" + " " * 300_000,
    ],
)
def test_an_svg_with_entities_or_without_size_is_refused(content):
    with pytest.raises(InputRefusedError):
        prepare_logo(content.encode())
