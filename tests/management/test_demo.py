"""The demo marketplace: the same every time, complete, and true to the order of events."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import NamedTuple

import pytest
from django.contrib.auth.models import User
from django.db import connection

from lostpost.accounts.models import Member, Seller
from lostpost.audit.verify import verify
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.eligibility.facts import ScanStatus, ShippingMethod
from lostpost.eligibility.rules import CAUTION_CODES, REFUSAL_CODES
from lostpost.ledger.models import Transfer
from lostpost.management.demo.build import build
from lostpost.management.demo.examples import ELIGIBLE, Example
from lostpost.management.demo.logins import PEOPLE
from lostpost.orders.models import Order, Parcel, Return
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.refunds.models import Refund
from lostpost.reporting.loss_signals import AGENT, CARRIER, CUSTOMER, POSTCODE, SELLER, base_rate, loss_signals
from lostpost.tracking.models import Scan
from lostpost.writeoffs.assess_order import assess_order
from lostpost.writeoffs.models import WriteOff, WriteOffLine
from tests import database
from tests.management.demo_content import AMSTERDAM, Content, content

NOW = datetime(2026, 3, 10, 6, 5, tzinfo=UTC)
LATER = datetime(2026, 4, 17, 20, 45, tzinfo=UTC)  # Summer time began between the two.
PASSWORD = "made-for-the-test"


def wipe() -> None:
    database.clear()


class Built(NamedTuple):
    """The demo as of NOW, which is in the database, and what it held when it was made as of LATER."""

    examples: list[Example]
    now: Content
    later: Content


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker) -> Iterator[Built]:
    """The demo made twice, for all tests that only look."""
    with django_db_blocker.unblock():
        build(password=PASSWORD, now=LATER)
        later = content(LATER)
        wipe()
        examples = build(password=PASSWORD, now=NOW)
        demo = Built(examples, content(NOW), later)
        connection.close()
    yield demo
    with django_db_blocker.unblock():
        wipe()
        connection.close()


@pytest.fixture
def demo(built, db):
    return built.examples


def order_of(shop: str, number: str) -> Order:
    return Order.objects.select_related("seller").get(seller__code=shop, number=number)


# What is in it ------------------------------------------------------------------------------------------------------


def test_three_shops_have_about_three_hundred_orders(demo):
    counted = Counter(Order.objects.values_list("seller__code", flat=True))

    assert counted == {"lampenhuis": 160, "carlas-keramiek": 75, "velo-co": 70}
    assert set(Parcel.objects.values_list("carrier", flat=True)) == {"PostNL", "DPD", "DHL", "bpost", "GLS"}
    assert all("(demo)" in name for name in Seller.objects.values_list("name", flat=True))
    assert all("(demo)" in name for name in Member.objects.values_list("name", flat=True))
    hosts = {email.partition("@")[2] for email in Order.objects.values_list("customer_email", flat=True)}
    assert all(host.endswith((".example", "example.com", "example.net")) for host in hosts)


def test_every_example_has_its_documented_result(demo):
    for example in demo:
        units = assess_order(order_of(example.shop, example.order), now=NOW).units
        codes = {
            code for unit in units for code in [refusal.code for refusal in unit.assessment.refusals] or [ELIGIBLE]
        }
        assert codes == example.codes, example


@pytest.mark.parametrize("now", [NOW.replace(hour=hour, minute=59) for hour in (0, 11, 22)])
def test_every_example_is_so_at_any_hour_of_the_day(demo, now):
    for example in demo:
        units = assess_order(order_of(example.shop, example.order), now=now).units
        codes = {
            code for unit in units for code in [refusal.code for refusal in unit.assessment.refusals] or [ELIGIBLE]
        }
        assert codes == example.codes, example


def test_every_rule_and_every_state_occurs(demo):
    units = [unit.assessment for order in Order.objects.all() for unit in assess_order(order, now=NOW).units]
    refusals = {refusal.code for unit in units for refusal in unit.refusals}
    of_units = {code for code in REFUSAL_CODES if not code.startswith("query-")}
    # The demo's scans come all at once, so no carrier can fall silent in it; nor has a platform hidden how it was sent.
    of_units -= {"feed-silent", "shipping-method-unknown"}

    assert refusals == of_units
    assert {caution.code for unit in units for caution in unit.cautions} == set(CAUTION_CODES)
    assert states(CustomerQuery) == set(CustomerQuery.State)
    assert states(Refund) == set(Refund.State)
    assert states(PartnerserviceRequest) == set(PartnerserviceRequest.State)
    assert states(Mail) == {"sent", "failed"}
    assert set(Return.objects.values_list("status", flat=True)) == set(Return.Status)
    assert set(Parcel.objects.values_list("shipping_method", flat=True)) == {*ShippingMethod} - {ShippingMethod.UNKNOWN}
    assert set(Scan.objects.values_list("status", flat=True)) == set(ScanStatus)
    assert Scan.objects.filter(from_future=True).count() == 1
    assert set(Order.objects.values_list("currency", flat=True)) == {"EUR", "DKK"}
    kinds = set(TimelineEntry.objects.values_list("kind", flat=True))
    assert kinds >= {
        *("query.opened", "query.closed", "query.reopened", "query.put-aside", "query.with-partnerservice"),
        *("message.sent", "message.received", "note.added", "mail.failed", "write-off.confirmed"),
        *("refund.requested", "refund.sent", "refund.confirmed", "refund.failed"),
        *("partnerservice.asked", "partnerservice.answered"),
    }


def states(model) -> set[str]:
    return set(model.objects.values_list("state", flat=True))


def test_signals_show_who_loses_more_than_others(demo):
    often, *_others = loss_signals(CUSTOMER, now=NOW, most=5)
    assert (often.name, often.rate.lost, often.rate.orders) == ("maud.ooms@post.example", 3, 4)
    assert (often.times(base_rate(now=NOW)) or 0) > 3
    postcodes = loss_signals(POSTCODE, now=NOW, most=9)
    assert (postcodes[0].name, postcodes[0].rate.lost) == ("NL 1104 HK", 3)
    assert len(postcodes) > 1
    for kind in (SELLER, AGENT, CARRIER):
        assert len(loss_signals(kind, now=NOW, most=9)) > 1, kind
    assert set(PartnerserviceRequest.objects.values_list("kind", flat=True)) == set(PartnerserviceRequest.Kind)


def test_the_books_of_the_demo_add_up(demo):
    assert [difference for seller in Seller.objects.all() for difference in verify(seller)] == []
    assert WriteOff.objects.count() > 15
    assert Transfer.objects.count() > 60


def test_nothing_lies_in_the_future_and_nothing_came_before_its_cause(demo):
    midnight = datetime.combine(NOW.astimezone(AMSTERDAM).date(), time(), AMSTERDAM)
    for at, first in ((TimelineEntry, "at"), (Order, "placed_at"), (Parcel, "shipped_at"), (Mail, "sent_at")):
        assert not at.objects.filter(**{f"{first}__gte": midnight}).exists()
    for parcel in Parcel.objects.select_related("order"):
        assert parcel.shipped_at > parcel.order.placed_at
    for scan in Scan.objects.filter(from_future=False):
        assert scan.scanned_at <= scan.received_at < midnight
    for line in WriteOffLine.objects.select_related("write_off"):
        scanned_at = (line.facts["parcel"]["last_scan"] or {}).get("scanned_at", "2000-01-01T00:00:00Z")
        assert datetime.fromisoformat(scanned_at) < line.write_off.confirmed_at
    for query in CustomerQuery.objects.all():
        entries = list(query.timeline.order_by("id"))
        assert entries[0].kind == "query.opened"
        assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)


def test_no_mail_is_queued_and_sent_mail_can_be_read(demo):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone() == (0,)
    for mail in Mail.objects.filter(state="sent"):
        assert mail.subject
        assert mail.body.startswith(("Beste ", "Dear ", "Bonjour "))
        assert mail.sent_at
        assert mail.sent_at > mail.queued_at
    assert {mail.language for mail in Mail.objects.all()} >= {"nl", "en", "fr-BE", "da"}


def test_on_another_day_only_the_dates_differ(built):
    assert built.now.keys() == built.later.keys()
    for table, rows in built.now.items():
        assert rows == built.later[table], table
    assert sum(map(len, built.now.values())) > 3_000


def test_everyone_can_sign_in_and_has_the_listed_roles(demo, client):
    for person in PEOPLE:
        assert client.login(username=person.login, password=PASSWORD), person
        user = User.objects.get(username=person.login)
        assert [group.name for group in user.groups.all()] == ([person.group] if person.group else [])
    anna = User.objects.get(username="anna")
    assert set(Member.objects.filter(user_id=anna.id).values_list("seller__code", "role")) == {
        ("lampenhuis", "owner"),
        ("velo-co", "agent"),
    }
