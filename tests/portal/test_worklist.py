"""The worklist: what each row says, filters, views, orders and pages, and a list that is kept while somebody works."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone

from lostpost.accounts.policy import change_policy
from lostpost.answering.answer_query import answer_query
from lostpost.answering.save_draft import save_draft
from lostpost.core.clock import rfc3339
from lostpost.customer_queries.assign_query import assign_query
from lostpost.customer_queries.models import NEVER, CustomerQuery, SavedView
from lostpost.customer_queries.receive_message import receive_message
from lostpost.customer_queries.stakes import queries_to_assess
from lostpost.orders.models import Parcel
from lostpost.refunds.settle_refund import mark_refund_failed
from lostpost.writeoffs.assess_stakes import assess_stakes
from lostpost.writeoffs.write_off import write_off
from tests.cast import a_parcel, a_scan, all_of, an_order, silent_parcel
from tests.portal.pages import Site
from tests.portal.test_query_list import QUERIES, listed, number_in, numbers, queried


@pytest.fixture
def site(client, anna):
    return Site(client, anna)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def silent(anna, now):
    """Send a parcel that fell silent and that nobody has asked about."""
    order = an_order(anna.seller, number="S-1", customer_name="Sofie Peeters", now=now)
    parcel = a_parcel(order, now=now, carrier="PostNL")
    a_scan(parcel, days=5, now=now)
    return parcel


def filed(site, filters):
    answer = site.client.get(f"{QUERIES}file/?{filters}")
    return list(csv.DictReader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))


def assess_all(now):
    for seller_id, query_ids in queries_to_assess(now=now, most=100).items():
        assess_stakes(seller_id=seller_id, query_ids=query_ids, now=now)


def test_all_rows_of_a_list_are_a_file_in_their_order(site, anna, silent, now, monkeypatch):
    monkeypatch.setattr("lostpost.insight.worklist.READ_AT_ONCE", 1)
    mine, other = (silent_parcel(anna, quiet_days=9, paid_minor=minor, now=now) for minor in (49_95, 10_00))
    assign_query(number=mine.number, user_id=anna.user_id, by=anna, now=now)
    receive_message(seller_id=anna.seller_id, number=mine.number, message="=1+1", now=now)
    assess_all(now)
    rows = filed(site, "sort=value")
    assert [row["customer_query"] for row in rows] == [mine.number, "", other.number]
    assert [row["action"] for row in rows] == ["write-off", "contact", "write-off"]
    assert (rows[0]["value"], rows[0]["assignee"], rows[0]["last_words"]) == ("49.95", "Anna", "'=1+1")
    assert (rows[1]["order_number"], rows[1]["carrier"], rows[1]["answer_due_at"]) == ("S-1", "PostNL", "")
    assert [row["customer_query"] for row in filed(site, "who=me")] == [mine.number]


def test_a_row_says_what_to_do_with_money_carrier_and_both_deadlines(site, anna, bram, now):
    query = silent_parcel(anna, quiet_days=9, paid_minor=49_95, now=now)
    receive_message(seller_id=anna.seller_id, number=query.number, message="Well?", now=now)
    assign_query(number=query.number, user_id=bram.user_id, by=anna, now=now)
    text = site.get(QUERIES).text
    for words in ("Write off €49.95 Desk lamp Aurora", "DPD 9 days silent", "answer by", "last day", "Bram waits"):
        assert words in text, words


def test_the_carriers_last_day_for_a_claim_stands_beside_the_marketplaces(site, anna, now):
    silent_parcel(anna, quiet_days=9, now=now)  # Handed over ten days ago, to DPD: 30 days.
    assert re.search(r"last day \S+ \d+ \w+( \d{4})? claim at the carrier by ", site.get(QUERIES).text)

    change_policy(values={"carrier_claim_days": "dpd : 9"}, reason="the test", by="operator", now=now)
    assert "claims at the carrier ended" in site.get(QUERIES).text
    change_policy(values={"carrier_claim_days": "PostNL: 9"}, reason="the test", by="operator", now=now)
    assert "at the carrier" not in site.get(QUERIES).text


def test_a_write_off_keeps_the_place_in_the_list_on_every_page(site, anna, now):
    queries = [silent_parcel(anna, quiet_days=9, paid_minor=paid, now=now) for paid in (9_00, 7_00)]
    assess_all(now)
    listed_at = f"{QUERIES}?sort=value"
    (opened,) = {link for link in site.get(listed_at).links if queries[0].number in link and "list=" in link}
    (to_screen,) = {link for link in site.get(opened).links if link.startswith(f"{QUERIES}{queries[0].number}/write-")}

    screen = site.get(to_screen)
    assert opened in screen.links
    (form,) = [form for form in screen.forms if "/write-off/check/" in form.action]
    (units,) = all_of(queries[0])
    ticks = {"unit": f"{units.parcel}/{units.item}", f"quantity-{units.parcel}/{units.item}": "1"}
    last_page = site.post(form.action, form.filled(**ticks, step="continue"))
    assert any("list=sort%3Dvalue" in link and "/write-off/?unit=" in link for link in last_page.links)
    (final,) = [form for form in last_page.forms if "/write-off/confirm/" in form.action]
    written_off = site.post(final.action, final.filled())

    assert "Written off. The customer receives" in written_off.text
    assert f"{listed_at}#query-{queries[0].number}" in written_off.links
    assert any(queries[1].number in link and "list=sort%3Dvalue" in link for link in written_off.links)


def test_what_is_shown_is_assessed_as_it_is_read(site, anna, now):
    query = silent_parcel(anna, quiet_days=9, now=now)
    assess_all(now)
    a_scan(Parcel.objects.get(seller_id=anna.seller_id, order_id=query.order_id), days=1, status="in_transit", now=now)
    assert "From " in site.get(QUERIES).text
    assert listed(site, need="write-off") == [query.number], "sorted by what was known"


def test_silent_parcels_stand_among_the_queries_by_the_same_order(site, anna, now, silent):
    old = silent_parcel(anna, quiet_days=30, now=now)
    young = silent_parcel(anna, quiet_days=1, placed_days=4, now=now)
    assess_all(now)
    page = site.get(QUERIES)
    rows = [link for link in page.links if ("/contact/" in link and "orders" in link) or "list=" in link]
    assert [row.split("?")[0] for row in rows] == [
        site.query(old),
        "/shops/lampenhuis/orders/S-1/contact/",
        site.query(young),
    ]
    assert "A parcel fell silent Sofie Peeters" in page.text
    assert "1–3 of 3" in page.text
    assert "To do 3" in page.text
    assert "Silent parcels 1" in page.text
    assert listed(site, need="silent") == []
    assert "Sofie" in site.get(QUERIES, query_params={"carrier": "postnl"}).text
    for others in ({"carrier": "dpd"}, {"who": "me"}, {"need": "answer"}, {"state": "handled"}):
        assert "Sofie" not in site.get(QUERIES, query_params=others).text, others


def test_filters_narrow_the_list(site, anna, bram, fien, now):
    waiting, eligible = queried(anna, hours=200, now=now), silent_parcel(anna, quiet_days=9, now=now)
    failed = silent_parcel(anna, quiet_days=9, now=now)
    result = write_off(query=failed.number, selection=all_of(failed), by=anna, key="write-off-1", now=now)
    mark_refund_failed(seller_id=anna.seller_id, number=result.number, problem="Closed.", by=fien, now=now)
    receive_message(seller_id=anna.seller_id, number=waiting.number, message="Well?", now=now - timedelta(days=6))
    assign_query(number=eligible.number, user_id=bram.user_id, by=anna, now=now)
    assess_all(now)
    for filters, expected in (
        ({"need": "answer"}, {waiting}),
        ({"need": "write-off"}, {eligible}),
        ({"need": "money"}, {failed}),
        ({"need": "partnerservice"}, set()),
        ({"due": "0"}, {waiting, failed}),
        ({"carrier": "d p d"}, {eligible}),
        ({"who": "nobody"}, {waiting, failed}),
        ({"who": str(bram.user_id)}, {eligible}),
        ({"who": "me"}, set()),
        ({"older": "3"}, {waiting}),
        ({"need": "nonsense", "due": "x", "who": "'", "older": "-1", "sort": ";"}, {waiting, eligible, failed}),
    ):
        assert set(listed(site, **filters)) == {query.number for query in expected}, filters
    text = site.get(QUERIES).text
    for count in ("To do 3", "Due today 2", "Answer awaited 1", "Can be written off 1", "Money stuck 1"):
        assert count in text, count


def test_the_list_is_sorted_by_value_and_by_when_it_becomes_eligible(site, anna, now):
    cheap = silent_parcel(anna, quiet_days=2, paid_minor=5_00, now=now)
    dear = silent_parcel(anna, quiet_days=1, paid_minor=95_00, now=now)
    nothing = queried(anna, now=now)
    assess_all(now)
    assert listed(site, sort="value") == [dear.number, cheap.number, nothing.number]
    assert listed(site, sort="eligible") == [cheap.number, dear.number, nothing.number]


@pytest.mark.parametrize("sort", ["deadline", "value", "age", "eligible", "claim"])
def test_pages_of_every_order_go_forth_and_back_over_rows_that_are_equal(site, anna, now, sort, monkeypatch):
    monkeypatch.setattr("lostpost.portal.query_list.PAGE_SIZE", 3)
    everything = {queried(anna, now=now).number for _n in range(7)}
    seen, address = [], f"?sort={sort}"
    while address:
        page = site.get(QUERIES + address)
        seen.append(numbers(page))
        address = next((link for link in page.links if "after=" in link and link.startswith("?")), "")
    assert [len(rows) for rows in seen] == [3, 3, 1]
    assert {number for rows in seen for number in rows} == everything
    back = next(link for link in page.links if link.startswith("?") and "before=" in link)
    assert numbers(site.get(QUERIES + back)) == seen[1]


def test_a_page_looks_at_a_bounded_number_of_rows_and_says_so(site, anna, now, monkeypatch):
    monkeypatch.setattr("lostpost.customer_queries.worklist.LOOKED_AT", 4)
    for _n in range(6):
        queried(anna, now=now)
    last = silent_parcel(anna, quiet_days=1, placed_days=59, now=now)
    page = site.get(QUERIES, query_params={"carrier": "dpd"})
    assert "None among those looked at" in page.text
    (following,) = [link for link in page.links if link.startswith("?") and "after=" in link]
    assess_all(now)
    CustomerQuery.objects.filter(seller_id=anna.seller_id, id=last.id).update(due_at=NEVER)
    assert numbers(site.get(QUERIES + following)) == [last.number]


# The list is kept -------------------------------------------------------------------------------------------------


def test_a_query_leads_to_those_before_and_after_it_and_back_to_its_page(site, anna, now):
    first, second, third = (queried(anna, hours=hours, now=now) for hours in (9, 6, 3))
    (address,) = [link for link in site.get(f"{QUERIES}?sort=age").links if f"/{second.number}/" in link]
    page = site.get(address)
    neighbours = [
        link for link in page.links if "list=sort%3Dage" in link and QUERIES in link and "write-off" not in link
    ]
    assert [number_in(link) for link in neighbours] == [first.number, third.number]
    assert f"{QUERIES}?sort=age#query-{second.number}" in page.links
    assert next(number_in(link) for link in site.get(neighbours[1]).links if "list=sort" in link) == second.number


def test_send_and_next_goes_through_the_list_to_its_end(site, anna, now):
    queries = [queried(anna, hours=9 - n, now=now) for n in range(3)]
    address = next(link for link in site.get(f"{QUERIES}?sort=age").links if f"/{queries[0].number}/" in link)
    for query in queries:
        form = next(each for each in site.get(address).forms if "/answer/" in each.action)
        last = query == queries[-1]
        assert (("step", "send-next") in form.buttons) is not last
        sent = form.filled(message="We look.", leave_open="no", step="send" if last else "send-next")
        response = site.client.post(form.action, sent)
        address = response.headers["Location"]
    assert number_in(address) == queries[-1].number
    assert "list=sort%3Dage" in address
    assert set(CustomerQuery.objects.filter(seller_id=anna.seller_id).values_list("state", flat=True)) == {"handled"}


def test_send_and_next_skips_what_a_colleague_has_open_and_the_list_says_who_answers(site, anna, bram, now):
    first, second, third = (queried(anna, hours=hours, now=now) for hours in (9, 6, 3))
    save_draft(number=second.number, text="I do this.", leave_open=None, by=bram, key="draft-key", now=now)
    page = site.get(f"{QUERIES}?sort=age")
    assert page.text.count("Bram is answering this now.") == 1
    form = next(
        each
        for each in site.get(next(link for link in page.links if f"/{first.number}/" in link)).forms
        if "/answer/" in each.action
    )
    response = site.client.post(form.action, form.filled(message="We look.", leave_open="no", step="send-next"))
    assert number_in(response.headers["Location"]) == third.number


def test_a_query_that_is_put_aside_keeps_its_place(site, anna, now):
    queried(anna, hours=9, now=now)
    query, later = queried(anna, hours=6, now=now), queried(anna, hours=3, now=now)
    address = next(link for link in site.get(f"{QUERIES}?sort=age").links if f"/{query.number}/" in link)
    form = next(form for form in site.get(address).forms if "put-aside/" in form.action)
    page = site.post(form.action, form.filled(state="waiting_for_customer"))
    assert [number_in(link) for link in page.links if "list=" in link and "rite-off" not in link][-1] == later.number


@pytest.mark.parametrize("place", ["?list=//evil.example&at=x", "?list=state%3Dopen%0d%0aX&at=%00", "?at=1_2"])
def test_a_place_that_is_none_is_left_out(site, anna, now, place):
    query = queried(anna, now=now)
    page = site.get(site.query(query) + place)
    assert page.status == 200
    assert not [link for link in page.links if "evil" in link]
    assert "Next customer query" not in page.text


def test_a_view_is_kept_counted_and_removed_by_its_member_alone(site, client, anna, bram, now):
    queried(anna, now=now)
    form = site.get(f"{QUERIES}?who=nobody&sort=age").form("views/")
    page = site.post(form.action, form.filled(name="  Nobody   looks "))
    assert "The view “Nobody looks” stands among the others now." in page.text
    assert "Nobody looks 1" in page.text
    assert "?who=nobody&sort=age" in page.links
    assert SavedView.objects.get(seller_id=anna.seller_id).user_id == anna.user_id
    remove = page.form("remove/")
    theirs = Site(client, bram)
    assert "Nobody looks" not in theirs.get(QUERIES).text
    assert theirs.post(remove.action, {}).status == 404
    assert SavedView.objects.filter(seller_id=anna.seller_id).count() == 1
    site = Site(client, anna)
    assert "The view is removed." in site.post(remove.action, {}).text
    assert not SavedView.objects.filter(seller_id=anna.seller_id).exists()


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_a_view_needs_a_name(site, anna, name):
    page = site.post(f"{QUERIES}views/", {"filters": "sort=age", "name": name})
    assert "Give the view a name of at most 60 characters." in page.text
    assert not SavedView.objects.filter(seller_id=anna.seller_id).exists()


# A list that stands still ---------------------------------------------------------------------------------------------


def bar(site, since, filters="", shown=0):
    return site.client.get(f"{QUERIES}new/?{filters}&since={quote(rfc3339(since))}&shown={shown}")


def test_a_list_says_what_is_new_in_it_and_does_not_move(site, anna, bram, now, silent):
    began, listed_at = now - timedelta(minutes=10), now - timedelta(minutes=9)
    mine, other = (silent_parcel(anna, number=number, quiet_days=9, now=began) for number in ("O-1", "O-2"))
    assert f'hx-get="{QUERIES}new/?&amp;since=' in site.client.get(QUERIES).text
    assert bar(site, listed_at).status_code == 204

    words = {"message": "We look.", "leave_open": True, "key": "answer-1234", "now": listed_at + timedelta(minutes=1)}
    answer_query(number=other.number, by=bram, **words)  # It moves in the list; there is nothing to do about it.
    assert bar(site, listed_at).status_code == 204

    receive_message(seller_id=anna.seller_id, number=mine.number, message="Well?", now=now)
    silent_parcel(anna, number="O-3", quiet_days=9, now=now)
    assert "2 new since you opened this list." in bar(site, listed_at).text
    assert f'href="{QUERIES}?need=answer"' in bar(site, listed_at, "need=answer").text
    assert "1 new" in bar(site, listed_at, "need=answer").text
    assert bar(site, listed_at, "who=me").status_code == 204
    assert bar(site, listed_at, shown=2).status_code == 204

    fell_silent_at = now - timedelta(days=2)
    assert "4 new" in bar(site, fell_silent_at - timedelta(minutes=1)).text
    assert "3 new" in bar(site, fell_silent_at + timedelta(minutes=1)).text


@pytest.mark.parametrize("since", ["", "yesterday", "2026-01-01T00:00:00", "2099-01-01T00:00:00Z", "2020-01-01T00:00Z"])
def test_an_instant_that_is_none_counts_nothing(site, anna, now, since):
    silent_parcel(anna, quiet_days=9, now=now)
    assert site.client.get(f"{QUERIES}new/?since={since}&shown=0").status_code == 204
    assert "new since" not in site.client.get(f"{QUERIES}new/?since={since}").text
