"""Finds texts in templates that nobody marked for translation."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

import msgspec
from jinja2 import Environment, nodes

from portalkit.i18n.extract import KEYWORDS

__all__ = ("UnmarkedText", "unmarked_texts")

_SHOWN_ATTRIBUTES: Final = frozenset(
    {"alt", "aria-label", "aria-description", "placeholder", "title"}
)
_BUTTONS: Final = frozenset({"button", "reset", "submit"})
_SILENT: Final = frozenset({"script", "style", "svg"})
# The same word in every language that the portal may speak.
_INTERNATIONAL: Final = frozenset(
    {"BIC", "CSV", "IBAN", "JSON", "PDF", "QR", "SWIFT", "XLSX", "ZIP"}
)
# A name of a host or an e-mail address is no word of any language.
_ADDRESS: Final = re.compile(r"\b[\w-]+(?:\.[\w-]+)*@?[\w-]+(?:\.[a-z]{2,})+\b")
_WORD: Final = re.compile(r"[^\W\d_]+")
# Capital and small letters: no abbreviation, no HTTP method, no name of a class.
_SENTENCE: Final = re.compile(r"[^\W\d_a-z][^\W_]*[a-z][^./:#-]*$")
# Parts of tags that stand outside of them in a block or a variable: attributes and classes.
_MARKUP: Final = re.compile(r"""[a-z-]+=("[^"]*"|'[^']*')|\b[a-z]+(-[a-z0-9]+)+\b""")
# Stands for what an expression puts there.
_HOLE: Final = "\N{OBJECT REPLACEMENT CHARACTER}"
_TRANS: Final = frozenset({"trans", "blocktrans"})


class UnmarkedText(msgspec.Struct, frozen=True):
    """A text that stays English for everybody, and its line."""

    line: int
    text: str


def unmarked_texts(source: str) -> list[UnmarkedText]:
    """Return the texts of a template that are not marked for translation.

    Looked at are the letters between tags, attributes that are read or read out, and texts in
    expressions that begin with a capital letter, as arguments of macros do.
    """
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    finder = _Finder()
    finder.feed(_without_expressions(environment, source))
    finder.close()
    found = finder.found + list(_constants(environment.parse(source)))
    return sorted(found, key=lambda text: text.line)


class _Finder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[UnmarkedText] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        given = dict(attrs)
        for name, value in attrs:
            is_label = name == "value" and tag == "input" and given.get("type") in _BUTTONS
            if name in _SHOWN_ATTRIBUTES or is_label:
                self._note(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._note(data)

    def _note(self, text: str) -> None:
        words = _WORD.findall(_ADDRESS.sub("", _MARKUP.sub("", text)))
        if any(word not in _INTERNATIONAL for word in words):
            line = self.getpos()[0] + text[: len(text) - len(text.lstrip())].count("\n")
            self.found.append(UnmarkedText(line, " ".join(text.split())))


def _without_expressions(environment: Environment, source: str) -> str:
    """Return the HTML of a template with the same lines, and holes for what is computed."""
    parts: list[str] = []
    block, is_translated = "", False
    for _, kind, value in environment.lex(source):
        lines = "\n" * value.count("\n")
        match kind:
            case "data" if not is_translated:
                parts.append(value)
                continue
            case "variable_begin" if not is_translated:
                parts.append(_HOLE)
            case "block_begin":
                block = ""
            case "name" if not block:
                block = value
                is_translated = value in _TRANS or (is_translated and value != "endtrans")
        parts.append(lines)
    return "".join(parts)


def _constants(tree: nodes.Template) -> Iterator[UnmarkedText]:
    marked = {
        id(constant)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in KEYWORDS
        for constant in call.find_all(nodes.Const)
    }
    for constant in tree.find_all(nodes.Const):
        text = constant.value
        if isinstance(text, str) and id(constant) not in marked and _SENTENCE.match(text):
            yield UnmarkedText(constant.lineno, text)
