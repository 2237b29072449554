"""What comes from bol: orders, shipments with their events, returns; its limits, its tokens, its moving pages."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from lostpost.connectors.sales_channels import run_channel as running
from lostpost.connectors.sales_channels.bol.bol import AMSTERDAM
from lostpost.core.sql import database_now, fetch
from lostpost.jobs.sales_channels import look_for_due_channels, run_due_channel
from lostpost.orders.models import Order, OrderItem, Parcel, ParcelUnit, Return, ReturnUnit
from lostpost.sales_channels.models import CarrierName, RefusedRecord, SalesChannel, WatchedShipment
from lostpost.sales_channels.runs import LeaseLost, StepOutcome, claim_run, keep_step
from lostpost.tracking.models import Scan, UnmappedScan
from tests.cast import NOW
from tests.connectors.sales_channels.bol_server import bol_item, bol_order, bol_return, bol_shipment
from tests.connectors.sales_channels.channels import refusals_of, run_once

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def put(bol, *orders, shipments=(), returns=()):
    bol.orders = {each["orderId"]: each for each in orders}
    bol.shipments, bol.returns = list(shipments), list(returns)


def test_an_order_comes_with_its_parcel_and_scans_to_the_cent(bol, channel):
    put(bol, bol_order(), shipments=[bol_shipment()])

    assert run_once(channel) == ""

    order, item, parcel = Order.objects.get(), OrderItem.objects.get(), Parcel.objects.get()
    assert (order.number, order.currency, order.customer_name) == ("A2K8290LP8", "EUR", "Klaas de Vries")
    assert order.placed_at == datetime(2026, 3, 8, 8, 0, tzinfo=UTC)
    assert (item.paid_minor, item.commission_minor, item.quantity, item.sku) == (118_91, 5_18, 10, "0000007740404")
    assert (parcel.shipping_method, parcel.carrier, parcel.tracking_number) == ("own", "PostNL", "3SBOL0987654321")
    assert parcel.last_status == "with_carrier"
    assert [scan.utc_offset_minutes for scan in Scan.objects.all()] == [60, 60]
    row = SalesChannel.objects.get()
    assert (row.orders, row.parcels, row.scans, row.problem, row.succeeded_at) == (1, 1, 2, "", NOW)
    assert "secret-1" not in row.credentials + row.token


@pytest.mark.parametrize(
    ("fulfilment", "transport", "method"),
    [
        ({"method": "FBB"}, {}, "logistics_via_platform"),
        ({"method": "FBR", "distributionParty": "BOL"}, {"shippingLabelId": "x"}, "shipping_via_platform"),
        ({"method": "FBR", "distributionParty": "RETAILER"}, {"shippingLabelId": "x"}, "label_via_platform"),
        ({"method": "FBR", "distributionParty": "RETAILER"}, {"transportId": "1"}, "own"),
        ({"method": "FBR"}, {"transportId": "1"}, "unknown"),
        ({"method": "FBR", "distributionParty": "RETAILER"}, None, "unknown"),
        ({}, {"transportId": "1"}, "unknown"),
    ],
)
def test_the_shipping_method_follows_from_party_and_label_and_is_never_guessed(
    bol, channel, fulfilment, transport, method
):
    shipment = bol_shipment()
    shipment["shipmentItems"][0]["fulfilment"] = fulfilment
    shipment["transport"] = transport
    put(bol, bol_order(), shipments=[shipment])

    run_once(channel)

    assert Parcel.objects.get().shipping_method == method
    assert refusals_of(channel) == {}


def test_what_vanishes_from_an_answer_stays_as_it_was(bol, channel):
    put(bol, bol_order(), shipments=[bol_shipment()])
    run_once(channel)
    poor = {name: value for name, value in bol_shipment().items() if name not in ("transport", "shipmentDateTime")}
    put(bol, bol_order(), shipments=[poor])

    assert run_once(channel, NOW + timedelta(days=2)) == ""

    parcel = Parcel.objects.get()
    assert (parcel.shipping_method, parcel.tracking_number, parcel.carrier) == ("own", "3SBOL0987654321", "PostNL")
    assert parcel.shipped_at == datetime(2026, 3, 8, 9, 55, 37, tzinfo=UTC)


def test_what_cannot_be_taken_in_is_named_keeps_no_other_out_and_goes_once_it_is_mended(bol, channel):
    broken = bol_order("B1", bol_item("1"), {**bol_item("2"), "totalPrice": None})
    put(bol, broken, bol_order("B2"), shipments=[bol_shipment("7", order="B1")])

    run_once(channel)

    assert refusals_of(channel)["order B1"] == "geen prijs van regel 2"  # In the shop's language.
    assert Order.objects.get().number == "B2"
    bol.orders["B1"] = bol_order("B1")
    asked = len(bol.asked)
    run_once(channel, NOW + HOUR)
    assert not any("orders/B1" in path for path in bol.asked[asked:])  # Not asked about all the time.
    run_once(channel, NOW + 7 * HOUR)
    assert refusals_of(channel) == {}
    assert {order.number for order in Order.objects.all()} == {"B1", "B2"}
    assert Parcel.objects.get().order.number == "B1"


def test_killed_between_the_rows_and_the_progress_nothing_is_lost_or_doubled(bol, channel, monkeypatch):
    put(bol, *(bol_order(f"K{n}") for n in range(5)), shipments=[bol_shipment(str(n), order=f"K{n}") for n in range(5)])

    class Killed(BaseException):
        """As a process ends: nothing in the code catches it."""

    def dying(after):
        left = [after]

        def keep(**values):
            left[0] -= 1
            if not left[0]:
                raise Killed
            keep_step(**values)

        return keep

    now = NOW
    for after in (1, 2, 4, 7):
        now += timedelta(minutes=11)  # Its lease is over by then.
        monkeypatch.setattr(running, "keep_step", dying(after))
        with pytest.raises(Killed):
            run_once(channel, now)
    monkeypatch.undo()
    run_once(channel, now + timedelta(minutes=11))

    assert (Order.objects.count(), Parcel.objects.count(), Scan.objects.count()) == (5, 5, 10)
    assert (ParcelUnit.objects.count(), refusals_of(channel)) == (5, {})


def test_one_run_at_a_time_and_who_lost_the_lease_writes_nothing(channel):
    first = claim_run(seller_id=channel.seller_id, channel_id=channel.id, now=NOW)
    assert claim_run(seller_id=channel.seller_id, channel_id=channel.id, now=NOW, early=True) is None
    second = claim_run(seller_id=channel.seller_id, channel_id=channel.id, now=NOW + timedelta(minutes=11))

    assert first
    assert second
    with pytest.raises(LeaseLost):
        keep_step(channel=first, progress={"x": 1}, outcome=StepOutcome(), now=NOW)
    assert "x" not in SalesChannel.objects.get().progress


def test_a_limit_is_obeyed_by_its_kind_and_the_rest_goes_on(bol, channel):
    put(bol, *(bol_order(f"L{n}") for n in range(4)), returns=[])
    bol.limits, bol.limit_headers = {"/retailer/orders/": 2}, {"Retry-After": "90"}

    assert run_once(channel) == ""

    assert Order.objects.count() == 2
    assert bol.counted("/retailer/returns") > 0
    assert SalesChannel.objects.get().next_run_at == NOW + timedelta(seconds=90)
    asked = bol.counted("/retailer/orders/")
    run_once(channel, NOW + timedelta(seconds=30))
    assert bol.counted("/retailer/orders/") == asked  # Not before the 90 seconds are over.
    bol.limits = {}
    run_once(channel, NOW + timedelta(seconds=91))
    assert Order.objects.count() == 4


def test_too_many_without_retry_after_waits_until_the_reset(bol, channel):
    put(bol, bol_order())
    bol.limits, bol.limit_headers = {"/retailer/orders": 0}, {"X-RateLimit-Reset": "120"}
    run_once(channel)
    assert SalesChannel.objects.get().next_run_at == NOW + timedelta(seconds=120)


def test_a_token_serves_several_runs_and_is_renewed_once_where_it_ends_on_the_way(bol, channel):
    put(bol, bol_order("T1"), bol_order("T2"))
    run_once(channel)
    run_once(channel, NOW + timedelta(minutes=2))
    assert len(bol.tokens) == 1

    ended: list[object] = []

    def ends(path):
        if path.startswith("/retailer/shipments") and not ended:
            ended.append(bol.tokens.append("given to somebody else"))

    bol.before = ends
    assert run_once(channel, NOW + timedelta(minutes=3)) == ""
    assert len(bol.tokens) == 3


def test_wrong_credentials_are_said_and_not_tried_all_the_time(bol, channel):
    bol.secret = "Basic others"

    assert run_once(channel) == "key-refused"

    row = SalesChannel.objects.get()
    assert (row.problem, row.failures, row.failing_since) == ("key-refused", 1, NOW)
    assert "invalid_client" in row.problem_detail
    assert row.next_run_at > NOW
    assert bol.asked == []


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ((503, {"title": "Down"}), "unreachable", "HTTP 503: Down"),
        ((200, b"<html>"), "answer-unusable", "without JSON"),
        ((200, b" " * (16 * 2**20 + 1)), "answer-unusable", "more than 16 MiB"),
    ],
)
def test_an_answer_of_no_use_fails_the_run_in_words(bol, channel, answer, code, said):
    bol.instead["/retailer/orders"] = answer
    assert run_once(channel) == code
    assert said in SalesChannel.objects.get().problem_detail


def test_a_return_that_is_handled_between_two_pages_comes_once_and_none_is_missed(bol, channel):
    """Open ones are listed oldest first, so all later ones move up by one."""
    put(bol, bol_order(), shipments=[bol_shipment()], returns=[bol_return(str(n)) for n in range(1, 7)])
    handled: list[object] = []

    def handling(path):
        if "returns?page=2&handled=false" in path and not handled:
            handled.append(path)
            bol.returns[0] = bol_return("1", result="ACCEPTED")

    bol.before = handling
    run_once(channel)

    rows = {row.code: row.status for row in Return.objects.all()}
    assert rows == {"R1-rma1": "received"} | {f"R{n}-rma{n}": "announced" for n in range(2, 7)}
    assert sum(line.quantity for line in ReturnUnit.objects.all()) == 6
    assert ParcelUnit.objects.get().quantity_returned == 6
    assert refusals_of(channel) == {}


def test_a_return_that_is_handled_late_is_looked_up(bol, channel):
    """It lies deep in the list of handled ones, behind pages that are all known."""
    handled = [bol_return(str(n), result="ACCEPTED") for n in range(2, 9)]
    put(bol, bol_order(), shipments=[bol_shipment()], returns=[bol_return("1"), *handled])
    run_once(channel)
    bol.returns[0] = bol_return("1", result="ACCEPTED")
    run_once(channel, NOW + HOUR)
    assert Return.objects.get(code="R1-rma1").status == "received"


@pytest.mark.parametrize(
    ("result", "status", "returned"),
    [("PENDING", "announced", 3), ("REJECTED", "cancelled", 0), ("ACCEPTED", "received", 3), ("NEW", "announced", 3)],
)
def test_a_return_follows_what_became_of_it(bol, channel, result, status, returned):
    put(bol, bol_order(), shipments=[bol_shipment()], returns=[bol_return("1", quantity=3)])
    run_once(channel)
    bol.returns = [bol_return("1", quantity=3, result=result)]
    run_once(channel, NOW + HOUR)
    assert (Return.objects.get().status, ParcelUnit.objects.get().quantity_returned) == (status, returned)


def test_a_return_of_more_than_was_sent_is_refused_in_words(bol, channel):
    put(bol, bol_order(), shipments=[bol_shipment()], returns=[bol_return("1", quantity=11)])
    run_once(channel)
    assert refusals_of(channel)["return R1-rma1"].startswith("van de 11 eenheden die teruggaan zijn er 10 verzonden")


def test_an_order_that_moves_between_two_pages_is_not_missed(bol, channel):
    """A changed order leaves its day's list, and those behind it move up."""
    put(bol, *(bol_order(f"M{n}") for n in range(5)))
    moved: list[object] = []

    def moving(path):
        if "orders?page=2" in path and "2026-03-08" in path and not moved:
            moved.append(path)
            bol.orders["M0"] = bol_order("M0", changed="2026-03-10T09:00:00+01:00")

    bol.before = moving
    run_once(channel)
    assert Order.objects.count() == 5
    assert SalesChannel.objects.get().progress["orders"]["day"] == "2026-03-10"


