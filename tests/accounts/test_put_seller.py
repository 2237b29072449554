"""A shop's own details, and how often it is invoiced."""

from datetime import UTC, date, datetime

import pytest

from lostpost.accounts.invoice_cadence import CadenceFrom, cadence_on, cadences_of
from lostpost.accounts.models import Seller
from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.core.errors import Rejected
from tests.cast import row_counts

LEGAL = {
    "name": "Lampenhuis B.V.",
    "street": "Oudegracht 12",
    "postal_code": "3511 AB",
    "city": "Utrecht",
    "vat_number": "NL123456789B13",
    "registration_number": "12345678",
    "iban": "NL91 ABNA 0417 1643 00",
    "electronic_address": "0106:12345678",
}
MAY, JUNE, JULY = (datetime(2026, month, 20, 12, tzinfo=UTC) for month in (5, 6, 7))
SECOND, THIRD = date(2026, 4, 1), date(2026, 7, 1)


def put(cadence: str, now: datetime, **values) -> Seller:
    return put_seller(seller=SellerData("lampenhuis", "Lampenhuis", invoice_cadence=cadence, **values), now=now)


@pytest.mark.django_db
def test_legal_data_is_stored_in_the_form_that_programs_read():
    shop = put("monthly", MAY, legal={**LEGAL, "city": "  "})

    assert shop.legal == {**{name: it for name, it in LEGAL.items() if name != "city"}, "iban": "NL91ABNA0417164300"}
    assert Seller.objects.get(id=shop.id).legal == shop.legal


@pytest.mark.django_db
def test_fields_left_out_are_kept_and_empty_ones_removed():
    put("monthly", MAY, legal=LEGAL)

    assert put("monthly", MAY).legal["name"] == "Lampenhuis B.V."
    assert put("monthly", MAY, legal={}).legal == {}


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("vat_number", "NL123", "the VAT number “NL123” is not one of its country"),
        ("vat_number", "BE2123456789", "is not one of its country"),
        ("vat_number", "NL123456789B12", "a digit or letter is wrong"),
        ("vat_number", "ZZ123456789", "is not one of its country"),
        ("vat_number", "123456789B13", "the country's letters are missing"),
        ("vat_number", "CHE-123.456.789 MWST", "“CHE-123.456.789MWST” is not one of its country"),
        ("iban", "NL92ABNA0417164300", "the IBAN “NL92ABNA0417164300” has a digit or letter wrong"),
        ("iban", "hello", "the IBAN “HELLO”"),
        ("iban", "NL45ABNA04171643", "is not as long as those of its country"),  # The check digits are right.
        ("electronic_address", "12345678", "does not begin with a scheme of Peppol"),
        ("electronic_address", "9999:abc", "does not begin with a scheme of Peppol"),
        ("electronic_address", "0106:1234567", "is not a number of scheme 0106"),
        ("electronic_address", "0088:5412345000012", "is not a number of scheme 0088"),
        ("electronic_address", "0208:0123456748", "is not a number of scheme 0208"),
        ("electronic_address", "9944:NL123456789B12", "is not a number of scheme 9944"),
        ("city", "Utrecht\nNL", "city must be text of one line with up to 100 characters"),
        ("name", "x" * 201, "name must be text of one line with up to 200 characters"),
        ("shoe_size", "46", "“shoe_size” is nothing that invoices say of a shop"),
    ],
)
@pytest.mark.django_db
def test_invalid_values_are_named_and_nothing_is_stored(field, value, sentence):
    before = row_counts()

    with pytest.raises(Rejected, match=sentence):
        put("monthly", MAY, legal={field: value})

    assert row_counts() == before


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"country": "UK"}, "the country “UK” is not a code of ISO 3166; write two capitals such as NL or GB"),
        ({"country": "ZZ"}, "the country “ZZ” is not a code of ISO 3166"),
        *[
            ({"currency": it}, f"“{it}” is not one that ISO 4217 has in use")
            for it in ("DEM", "NLG", "XAU", "XTS", "XXX")
        ],
    ],
)
@pytest.mark.django_db
def test_codes_that_are_not_in_use_are_refused(values, sentence):
    before = row_counts()

    with pytest.raises(Rejected, match=sentence):
        put("monthly", MAY, **values)

    assert row_counts() == before


@pytest.mark.django_db
def test_existing_values_are_kept_when_they_become_invalid():
    """A currency is withdrawn, a code list changes: the rest of the shop can still be brought up to date."""
    shop = put("monthly", MAY)
    old = {"country": "UK", "currency": "NLG"}
    legal = {"vat_number": "NL123", "electronic_address": "9999:abc"}
    Seller.objects.filter(id=shop.id).update(**old, legal=legal)

    assert put("monthly", MAY, **old, legal={**legal, "city": "Utrecht"}).legal["city"] == "Utrecht"

    with pytest.raises(Rejected, match=r"“DEM” is not one that ISO 4217 has in use; write a code such as EUR$"):
        put("monthly", MAY, country="UK", currency="DEM", legal=legal)
    with pytest.raises(Rejected, match=r"^the VAT number “NL124” is not"):
        put("monthly", MAY, **old, legal={**legal, "vat_number": "NL124"})


@pytest.mark.parametrize(
    ("country", "given", "stored"),
    [
        ("CH", "CHE-123.456.788 MWST", "CHE-123.456.788MWST"),
        ("NO", "923 456 783 MVA", "923456783MVA"),
        ("NO", "NO 923456783 MVA", "NO923456783MVA"),
        ("GB", "GB 980 7806 84", "GB980780684"),
        ("GR", "EL094259216", "EL094259216"),
        ("IS", "12345", "12345"),
    ],
)
@pytest.mark.django_db
def test_vat_numbers_are_given_as_their_country_writes_them(country, given, stored):
    assert put("monthly", MAY, country=country, legal={"vat_number": given}).legal == {"vat_number": stored}


@pytest.mark.django_db
def test_the_first_cadence_applies_at_once_and_a_change_from_the_next_quarter():
    shop = put("monthly", MAY)
    assert cadences_of(shop.id) == [CadenceFrom(SECOND, "monthly")]

    put("twice_a_month", JUNE)

    history = cadences_of(shop.id)
    assert history == [CadenceFrom(SECOND, "monthly"), CadenceFrom(THIRD, "twice_a_month")]
    assert [cadence_on(history, day) for day in (date(2020, 1, 1), date(2026, 6, 30), THIRD)] == [
        "monthly",
        "monthly",
        "twice_a_month",
    ]


@pytest.mark.django_db
def test_a_cadence_change_undone_before_it_begins_is_dropped():
    shop = put("monthly", MAY)
    put("twice_a_month", MAY)

    put("monthly", JUNE)

    assert cadences_of(shop.id) == [CadenceFrom(SECOND, "monthly")]


@pytest.mark.django_db
def test_a_change_that_has_begun_is_ended_by_another():
    shop = put("monthly", MAY)
    put("twice_a_month", MAY)

    put("monthly", JULY)
    put("monthly", JULY)

    assert cadences_of(shop.id)[1:] == [CadenceFrom(THIRD, "twice_a_month"), CadenceFrom(date(2026, 10, 1), "monthly")]


@pytest.mark.django_db
def test_the_quarter_is_that_of_the_marketplaces_calendar():
    shop = put("monthly", datetime(2026, 6, 30, 22, 30, tzinfo=UTC))  # In Amsterdam it is July.

    assert cadences_of(shop.id) == [CadenceFrom(THIRD, "monthly")]
