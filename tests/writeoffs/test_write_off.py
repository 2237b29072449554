"""A write-off writes all of its rows or none."""

from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from lostpost.accounts.actor import ReadOnly
from lostpost.accounts.policy import change_policy
from lostpost.audit.verify import verify
from lostpost.core.errors import Rejected
from lostpost.core.money import Money
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.customer_queries.timeline import QueryHandled, QueryNotFound, QueryWithPartnerservice
from lostpost.eligibility.facts import facts_from_json
from lostpost.ledger.models import Transfer
from lostpost.orders.models import OrderItem, Parcel, ParcelUnit
from lostpost.refunds.models import Refund
from lostpost.writeoffs.models import WriteOffLine
from lostpost.writeoffs.selection import (
    NotEligible,
    NothingSelected,
    QuantityUnavailable,
    QueryOfOtherOrder,
    SelectedUnits,
)
from lostpost.writeoffs.write_off import write_off
from tests.cast import (
    KLAAS,
    NOW,
    a_parcel,
    a_query,
    a_return,
    a_scan,
    all_of,
    an_item,
    an_order,
    mails_about,
    refunds_of,
    row_counts,
    silent_parcel,
)

pytestmark = pytest.mark.django_db


def test_a_write_off_writes_all_of_its_rows(anna):
    # Given two lamps in a silent parcel, and an open query about it
    query = silent_parcel(anna, quiet_days=30, paid_minor=50_01, quantity=2, commission_minor=6_01)
    (units,) = all_of(query)

    # When Anna writes both off
    recorded = write_off(query=query.number, selection=[units], by=anna, key="confirm-1", now=NOW)

    # Then the write-off says what, for how much, on which policy, when and by whom
    recorded.refresh_from_db()
    assert recorded.number == f"{query.number}-1"
    assert (recorded.refund_minor, recorded.delivery_refund_minor, recorded.currency) == (50_01, 0, "EUR")
    assert (recorded.policy_version, recorded.confirmed_at) == (0, NOW)
    assert (recorded.by_user_id, recorded.by_name) == (anna.user_id, "Anna")

    # And its line says which units, with the facts that it was decided on
    line = WriteOffLine.objects.select_related("parcel_unit__parcel").get(
        seller_id=anna.seller_id, write_off_id=recorded.id
    )
    assert (line.parcel_unit.parcel.code, line.quantity) == (units.parcel, 2)
    assert (line.refund_minor, line.commission_minor, line.commission_vat_minor) == (50_01, 6_01, 1_26)
    facts = facts_from_json(line.facts)
    assert (facts.shipped, facts.written_off, facts.returned) == (2, 0, 0)
    assert facts.parcel is not None
    assert facts.parcel.updated_at == NOW - timedelta(days=30)

    # And the units are counted as written off
    unit = ParcelUnit.objects.get(seller_id=anna.seller_id)
    item = OrderItem.objects.get(seller_id=anna.seller_id)
    assert (unit.quantity_written_off, item.quantity_written_off, item.refunded_minor) == (2, 2, 50_01)
    assert Parcel.objects.get(seller_id=anna.seller_id).written_off

    # And the refund is requested
    refund = Refund.objects.get(seller_id=anna.seller_id)
    assert (refund.id, refund.number, refund.query_id) == (recorded.refund_id, recorded.number, query.id)
    assert (refund.amount_minor, refund.currency, refund.gateway) == (50_01, "EUR", "manual")
    assert (refund.state, refund.requested_at, refund.sent_at, refund.reference) == ("requested", NOW, None, "")

    # And the ledger has the turnover, the commission and its VAT, each once
    transfers = Transfer.objects.filter(seller_id=anna.seller_id, kind__startswith="correction_").order_by("kind")
    assert [(it.kind, it.debit, it.credit, it.amount_minor, it.source_id) for it in transfers] == [
        ("correction_commission", "commission", "seller", 6_01, line.id),
        ("correction_commission_vat", "commission_vat", "seller", 1_26, line.id),
        ("correction_turnover", "seller", "customer", 50_01, line.id),
    ]

    # And the timeline has its entries
    entries = TimelineEntry.objects.filter(seller_id=anna.seller_id, query_id=query.id).order_by("at", "id")
    assert [entry.kind for entry in entries] == [
        "query.opened",
        "message.sent",
        "write-off.confirmed",
        "refund.requested",
    ]
    confirmed = entries[2]
    assert confirmed.data["number"] == recorded.number
    assert (confirmed.data["amount_minor"], confirmed.data["currency"]) == (50_01, "EUR")
    assert (confirmed.by_user_id, confirmed.by_name) == (anna.user_id, "Anna")
    assert confirmed.data["lines"][0]["quantity"] == 2

    # And one e-mail to the customer is queued, with the job that sends it
    (mail,) = mails_about(query)
    assert (mail.to, mail.language, mail.state, mail.about_id) == (KLAAS, "en", "queued", recorded.id)
    job = ProcrastinateJob.objects.get(task_name="mail.send", args__mail=str(mail.id))
    assert job.args == {"seller": str(anna.seller_id), "mail": str(mail.id)}
    assert (job.queue_name, job.status) == ("mail", "todo")

    # And the query stays open
    assert CustomerQuery.objects.get(seller_id=anna.seller_id, id=query.id).state == "open"
    assert list(verify(anna.seller)) == []


