from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from babel import dates, numbers
from hypothesis import given, settings
from hypothesis import strategies as st

from portalkit.i18n import Formats
from portalkit.model import MAX_MINOR_UNITS, exponent

LOCALES = ("es", "en", "ca", "fr", "pt-PT", "pt-BR", "de", "de-CH", "sv", "hi", "en-IN", "ar", "he")
FORMATS = {tag: Formats(tag) for tag in LOCALES}
MINUS = "\N{MINUS SIGN}"
NOW = datetime(2026, 11, 20, 17, 4, 31, tzinfo=UTC)

locales = st.sampled_from(LOCALES)
amounts = st.integers(-MAX_MINOR_UNITS, MAX_MINOR_UNITS) | st.integers(-200_000, 200_000)
# A currency that CLDR writes with other decimals than ISO 4217 has no comparison.
currencies = st.sampled_from(["EUR", "USD", "GBP", "JPY", "KWD", "SEK", "BRL", "INR", "CLP", "MAD"])
decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12)


def cldr(tag: str) -> str:
    return tag.replace("-", "_")


def real_minus(text: str) -> str:
    return text.replace("-", MINUS)


def without_signs(text: str) -> str:
    """Leave out what differs on purpose: the space after a code, the mark before a minus."""
    return text.replace("\xa0", "").replace("\u200e", "")


@settings(deadline=None)
@given(minor_units=amounts, currency=currencies, tag=locales)
def test_an_amount_reads_as_babel_writes_it(minor_units, currency, tag) -> None:
    amount = Decimal(minor_units).scaleb(-exponent(currency))
    expected = real_minus(numbers.format_currency(amount, currency, locale=cldr(tag)))

    assert without_signs(FORMATS[tag].money(minor_units, currency)) == without_signs(expected)


@settings(deadline=None)
@given(minor_units=amounts, tag=st.sampled_from(("es", "en", "fr", "ca", "pt-PT", "pt-BR")))
def test_an_amount_in_euros_is_letter_for_letter_babels(minor_units, tag) -> None:
    expected = numbers.format_currency(Decimal(minor_units) / 100, "EUR", locale=cldr(tag))

    assert FORMATS[tag].money(minor_units, "EUR") == real_minus(expected)


@settings(deadline=None)
@given(minor_units=amounts, currency=currencies, tag=locales)
def test_the_parts_of_an_amount_are_the_amount(minor_units, currency, tag) -> None:
    whole, rest = FORMATS[tag].money_parts(minor_units, currency)

    assert whole + rest == FORMATS[tag].money(minor_units, currency)
    assert any(character.isdigit() for character in whole)


@settings(deadline=None)
@given(value=decimals | st.integers(-(10**15), 10**15), tag=locales)
def test_a_quantity_reads_as_babel_writes_it(value, tag) -> None:
    expected = numbers.format_decimal(value, locale=cldr(tag), decimal_quantization=False)

    if value:
        assert without_signs(FORMATS[tag].quantity(value)) == without_signs(real_minus(expected))
    else:
        assert FORMATS[tag].quantity(value) == "0"


@settings(deadline=None)
@given(value=st.decimals(0, 1_000, places=3), tag=locales)
def test_a_rate_reads_as_babel_writes_it(value, tag) -> None:
    expected = numbers.format_percent(value / 100, locale=cldr(tag), decimal_quantization=False)

    assert FORMATS[tag].percent(value) == expected


@settings(deadline=None)
@given(day=st.dates(), style=st.sampled_from(["short", "medium", "long", "full"]), tag=locales)
def test_a_day_reads_as_babel_writes_it(day, style, tag) -> None:
    expected = dates.format_date(day, style, locale=cldr(tag))

    assert FORMATS[tag].date(day, style) == expected
    assert FORMATS[tag].date(day, style) == expected


@pytest.mark.parametrize(
    ("tag", "currency", "expected"),
    [
        ("es", "EUR", ("1.204", ",50\xa0€")),
        ("en", "EUR", ("€1,204", ".50")),
        ("es", "JPY", ("120.450", "\xa0JPY")),
        ("en", "JPY", ("¥120,450", "")),
        ("en", "KWD", ("KWD\xa0120", ".450")),
        ("fr", "EUR", ("1\u202f204", ",50\xa0€")),
        ("hi", "INR", ("₹1,204", ".50")),
    ],
)
def test_an_amount_is_cut_before_its_decimals(tag, currency, expected) -> None:
    assert FORMATS[tag].money_parts(120450, currency) == expected


def test_a_debt_has_a_real_minus_sign() -> None:
    assert FORMATS["es"].money(-8640, "EUR") == f"{MINUS}86,40\xa0€"
    assert FORMATS["es"].number(-3) == f"{MINUS}3"


def test_lakhs_are_grouped_as_in_india() -> None:
    assert FORMATS["en-IN"].number(12345678) == "1,23,45,678"


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("12", "12,00\xa0€"),
        ("12.5", "12,50\xa0€"),
        ("0.0375", "0,0375\xa0€"),
        ("-1.10", f"{MINUS}1,10\xa0€"),
        ("1E+3", "1.000,00\xa0€"),
    ],
)
def test_a_unit_price_keeps_all_its_decimals(amount, expected) -> None:
    assert FORMATS["es"].price(Decimal(amount), "EUR") == expected


