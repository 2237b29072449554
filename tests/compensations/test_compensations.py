"""Partnerservice grants money without a write-off: a part of the amount, delivery costs, never what is not there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pypdfium2
import pytest
from django.db import connection

from lostpost.accounts.actor import Actor
from lostpost.audit.self_check import checked_months
from lostpost.audit.verify import verify
from lostpost.compensations.credit_compensation import credit_compensation
from lostpost.compensations.grant_compensation import CREDIT_COMPENSATION
from lostpost.compensations.models import Compensation
from lostpost.connectors.mail.letter import mail_to_write, write_letter
from lostpost.core.errors import Rejected
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.events.models import Event
from lostpost.invoicing.documents.content import credit_note_content
from lostpost.invoicing.documents.pdf import credit_note_pdf
from lostpost.invoicing.documents.ubl import credit_note_ubl
from lostpost.ledger.models import Transfer
from lostpost.orders.models import Order, OrderItem
from lostpost.partnerservice.decided_on import CannotBeOverridden, MoneyNotThere
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.partnerservice.settle_override import ChangedSinceProposal, SecondAgentNeeded
from lostpost.partnerservice.write_off_overridden import write_off_overridden
from lostpost.refunds.models import Refund
from lostpost.sales.models import Sale
from lostpost.writeoffs.models import WriteOff, WriteOffLine
from lostpost.writeoffs.write_off import write_off
from tests.cast import (
    NOW,
    a_parcel,
    a_query,
    a_return,
    a_scan,
    a_staff_member,
    all_of,
    an_item,
    an_order,
    days_before,
    refunds_of,
    row_counts,
)
from tests.partnerservice.cases import REASON, a_request, a_request_about, confirmed, proposed

pytestmark = pytest.mark.django_db


@pytest.fixture
def puck(db) -> Actor:
    return a_staff_member("Puck", "partnerservice")


def a_case(anna: Actor, **order: Any) -> PartnerserviceRequest:
    """Ask about a delivered parcel: 3 units, 100.00 paid for them and 5.00 for delivery, 12.00 of commission."""
    values = {"quantity": 3, "paid_minor": 100_00, "commission_minor": 12_00, "delivery_costs_minor": 5_00}
    return a_request(anna, quiet_days=20, status="delivered", **{**values, **order})


def granted(case: PartnerserviceRequest, pia: Actor, puck: Actor, **what: Any) -> Compensation:
    confirmed(proposed(case, pia, lifts=False, **what), puck)
    return Compensation.objects.get(seller_id=case.seller_id, request_id=case.id)


def again(case: PartnerserviceRequest, anna: Actor) -> PartnerserviceRequest:
    """Ask once more about the same units."""
    return a_request_about(CustomerQuery.objects.get(seller_id=case.seller_id, id=case.query_id), anna)


def booked(anna: Actor, compensation: Compensation) -> dict[str, int]:
    rows = Transfer.objects.filter(seller_id=anna.seller_id, source_id=compensation.id)
    return dict(rows.values_list("kind", "amount_minor"))


def test_a_part_of_the_amount_is_paid_booked_and_said(anna, pia, puck):
    case = a_case(anna)

    compensation = granted(case, pia, puck, items_minor=40_00)

    assert (compensation.amount_minor, compensation.items_minor, compensation.delivery_minor) == (40_00, 40_00, 0)
    assert (compensation.commission_minor, compensation.commission_vat_minor) == (4_80, 1_00)  # 40 % of 12.00, of 2.52.
    assert booked(anna, compensation) == {
        "correction_turnover": 40_00,
        "correction_commission": 4_80,
        "correction_commission_vat": 1_00,
    }
    assert (compensation.facts["item"], compensation.reason) == ("1", REASON)
    assert (compensation.proposed_by_name, compensation.by_name) == ("Pia", "Puck")
    refund = Refund.objects.get(seller_id=anna.seller_id)
    assert (refund.number, refund.amount_minor, refund.state) == (compensation.number, 40_00, "requested")
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("answered", "approved")
    kinds = TimelineEntry.objects.filter(seller_id=anna.seller_id).order_by("id").values_list("kind", flat=True)
    assert list(kinds)[-3:] == ["partnerservice.approved", "compensation.granted", "refund.requested"]
    event = Event.objects.get(seller_id=anna.seller_id, type="compensation.granted")
    assert (event.data["amount_minor"], event.data["items_minor"], event.data["item"]) == (40_00, 40_00, "1")
    mail = Mail.objects.get(seller_id=anna.seller_id, kind="compensation.granted")
    letter = write_letter(mail_to_write(seller_id=anna.seller_id, mail_id=mail.id))
    assert "you get 40.00 EUR back" in letter.subject
    assert "Desk lamp Aurora: €40.00" in letter.text
    assert "Delivery costs" not in letter.text
    assert not WriteOff.objects.exists()
    assert list(verify(anna.seller)) == []
    begin, end = days_before(NOW, 40), days_before(NOW, -1)
    (month,) = checked_months(seller_id=anna.seller_id, begin=begin, end=end, zone="Europe/Amsterdam")
    assert (month.agrees, month.write_offs, month.refunds_minor, month.ledger_minor) == (True, 0, 40_00, 40_00)


def test_delivery_costs_alone_go_back_once(anna, pia, puck):
    case = a_case(anna)

    compensation = granted(case, pia, puck, grants_delivery=True)

    assert booked(anna, compensation) == {"correction_delivery": 5_00}
    assert Order.objects.get(seller_id=anna.seller_id).delivery_refunded_minor == 5_00
    with pytest.raises(MoneyNotThere):
        proposed(again(case, anna), pia, lifts=False, grants_delivery=True)
    assert list(verify(anna.seller)) == []


def test_delivery_costs_go_back_with_a_write_off_and_not_twice(anna, pia, puck):
    override = confirmed(proposed(a_case(anna), pia, writes_off=True, grants_delivery=True), puck)

    result = write_off_overridden(seller_id=anna.seller_id, override_id=override.id, now=NOW)

    assert result
    assert (result.refund_minor, result.delivery_refund_minor) == (100_00, 0)
    assert sorted(refund.minor for refund in refunds_of(anna)) == [5_00, 100_00]
    assert list(verify(anna.seller)) == []


def test_what_was_granted_is_taken_off_a_later_write_off_to_the_cent(anna, pia, puck):
    case = a_case(anna)
    granted(case, pia, puck, items_minor=33_34, grants_delivery=True)

    override = confirmed(proposed(again(case, anna), pia, writes_off=True), puck)
    result = write_off_overridden(seller_id=anna.seller_id, override_id=override.id, now=NOW)

    assert result
    assert result.refund_minor == 66_66
    item = OrderItem.objects.get(seller_id=anna.seller_id)
    assert (item.refunded_minor, item.commission_back_minor, item.commission_vat_back_minor) == (100_00, 12_00, 2_52)
    assert list(verify(anna.seller)) == []


def test_no_unit_is_worth_more_than_what_a_grant_left(anna, pia, puck):
    case = a_case(anna, delivery_costs_minor=0)
    granted(case, pia, puck, items_minor=70_00)
    confirmed(proposed(again(case, anna), pia), puck)
    query = CustomerQuery.objects.get(seller_id=anna.seller_id, id=case.query_id)
    (all_units,) = all_of(query)

    one = [replace(all_units, quantity=1)]
    result = write_off(query=query.number, selection=one, by=anna, key="one-of-three", now=NOW)

    assert result.refund_minor == 30_00  # Its share is 33.33.
    assert list(verify(anna.seller)) == []


def test_units_that_come_back_later_are_worth_what_was_left_of_them(anna, pia, puck):
    case = a_case(anna)
    granted(case, pia, puck, items_minor=70_00)
    order = Order.objects.get(seller_id=anna.seller_id)

    a_return(order, {(f"{order.number}-P1", "1"): 1}, status="received", code="R-1")
    assert list(verify(anna.seller)) == []
    a_return(order, {(f"{order.number}-P1", "1"): 2}, status="received", code="R-2")

    kinds = ("turnover", "turnover_reversed", "correction_turnover")
    sums = dict.fromkeys(kinds, 0)
    for kind, minor in Transfer.objects.filter(seller_id=anna.seller_id).values_list("kind", "amount_minor"):
        sums[kind] = sums.get(kind, 0) + minor
    assert sums["turnover"] - 5_00 == sums["turnover_reversed"] + sums["correction_turnover"] == 100_00
    assert list(verify(anna.seller)) == []


def test_the_rest_of_a_part_can_be_granted_and_no_cent_more(anna, pia, puck):
    case = a_case(anna)
    granted(case, pia, puck, items_minor=99_99)
    case = again(case, anna)
    before = row_counts()
    with pytest.raises(MoneyNotThere) as refused:
        proposed(case, pia, lifts=False, items_minor=2)
    assert "€0.01 for these units and €5.00 for delivery" in str(refused.value)
    assert row_counts() == before

    rest = granted(case, pia, puck, items_minor=1)

    assert (rest.number[-3:], rest.commission_minor, rest.commission_vat_minor) == ("-C2", 1, 1)
    item = OrderItem.objects.get(seller_id=anna.seller_id)
    assert (item.refunded_minor, item.commission_back_minor, item.commission_vat_back_minor) == (100_00, 12_00, 2_52)
    assert list(verify(anna.seller)) == []


@pytest.mark.parametrize(
    ("what", "refusal"),
    [
        ({"items_minor": 100_01}, MoneyNotThere),
        ({"items_minor": -1}, MoneyNotThere),
        ({}, Rejected),
        ({"items_minor": 1, "lifts": True}, Rejected),
        ({"items_minor": 1, "writes_off": True}, Rejected),
    ],
)
def test_what_is_not_there_or_contradicts_itself_is_not_proposed(anna, pia, what, refusal):
    case = a_case(anna)
    before = row_counts()

    with pytest.raises(refusal):
        proposed(case, pia, **{"lifts": False, **what})

    assert row_counts() == before


def test_returned_units_have_no_money_left(anna, pia):
    case = a_case(anna, delivery_costs_minor=0)
    order = Order.objects.get(seller_id=anna.seller_id)
    a_return(order, {(f"{order.number}-P1", "1"): 3}, status="received")

    for what in ({"items_minor": 1}, {"grants_delivery": True}):
        with pytest.raises(MoneyNotThere):
            proposed(case, pia, lifts=False, **what)
    with pytest.raises(CannotBeOverridden):
        proposed(case, pia)


def test_another_agent_confirms_it_as_long_as_the_money_is_there(anna, pia, puck):
    case = a_case(anna)
    override = proposed(case, pia, lifts=False, items_minor=40_00)
    with pytest.raises(SecondAgentNeeded):
        confirmed(override, pia)
    order = Order.objects.get(seller_id=anna.seller_id)
    a_return(order, {(f"{order.number}-P1", "1"): 2}, status="received")
    before = row_counts()

    with pytest.raises(ChangedSinceProposal):
        confirmed(override, puck)

    assert row_counts() == before


def test_units_of_another_parcel_keep_their_money(anna, pia, puck):
    order = an_order(anna.seller, an_item(quantity=2, paid_minor=50_00, commission_minor=6_00), placed_days=20)
    for place in (1, 2):
        parcel = a_parcel(order, units={"1": 1}, shipped_days=19)
        a_scan(parcel, days=18 + place / 10, status="delivered" if place == 1 else "in_transit")
    query = a_query(order, anna)
    delivered, lost = all_of(query)
    case = a_request_about(query, anna, units=delivered)
    with pytest.raises(MoneyNotThere):
        proposed(case, pia, lifts=False, items_minor=25_01)
    granted(case, pia, puck, items_minor=20_00)

    result = write_off(query=query.number, selection=[lost], by=anna, key="the-other-one", now=NOW)

    assert result.refund_minor == 25_00
    with pytest.raises(MoneyNotThere):
        proposed(a_request_about(query, anna, units=delivered), pia, lifts=False, items_minor=5_01)
    assert list(verify(anna.seller)) == []


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("lose A, lose B", [(5_00, 60), (25_00, 3_00)]),
        ("lose B, lose A", [(25_00, 3_00), (5_00, 60)]),
        ("return A, return B", [(25_00, 3_00), (5_00, 60)]),  # The shop refunds what came back at its full share.
        ("return A, lose B", [(25_00, 3_00), (5_00, 60)]),
        ("return B, lose A", [(25_00, 3_00), (5_00, 60)]),
    ],
)
def test_lost_units_bear_their_grant_and_nothing_is_paid_twice(anna, pia, puck, steps, expected):
    """Two units at 25.00 with 3.00 of commission, each in its parcel; 20.00 is granted for A."""
    order = an_order(anna.seller, an_item(quantity=2, paid_minor=50_00, commission_minor=6_00), placed_days=20)
    for code in ("A", "B"):
        a_scan(a_parcel(order, units={"1": 1}, shipped_days=19, code=code), days=17, status="delivered")
    query = a_query(order, anna)
    units = {selected.parcel: selected for selected in all_of(query)}
    granted(a_request_about(query, anna, units=units["A"]), pia, puck, items_minor=20_00)

    for step, amounts_expected in zip(steps.split(", "), expected, strict=True):
        does, code = step.split()
        if does == "lose":
            confirmed(proposed(a_request_about(query, anna, units=units[code]), pia), puck)
            write_off(query=query.number, selection=[units[code]], by=anna, key=f"lose-{code}-now", now=NOW)
            line = WriteOffLine.objects.get(seller_id=anna.seller_id, parcel_unit__parcel__code=code)
            amounts = line.refund_minor, line.commission_minor
        else:
            a_return(order, {(code, "1"): 1}, code=f"R-{code}", status="received")
            sale = Sale.objects.get(seller_id=anna.seller_id, parcel=code, cause="returned")
            amounts = -sale.turnover_minor, -sale.commission_minor

        assert amounts == amounts_expected
        assert list(verify(anna.seller)) == []


def test_what_was_paid_for_units_that_were_never_sent_is_nobodys(anna, pia, puck):
    """Three units at 33.33 or 33.34, of which one was sent: 33.33 is all that may go back, in whatever parts."""
    order = an_order(anna.seller, an_item(quantity=3, paid_minor=100_00, commission_minor=6_01), placed_days=20)
    a_scan(a_parcel(order, units={"1": 1}, shipped_days=19, code="A"), days=17, status="delivered")
    query = a_query(order, anna)
    (sent,) = (units for units in all_of(query) if units.parcel == "A")
    granted(a_request_about(query, anna, units=sent), pia, puck, items_minor=20_00)
    case = a_request_about(query, anna, units=sent)
    with pytest.raises(MoneyNotThere):
        proposed(case, pia, lifts=False, items_minor=13_34)
    confirmed(proposed(case, pia), puck)

    result = write_off(query=query.number, selection=[sent], by=anna, key="the-one-that-was-sent", now=NOW)

    assert result.refund_minor == 13_33
    assert list(verify(anna.seller)) == []


def test_what_was_granted_for_units_is_taken_off_their_share_once(anna, pia, puck):
    order = an_order(anna.seller, an_item(quantity=3, paid_minor=100_00, commission_minor=6_00), placed_days=20)
    for count in (2, 1):
        a_scan(a_parcel(order, units={"1": count}, shipped_days=19), days=17, status="delivered")
    query = a_query(order, anna)
    two, _one = all_of(query)
    case = a_request_about(query, anna, units=two)
    granted(case, pia, puck, items_minor=50_00)

    case = a_request_about(query, anna, units=two)
    with pytest.raises(MoneyNotThere) as refused:
        proposed(case, pia, lifts=False, items_minor=16_68)
    assert "€16.67 for these units" in str(refused.value)
    rest = granted(case, pia, puck, items_minor=16_67)

    assert rest.items_minor == 16_67
    assert rest.commission_minor <= 4_00
    assert list(verify(anna.seller)) == []


def test_a_customer_with_an_invoice_gets_a_credit_note_of_the_part(anna, pia, puck):
    case = a_case(anna)
    OrderItem.objects.filter(seller_id=anna.seller_id).update(vat_rate_bp=2100)
    invoice = {"number": "F-1", "issued_on": "2026-02-01", "name": "Klaas BV"}
    Order.objects.filter(seller_id=anna.seller_id).update(customer_invoice=invoice)

    compensation = granted(case, pia, puck, items_minor=12_10, grants_delivery=True)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s", [CREDIT_COMPENSATION])
        assert cursor.fetchone() == (1,)
    first, second = (
        credit_compensation(seller_id=anna.seller_id, compensation_id=compensation.id, now=NOW) for _again in range(2)
    )
    assert first == second
    assert (first.total_minor, first.net_minor, first.compensation_id) == (17_10, 14_13, compensation.id)
    content = credit_note_content(first)
    pages, ubl = pypdfium2.PdfDocument(credit_note_pdf(content)), credit_note_ubl(content).decode()
    text = " ".join(pages[0].get_textpage().get_text_bounded().split())
    assert "You get this amount back as a compensation." in text
    assert "This amount is a compensation." in ubl
    assert "lost in the mail" not in text + ubl
    assert list(verify(anna.seller)) == []