def test_write_offs_of_one_query_are_numbered_consecutively(anna):
    query = silent_parcel(anna, quantity=3, paid_minor=30_00)
    (units,) = all_of(query)
    one = SelectedUnits(units.parcel, units.item, 1)

    numbers = [
        write_off(query=query.number, selection=[one], by=anna, key=f"part-00{n}", now=NOW).number for n in range(3)
    ]

    assert numbers == [f"{query.number}-{n}" for n in (1, 2, 3)]


def test_an_agent_may_write_off(bram):
    query = silent_parcel(bram)

    assert write_off(query=query.number, selection=all_of(query), by=bram, key="by-bram-1", now=NOW).by_name == "Bram"


def test_a_write_off_keeps_the_policy_that_it_was_decided_on(anna):
    # Given a policy that is stricter than the usual one, and then a laxer one
    query = silent_parcel(anna, quiet_days=4, quantity=2)
    (units,) = all_of(query)
    one = SelectedUnits(units.parcel, units.item, 1)
    change_policy(values={"quiet_days": 4}, reason="Carriers are slow", by="Olga", now=NOW)
    first = write_off(query=query.number, selection=[one], by=anna, key="under-one", now=NOW)
    change_policy(values={"quiet_days": 2, "commission_vat_rate_bp": 900}, reason="Better", by="Olga", now=NOW)
    second = write_off(query=query.number, selection=[one], by=anna, key="under-two", now=NOW)

    assert (first.policy_version, second.policy_version) == (1, 2)
    vats = WriteOffLine.objects.filter(seller_id=anna.seller_id).order_by("id")
    # The VAT on the commission goes back at the rate at which it was booked: 21 % of 3.00, split over two units.
    assert [line.commission_vat_minor for line in vats] == [31, 32]
    assert list(verify(anna.seller)) == []


def test_items_of_several_parcels_are_written_off_at_once(anna):
    # Given an order of two items in two parcels, one of them in both
    lamp, bulb = an_item("1", quantity=3, paid_minor=100_00), an_item("2", quantity=2, paid_minor=9_99, title="Bulb")
    order = an_order(anna.seller, lamp, bulb, placed_days=20)
    a_parcel(order, units={"1": 2}, shipped_days=19)
    a_parcel(order, units={"1": 1, "2": 2}, shipped_days=18)
    query = a_query(order, anna)

    # When all of it is written off
    recorded = write_off(query=query.number, selection=all_of(query), by=anna, key="all-of-it", now=NOW)

    # Then each item in each parcel is a line of its own, and they add up to what was paid
    lines = WriteOffLine.objects.filter(seller_id=anna.seller_id, write_off_id=recorded.id)
    assert sorted((line.quantity, line.refund_minor) for line in lines) == [(1, 33_34), (2, 9_99), (2, 66_66)]
    assert refunds_of(anna) == [Money(109_99, "EUR")]
    assert Transfer.objects.filter(seller_id=anna.seller_id, kind="correction_turnover").count() == 3
    assert Parcel.objects.filter(seller_id=anna.seller_id, written_off=True).count() == 2
    assert list(verify(anna.seller)) == []


