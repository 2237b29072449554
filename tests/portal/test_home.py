"""What waits for a seller: everything that does, once, oldest first, and nothing of another shop."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lostpost.answering.answer_query import answer_query
from lostpost.customer_queries.add_note import add_note
from lostpost.customer_queries.clock_hours import late_from
from lostpost.customer_queries.list_filters import ListFilters
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.put_aside import put_aside
from lostpost.customer_queries.receive_message import receive_message
from lostpost.customer_queries.worklist import Listing
from lostpost.eligibility.policy import Policy
from lostpost.insight.worklist import work_page
from lostpost.partnerservice.answer_request import answer_request
from lostpost.partnerservice.ask_partnerservice import ask_partnerservice
from lostpost.portal.home import WAIT_FOR_OTHERS
from lostpost.refunds.settle_refund import mark_refund_failed, mark_refund_paid
from lostpost.writeoffs.assess_stakes import assess_stakes
from lostpost.writeoffs.write_off import write_off
from tests.cast import a_parcel, a_query, a_return, a_scan, all_of, an_order, silent_parcel
from tests.portal.pages import Site

HOME = "/shops/lampenhuis/"
HOUR = timedelta(hours=1)


@pytest.fixture
def site(client, anna):
    return Site(client, anna)


@pytest.fixture
def now():
    return timezone.now()


def written_off(member, now, **values):
    query = silent_parcel(member, now=now, **values)
    return query, write_off(query=query.number, selection=all_of(query), by=member, key=f"key-{query.number}", now=now)


def waiting(member, now):
    """Return what is to be done in each open query that the home page would show."""
    listing = Listing(member.seller_id, ListFilters(), Policy(), now, member.user_id)
    rows = work_page(listing, (), behind=None, size=20).rows
    return [(row.action, row.query.number) for row in rows if row.query and row.action not in WAIT_FOR_OTHERS]


def test_nothing_waits(site):
    page = site.get(HOME)
    assert page.status == 200
    assert "Nothing waits for you" in page.text
    assert "No refund is on its way" in page.text
    assert "Parcels that went silent" not in page.text


def test_open_work_shows_reason_and_customer(site, anna, now):
    query = silent_parcel(anna, quiet_days=1, customer_name="Fatima El Amrani", now=now)
    receive_message(seller_id=anna.seller_id, number=query.number, message="Well?", now=now)
    page = site.get(HOME)
    assert "Where is my parcel?" in page.text
    assert f"Fatima El Amrani · order {query.order.number}" in page.text
    assert "Answer answer by" in page.text
    assert site.query(query) in [link.split("?")[0] for link in page.links]
    assert "Customer queries 1 open" in page.text


def test_each_query_is_listed_once_for_the_reason_hardest_to_notice(anna, pia, fien, now):
    plain = silent_parcel(anna, quiet_days=1, now=now)
    receive_message(seller_id=anna.seller_id, number=plain.number, message="Well?", now=now)
    eligible = silent_parcel(anna, quiet_days=9, now=now)
    failed, result = written_off(anna, now)
    mark_refund_failed(seller_id=anna.seller_id, number=result.number, problem="Account closed.", by=fien, now=now)
    request_query = silent_parcel(anna, status="delivered", now=now)
    case = {"parcel": f"{request_query.order.number}-P1", "item": "1", "sentence": "She has it not."}
    request = ask_partnerservice(query=request_query.number, by=anna, now=now, **case)
    answer_request(seller_id=anna.seller_id, request_id=request.id, answer="Ask DPD.", by=pia, now=now + HOUR)

    assert sorted(waiting(anna, now + 2 * HOUR)) == sorted(
        [
            ("answer", plain.number),
            ("write-off", eligible.number),
            ("refund-failed", failed.number),
            ("answered", request_query.number),
        ]
    )

    add_note(number=request_query.number, text="Asked DPD.", by=anna, key="note-key-1", now=now + 2 * HOUR)
    numbers = [number for _kind, number in waiting(anna, now + 3 * HOUR)]
    assert request_query.number not in numbers, "an answer that somebody acted on is seen, and no customer waits"


def test_what_was_put_aside_and_can_be_written_off_is_counted(site, anna, now):
    query = silent_parcel(anna, quiet_days=5, now=now)
    put_aside(number=query.number, state="waiting_for_customer", by=anna, now=now)
    assert waiting(anna, now) == []
    assert "can be written off now" not in site.get(HOME).text
    assess_stakes(seller_id=anna.seller_id, query_ids=[query.id], now=now)
    page = site.get(HOME)
    assert "Waiting for customer, and can be written off now: 1" in page.text
    assert f"{HOME}customer-queries/?state=waiting_for_customer&need=write-off" in page.links


def test_views_that_have_something_are_counted_and_lead_to_their_list(site, anna, now):
    query = silent_parcel(anna, quiet_days=1, now=now)
    receive_message(seller_id=anna.seller_id, number=query.number, message="Well?", now=now - timedelta(days=7))
    page = site.get(HOME)
    assert "To do 1 Due today 1 Answer awaited 1 Nobody has it 1" in page.text
    assert f"{HOME}customer-queries/?need=answer" in page.links


def test_longest_waiting_is_first_and_too_long_is_marked(site, anna, now):
    older = silent_parcel(anna, quiet_days=1, now=now, number="B-1")
    newer = silent_parcel(anna, quiet_days=1, now=now, number="A-1")
    message = {"seller_id": anna.seller_id, "message": "Where is it?"}
    receive_message(number=older.number, now=now - timedelta(days=10), **message)
    receive_message(number=newer.number, now=now, **message)

    page = site.get(HOME)

    assert page.html.index("B-1") < page.html.index("A-1")
    assert page.text.count("too long") == 1
    assert late_from(now, country="NL", zone=Policy().zone) > now


def test_no_answer_is_due_if_the_shop_wrote_last(site, anna, now):
    earlier = silent_parcel(anna, quiet_days=1, now=now - timedelta(days=20))
    query = silent_parcel(anna, quiet_days=1, now=now)
    assert waiting(anna, now) == [("write-off", earlier.number)], "the shop opened it itself"

    receive_message(seller_id=anna.seller_id, number=query.number, message="Where is it?", now=now)
    assert ("answer", query.number) in waiting(anna, now)
    assert "Answer answer by" in site.get(HOME).text

    answer_query(number=query.number, message="We look.", leave_open=True, by=anna, key="an-answer-1", now=now)
    assert ("answer", query.number) not in waiting(anna, now)
    assert "Answer answer by" not in site.get(HOME).text


def test_too_long_counts_from_the_customers_message(site, anna, fien, now):
    query, result = written_off(anna, now)
    receive_message(seller_id=anna.seller_id, number=query.number, message="Well?", now=now - timedelta(days=10))
    mark_refund_failed(seller_id=anna.seller_id, number=result.number, problem="Account closed.", by=fien, now=now)
    assert "Refund failed waiting 10 days, too long" in site.get(HOME).text


def test_parcels_that_went_silent_are_shown_until_somebody_asks(site, anna, now):
    order = an_order(anna.seller, number="S-1", customer_name="Sofie Peeters", now=now)
    parcel = a_parcel(order, now=now, tracking_number="3SILENT")
    a_scan(parcel, days=5, now=now)

    page = site.get(HOME)
    assert "Parcels that went silent" in page.text
    assert "Sofie Peeters" in page.text
    assert "5 days silent" in page.text
    assert f"{HOME}orders/S-1/contact/?template=silent" in page.links

    a_query(order, anna, now=now)
    assert "Parcels that went silent" not in site.get(HOME).text


@pytest.mark.parametrize(
    "values",
    [
        {"shipping_method": "label_via_platform"},
        {"scan": {"status": "delivered"}},
        {"scan": {"status": "returning"}},
        {"scan": {"status": "at_pickup_point"}},
        {"scan": {"days": 2}},
        {"placed_days": 61, "shipped_days": 59},
        {"returned": True},
    ],
    ids=str,
)
def test_parcels_that_may_not_be_written_off_are_not_called_silent(site, anna, now, values):
    order = an_order(anna.seller, placed_days=values.get("placed_days", 10), now=now)
    method, shipped_days = values.get("shipping_method", "own"), values.get("shipped_days", 9)
    parcel = a_parcel(order, shipping_method=method, shipped_days=shipped_days, now=now)
    a_scan(parcel, now=now, **{"days": 5, **values.get("scan", {})})
    if values.get("returned"):
        a_return(order, {(parcel.code, "1"): 1}, now=now)
    assert "Parcels that went silent" not in site.get(HOME).text


def test_money_on_its_way_is_added_up_for_each_currency(site, anna, fien, now):
    written_off(anna, now, paid_minor=10_00, number="E-1")
    written_off(anna, now, paid_minor=5_50, number="E-2")
    written_off(anna, now, paid_minor=3500, number="J-1", currency="JPY")
    _query, paid = written_off(anna, now, paid_minor=99_99, number="E-3")
    mark_refund_paid(seller_id=anna.seller_id, number=paid.number, reference="B-1", by=fien, now=now)

    page = site.get(HOME)

    assert "Money on its way €15.50 ¥3,500" in page.text
    assert "99.99" not in page.text


def test_a_question_to_partnerservice_is_shown_while_it_waits(site, anna, now):
    query = silent_parcel(anna, status="delivered", now=now)
    case = {"parcel": f"{query.order.number}-P1", "item": "1", "sentence": "She has it not."}
    ask_partnerservice(query=query.number, by=anna, now=now, **case)
    assert "Asked of Partnerservice Desk lamp Aurora Waiting for Partnerservice" in site.get(HOME).text


def test_nothing_of_another_shop_is_shown(site, carla, now):
    written_off(carla, now, customer_name="Carlas Klant", quiet_days=9)
    parcel = a_parcel(an_order(carla.seller, number="S-9", customer_name="Carlas Klant", now=now), now=now)
    a_scan(parcel, days=5, now=now)
    page = site.get(HOME)
    assert "Carlas Klant" not in page.text
    assert "Nothing waits for you" in page.text


def test_a_viewer_sees_it_without_what_only_others_may_do(client, vera, anna, now):
    a_scan(a_parcel(an_order(anna.seller, number="S-1", now=now), now=now), days=5, now=now)
    page = Site(client, vera).get(HOME)
    assert "Parcels that went silent" in page.text
    assert "Start customer contact" not in page.text


def test_names_are_text(site, anna, now):
    silent_parcel(anna, customer_name="<img src=x onerror=alert(1)>", now=now)
    page = site.get(HOME)
    assert "<img src=x" not in page.html
    assert "<img src=x onerror=alert(1)>" in page.text


def test_the_page_needs_as_many_statements_for_many_as_for_few(site, anna, now):
    def query_count():
        with CaptureQueriesContext(connection) as queries:
            assert site.get(HOME).status == 200
        return len(queries)

    def more(n):
        for _ in range(n):
            silent_parcel(anna, now=now)
            written_off(anna, now)
            a_scan(a_parcel(an_order(anna.seller, now=now), now=now), days=5, now=now)
            query = silent_parcel(anna, status="delivered", now=now)
            case = {"parcel": f"{query.order.number}-P1", "item": "1", "sentence": "She has it not."}
            ask_partnerservice(query=query.number, by=anna, now=now, **case)

    more(1)
    few = query_count()
    more(6)
    assert query_count() == few <= 25


def test_more_than_fits_is_mentioned(site, anna, now):
    for _ in range(11):
        silent_parcel(anna, quiet_days=1, now=now)
    CustomerQuery.objects.filter(seller_id=anna.seller_id).update(
        unanswered_since=now, answer_due_at=now + timedelta(days=1)
    )
    page = site.get(HOME)
    assert page.html.count('class="main-link"') == 10
    assert "All open customer queries" in page.text


def test_amounts_are_written_as_dutch_readers_do(site, anna, now):
    written_off(anna, now, paid_minor=1234_56)
    page = site.get(HOME, headers={"Accept-Language": "nl"})
    assert '<html lang="nl">' in page.html
    assert "€\xa01.234,56" in page.html


def test_the_share_of_answers_in_time_is_shown_once_there_is_one(site, anna, now):
    assert "Answered within 24 hours" not in site.get(HOME).text
    late, query = (silent_parcel(anna, now=now) for _ in range(2))
    for each, written_at in ((late, now - timedelta(days=9)), (query, now)):
        receive_message(seller_id=anna.seller_id, number=each.number, message="Well?", now=written_at)
    answer_query(number=query.number, message="Soon.", leave_open=True, by=anna, key="answer-1", now=now)
    text = " ".join(site.get(HOME).text.split())
    assert "50 %" in text
    assert "of 1 answer in the last 28 days" in text
    assert "1 customer who waits for longer is counted" in text
