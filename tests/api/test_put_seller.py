"""A seller by API: its details for invoices, and how often it gets one."""

from datetime import date

import pytest
from django.utils import timezone

from lostpost.accounts.invoice_cadence import next_quarter_from, quarter_from
from lostpost.accounts.make_client import create_client
from lostpost.accounts.policy import current_policy
from tests.api.machine import Machine

SELLER = {"name": "Lampenhuis", "country": "NL", "language": "nl", "currency": "EUR", "invoice_cadence": "monthly"}
LEGAL = {"name": "Lampenhuis B.V.", "vat_number": "nl123456789b13", "iban": "NL91 ABNA 0417 1643 00"}


@pytest.fixture
def platform(db) -> Machine:
    return Machine(create_client(name="Shop", seller=None, read_only=False, by="test", now=timezone.now()))


def today() -> date:
    return timezone.now().astimezone(current_policy().zone).date()


def put(platform: Machine, **changed):
    return platform.call("PUT", "/sellers/lampenhuis", {**SELLER, **changed})


def test_a_seller_is_returned_as_stored(platform):
    answer = put(platform, legal=LEGAL)

    assert answer.status_code == 200, answer.content
    assert answer.json() == {
        **{name: SELLER[name] for name in ("name", "country", "language", "currency", "invoice_cadence")},
        "seller": "lampenhuis",
        "invoice_cadence_from": quarter_from(today()).isoformat(),
        "legal": {"name": "Lampenhuis B.V.", "vat_number": "NL123456789B13", "iban": "NL91ABNA0417164300"},
    }
    assert put(platform).json()["legal"] == answer.json()["legal"]


def test_a_new_cadence_is_returned_with_its_first_day(platform):
    put(platform)

    answer = put(platform, invoice_cadence="twice_a_month").json()

    assert answer["invoice_cadence"] == "twice_a_month"
    assert answer["invoice_cadence_from"] == next_quarter_from(today()).isoformat()


def test_invalid_legal_data_is_named(platform):
    answer = put(platform, legal={**LEGAL, "iban": "NL92ABNA0417164300"})

    assert answer.status_code == 422
    assert answer.json()["code"] == "rejected"
    assert "the IBAN “NL92ABNA0417164300” has a digit or letter wrong" in answer.json()["detail"]
