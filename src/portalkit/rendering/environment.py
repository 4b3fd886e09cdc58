"""The Jinja environments: one for each language, with its texts and formats bound to it."""

from collections.abc import Callable, Mapping, MutableMapping
from functools import lru_cache, partial
from typing import Any, Final

from jinja2 import Environment, StrictUndefined, nodes, pass_context
from jinja2.bccache import Bucket, BytecodeCache
from jinja2.compiler import Frame
from jinja2.runtime import Context, Macro
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from portalkit.config import PortalConfig
from portalkit.i18n import Formats, Translator
from portalkit.model import LazyText
from portalkit.rendering.layers import (
    LayeredLoader,
    TemplatePlugins,
    make_layers,
    misplaced_templates,
)
from portalkit.rendering.output import OutputGenerator, shown_with
from portalkit.rendering.static import CORE, StaticFiles

__all__ = ("PortalEnvironment", "build_environments")

_TEXTS: Final = frozenset({"_", "gettext", "ngettext", "pgettext", "npgettext"})
_DIRECT: Final = _TEXTS | {"icon"}
_SPRITE: Final = f"{CORE}/icons.svg"


class _DirectCalls(NodeTransformer):
    """Turns ``_("text")`` into a filter of the same name, which costs a quarter of a call.

    So it does with ``icon("file")``: a filter of fixed values is worked out while a template
    is compiled, and a page has fifty icons.
    """

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802  # Jinja's name
        self.generic_visit(node)
        function = node.node
        if not isinstance(function, nodes.Name) or function.name not in _DIRECT or not node.args:
            return node
        first, *others = node.args
        return nodes.Filter(
            first,
            function.name,
            others,
            node.kwargs,
            node.dyn_args,
            node.dyn_kwargs,
            lineno=node.lineno,
            environment=node.environment,
        )


class _Generator(OutputGenerator):
    def visit_Template(  # noqa: N802  # Jinja's name
        self, node: nodes.Template, frame: Frame | None = None
    ) -> None:
        super().visit_Template(_DirectCalls().visit(node), frame)


class _Context(Context):
    """Calls macros without asking each time, in four ways, what they want to be passed."""

    def call(self, called: Callable[..., Any], /, *args: Any, **options: Any) -> Any:
        if type(called) is not Macro:
            return super().call(called, *args, **options)
        # What Jinja adds inside of blocks and loops; macros do not see it.
        options.pop("_block_vars", None)
        options.pop("_loop_vars", None)
        return called(self.eval_ctx, *args, **options)


class PortalEnvironment(Environment):
    """A Jinja environment in which ``"!owner/file.html"`` means the next lower layer."""

    code_generator_class = _Generator
    context_class = _Context
    loader: LayeredLoader
    shown: Callable[[object], str]

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Copy the globals: Jinja's chain of mappings is walked through for each import."""
        return {**self.globals, **(d or {})}

    def join_path(self, template: str, parent: str) -> str:
        """Return the inner name of a template that ``parent`` extends or includes."""
        return self.loader.resolve(template, parent)


def build_environments(
    config: PortalConfig,
    registry: TemplatePlugins,
    translations: Mapping[str, Translator],
    static: StaticFiles,
) -> Mapping[str, Environment]:
    """Build one environment for each language; templates compile when they are first used.

    Raises:
        ExceptionGroup: With a ``PluginLoadError`` for each plugin that has templates outside
            its own name and its overrides. In safe mode those templates are ignored.
    """
    errors = misplaced_templates(registry)
    if errors and not config.safe_mode:
        raise ExceptionGroup("plugins with templates in foreign places", errors)
    layers = make_layers(registry, template_dir=config.template_dir)
    loader = LayeredLoader(layers, watches=config.debug)
    compiled = None if config.debug else _compiled_for(static.url(_SPRITE))
    return {
        tag: _build(translator, static, loader, compiled)
        for tag, translator in translations.items()
    }


def _build(
    translator: Translator,
    static: StaticFiles,
    loader: LayeredLoader,
    compiled: BytecodeCache | None,
) -> Environment:
    environment = PortalEnvironment(
        loader=loader,
        bytecode_cache=compiled,
        extensions=["jinja2.ext.i18n"],
        autoescape=_is_markup,
        undefined=StrictUndefined,
        finalize=_finalizer(translator),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        auto_reload=compiled is None,
        cache_size=-1,
    )
    environment.shown = shown_with(_finalizer(translator))
    texts, icon = _texts(translator), _icons(static)
    environment.globals.update(texts, locale=translator.locale, static=static.url, icon=icon)
    # The i18n extension asks for it when it compiles ``{% trans %}``.
    environment.newstyle_gettext = True  # type: ignore[attr-defined]  # set by the extension
    environment.filters.update(texts, **_filters(translator, translator.formats))
    # While one works on the sprite its address changes, which compiled templates would not see.
    environment.filters["icon"] = _bound(icon) if compiled is None else icon
    return environment


