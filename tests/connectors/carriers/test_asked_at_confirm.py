"""Asked again at confirm: a newer scan stops it, a carrier without an answer does not; without one nothing is asked."""

from __future__ import annotations

import threading
from time import monotonic
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lostpost.carrier_feeds.models import CarrierFeed
from lostpost.connector_accounts.models import ConnectorAccount
from lostpost.connectors.carriers import ask_before_write_off as asking
from lostpost.connectors.carriers.ask_before_write_off import AskLimit, ask_before_write_off, ask_soon
from lostpost.connectors.connect_account import disconnect_account
from lostpost.core.sql import database_now
from lostpost.jobs.carriers import poll_carrier
from lostpost.jobs.write_off_batches import run_batch_job
from lostpost.orders.models import Parcel
from lostpost.tracking.models import ParcelPoll
from lostpost.tracking.parcel_polls import claim_parcel_poll, release_poll, settle_poll
from lostpost.writeoffs.models import WriteOff
from tests.api.machine import Machine, a_lost_parcel, a_machine_of, a_platform
from tests.cast import silent_parcel
from tests.connectors.carriers.test_clients import postnl_answer
from tests.connectors.carriers.test_polling import ago
from tests.portal.pages import Site
from tests.portal.write_off_pages import checked, screen
from tests.waiting import WAIT_SECONDS

pytestmark = pytest.mark.django_db
NUMBER = "3SLAMP01"


def by_postnl(query):
    """Let the query's only parcel be one of PostNL's; return its code."""
    parcel = Parcel.objects.get(seller_id=query.seller_id, order_id=query.order_id)
    Parcel.objects.filter(seller_id=query.seller_id, id=parcel.id).update(
        carrier="PostNL", carrier_normalised="postnl", tracking_number=NUMBER, tracking_number_normalised="3slamp01"
    )
    return parcel.code


def test_a_newer_scan_stops_the_confirmation_on_the_page(client, anna, carrier, account_of):
    query, site = silent_parcel(anna, now=timezone.now()), Site(client, anna)
    code = by_postnl(query)
    account_of("postnl")
    form = checked(site, screen(site, query), {f"{code}/1": "1"}).form("/confirm/")
    carrier.says(200, postnl_answer(("J05", ago(hours=2))))

    page = site.post(form.action, form.filled())

    assert page.status == 409
    assert "has a new Track & Trace update of" in page.text
    assert not WriteOff.objects.exists()
    assert len(carrier.asked) == 1


@pytest.mark.parametrize("says", [(404, {}), (503, {})])
def test_a_carrier_without_an_answer_stops_nobody_and_is_named(client, anna, carrier, account_of, says):
    query, site = silent_parcel(anna, now=timezone.now()), Site(client, anna)
    code = by_postnl(query)
    account_of("postnl")
    form = checked(site, screen(site, query), {f"{code}/1": "1"}).form("/confirm/")
    carrier.says(*says)

    page = site.post(form.action, form.filled())

    assert WriteOff.objects.count() == 1
    assert "Written off. The customer receives" in page.text
    assert ("We could not ask PostNL once more" in page.text) == (says[0] == 503)


def a_machine_with_a_lost_parcel() -> tuple[Machine, str]:
    number = a_lost_parcel(a_platform())
    Parcel.objects.update(carrier="PostNL", carrier_normalised="postnl", tracking_number_normalised="3slamp01")
    Parcel.objects.update(tracking_number=NUMBER)
    return a_machine_of("lampenhuis"), number


def test_programs_are_refused_too_and_told_who_did_not_answer(carrier, account_of):
    shop, number = a_machine_with_a_lost_parcel()
    account_of("postnl")
    wish = {"customer_query": number, "lines": [{"parcel": "P1", "item": "A", "quantity": 1}]}
    carrier.says(200, postnl_answer(("J05", ago(hours=2))))
    refused = shop.call("post", "/write-offs", wish, key="asked-again-1")
    assert (refused.status_code, refused.json()["code"]) == (422, "not-eligible")

    Parcel.objects.update(last_status="", last_scanned_at=None)
    ParcelPoll.objects.all().delete()
    carrier.says(200, "rubbish")
    done = shop.call("post", "/write-offs", wish, key="asked-again-2")
    assert (done.status_code, done.headers["Carriers-Not-Asked"]) == (201, "PostNL")


def test_without_an_account_nothing_is_asked_of_the_database(anna):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert ask_before_write_off(seller_id=anna.seller_id, parcels=["P1"]) == []
        ask_soon(seller_id=anna.seller_id, parcels=["P1"])
    assert len(captured) == 0


def test_what_was_answered_lately_and_what_is_paused_is_not_asked(anna, carrier, account_of):
    code = by_postnl(silent_parcel(anna, now=timezone.now()))
    account = account_of("postnl")
    carrier.says(404, {})
    for _twice in range(2):
        assert ask_before_write_off(seller_id=anna.seller_id, parcels=[code, "no-such-parcel"]) == []
    assert len(carrier.asked) == 1

    ParcelPoll.objects.update(asked_at=None)
    ConnectorAccount.objects.update(next_call_at=timezone.now() + asking.FRESH)
    began = monotonic()
    assert ask_before_write_off(seller_id=anna.seller_id, parcels=[code]) == ["PostNL"]
    assert monotonic() - began < 1
    assert len(carrier.asked) == 1
    assert ParcelPoll.objects.filter(connector=account.connector, claimed_until=None).exists()


