"""What the API takes in is what can be used: addresses that can be written to, codes that are in use."""

from __future__ import annotations

from typing import Any

import pytest

from lostpost.parcels.models import Order
from tests.api.machine import ORDER, Machine, a_lost_parcel, a_platform
from tests.cast import row_counts

pytestmark = pytest.mark.django_db
AT = "/orders/lampenhuis/2398-9999"


@pytest.fixture
def platform() -> Machine:
    machine = a_platform()
    a_lost_parcel(machine)
    return machine


def with_customer(**values: Any) -> dict[str, Any]:
    return {**ORDER, "customer": {**ORDER["customer"], **values}}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (with_customer(email="klaas(x)@example.com"), "cannot be delivered as it is written"),
        (with_customer(email=f"klaas@{'x' * 64}.nl"), "behind the @ must stand a domain name"),
        (with_customer(country="UK"), "the country “UK” is not a code of ISO 3166"),
        ({**ORDER, "currency": "NLG"}, "the currency “NLG” is not one that ISO 4217 has in use"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(platform, body, said):
    before = row_counts()

    answer = platform.call("PUT", AT, body)

    assert (answer.status_code, answer.json()["code"]) == (422, "rejected")
    assert said in answer.json()["detail"]
    assert row_counts() == before


def test_invisible_signs_of_a_pasted_address_are_taken_out_and_a_repeat_is_unchanged(platform):
    body = with_customer(email="\u200bklaas@example.com\N{NO-BREAK SPACE}")

    assert platform.call("PUT", AT, body).status_code == 201
    assert platform.call("PUT", AT, body).json() == {"state": "unchanged"}
    assert Order.objects.get(number="2398-9999").customer_email == "klaas@example.com"
