"""Lines of the log: whole, harmless, and readable where somebody reads them."""

import json
import logging
import logging.config
import sys

import pytest

import portalkit
from portalkit.errors import GuardFailedError
from portalkit.log import JsonFormatter, TextFormatter, described, log_event, origin

LOGGER = logging.getLogger("portalkit.test")


@pytest.fixture
def written(caplog):
    """Return the lines that were written, as a formatter puts them."""
    caplog.set_level(logging.INFO)

    def written(formatter=None):
        return [(formatter or JsonFormatter()).format(record) for record in caplog.records]

    return written


def failed(error, cause=None):
    try:
        raise error from cause  # noqa: TRY301
    except Exception as caught:  # noqa: BLE001
        return caught


def test_nothing_that_is_logged_begins_a_line_of_its_own(written):
    forged = 'x\r\n{"event": "forged"}\x1b[2J\u2028\u202e'

    log_event(LOGGER, logging.INFO, "acme.said", forged, word=forged)
    LOGGER.warning("plain %s", forged)

    for formatter in (JsonFormatter(), TextFormatter()):
        for line in written(formatter):
            assert line.isprintable()
            assert line.isascii()
    assert json.loads(written()[0])["word"] == forged


def test_a_line_says_for_whom_it_was_and_only_inside(written):
    with origin(lambda: {"request": "abc", "business": "b"}):
        log_event(LOGGER, logging.INFO, "acme.said", business="other", nothing=None)
        LOGGER.warning("plain")
        event, plain = map(json.loads, written())
    LOGGER.warning("outside")

    outside = json.loads(written()[-1])
    assert (event["event"], event["request"], event["business"]) == ("acme.said", "abc", "other")
    assert "nothing" not in event
    assert (plain["message"], plain["request"]) == ("plain", "abc")
    assert set(outside) == {"time", "level", "logger", "message"}


def test_an_error_is_told_by_its_class_and_its_places(written):
    error = failed(RuntimeError("olive-trees"), failed(KeyError("figs")))

    log_event(LOGGER, logging.ERROR, "acme.failed", error=error)

    [line] = map(json.loads, written())
    assert line["error"] == "RuntimeError"
    assert [each for each in line["trace"] if ".py:" not in each] == ["KeyError", "RuntimeError"]
    assert line["trace"][0].endswith(" failed")
    assert "olive" not in str(line)
    assert "figs" not in str(line)


def test_a_message_of_ours_is_told_and_every_other_on_request(written):
    ours = GuardFailedError("acme", "portalkit_deny_permissions")
    group = ExceptionGroup("several", [failed(ours), failed(ValueError("olive-trees"))])
    log_event(LOGGER, logging.ERROR, "acme.failed", error=group)

    [line] = written()
    [whole] = written(JsonFormatter(shows_messages=True))

    assert "plugin acme failed in portalkit_deny_permissions" in line
    assert "olive-trees" not in line
    assert "ValueError: olive-trees" in whole


def test_text_is_for_people(written):
    with origin(lambda: {"request": "abc"}):
        log_event(LOGGER, logging.WARNING, "acme.said", "he said so", error=failed(ValueError()))

    [text] = written(TextFormatter())
    first, *rest = text.split("\n")
    assert first.endswith("Z WARNING he said so event=acme.said request=abc")
    assert rest[-1] == "    ValueError"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OSError("nobody at\nhome"), "OSError: nobody at home"),
        (ValueError(), "ValueError"),
    ],
)
def test_an_error_in_one_line(error, text):
    assert described(error) == text


@pytest.mark.parametrize(
    ("style", "is_terminal", "is_json"),
    [("auto", False, True), ("auto", True, False), ("json", True, True), ("text", False, False)],
)
def test_a_terminal_gets_text_unless_it_is_said_otherwise(monkeypatch, style, is_terminal, is_json):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal)

    config = portalkit.log_config(style, shows_messages=True)

    configurator = logging.config.DictConfigurator(config)
    formatter = configurator.configure_formatter(config["formatters"]["portalkit"])
    assert isinstance(formatter, JsonFormatter)
    assert isinstance(formatter, TextFormatter) is not is_json