def test_shipments_that_have_not_arrived_are_asked_about_again_and_others_are_not(bol, channel):
    put(bol, bol_order(), shipments=[bol_shipment()])
    run_once(channel)
    assert WatchedShipment.objects.get().due_at == NOW + timedelta(days=1)
    event = {"eventCode": "DELIVERED_AT_CUSTOMER", "eventDateTime": "2026-03-11T09:00:00+01:00"}
    bol.shipments[0]["transport"]["transportEvents"].append(event)
    run_once(channel, NOW + 23 * HOUR)
    assert not Parcel.objects.get().delivered

    run_once(channel, NOW + 25 * HOUR)

    assert Parcel.objects.get().delivered
    assert not WatchedShipment.objects.exists()


def test_silent_parcels_are_asked_about_more_often(bol, channel):
    put(bol, bol_order(), shipments=[bol_shipment()])
    run_once(channel, NOW + timedelta(days=2))
    assert WatchedShipment.objects.get().due_at == NOW + timedelta(days=2, hours=6)


def test_an_event_that_nobody_knows_moves_nothing_and_is_kept(bol, channel):
    shipment = bol_shipment()
    event = {"eventCode": "TELEPORTED", "eventDateTime": "2026-03-09T17:21:07+01:00"}
    shipment["transport"]["transportEvents"].append(event)
    put(bol, bol_order(), shipments=[shipment])
    run_once(channel)
    assert Parcel.objects.get().last_status == "with_carrier"
    assert [(row.code, row.source) for row in UnmappedScan.objects.all()] == [("TELEPORTED", "bol")]


