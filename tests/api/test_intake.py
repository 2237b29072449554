"""What the API takes in is what can be used: addresses that can be written to, codes in use, plain numbers, nulls."""

from __future__ import annotations

from typing import Any

import pytest

from lostpost.api.customer_queries.schemas import ContactIn
from lostpost.api.http.fields import Sent
from lostpost.api.orders.schemas import CustomerIn, ItemIn, OrderIn, ParcelIn
from lostpost.api.scans.schemas import ScanIn
from lostpost.api.sellers.schemas import LegalIn, SellerIn
from lostpost.api.write_offs.schemas import WriteOffIn
from lostpost.orders.models import Order
from tests.api.document import document
from tests.api.machine import CONTACT, LINES, ORDER, PARCEL, SCAN, Machine, problem
from tests.cast import row_counts

pytestmark = pytest.mark.django_db
AT = "/orders/lampenhuis/2398-9999"


@pytest.fixture
def platform(platform_and_lost_parcel: Machine) -> Machine:
    return platform_and_lost_parcel.restarted()


def with_customer(**values: Any) -> dict[str, Any]:
    return {**ORDER, "customer": {**ORDER["customer"], **values}}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (with_customer(email="klaas(x)@example.com"), "cannot be delivered as it is written"),
        (with_customer(email=f"klaas@{'x' * 64}.nl"), "behind the @ must stand a domain name"),
        (with_customer(country="UK"), "the country “UK” is not a code of ISO 3166"),
        ({**ORDER, "currency": "NLG"}, "the currency “NLG” is not one that ISO 4217 has in use"),
    ],
)
def test_invalid_data_is_refused_with_a_sentence(platform, body, sentence):
    before = row_counts()

    answer = platform.call("PUT", AT, body)

    assert (answer.status_code, answer.json()["code"]) == (422, "rejected")
    assert sentence in answer.json()["detail"]
    assert row_counts() == before


def test_invisible_characters_of_an_address_are_removed_and_a_repeat_is_unchanged(platform):
    body = with_customer(email="\u200bklaas@example.com\N{NO-BREAK SPACE}")

    assert platform.call("PUT", AT, body).status_code == 201
    assert platform.call("PUT", AT, body).json() == {"state": "unchanged"}
    assert Order.objects.get(number="2398-9999").customer_email == "klaas@example.com"


@pytest.mark.parametrize("number", ["1_0", "1.0", "+5", "05", " 5", "5 ", "1e1", "0x5", "٣", "", "five", "00"])
@pytest.mark.parametrize(("path", "name"), [("/orders", "size"), ("/events", "size"), ("/events", "after")])
def test_numbers_in_the_query_string_are_plain_digits(platform, path, name, number):
    answer = platform.client.get(
        f"/api/v1{path}", {"seller": "lampenhuis", name: number}, headers={"Authorization": f"Bearer {platform.token}"}
    )

    details = problem(answer, 422, "validation-failed")
    assert [each["path"] for each in details["errors"]] == [f"query.{name}"]


@pytest.mark.parametrize("query", ["size=5", "size=200", "after=0", "after=10"])
def test_plain_digits_are_accepted(platform, query):
    assert platform.call("GET", f"/events?seller=lampenhuis&{query}").status_code == 200


def nulls_for_optional(shape: type[Sent]) -> dict[str, None]:
    return {name: None for name, field in shape.model_fields.items() if not field.is_required()}


def test_null_is_the_same_as_leaving_an_optional_value_out(platform):
    """Feeds of other systems are full of nulls: `"tracking_number": null` is a parcel without one."""
    item, customer = ORDER["items"][0], ORDER["customer"]
    order = {
        **nulls_for_optional(OrderIn),
        **ORDER,
        "customer": {**customer, **nulls_for_optional(CustomerIn)},
        "items": [{**nulls_for_optional(ItemIn), **item}],
    }
    plain = {**ORDER, "customer": {name: customer[name] for name in ("name", "email")}}
    number = {"order_number": "2398-9999"}
    parcel = {**PARCEL, **number, **nulls_for_optional(ParcelIn)}
    seller = {**nulls_for_optional(SellerIn), "name": "Lampenhuis", "legal": nulls_for_optional(LegalIn)}

    assert platform.call("PUT", AT, order).status_code == 201
    assert platform.call("PUT", AT, plain).json() == {"state": "unchanged"}
    assert platform.call("PUT", "/parcels/lampenhuis/P-9", parcel).status_code == 201
    without = {name: value for name, value in parcel.items() if value is not None}
    assert platform.call("PUT", "/parcels/lampenhuis/P-9", without).json() == {"state": "unchanged"}
    assert platform.call("PUT", "/sellers/lampenhuis", seller).status_code == 200
    scan = {**nulls_for_optional(ScanIn), **SCAN}
    assert platform.call("POST", "/scans", {"scans": [scan]}).json()["rejected"] == []
    contact = {**nulls_for_optional(ContactIn), **CONTACT}
    started = platform.call("POST", "/customer-queries?seller=lampenhuis", contact, "contact-1")
    assert started.status_code == 201
    confirmed = {**nulls_for_optional(WriteOffIn), "customer_query": started.json()["number"], "lines": LINES}
    assert platform.call("POST", "/write-offs?seller=lampenhuis", confirmed, "write-off-1").status_code == 201


def test_every_body_may_have_nulls_and_the_document_says_so():
    bodies = {
        name: schema
        for name, schema in document()["components"]["schemas"].items()
        if name.endswith("In") and name != "TokenIn"
    }
    assert len(bodies) > 20
    for name, schema in bodies.items():
        for field, value in schema["properties"].items():
            optional = field not in schema.get("required", [])
            assert ({"type": "null"} in value.get("anyOf", [])) == optional, f"{name}.{field}"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({**ORDER, "currency": None}, "body.currency"),
        ({**ORDER, "customer": None}, "body.customer"),
        ({**ORDER, "items": [{**ORDER["items"][0], "paid_minor": None}]}, "body.items[0].paid_minor"),
        ({**ORDER, "colour": None}, "body.colour"),
    ],
)
def test_null_for_required_or_unknown_fields_is_refused(platform, body, path):
    details = problem(platform.call("PUT", AT, body), 422, "validation-failed")
    assert [each["path"] for each in details["errors"]] == [path]