class _CompiledOnce(BytecodeCache):
    """Shares compiled templates among the languages and the portals of one process.

    Jinja works out constant expressions when it compiles, so everything that depends on the
    language is marked with ``pass_context``, which it never works out in advance. Icons are
    worked out: portals whose icons have another address share nothing.
    """

    def __init__(self) -> None:
        self._code: dict[str, tuple[str, Any]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._code.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = (bucket.checksum, bucket.code)


@lru_cache(maxsize=8)
def _compiled_for(_sprite: str) -> _CompiledOnce:
    return _CompiledOnce()


def _is_markup(template: str | None) -> bool:
    """Escape everything but the plain texts and subjects of mails."""
    return template is None or not template.endswith((".subject", ".txt"))


def _finalizer(translator: Translator) -> Callable[[object], object]:
    """Translate a lazy text that is shown without the filter ``t``."""

    def finalize(value: object) -> object:
        return translator.text(value) if type(value) is LazyText else value

    return finalize


def _texts(translator: Translator) -> Mapping[str, Callable[..., str]]:
    """Return the functions of texts, as the i18n extension of Jinja wants them (new style).

    Values are escaped, texts of the catalogues are not: they are part of the program.
    """
    plain: dict[str, str] = {}

    def shown(context: Context, text: str, values: Mapping[str, Any]) -> str:
        # Also without values, because ``%`` is written ``%%`` in every text.
        values = translator.values(values)
        if not context.eval_ctx.autoescape:
            return text % values
        escaped = {
            name: value if isinstance(value, int) else escape(value)
            for name, value in values.items()
        }
        return Markup(text % escaped)  # noqa: S704  # the text is ours, the values are escaped

    @pass_context
    def gettext(context: Context, message: str, /, **values: Any) -> str:
        if values or not context.eval_ctx.autoescape:
            return shown(context, translator.gettext(message), values)
        text = plain.get(message)
        if text is None:
            text = plain[message] = shown(context, translator.gettext(message), {})
        return text

    @pass_context
    def ngettext(context: Context, singular: str, plural: str, n: int, /, **values: Any) -> str:
        return shown(context, translator.ngettext(singular, plural, n), {"num": n, **values})

    @pass_context
    def pgettext(context: Context, setting: str, message: str, /, **values: Any) -> str:
        return shown(context, translator.pgettext(setting, message), values)

    @pass_context
    def npgettext(
        context: Context, setting: str, singular: str, plural: str, n: int, /, **values: Any
    ) -> str:
        text = translator.npgettext(setting, singular, plural, n)
        return shown(context, text, {"num": n, **values})

    functions = (gettext, ngettext, pgettext, npgettext)
    return {"_": gettext} | {function.__name__: function for function in functions}


def _icons(static: StaticFiles) -> Callable[..., Markup]:
    """Return the function of icons: ``icon("file")``, ``icon("arrow-right", "s", flip=True)``."""

    def icon(name: str, size: str | None = None, flip: bool = False) -> Markup:
        return _svg(static.url(_SPRITE), name, size, flip)

    return icon


@lru_cache(maxsize=1_024)
def _svg(sprite: str, name: str, size: str | None, flip: bool) -> Markup:
    classes = ["pk-i", *([f"pk-i-{size}"] if size else []), *(["pk-flip"] if flip else [])]
    return Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>').format(
        " ".join(classes), sprite, name
    )


def _filters(translator: Translator, formats: Formats) -> Mapping[str, Callable[..., Any]]:
    """Return the filters of a language; amounts are minor units of their currency."""
    functions: Mapping[str, Callable[..., Any]] = {
        "t": translator.text,
        "ago": formats.ago,
        "change": formats.change,
        "country": formats.country,
        "date": formats.date,
        "days": formats.days,
        "filesize": formats.filesize,
        "long_date": partial(formats.date, style="long"),
        "moment": formats.moment,
        "money": formats.money,
        "money_parts": formats.money_parts,
        "month": formats.month,
        "number": formats.number,
        "percent": formats.percent,
        "price": formats.price,
        "quantity": formats.quantity,
        "short_date": partial(formats.date, style="short"),
        "unit": formats.unit,
    }
    return {name: _bound(function) for name, function in functions.items()}


def _bound(function: Callable[..., Any]) -> Callable[..., Any]:
    """Keep Jinja from working out a filter while it compiles: see ``_CompiledOnce``."""

    @pass_context
    def bound(_: Context, /, *values: Any, **options: Any) -> Any:
        return function(*values, **options)

    return bound
