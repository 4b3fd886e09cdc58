import pytest
from jinja2 import Environment
from markupsafe import Markup

from portalkit.hooks.types import Tone
from portalkit.model import LazyText, lazy_gettext
from portalkit.rendering.output import OutputGenerator, shown_with


class _OneCall(Environment):
    code_generator_class = OutputGenerator


def _finalize(value):
    return f"<{value.message}>" if type(value) is LazyText else value


@pytest.fixture(scope="module")
def environments():
    usual = Environment(autoescape=True, finalize=_finalize, extensions=["jinja2.ext.i18n"])
    quick = _OneCall(autoescape=True, finalize=_finalize, extensions=["jinja2.ext.i18n"])
    quick.shown = shown_with(_finalize)
    for environment in (usual, quick):
        environment.install_null_translations(newstyle=True)
    return usual, quick


@pytest.mark.parametrize(
    "value",
    [
        "plain",
        "Ñandú & <b>\"quoted\" 'text'</b>",
        "",
        Markup("<b>&amp;</b>"),
        lazy_gettext("Sales & more"),
        Tone.POSITIVE,
        12,
        0.5,
        True,
        None,
        ["<", Markup("<i>")],
    ],
)
@pytest.mark.parametrize(
    "source",
    [
        "{{ value }}",
        '<a title="{{ value }}">{{ value }}</a>{{ "<" }}',
        "{% macro m(x) %}[{{ x }}]{% endmacro %}{{ m(value) }}",
        "{% set x %}{{ value }}{% endset %}{{ x }}",
        "{% autoescape false %}{{ value }}{% endautoescape %}",
        "{% autoescape on %}{{ value }}{% endautoescape %}",
        "{% trans v=value %}of {{ v }}{% endtrans %}",
        "{{ value|string|upper }}{{ value ~ '<' }}",
    ],
)
def test_a_page_comes_out_as_jinja_would_write_it(environments, source, value) -> None:
    usual, quick = (
        environment.from_string(source).render(value=value, on=True) for environment in environments
    )

    assert usual == quick