def test_numbers_keep_the_decimals_they_have_unless_told_otherwise() -> None:
    spanish = FORMATS["es"]

    assert spanish.number(1234) == "1.234"
    assert spanish.number(Decimal("2.50")) == "2,50"
    assert spanish.number(Decimal("2.345"), 2) == "2,35"
    assert spanish.number(Decimal("-0.004"), 2) == "0,00"
    assert spanish.quantity(Decimal("2.500")) == "2,5"
    assert spanish.quantity(Decimal("1E+2")) == "100"
    assert spanish.quantity(Decimal("-0.5")) == f"{MINUS}0,5"


def test_rates_and_changes_are_percentages() -> None:
    spanish = FORMATS["es"]

    assert spanish.percent(Decimal("21.00")) == "21\xa0%"
    assert spanish.percent(Decimal("-5.2")) == f"{MINUS}5,2\xa0%"
    assert spanish.change(Decimal("0.124")) == "+12\xa0%"
    assert spanish.change(Decimal("-0.3")) == f"{MINUS}30\xa0%"
    assert spanish.change(Decimal("0.001")) == "0\xa0%"
    assert spanish.change(Decimal("-0.001")) == "0\xa0%"


def test_days_and_months_are_written_out() -> None:
    spanish, day = FORMATS["es"], date(2026, 11, 20)

    assert spanish.date(day) == "20 nov 2026"
    assert spanish.date(day, "long") == "20 de noviembre de 2026"
    assert spanish.month(day) == "nov"
    assert spanish.month(day, "long") == "noviembre de 2026"
    assert FORMATS["en"].month(day, "long") == "November 2026"


@pytest.mark.parametrize(
    ("tag", "amount", "price", "rate", "medium", "long", "moment"),
    [
        (
            "ca",
            "1.204,50\xa0€",
            "0,0375\xa0€",
            "5,2\xa0%",
            "20 de nov. 2026",
            "20 de novembre del 2026",
            "20 de nov. 2026, 17:04",
        ),
        (
            "fr",
            "1\u202f204,50\xa0€",
            "0,0375\xa0€",
            "5,2\xa0%",
            "20 nov. 2026",
            "20 novembre 2026",
            "20 nov. 2026, 17:04",
        ),
        (
            "pt-PT",
            "1\xa0204,50\xa0€",
            "0,0375\xa0€",
            "5,2%",
            "20/11/2026",
            "20 de novembro de 2026",
            "20/11/2026, 17:04",
        ),
    ],
    ids=["ca", "fr", "pt-PT"],
)
def test_amounts_and_days_are_written_as_each_language_does(
    *, tag, amount, price, rate, medium, long, moment
) -> None:
    formats, day = FORMATS[tag], date(2026, 11, 20)

    assert formats.money(120450, "EUR") == amount
    assert formats.price(Decimal("0.0375"), "EUR") == price
    assert formats.percent(Decimal("5.20")) == rate
    assert (formats.date(day), formats.date(day, "long")) == (medium, long)
    assert formats.moment(NOW) == moment


def test_a_moment_is_told_in_the_zone_of_the_business() -> None:
    assert FORMATS["es"].moment(NOW, "Europe/Madrid") == "20 nov 2026, 18:04"
    assert FORMATS["es"].moment(NOW, "America/Bogota") == "20 nov 2026, 12:04"
    assert FORMATS["es"].moment(NOW) == "20 nov 2026, 17:04"
    assert FORMATS["es"].moment(NOW.replace(tzinfo=None)) == "20 nov 2026, 17:04"
    assert Formats("en", "Asia/Tokyo").moment(NOW) == "Nov 21, 2026, 2:04\u202fAM"


@pytest.mark.parametrize(
    ("away", "expected"),
    [
        (timedelta(days=3), "hace 3 días"),
        (timedelta(hours=23), "hace 23 horas"),
        (timedelta(seconds=4), "hace 1 minuto"),
        (timedelta(weeks=2, days=1), "hace 2 semanas"),
        (timedelta(days=-2), "dentro de 2 días"),
    ],
)
def test_what_was_lately_is_told_by_its_distance(away, expected) -> None:
    assert FORMATS["es"].ago(NOW - away, NOW) == expected


def test_lengths_of_time_stay_in_days() -> None:
    assert FORMATS["es"].days(1) == "1 día"
    assert FORMATS["es"].days(45) == "45 días"


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (12_345, "12,3 kB"),
        (250_000, "250 kB"),
        (1_200_000, "1,2 MB"),
        (3 * 10**9, "3,0 GB"),
    ],
)
def test_sizes_of_files_are_short(size, expected) -> None:
    assert FORMATS["es"].filesize(size) == expected


def test_units_and_countries_have_names_and_rare_ones_keep_their_code() -> None:
    english = FORMATS["en"]

    assert (english.unit("KGM"), english.unit("H87"), english.unit("ZZ")) == ("kg", "pcs", "ZZ")
    assert (english.country("ES"), english.country("QQ")) == ("Spain", "QQ")
    assert (english.unit(None), english.country(None)) == ("", "")
