import pytest

from portalkit.i18n.unmarked import unmarked_texts


@pytest.mark.parametrize(
    "source",
    [
        "<p>Hello</p>",
        "<p>{{ name }} wrote</p>",
        "<p>a well-known place</p>",
        "<p>see mill.example.</p>",
        "{% block title %}Hello{% endblock %}",
        '<a aria-label="Close">&times;</a>',
        '<img alt="{{ n }} pieces">',
        '<input placeholder="Search">',
        '<p title="More">…</p>',
        '<input type="submit" value="send">',
        '{{ button("Save the order") }}',
        '{{ button(label="Save") }}',
        '{% macro button(label="Save") %}{% endmacro %}',
        "{% if late %}<b>overdue</b>{% endif %}",
        "{% trans %}marked{% endtrans %} not marked",
    ],
)
def test_a_text_that_is_not_marked_is_found(source) -> None:
    assert len(unmarked_texts(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        '<p>{{ _("Hello") }} · 12 &nbsp; {{ name }}</p>',
        "{% trans n=1 %}one{% pluralize %}many {{ n }}{% endtrans %}",
        '{{ pgettext("Sort", "Order") }} {{ button(_("Save")) }}',
        '{# Hello #} <p class="Big one" id="Row"></p>',
        '<input type="hidden" value="accept"><button value="Yes"></button>',
        "<a>PDF</a> <a>CSV</a>",
        "<a>mill.example</a> <a>ana.sol@mill.example</a>",
        '{% if method == "GET" %}{% endif %} {{ url("sales:invoice") }} {{ icon("file") }}',
        "<svg><title>drawing</title></svg> <style>p { color: Red }</style>",
        "{% block class %}pk-wide pk-flat{% endblock %}",
        '{% set extra %}aria-describedby="hint" {{ more }}{% endset %}',
    ],
)
def test_what_is_marked_or_never_read_is_left_alone(source) -> None:
    assert unmarked_texts(source) == []


def test_the_line_of_a_text_is_told() -> None:
    (found,) = unmarked_texts("{% if a %}\n{{ _('x\ny') }}\n<p>\n  Hello\n  you</p>{% endif %}")

    assert (found.line, found.text) == (5, "Hello you")
