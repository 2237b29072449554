"""The page of a customer query: what happened, what stands beside it, and what a seller does there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lostpost.accounts.actor import Actor
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.customer_queries.receive_message import receive_message
from lostpost.refunds.settle_refund import mark_refund_failed
from lostpost.writeoffs.write_off import write_off
from tests.cast import a_parcel, a_query, a_scan, all_of, an_item, an_order, row_counts, silent_parcel
from tests.portal.pages import Site

YES = "Yes, the customer query has been resolved. Close the customer query."
NO = "No, the customer query has not yet been resolved. I will leave the customer query open."


@pytest.fixture
def site(client: Client, anna: Actor) -> Site:
    return Site(client, anna)


def state_of(query: CustomerQuery) -> str:
    return CustomerQuery.objects.get(seller_id=query.seller_id, number=query.number).state


def entries_of(query: CustomerQuery, kind: str) -> list[TimelineEntry]:
    return list(TimelineEntry.objects.filter(seller_id=query.seller_id, query_id=query.id, kind=kind))


# What stands there -------------------------------------------------------------------------------------------------


def test_one_timeline_shows_messages_notes_and_scans_oldest_first(site, anna):
    query = silent_parcel(anna, quiet_days=5, now=timezone.now() - timedelta(hours=3))
    receive_message(
        seller_id=anna.seller_id, number=query.number, message="Nothing came.", now=timezone.now() - timedelta(hours=1)
    )
    form = site.get(site.query(query)).form("/note/")
    site.post(form.action, form.filled(text="Called DPD."))

    text = site.get(site.query(query)).text

    entries = [
        "“Sorted, Utrecht”",
        "Anna opened the customer query",
        "Anna wrote to the customer",
        "Klaas de Vries wrote",
    ]
    places = [text.index(words) for words in [*entries, "Nothing came.", "Called DPD."]]
    assert places == sorted(places)


def test_only_scans_with_progress_and_the_newest_are_shown(site, anna):
    now = timezone.now()
    order = an_order(anna.seller, now=now)
    parcel = a_parcel(order, now=now)
    for at, (status, text) in enumerate(
        [("with_carrier", "Collected"), ("in_transit", "Depot A"), ("in_transit", "Depot B"), ("in_transit", "Depot C")]
    ):
        a_scan(parcel, days=8 - at, status=status, text=text, location="", now=now)
    a_scan(parcel, days=-2, text="From tomorrow", now=now)
    query = a_query(order, anna, now=now)

    text = site.get(site.query(query)).text

    assert "“Collected”" in text
    assert "“Depot A”" in text
    assert "“Depot B”" not in text
    assert "“Depot C”" in text
    assert "From tomorrow" not in text


def test_the_facts_are_beside_the_timeline(site, anna):
    now = timezone.now()
    items = (an_item("1", title="Lamp", quantity=2, paid_minor=50_00), an_item("2", title="Bulb", paid_minor=4_95))
    order = an_order(anna.seller, *items, delivery_costs_minor=3_95, now=now)
    a_parcel(order, units={"1": 2}, tracking_number="3SXYZ", now=now)
    query = a_query(order, anna, now=now, item="2")

    text = site.get(site.query(query)).text

    for fact in ("Parcel 3SXYZ", "2 × Lamp", "1 × Bulb", "€50.00", "€58.90", "Delivery costs", "about “Bulb”", "Open"):
        assert fact in text


def test_a_name_with_markup_in_it_stays_a_name(site, anna):
    query = silent_parcel(anna, customer_name="<script>alert(1)</script>", now=timezone.now())
    page = site.get(site.query(query))
    assert "<script>alert(1)</script>" not in page.html
    assert "<script>alert(1)</script>" in page.text


def test_a_query_that_waits_too_long_says_so_and_one_put_aside_does_not(site, anna):
    now = timezone.now()
    query = silent_parcel(anna, quiet_days=30, now=now - timedelta(days=6))
    received_at = now - timedelta(days=5)
    receive_message(seller_id=anna.seller_id, number=query.number, message="Where is it?", now=received_at)
    assert 'class="late"' in site.get(site.query(query)).html
    site.post(site.query(query, "put-aside/"), {"state": "waiting_for_customer"})
    assert 'class="late"' not in site.get(site.query(query)).html


def test_the_page_needs_as_many_statements_for_three_parcels_as_for_one(site, anna):
    def statements(parcels: int) -> int:
        now = timezone.now()
        order = an_order(anna.seller, *[an_item(str(n)) for n in range(parcels)], now=now)
        for n in range(parcels):
            a_scan(a_parcel(order, units={str(n): 1}, now=now), now=now)
        query = a_query(order, anna, now=now)
        site.get(site.query(query))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            site.get(site.query(query))
        return len(queries)

    assert statements(1) == statements(3) <= 30


# Answer ------------------------------------------------------------------------------------------------------------


def test_the_answer_is_shown_as_the_customer_gets_it_and_then_sent(site, anna):
    query = silent_parcel(anna, customer_language="nl", now=timezone.now())
    page = site.get(site.query(query))
    assert YES in page.text
    assert NO in page.text

    preview = site.post(
        site.query(query, "answer/"),
        page.form("/answer/").filled(message="We zoeken het uit.\r\n\r\nTot gauw.", leave_open="yes", step="preview"),
    )
    assert preview.status == 200
    assert "We zoeken het uit." in preview.text
    assert "Beste Klaas de Vries" in preview.text
    assert "klaas@example.com" in preview.text
    assert not entries_of(query, "message.received")
    assert len(entries_of(query, "message.sent")) == 1  # The first message; nothing has been sent yet.

    sent = site.post(site.query(query, "answer/"), preview.form("/answer/").filled(step="send"))
    assert "Sent. The customer query stays open." in sent.text
    assert [entry.text for entry in entries_of(query, "message.sent")][-1] == "We zoeken het uit.\n\nTot gauw."
    assert state_of(query) == "open"


def test_going_back_from_the_preview_keeps_typed_text(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    form = site.get(site.query(query)).form("/answer/")
    preview = site.post(form.action, form.filled(message="One moment.", leave_open="no", step="preview"))
    again = site.post(form.action, preview.form("/answer/").filled(step="edit"))
    sent = again.form("/answer/").filled()
    assert sent["message"] == ["One moment."]
    assert sent["leave_open"] == ["no"]
    assert sent["key"] == preview.form("/answer/").filled()["key"]


def test_an_answer_that_resolves_closes_the_query(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    form = site.get(site.query(query)).form("/answer/")
    page = site.post(form.action, form.filled(message="It came after all.", leave_open="no", step="send"))
    assert "Sent. The customer query is closed." in page.text
    assert state_of(query) == "handled"


def test_a_double_click_on_send_sends_once(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    form = site.get(site.query(query)).form("/answer/")
    sent = form.filled(message="Only once, please.", leave_open="yes", step="send")
    first, second = site.post(form.action, sent), site.post(form.action, sent)
    assert first.status == second.status == 200
    assert len(entries_of(query, "message.sent")) == 2  # The one that opened the query, and this one.
    assert Mail.objects.filter(seller_id=anna.seller_id, query_id=query.id).count() == 2


def test_another_text_sent_from_the_same_page_is_asked_about_and_kept(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    form = site.get(site.query(query)).form("/answer/")
    site.post(form.action, form.filled(message="First.", leave_open="yes", step="send"))
    page = site.post(form.action, form.filled(message="Second.", leave_open="yes", step="send"))
    assert page.status == 422
    assert "You have sent another message from this page already" in page.text
    again = page.form("/answer/")
    assert again.filled()["message"] == ["Second."]
    assert site.post(again.action, again.filled(step="send")).status == 200
    assert [entry.text for entry in entries_of(query, "message.sent")][-2:] == ["First.", "Second."]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"message": "  "}, "Write a message: the customer gets it by e-mail."),
        ({"message": "x" * 10_001}, "This has 10001 characters; 10000 fit. Shorten it."),
        ({"message": "nul \x00 here"}, "This holds a character that cannot be sent."),
        ({"leave_open": None}, "Choose whether the customer query has been resolved."),
        ({"leave_open": "perhaps"}, "Choose whether the customer query has been resolved."),
        ({"key": None}, "Something was missing from what your browser sent."),
        ({"key": "short"}, "Something was missing from what your browser sent."),
        ({"key": "with\x00nul-and-more"}, "Something was missing from what your browser sent."),
        ({"key": "x" * 65}, "Something was missing from what your browser sent."),
    ],
)
def test_a_refused_answer_has_a_reason_and_keeps_its_text(site, anna, wrong, sentence):
    query = silent_parcel(anna, now=timezone.now())
    form = site.get(site.query(query)).form("/answer/")
    before = row_counts()
    page = site.post(form.action, form.filled(**{"message": "Hello.", "leave_open": "yes", "step": "send"} | wrong))
    assert page.status == 422
    assert sentence in page.text
    assert row_counts() == before
    if "message" not in wrong:
        assert page.form("/answer/").filled()["message"] == ["Hello."]
        assert len(page.form("/answer/").filled()["key"][0]) >= 8


def test_a_message_typed_while_somebody_closed_the_query_is_not_lost(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    form = site.get(site.query(query)).form("/answer/")
    site.post(site.query(query, "close/"), {})
    page = site.post(form.action, form.filled(message="A long story.", leave_open="yes", step="send"))
    assert page.status == 409
    assert "This customer query is handled. Reopen it first." in page.text
    assert "Your message was not sent A long story." in page.text


# Close, reopen, put aside, note ------------------------------------------------------------------------------------


def test_a_handled_query_offers_reopening_and_no_write_off(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    assert "Write off item/order" in site.get(site.query(query)).text

    closed = site.post(site.query(query, "close/"), {})
    assert "The customer query is closed." in closed.text
    assert "Write off item/order" not in closed.text
    assert not closed.has_form("/answer/")
    assert closed.has_form("/reopen/")

    opened = site.post(site.query(query, "reopen/"), {})
    assert "The customer query is open again." in opened.text
    assert "Write off item/order" in opened.text
    assert not opened.has_form("/reopen/")


def test_a_query_with_partnerservice_offers_neither(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    CustomerQuery.objects.filter(seller_id=anna.seller_id, id=query.id).update(
        state="with_partnerservice", back_from_partnerservice_at=timezone.now() + timedelta(days=2)
    )
    page = site.get(site.query(query))
    assert "With Partnerservice" in page.text
    assert "Write off item/order" not in page.text
    assert not any(page.has_form(part) for part in ("/reopen/", "/close/", "/answer/", "/put-aside/"))
    for part in ("close/", "reopen/", "put-aside/"):
        refused = site.post(site.query(query, part), {"state": "follow_up_later"})
        assert refused.status == 409
        assert "Partnerservice has this customer query. Wait for its answer." in refused.text


@pytest.mark.parametrize("state", ["waiting_for_customer", "follow_up_later"])
def test_a_query_put_aside_can_be_reopened(site, anna, state):
    query = silent_parcel(anna, now=timezone.now())
    form = site.get(site.query(query)).form("/put-aside/")
    assert ("state", state) in form.buttons
    site.post(form.action, form.filled(state=state))
    assert state_of(query) == state
    page = site.get(site.query(query))
    assert "Write off item/order" in page.text
    site.post(page.form("/reopen/").action, {})
    assert state_of(query) == "open"


def test_an_invented_state_is_refused_with_a_sentence(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    page = site.post(site.query(query, "put-aside/"), {"state": "handled"})
    assert page.status == 422
    assert "Choose whether the query waits for the customer or is followed up later." in page.text
    assert state_of(query) == "open"


def test_a_query_whose_refund_failed_does_not_close_silently(site, anna, fien):
    now = timezone.now()
    query = silent_parcel(anna, now=now)
    result = write_off(query=query.number, selection=all_of(query), by=anna, key="key-of-a-test", now=now)
    mark_refund_failed(seller_id=anna.seller_id, number=result.number, problem="Account closed.", by=fien, now=now)

    page = site.post(site.query(query, "close/"), {})

    assert page.status == 409
    assert "it stays open until the customer has the money" in page.text
    assert "Refund of €25.00 failed" in page.text
    assert state_of(query) == "open"


def test_a_double_click_on_add_note_adds_one(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    form = site.get(site.query(query)).form("/note/")
    sent = form.filled(text="Called the depot.")
    site.post(form.action, sent)
    site.post(form.action, sent)
    assert [entry.text for entry in entries_of(query, "note.added")] == ["Called the depot."]


def test_an_empty_note_is_refused_at_its_field(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    form = site.get(site.query(query)).form("/note/")
    page = site.post(form.action, form.filled(text=" "))
    assert page.status == 422
    assert "Write a note first." in page.text
    assert "#note-text" in page.links
    assert "note-text" in page.ids


# Who ---------------------------------------------------------------------------------------------------------------


def test_a_viewer_sees_everything_and_finds_nothing_to_press(client, vera, anna):
    query = silent_parcel(anna, now=timezone.now())
    site = Site(client, vera)
    page = site.get(site.query(query))
    assert "We are asking the carrier where your parcel is." in page.text
    assert "Write off item/order" not in page.text
    assert not [form for form in page.forms if "/customer-queries/" in form.action]
    before = row_counts()
    for part in ("answer/", "note/", "close/", "reopen/", "put-aside/"):
        assert client.post(site.query(query, part), {}).status_code == 403
    assert row_counts() == before


def test_another_shop_has_no_such_query(client, carla, anna):
    query = silent_parcel(anna, now=timezone.now())
    site = Site(client, carla)
    for part in ("", "write-off/", "ask-partnerservice/"):
        assert client.get(site.query(query, part)).status_code == 404
        assert client.get(f"/shops/lampenhuis/customer-queries/{query.number}/{part}").status_code == 404
    for part in ("answer/", "note/", "close/", "reopen/", "put-aside/", "write-off/check/", "write-off/confirm/"):
        assert client.post(site.query(query, part), {}).status_code == 404


@pytest.mark.parametrize("part", ["answer/", "note/", "close/", "reopen/", "put-aside/"])
def test_a_get_of_an_action_redirects_to_the_query(site, anna, part):
    query = silent_parcel(anna, now=timezone.now())
    before = row_counts()
    assert site.client.get(site.query(query, part)).headers["Location"] == site.query(query)
    assert row_counts() == before


def test_the_page_reads_in_dutch(site, anna):
    query = silent_parcel(anna, paid_minor=1_234_56, now=timezone.now())
    page = site.get(site.query(query), headers={"accept-language": "nl"})
    assert 'lang="nl"' in page.html
    assert "€ 1.234,56" in page.text.replace("\xa0", " ")