def test_a_parcel_is_written_off_once_no_unit_is_left_in_it(anna):
    query = silent_parcel(anna, quantity=3, paid_minor=30_00)
    (units,) = all_of(query)

    def parcel() -> Parcel:
        return Parcel.objects.get(seller_id=anna.seller_id)

    write_off(
        query=query.number, selection=[SelectedUnits(units.parcel, units.item, 1)], by=anna, key="one-of-3", now=NOW
    )
    assert not parcel().written_off
    a_return(query.order, {(units.parcel, units.item): 1})
    assert not parcel().written_off
    write_off(
        query=query.number, selection=[SelectedUnits(units.parcel, units.item, 1)], by=anna, key="two-of-3", now=NOW
    )
    assert parcel().written_off


def test_the_customer_is_mailed_in_their_language(anna):
    query = silent_parcel(anna, customer_language="nl")

    write_off(query=query.number, selection=all_of(query), by=anna, key="in-dutch", now=NOW)

    assert [mail.language for mail in mails_about(query)] == ["nl"]


# Refusals leave no row ---------------------------------------------------------------------------------------------


@pytest.fixture
def refused(anna):
    """Assert that a write-off is refused and no row of any table changed."""

    def ask(kind, query, selection, *, by=anna, key="refuse-me", now=NOW, token=""):
        before = row_counts()
        with pytest.raises(kind) as refusal:
            write_off(query=getattr(query, "number", query), selection=selection, by=by, key=key, now=now, token=token)
        assert row_counts() == before
        assert list(verify(anna.seller)) == []
        assert str(refusal.value)
        return refusal.value

    return ask


def test_a_viewer_is_refused(vera, anna, refused):
    query = silent_parcel(anna)

    refused(ReadOnly, query, all_of(query), by=vera)


def test_another_sellers_query_is_not_found(anna, carla, refused):
    query = silent_parcel(anna)

    refused(QueryNotFound, query, all_of(query), by=carla)


def test_a_query_that_does_not_exist_is_not_found(anna, refused):
    for number in ("0000000000", "", "1" * 500, "12345'; --", "\x00", "１２３"):
        refused(QueryNotFound, number, [SelectedUnits("P", "1", 1)])


def test_another_sellers_parcel_is_not_in_the_order(anna, carla, refused):
    annas, carlas = silent_parcel(anna), silent_parcel(carla, number="C-1")

    refused(NothingSelected, annas, all_of(carlas))


def test_another_orders_parcel_is_not_in_the_order(anna, refused):
    annas, other = silent_parcel(anna), silent_parcel(anna)

    refused(QueryOfOtherOrder, annas, all_of(other))


def test_an_empty_selection_is_refused(anna, refused):
    refused(NothingSelected, silent_parcel(anna), [])


def test_the_same_units_selected_twice_are_refused(anna, refused):
    query = silent_parcel(anna, quantity=2)
    (units,) = all_of(query)
    one = SelectedUnits(units.parcel, units.item, 1)

    refused(NothingSelected, query, [one, one])


@pytest.mark.parametrize("quantity", [0, -1, 3, 10**9, 10**30])
def test_an_unavailable_quantity_is_refused_with_the_available_one(anna, refused, quantity):
    query = silent_parcel(anna, quantity=2)
    (units,) = all_of(query)

    refusal = refused(QuantityUnavailable, query, [SelectedUnits(units.parcel, units.item, quantity)])

    assert refusal.available == 2
    assert "1 to 2" in str(refusal)


def test_more_units_than_a_write_off_and_a_return_left_are_refused(anna, refused):
    query = silent_parcel(anna, quantity=4, paid_minor=40_00)
    (units,) = all_of(query)
    write_off(
        query=query.number, selection=[SelectedUnits(units.parcel, units.item, 1)], by=anna, key="first-one", now=NOW
    )
    a_return(query.order, {(units.parcel, units.item): 1})

    refusal = refused(QuantityUnavailable, query, [SelectedUnits(units.parcel, units.item, 3)])

    assert refusal.available == 2