def test_new_shipments_are_read_down_to_what_is_known_and_no_further(bol, channel):
    put(bol, *(bol_order(f"N{n}") for n in range(8)))
    bol.shipments = [bol_shipment(str(n), order=f"N{n}") for n in range(7, -1, -1)]
    run_once(channel)
    asked = len(bol.asked)
    bol.orders["N8"] = bol_order("N8", changed="2026-03-10T10:00:00+01:00")
    bol.shipments.insert(0, bol_shipment("8", order="N8"))

    run_once(channel, NOW + HOUR)

    assert Parcel.objects.count() == 9
    lists = [path for path in bol.asked[asked:] if path.startswith("/retailer/shipments?") and "FBR" in path]
    assert len(lists) == 3  # One with the new one, and two without.


def test_names_of_carriers_that_nobody_knows_are_noted_for_the_operator(bol, channel):
    shipment = bol_shipment()
    shipment["transport"]["transporterCode"] = "Fiets-Koerier"
    put(bol, bol_order(), shipments=[shipment])
    run_once(channel)
    assert Parcel.objects.get().carrier == "Fiets-Koerier"
    assert CarrierName.objects.get().name == "Fiets-Koerier"


def test_times_count_as_bol_writes_them(bol, channel):
    put(bol, bol_order(), shipments=[bol_shipment()])
    run_once(channel)
    assert Parcel.objects.get().last_scanned_at == datetime(2026, 3, 8, 16, 21, 7, tzinfo=UTC)
    assert not RefusedRecord.objects.exists()


def test_the_job_runs_what_is_due_and_once(bol, channel):
    now = database_now()
    today = now.astimezone(AMSTERDAM).date().isoformat()
    put(bol, bol_order(changed=f"{today}T00:10:00+01:00"))
    SalesChannel.objects.update(progress={"orders": {"day": today, "done": {}}}, next_run_at=now)

    look_for_due_channels(0)
    look_for_due_channels(0)
    ((task, queue, args),) = fetch("SELECT task_name, queue_name, args FROM procrastinate_jobs", ())
    assert (task, queue) == ("sales-channels.run", "sales-channels")
    run_due_channel(**json.loads(args))

    assert Order.objects.get().number == "A2K8290LP8"
    row = SalesChannel.objects.get()
    assert (row.lease, row.problem) == (None, "")
    assert row.next_run_at > now
    asked = len(bol.asked)
    run_due_channel(**json.loads(args))
    assert len(bol.asked) == asked