def test_a_carrier_that_hangs_costs_no_more_than_its_time(anna, carrier, account_of, monkeypatch):
    monkeypatch.setattr(asking, "ASK_SECONDS", 0.3)
    code = by_postnl(silent_parcel(anna, now=timezone.now()))
    account_of("postnl")
    carrier.hold.clear()
    limit = AskLimit(seconds=60)
    began = monotonic()
    for _line in range(3):  # As in a batch: it is asked once.
        assert ask_before_write_off(seller_id=anna.seller_id, parcels=[code], limit=limit) == ["PostNL"]
    assert monotonic() - began < 5
    assert len(carrier.asked) == 1


def test_while_a_worker_asks_nobody_else_does(anna, carrier, account_of, monkeypatch):
    monkeypatch.setattr(asking, "ASK_SECONDS", 0.5)
    query = silent_parcel(anna, now=timezone.now())
    code = by_postnl(query)
    account_of("postnl")
    parcel = Parcel.objects.get(seller_id=anna.seller_id, code=code)
    wish = {"seller_id": anna.seller_id, "parcel_id": parcel.id, "connector": "postnl"}
    claim = claim_parcel_poll(**wish, now=database_now())
    assert claim
    assert claim_parcel_poll(**wish, now=database_now()) is None
    assert ask_before_write_off(seller_id=anna.seller_id, parcels=[code]) == ["PostNL"]

    def answered(_seconds: float) -> None:
        settle_poll(claim=claim, next_poll_at=database_now(), asked_at=database_now())

    monkeypatch.setattr(asking, "sleep", answered)
    assert ask_before_write_off(seller_id=anna.seller_id, parcels=[code]) == []
    assert carrier.asked == []
    release_poll(claim=claim, next_poll_at=claim.until)  # Too late: it is not the worker's any more.
    assert ParcelPoll.objects.get().next_poll_at < claim.until


def test_on_the_way_to_the_last_page_the_parcel_comes_first(client, anna, carrier, account_of):
    query, site = silent_parcel(anna, now=timezone.now()), Site(client, anna)
    code = by_postnl(query)
    account_of("postnl")
    parcel = Parcel.objects.get(seller_id=anna.seller_id, code=code)
    later = timezone.now() + asking.FRESH
    ParcelPoll.objects.create(
        seller_id=anna.seller_id, parcel_id=parcel.id, connector="postnl", urgency=2, next_poll_at=later
    )
    checked(site, screen(site, query), {f"{code}/1": "1"})
    row = ParcelPoll.objects.get()
    assert (row.urgency, row.next_poll_at < later) == (0, True)


def test_a_batch_asks_before_each_of_its_lines(carrier, account_of):
    shop, number = a_machine_with_a_lost_parcel()
    account_of("postnl")
    (line,) = shop.call("post", "/write-offs/batch/preview", {"customer_queries": [{"customer_query": number}]}).json()[
        "customer_queries"
    ]
    wish = {"customer_queries": [{"customer_query": number, "lines": line["lines"], "token": line["token"]}]}
    batch = shop.call("post", "/write-offs/batch", wish, key="batch-number-1").json()
    carrier.says(200, postnl_answer(("J05", ago(hours=2))))

    run_batch_job(seller=str(Parcel.objects.get().seller_id), batch=str(UUID(batch["id"])))

    (after,) = shop.call("get", f"/write-off-batches/{batch['id']}").json()["customer_queries"]
    assert after["state"] == "refused"
    assert not WriteOff.objects.exists()


def test_a_carrier_shows_signs_of_life_each_hour(anna, carrier, account_of):
    code = by_postnl(silent_parcel(anna, now=timezone.now()))
    account = account_of("postnl")
    carrier.says(404, {})
    ask_before_write_off(seller_id=anna.seller_id, parcels=[code])
    feed = CarrierFeed.objects.get(carrier_normalised="postnl")
    poll_carrier(account=str(account.id))
    assert len(carrier.asked) == 1  # It has answered within the hour.

    ConnectorAccount.objects.update(answered_at=timezone.now() - asking.FRESH_IN_BULK)
    poll_carrier(account=str(account.id))
    assert "3SLPST0000000" in carrier.asked[1].path
    assert CarrierFeed.objects.filter(carrier_normalised="postnl", answered_at__gt=feed.answered_at).exists()

    disconnect_account(connector="postnl", seller=None)
    assert CarrierFeed.objects.get(carrier_normalised="postnl").answered_at is None


@pytest.mark.django_db(transaction=True)
def test_known_accounts_are_read_again_without_waiting(account_of, monkeypatch):
    from lostpost.connector_accounts import known_accounts as known

    account_of("postnl")
    assert len(known.known_accounts()) == 1
    ConnectorAccount.objects.all().delete()
    assert len(known.known_accounts()) == 1
    monkeypatch.setattr(known, "READ_EVERY_SECONDS", 0.0)
    assert len(known.known_accounts()) == 1  # And a thread begins to read.
    monkeypatch.setattr(known, "READ_EVERY_SECONDS", float("inf"))
    for thread in threading.enumerate():
        if thread.name == "known accounts":
            thread.join(WAIT_SECONDS)
    assert known.known_accounts() == ()
