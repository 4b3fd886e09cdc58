"""Logos that a business uploads: decoded and written anew, or refused (security R37)."""

import io
import re
import warnings
from typing import Final, Literal
from xml.etree.ElementTree import Element, ParseError, XMLParser, register_namespace, tostring

from portalkit.errors import InputRefusedError

__all__ = ("LOGO_TYPES", "logo_suffix", "prepare_logo")

LOGO_TYPES: Final = {".jpg": "image/jpeg", ".png": "image/png", ".svg": "image/svg+xml"}
"""Media types by the suffix that ``logo_suffix`` tells."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
_MAX_BYTES: Final = 2 * 1024 * 1024
_MAX_SIDE: Final = 5_000
_MAX_PIXELS: Final = 12_000_000
# Twice what 44 mm by 11 mm are at 300 dpi.
_SHOWN: Final = (1_040, 520)

_SVG: Final = "http://www.w3.org/2000/svg"
_MAX_SVG: Final = 256 * 1024
_MAX_ELEMENTS: Final = 5_000
_MAX_DEPTH: Final = 40
_SHAPES: Final = frozenset(
    {"svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
    | {"defs", "linearGradient", "radialGradient", "stop", "clipPath", "title", "desc"}
)
_DRAWING: Final = frozenset(
    {"id", "d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "fx"}
    | {"fy", "width", "height", "points", "viewBox", "preserveAspectRatio", "transform"}
    | {"gradientTransform", "gradientUnits", "spreadMethod", "offset", "clipPathUnits"}
)
_PRESENTATION: Final = frozenset(
    {"fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-linecap"}
    | {"stroke-linejoin", "stroke-miterlimit", "stroke-dasharray", "stroke-dashoffset"}
    | {"stroke-opacity", "opacity", "stop-color", "stop-opacity", "clip-path"}
    | {"clip-rule", "color", "display", "visibility"}
)
_REFERENCE: Final = re.compile(r"url\(\s*['\"]?(#[\w.-]+)['\"]?\s*\)")
_NUMBER: Final = re.compile(r"\s*([0-9]*\.?[0-9]+)(?:px)?\s*")

register_namespace("", _SVG)


def logo_suffix(content: bytes) -> Literal[".jpg", ".png", ".svg"]:
    """Return the suffix of a prepared logo, from its bytes."""
    if content.startswith(_PNG):
        return ".png"
    return ".jpg" if content.startswith(_JPEG) else ".svg"


def prepare_logo(content: bytes) -> bytes:
    """Return a logo as it may be served and printed: PNG, JPEG, or an SVG of plain shapes.

    A picture is decoded and written anew, without anything that was hidden in the file, and
    not larger than it is ever shown. It takes some 50 ms: run it in a thread.

    Raises:
        InputRefusedError: With field ``logo``, if it is no such picture, or too large.
    """
    if len(content) > _MAX_BYTES:
        raise InputRefusedError("logo", "the file is larger than 2 MB")
    if content.startswith((_PNG, _JPEG)):
        return _redrawn(content)
    if b"<svg" in content[:4096]:
        return _plain_shapes(content)
    raise InputRefusedError("logo", "only PNG, JPEG and SVG pictures can be used")


def _redrawn(content: bytes) -> bytes:
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 -- only when a logo changes

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            # Opening reads the head alone; what it says decides whether the rest is read.
            opened = Image.open(io.BytesIO(content), formats=("PNG", "JPEG"))
            width, height = opened.size
            if max(width, height) > _MAX_SIDE or width * height > _MAX_PIXELS:
                raise InputRefusedError("logo", f"{width} by {height} pixels are too many")
            # Whether half a picture is read is a switch of the whole process, so it is asked first.
            Image.open(io.BytesIO(content), formats=("PNG", "JPEG")).verify()
            has_holes = opened.mode in {"RGBA", "LA", "PA"} or "transparency" in opened.info
            image = opened.convert("RGBA" if has_holes else "RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InputRefusedError("logo", "the picture has too many pixels") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise InputRefusedError("logo", "the picture is damaged") from error
    image.thumbnail(_SHOWN)
    # Pillow writes a comment, a profile or dates back if it has read them.
    image.info.clear()
    out = io.BytesIO()
    if content.startswith(_JPEG):
        image.save(out, "JPEG", quality=90, optimize=True)
    else:
        image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _plain_shapes(content: bytes) -> bytes:
    if len(content) > _MAX_SVG:
        raise InputRefusedError("logo", "the SVG is larger than 256 KB")
    # Without a document type there are no entities, so nothing grows and nothing is fetched.
    if re.search(rb"<!(?:DOCTYPE|ENTITY)|<\?xml-stylesheet", content, re.IGNORECASE):
        raise InputRefusedError("logo", "the SVG has a document type or a style sheet")
    try:
        parser = XMLParser()  # noqa: S314 -- see above
        parser.feed(content)
        root = parser.close()
    except (ParseError, ValueError, LookupError) as error:
        raise InputRefusedError("logo", "the SVG is damaged") from error
    if root.tag != f"{{{_SVG}}}svg":
        raise InputRefusedError("logo", "the SVG does not begin with an svg element")
    if sum(1 for _ in root.iter()) > _MAX_ELEMENTS:
        raise InputRefusedError("logo", "the SVG has too many parts")
    drawing = _copied(root, 0)
    if "viewBox" not in drawing.attrib:
        drawing.set("viewBox", _view_box(drawing))
    for side in ("width", "height"):
        drawing.attrib.pop(side, None)
    plain: bytes = tostring(drawing, encoding="utf-8")
    return plain


def _copied(element: Element, depth: int) -> Element:
    """Copy what is a plain shape; drop what editors leave behind; refuse all that acts."""
    name = element.tag.removeprefix(f"{{{_SVG}}}")
    if name not in _SHAPES:
        raise InputRefusedError("logo", f"the SVG uses {name[:40]!r}; save it with plain paths")
    if depth > _MAX_DEPTH:
        raise InputRefusedError("logo", "the SVG is nested too deeply")
    copy = Element(element.tag, _attributes(element))
    if name in {"title", "desc"}:
        copy.text = element.text
    for child in element:
        # Other namespaces hold an editor's own data and draw nothing.
        if isinstance(child.tag, str) and child.tag.startswith(f"{{{_SVG}}}"):
            if child.tag == f"{{{_SVG}}}metadata":
                continue
            copy.append(_copied(child, depth + 1))
    return copy


def _attributes(element: Element) -> dict[str, str]:
    found = {name: text for name, text in element.attrib.items() if name in _DRAWING}
    stated = {name: text for name, text in element.attrib.items() if name in _PRESENTATION}
    for rule in element.attrib.get("style", "").split(";"):
        name, _, text = rule.partition(":")
        if name.strip() in _PRESENTATION:
            stated[name.strip()] = text.strip()
    for name, text in stated.items():
        if "(" in text and not text.lower().startswith(("rgb", "hsl")):
            match = _REFERENCE.match(text)
            if match is None:
                raise InputRefusedError("logo", f"the SVG's {name} points outside")
            text = f"url({match[1]})"  # noqa: PLW2901 -- the checked form of the same value
        found[name] = text
    if "href" in str(element.attrib.keys()):
        raise InputRefusedError("logo", "the SVG points to something else")
    return found


def _view_box(drawing: Element) -> str:
    sides = [_NUMBER.fullmatch(drawing.get(side, "")) for side in ("width", "height")]
    if not all(sides):
        raise InputRefusedError("logo", "the SVG has no size; give it a viewBox")
    return " ".join(["0", "0", *(match[1] for match in sides if match)])
