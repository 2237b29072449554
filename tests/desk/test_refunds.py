"""Finance sees what has to be paid over all sellers, and records what happened; each state shows on the timeline."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lostpost.customer_queries.models import TimelineEntry
from lostpost.refunds.models import Refund
from lostpost.refunds.settle_refund import mark_refund_failed, mark_refund_paid
from lostpost.writeoffs.write_off import write_off
from tests.cast import all_of, row_counts, silent_parcel, user_of
from tests.portal.pages import Read

REFUNDS = "/desk/refunds/"
HOUR = timedelta(hours=1)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def desk(client, fien):
    client.force_login(user_of(fien))
    return client


def refunded(member, *, now, at=None, **values):
    query = silent_parcel(member, now=now, **values)
    key = f"key-of-{query.number}"
    result = write_off(query=query.number, selection=all_of(query), by=member, key=key, now=at or now)
    return Refund.objects.select_related("seller").get(seller_id=result.seller_id, id=result.refund_id)


def failed(member, fien, *, now, **values):
    refund = refunded(member, now=now, **values)
    problem = "The account was closed."
    return mark_refund_failed(seller_id=refund.seller_id, number=refund.number, problem=problem, by=fien, now=now)


def url(refund):
    return f"{REFUNDS}{refund.seller.code}/{refund.number}/"


def get(client, path, **options):
    return Read(client.get(path, follow=True, **options))


def bucket(client, state):
    return get(client, REFUNDS, query_params={"state": state})


def kinds(refund):
    entries = TimelineEntry.objects.filter(seller_id=refund.seller_id, kind__startswith="refund.")
    return list(entries.order_by("at", "id").values_list("kind", flat=True))


# The list -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("requested", "Nothing to pay"),
        ("failed", "No refund has failed"),
        ("sent", "Nothing in this state"),
        ("confirmed", "Nothing in this state"),
        ("nonsense", "Nothing to pay"),
    ],
)
def test_nothing_to_do(desk, state, words):
    page = bucket(desk, state)
    assert (page.status, words in page.text) == (200, True)


def test_refunds_of_all_sellers_are_listed_the_oldest_first_with_sums(desk, anna, carla, now):
    newer = refunded(anna, now=now, paid_minor=25_00, number="A-1", at=now - HOUR)
    older = refunded(carla, now=now, paid_minor=10_50, number="C-1", at=now - 30 * HOUR, customer_name="Aiko Tanaka")
    refunded(carla, now=now, paid_minor=3500, currency="JPY", at=now)

    page = get(desk, REFUNDS)

    assert [link for link in page.links if link in (url(newer), url(older))] == [url(older), url(newer)]
    for words in (
        "€35.50 2 refunds ¥3,500 1 refund",
        "To pay 3 Failed 0 Sent 0 Paid",
        f"{older.number} Carla's Keramiek",
        "Aiko Tanaka order C-1",
        "Refund requested 1 day ago",
        "€10.50",
        "Refunds 3 not yet paid",
    ):
        assert words in page.text, words


def test_each_state_has_its_list(desk, anna, fien, now):
    waiting = refunded(anna, now=now)
    broken = failed(anna, fien, now=now)
    paid = refunded(anna, now=now)
    mark_refund_paid(seller_id=anna.seller_id, number=paid.number, reference="BANK-7", by=fien, now=now)

    assert url(waiting) in bucket(desk, "requested").links
    assert url(broken) in bucket(desk, "failed").links
    assert "The account was closed." in bucket(desk, "failed").text
    assert url(paid) in bucket(desk, "confirmed").links
    assert "Reference BANK-7" in bucket(desk, "confirmed").text
    assert url(paid) not in bucket(desk, "requested").links


def test_the_list_needs_as_many_statements_for_25_refunds_as_for_one_and_is_paged(desk, anna, now):
    def queries():
        with CaptureQueriesContext(connection) as counted:
            assert get(desk, REFUNDS).status == 200
        return len(counted)

    refunds = [refunded(anna, now=now, at=now - 60 * HOUR)]
    few = queries()
    refunds += [refunded(anna, now=now, at=now - (59 - n) * HOUR) for n in range(27)]
    assert queries() == few <= 10

    first = get(desk, REFUNDS)
    (following,) = [link for link in first.links if "after=" in link]
    second = get(desk, REFUNDS + following)
    assert [link for link in second.links if link.startswith(f"{REFUNDS}lampenhuis/")] == [
        url(each) for each in refunds[25:]
    ]


# One refund ---------------------------------------------------------------------------------------------------------


def test_a_refund_shows_its_reason(desk, anna, now):
    refund = refunded(anna, now=now, paid_minor=25_00, quantity=2, delivery_costs_minor=4_95, number="A-1")
    page = get(desk, url(refund))
    for words in (
        f"Refund {refund.number}",
        "Lampenhuis · order A-1 · Klaas de Vries",
        "2 × Desk lamp Aurora €25.00",
        "Delivery costs €4.95",
        "The customer receives €29.95",
        "klaas@example.com",
    ):
        assert words in page.text, words


def test_marking_it_paid_books_it_and_adds_a_timeline_entry(desk, anna, now):
    refund = refunded(anna, now=now)

    page = Read(desk.post(url(refund), {"step": "paid", "reference": " BANK  2026-7 "}, follow=True))

    assert page.response.redirect_chain == [(f"{REFUNDS}?state=requested", 302)]
    assert f"Refund {refund.number} is marked as paid" in page.text
    refund.refresh_from_db()
    assert (refund.state, refund.reference) == ("confirmed", "BANK 2026-7")
    assert kinds(refund)[-1] == "refund.confirmed"
    assert not get(desk, url(refund)).has_form(url(refund))


def test_a_failed_refund_is_retried(desk, anna, now):
    refund = refunded(anna, now=now)

    page = Read(desk.post(url(refund), {"step": "failed", "problem": "The account was closed."}, follow=True))
    assert f"Refund {refund.number} is marked as failed" in page.text
    assert "It failed The account was closed." in get(desk, url(refund)).text

    page = Read(desk.post(url(refund), {"step": "retry"}, follow=True))
    assert f"Refund {refund.number} is to be paid again." in page.text
    refund.refresh_from_db()
    assert refund.state == "requested"
    assert kinds(refund)[-2:] == ["refund.failed", "refund.requested"]


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"step": "paid", "reference": "  "}, "Write down the reference of the payment"),
        ({"step": "paid", "reference": "x" * 201}, "Write down the reference of the payment"),
        ({"step": "failed", "problem": ""}, "Write down why the payment failed"),
        ({"step": "sent"}, "Choose what happened to the refund"),
        ({}, "Choose what happened to the refund"),
    ],
)
def test_an_invalid_outcome_is_refused_and_typed_text_is_kept(desk, anna, now, sent, sentence):
    refund = refunded(anna, now=now)
    before = row_counts()

    page = Read(desk.post(url(refund), sent))

    assert page.status == 422
    assert "This was not done yet" in page.text
    assert sentence in page.text
    typed = sent.get("reference", "").strip()
    assert typed in page.html
    assert row_counts() == before
    refund.refresh_from_db()
    assert refund.state == "requested"


def test_a_slower_second_tab_gets_a_message(desk, anna, fien, now):
    refund = refunded(anna, now=now)
    mark_refund_paid(seller_id=refund.seller_id, number=refund.number, reference="BANK-7", by=fien, now=now)
    before = row_counts()

    page = Read(desk.post(url(refund), {"step": "failed", "problem": "The account was closed."}))

    assert page.status == 409
    assert "is “Confirmed” already" in page.text
    assert "BANK-7" in page.text
    assert row_counts() == before


def test_unstorable_characters_are_no_error(desk, anna, now):
    refund = refunded(anna, now=now)
    for sent in ({"step": "paid\x00", "reference": "B"}, {"step": "paid", "reference": "BANK\x007 \u2028"}):
        assert desk.post(url(refund), sent).status_code in (302, 422)


def test_a_double_click_pays_once(desk, anna, now):
    refund = refunded(anna, now=now)
    for _ in range(2):
        assert desk.post(url(refund), {"step": "paid", "reference": "BANK-7"}).status_code == 302
    assert kinds(refund).count("refund.confirmed") == 1


@pytest.mark.parametrize("shop", ["carlas-keramiek", "no-such-shop"])
def test_a_refund_is_found_under_its_own_shop_alone(desk, anna, carla, now, shop):
    refund = refunded(anna, now=now)
    assert get(desk, f"{REFUNDS}{shop}/{refund.number}/").status == 404
    assert desk.post(f"{REFUNDS}{shop}/{refund.number}/", {"step": "paid", "reference": "B-1"}).status_code == 404


def test_names_references_and_problems_are_text(desk, anna, fien, now):
    evil = "<script>alert(1)</script>"
    refund = refunded(anna, now=now, customer_name=evil)
    mark_refund_failed(seller_id=refund.seller_id, number=refund.number, problem=evil, by=fien, now=now)
    for page in (bucket(desk, "failed"), get(desk, url(refund))):
        assert evil not in page.html
        assert page.text.count(evil) >= 2


def test_dates_and_amounts_are_written_as_dutch_readers_do(desk, anna, now):
    refunded(anna, now=now, paid_minor=1234_56)
    page = get(desk, REFUNDS, headers={"Accept-Language": "nl"})
    assert '<html lang="nl">' in page.html
    assert "€\xa01.234,56" in page.html
