"""Partnerservice sees what sellers ask, with every fact of the case, and answers."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lostpost.accounts.policy import change_policy
from lostpost.customer_queries.add_note import add_note
from lostpost.customer_queries.models import TimelineEntry
from lostpost.partnerservice.answer_request import answer_request
from lostpost.partnerservice.ask_partnerservice import ask_partnerservice
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.writeoffs.write_off import write_off
from tests.cast import a_parcel, a_query, a_scan, all_of, an_item, an_order, row_counts, silent_parcel, user_of
from tests.portal.pages import Read

REQUESTS = "/desk/requests/"
HOUR = timedelta(hours=1)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def desk(client, pia):
    client.force_login(user_of(pia))
    return client


def put_request(member, *, now, sentence="She says nobody rang the bell.", at=None, **order):
    query = silent_parcel(member, status="delivered", now=now, **order)
    return ask_partnerservice(
        query=query.number,
        parcel=f"{query.order.number}-P1",
        item="1",
        sentence=sentence,
        by=member,
        now=at or now,
    )


def url(case):
    return f"{REQUESTS}{case.seller.code}/{case.id}/"


def get(client, path, **options):
    return Read(client.get(path, follow=True, **options))


# The list -----------------------------------------------------------------------------------------------------------


def test_the_queue_says_what_is_new_in_it_and_does_not_move(desk, anna, now):
    put_request(anna, now=now, at=now - HOUR, number="O-1")
    listed_at = f"{quote((now - HOUR / 2).isoformat())}&shown=0"
    assert f'hx-get="{REQUESTS}new/?kind=delivered&amp;since=' in desk.get(f"{REQUESTS}?kind=delivered").text
    assert desk.get(f"{REQUESTS}new/?since={listed_at}").status_code == 204

    put_request(anna, now=now, number="O-2")
    assert "1 new since you opened this list." in desk.get(f"{REQUESTS}new/?since={listed_at}").text
    assert desk.get(f"{REQUESTS}new/?kind=hold&since={listed_at}").status_code == 204
    assert desk.get(f"{REQUESTS}new/?state=answered&since={listed_at}").status_code == 204


def test_nothing_waits(desk):
    page = get(desk, REQUESTS)
    assert page.status == 200
    assert "No request waits" in page.text
    assert "Nothing was answered yet" in get(desk, REQUESTS, query_params={"state": "answered"}).text


def test_requests_of_all_sellers_are_listed_the_oldest_first(desk, anna, carla, now):
    newer = put_request(anna, now=now, number="A-1", at=now - HOUR)
    older = put_request(carla, now=now, number="C-1", at=now - 3 * HOUR, sentence="He moved house.")

    page = get(desk, REQUESTS)

    assert [link for link in page.links if link in (url(newer), url(older))] == [url(older), url(newer)]
    for words in (
        "1 × Desk lamp Aurora “He moved house.”",
        "Carla's Keramiek order C-1",
        "Delivered, says the carrier",
        "3 h ago Carla",
        "Partnerservice requests 2 waiting",
    ):
        assert words in page.text, words


def test_an_answered_request_moves_to_the_answered_ones(desk, anna, pia, now):
    case = put_request(anna, now=now)
    answer_request(seller_id=case.seller_id, request_id=case.id, answer="Ask DPD.", by=pia, now=now)
    assert url(case) not in get(desk, REQUESTS).links
    assert url(case) in get(desk, REQUESTS, query_params={"state": "answered"}).links


def test_the_list_needs_as_many_statements_for_25_requests_as_for_one_and_is_paged(desk, anna, now):
    def queries():
        with CaptureQueriesContext(connection) as counted:
            assert get(desk, REQUESTS).status == 200
        return len(counted)

    cases = [put_request(anna, now=now, at=now - 60 * HOUR)]
    few = queries()
    cases += [put_request(anna, now=now, at=now - (59 - n) * HOUR) for n in range(27)]
    assert queries() == few <= 9

    first = get(desk, REQUESTS)
    (following,) = [link for link in first.links if "after=" in link]
    second = get(desk, REQUESTS + following)
    assert [link for link in second.links if link in {url(case) for case in cases}] == [
        url(case) for case in cases[25:]
    ]


# One case -----------------------------------------------------------------------------------------------------------


def test_a_case_shows_every_fact_of_it(desk, anna, now):
    earlier = silent_parcel(anna, now=now, paid_minor=12_00)
    loss = write_off(query=earlier.number, selection=all_of(earlier), by=anna, key="earlier-loss", now=now)
    items = (an_item("1", title="Ceramic lamp", quantity=2, paid_minor=50_01), an_item("2", title="Shade"))
    order = an_order(anna.seller, *items, number="O-1", placed_days=12, now=now, customer_country="BE")
    parcel = a_parcel(order, units={"1": 2}, tracking_number="3SABC123", now=now)
    a_parcel(order, units={"2": 1}, tracking_number="3SOTHER", carrier="PostNL", now=now)
    a_scan(parcel, days=6, status="with_carrier", text="Handed over", location="Tilburg", now=now)
    a_scan(parcel, days=5, status="delivered", text="In the hall", location="Gent", now=now)
    query = a_query(order, anna, now=now - HOUR)
    add_note(number=query.number, text="For us alone.", by=anna, key="note-key-1", now=now)
    case = ask_partnerservice(
        query=query.number, parcel=parcel.code, item="1", sentence="The hall is open to all.", by=anna, now=now
    )

    page = get(desk, url(case))

    for words in (
        "2 × Ceramic lamp",
        "Lampenhuis · customer query",
        "The hall is open to all.",
        "When it was asked policy, version 0",
        "The carrier says that it was delivered",
        "Now",
        "Not possible",
        "Number O-1",
        "Units 2 of 2 in this parcel",
        "Paid for them €50.01",
        "Parcel 3SABC123",
        "“In the hall, Gent”",
        "“Handed over, Tilburg”",
        "Parcel 3SOTHER",
        "1 × Shade",
        "Klaas de Vries",
        "klaas@example.com",
        "Belgium",
        "Anna asked Partnerservice",
        "We are asking the carrier where your parcel is.",
        f"Earlier losses of this customer {loss.number}",
        "€12.00",
    ):
        assert words in page.text, words
    assert "For us alone" not in page.text, "notes are between the shop's own people"


def test_then_and_now_are_distinguished(desk, anna, now):
    case = put_request(anna, now=now)
    change_policy(values={"allow_after_delivery": True}, reason="Trial", by="Olga", now=now)
    order = case.query.order
    a_scan(a_parcel_of(order), days=1, now=now, status="in_transit", text="Found in the depot")

    page = get(desk, url(case))

    then, today = page.text.split("When it was asked")[1].split(" Now ")[:2]
    assert "policy, version 0" in then
    assert "The carrier says that it was delivered" in then
    assert "The carrier says that it was delivered" not in today.split("Timeline")[0]
    assert "Not yet:" in today


def a_parcel_of(order):
    return order.parcels.get()


def test_an_answer_goes_to_the_timeline_and_back_to_the_list(desk, anna, pia, now):
    case = put_request(anna, now=now)

    page = Read(desk.post(url(case), {"answer": "Ask DPD to look into it.\r\nThen write again."}, follow=True))

    assert page.response.redirect_chain == [(REQUESTS, 302)]
    assert "Your answer is on the timeline" in page.text
    case.refresh_from_db()
    assert (case.state, case.answered_by_name) == ("answered", "Pia")
    entry = TimelineEntry.objects.get(seller_id=anna.seller_id, kind="partnerservice.answered")
    assert (entry.text, entry.by_name) == ("Ask DPD to look into it.\nThen write again.", "Pia")
    again = get(desk, url(case))
    assert "Pia answered" in again.text
    assert "Send the answer" not in again.text


@pytest.mark.parametrize("answer", ["", "   ", "\x00", "x" * 10_001])
def test_an_invalid_answer_is_refused_and_kept(desk, anna, now, answer):
    case = put_request(anna, now=now)
    before = row_counts()

    page = Read(desk.post(url(case), {"answer": answer}))

    assert page.status == 422
    assert "This was not done yet" in page.text
    assert answer.strip("\x00 ") in page.html
    assert row_counts() == before
    case.refresh_from_db()
    assert case.state == "waiting"


def test_a_second_answer_is_refused_and_its_text_kept(desk, anna, now, pia):
    case = put_request(anna, now=now)
    answer_request(seller_id=case.seller_id, request_id=case.id, answer="Ask DPD.", by=pia, now=now)
    before = row_counts()

    page = Read(desk.post(url(case), {"answer": "No, ask the neighbours."}))

    assert page.status == 409
    assert "This request was answered before; read the answer." in page.text
    assert "Ask DPD." in page.text
    assert "No, ask the neighbours." in page.text
    assert row_counts() == before


@pytest.mark.parametrize("shop", ["carlas-keramiek", "no-such-shop"])
def test_a_request_is_found_under_its_own_shop_alone(desk, anna, carla, now, shop):
    case = put_request(anna, now=now)
    assert get(desk, f"{REQUESTS}{shop}/{case.id}/").status == 404
    assert get(desk, f"{REQUESTS}lampenhuis/{carla.seller_id}/").status == 404


def test_sellers_and_customers_text_is_escaped(desk, anna, now):
    evil = "<script>alert(1)</script>"
    case = put_request(anna, now=now, sentence=evil, customer_name=evil)
    for page in (get(desk, REQUESTS), get(desk, url(case))):
        assert evil not in page.html
        assert evil in page.text


def test_a_case_needs_as_many_statements_for_a_long_timeline_as_for_a_short_one(desk, anna, now):
    def queries(case):
        with CaptureQueriesContext(connection) as counted:
            assert get(desk, url(case)).status == 200
        return len(counted)

    short, long = put_request(anna, now=now), put_request(anna, now=now)
    parcel = a_parcel_of(long.query.order)
    for n in range(20):
        a_scan(parcel, days=20 - n, now=now, text=f"Scan {n}")
        add_note(number=long.query.number, text=f"Note {n}", by=anna, key=f"note-key-{n}", now=now)
    assert queries(long) == queries(short) <= 24


def test_dates_and_amounts_are_written_as_dutch_readers_do(desk, anna, now):
    case = put_request(anna, now=now, paid_minor=1234_56)
    page = get(desk, url(case), headers={"Accept-Language": "nl"})
    assert '<html lang="nl">' in page.html
    assert "€\xa01.234,56" in page.html
    assert PartnerserviceRequest.objects.get().state == "waiting"