def test_one_ineligible_item_refuses_the_whole_selection(anna, refused):
    order = an_order(anna.seller, an_item("1"), an_item("2"), an_item("3"), placed_days=20)
    a_parcel(order, units={"1": 1}, shipped_days=19)
    fresh = a_parcel(order, units={"2": 1}, shipped_days=19)
    a_scan(fresh, days=1)
    query = a_query(order, anna)

    refusal = refused(NotEligible, query, [*all_of(query), SelectedUnits("whichever", "3", 1)])

    assert [(units.parcel, units.item, [it.code for it in units.refusals]) for units in refusal.refused] == [
        (fresh.code, "2", ["recent-update"]),
        (None, "3", ["not-shipped"]),
    ]


CASES = {
    "recent-update": {"quiet_days": 2.99},
    "order-too-old": {"quiet_days": 30, "placed_days": 61},
    "delivered": {"status": "delivered"},
    "returned-to-sender": {"status": "returning"},
    "awaiting-pickup": {"quiet_days": 13, "status": "at_pickup_point"},
}


@pytest.mark.parametrize(("code", "order"), CASES.items(), ids=CASES)
def test_an_ineligible_unit_is_refused_with_its_reason(anna, refused, code, order):
    query = silent_parcel(anna, **order)

    refusal = refused(NotEligible, query, all_of(query))

    assert [it.code for it in refusal.refused[0].refusals] == [code]


@pytest.mark.parametrize("method", ["logistics_via_platform", "shipping_via_platform", "label_via_platform"])
def test_another_shipping_method_is_refused(anna, refused, method):
    order = an_order(anna.seller, placed_days=20)
    a_parcel(order, shipped_days=19, shipping_method=method)
    query = a_query(order, anna)

    refusal = refused(NotEligible, query, all_of(query))

    assert [it.code for it in refusal.refused[0].refusals] == [method.replace("_", "-")]


def test_a_fully_written_off_item_is_refused(anna, refused):
    query = silent_parcel(anna)
    selection = all_of(query)
    write_off(query=query.number, selection=selection, by=anna, key="the-first", now=NOW)

    refusal = refused(NotEligible, query, selection)

    assert [it.code for it in refusal.refused[0].refusals] == ["fully-written-off"]


def test_a_handled_query_is_refused_until_it_is_reopened(anna, refused):
    query = silent_parcel(anna)
    close_query(number=query.number, by=anna, now=NOW)

    refused(QueryHandled, query, all_of(query))


def test_a_query_with_partnerservice_is_refused(anna, refused):
    query = silent_parcel(anna)
    CustomerQuery.objects.filter(seller_id=anna.seller_id).update(
        state="with_partnerservice", back_from_partnerservice_at=NOW + timedelta(days=2)
    )

    refused(QueryWithPartnerservice, query, all_of(query))


@pytest.mark.parametrize("key", ["", "1234567", "x" * 65])
def test_a_key_of_the_wrong_length_is_refused(anna, refused, key):
    query = silent_parcel(anna)

    refused(Rejected, query, all_of(query), key=key)


def test_a_refused_request_may_be_sent_again_with_its_key(anna, refused):
    query = silent_parcel(anna, quiet_days=2)
    refused(NotEligible, query, all_of(query), key="patience")

    recorded = write_off(
        query=query.number, selection=all_of(query), by=anna, key="patience", now=NOW + timedelta(days=1)
    )

    assert recorded.number == f"{query.number}-1"


def test_a_failure_in_the_last_statement_leaves_no_row(anna, monkeypatch):
    query = silent_parcel(anna)
    selection = all_of(query)
    before = row_counts()

    def out_of_order(*jobs):
        raise RuntimeError("the job could not be promised")

    monkeypatch.setattr("lostpost.writeoffs.write_off.defer", out_of_order)
    with pytest.raises(RuntimeError):
        write_off(query=query.number, selection=selection, by=anna, key="out-of-order", now=NOW)

    assert row_counts() == before
    assert not Mail.objects.filter(seller_id=anna.seller_id, kind="write-off.confirmed").exists()
    assert all_of(query) == selection
