"""Words that a business has written for its mails: checked, and rendered in a sandbox.

They may place variables and leave parts out, and nothing else: no loops, no calls, no
attributes, no arithmetic. So what they cost is bounded by their length, and what they can reach
by the texts that they are given (security: sandbox, CWE-1336). Those may be long: so there is
a limit to what becomes of them, too.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from jinja2 import StrictUndefined, TemplateError, TemplateRuntimeError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from portalkit.errors import InputRefusedError

__all__ = ("MAX_SUBJECT", "MAX_WORDS", "Shown", "WordsRefusedError", "check_words", "render_words")

Shown = Mapping[str, str | bool]
"""Variables as they are shown: texts, and yes or no for what depends on it."""

MAX_SUBJECT: Final = 200
MAX_WORDS: Final = 8_000

_MAX_NODES: Final = 600
_MAX_BYTES: Final = 1 << 20
_FILTERS: Final = ("upper", "lower", "capitalize")
_ALLOWED: Final = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.If,
    nodes.Not,
    nodes.And,
    nodes.Or,
    nodes.Filter,
)


class WordsRefusedError(InputRefusedError):
    """Words that cannot be used.

    Attributes:
        field: ``subject`` or ``words``.
        reason: ``syntax``, ``unknown``, ``secret``, ``forbidden``, ``missing`` or ``too_long``.
        detail: The line, the unknown name, or the most letters there may be.
    """

    def __init__(self, field: str, reason: str, detail: str = "") -> None:
        super().__init__(field, f"{reason} {detail}".strip())
        self.reason = reason
        self.detail = detail


class _Sandbox(ImmutableSandboxedEnvironment):
    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=False)
        self.globals.clear()
        self.tests.clear()
        self.filters = {name: self.filters[name] for name in _FILTERS}


_SANDBOX: Final = _Sandbox()


def check_words(field: str, source: str, sample: Shown, *, most: int) -> None:
    """Refuse words that could not be rendered, whatever a mail is about.

    Args:
        field: What they are, for the error.
        source: As the business wrote them.
        sample: The variables there are, with made-up values.
        most: Letters there may be.

    Raises:
        WordsRefusedError: With the reason.
    """
    if not source.strip():
        raise WordsRefusedError(field, "missing")
    if len(source) > most:
        raise WordsRefusedError(field, "too_long", str(most))
    try:
        tree = _SANDBOX.parse(source)
    except TemplateSyntaxError as error:
        raise WordsRefusedError(field, "syntax", str(error.lineno)) from error
    except RecursionError as error:
        raise WordsRefusedError(field, "forbidden", "1") from error
    _check_nodes(field, tree, sample)
    for is_there in (True, False):
        given = {name: value if value and is_there else "" for name, value in sample.items()}
        try:
            render_words(source, given)
        except (TemplateError, SyntaxError, RecursionError) as error:
            raise WordsRefusedError(field, "forbidden", "1") from error


def _check_nodes(field: str, tree: nodes.Template, sample: Shown) -> None:
    for place, node in enumerate(_walk(tree)):
        if place > _MAX_NODES or not isinstance(node, _ALLOWED):
            raise WordsRefusedError(field, "forbidden", str(node.lineno))
        if isinstance(node, nodes.Name) and node.name not in sample:
            raise WordsRefusedError(field, "unknown", node.name)
        if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
            raise WordsRefusedError(field, "unknown", node.name)


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    """Yield all nodes without recursion: nesting is what is to be refused."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(found.iter_child_nodes())


def render_words(source: str, values: Shown) -> str:
    """Return words with their variables filled in.

    Raises:
        jinja2.TemplateError: If they name something that is not given, or get too long.
    """
    pieces, size = [], 0
    for piece in _SANDBOX.from_string(source).generate(values):
        size += len(piece.encode())
        if size > _MAX_BYTES:
            raise TemplateRuntimeError("they get too long with what they are about")
        pieces.append(piece)
    return "".join(pieces).strip()
