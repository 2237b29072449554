"""The customer's link: one query, an end, and no token that is kept anywhere."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from lostpost.answering.take_customer_message import take_customer_message
from lostpost.config.logs import without_links
from lostpost.customer_links.links import LASTS, LEFT_AT_LEAST, link_in_mail, link_of_id, link_of_token, without_link
from lostpost.customer_links.models import CustomerLink
from lostpost.customer_links.revoke_links import revoke_links
from lostpost.customer_links.write_by_link import write_by_link
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.messages import MessageRefused
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.relay.models import IncomingMail
from tests.cast import NOW, a_query, an_order, row_counts

pytestmark = pytest.mark.django_db
MIGRATION = import_module("lostpost.migrations.0047_customer_links_masked")


@pytest.fixture
def query(anna):
    return a_query(an_order(anna.seller), anna)


def token_in(address):
    return address.rpartition("/")[2]


def a_link(query):
    link = link_of_token(token_in(link_in_mail(query=query, now=NOW)), now=NOW)
    assert link
    return link


def test_each_e_mail_has_the_same_link_while_it_lasts(query):
    first = link_in_mail(query=query, now=NOW)

    assert first.startswith("http://localhost:8000/c/")
    assert len(token_in(first)) == 43
    assert link_in_mail(query=query, now=NOW + LASTS - LEFT_AT_LEAST - timedelta(seconds=1)) == first
    assert link_in_mail(query=query, now=NOW + LASTS - LEFT_AT_LEAST) != first
    assert a_link(query).query_id == query.id


def test_no_token_is_stored_and_none_stands_in_a_log_or_a_stored_e_mail(query):
    address = link_in_mail(query=query, now=NOW)

    kept = json.dumps(list(CustomerLink.objects.filter(seller_id=query.seller_id).values()), default=str)
    assert token_in(address) not in kept
    assert without_links(f"GET /c/{token_in(address)} 302") == "GET /c/… 302"
    assert without_link(f"See {address}", address) == "See http://localhost:8000/c/…"


def test_a_link_that_the_customer_writes_is_masked(query, anna):
    address = link_in_mail(query=query, now=NOW)
    write_by_link(link=a_link(query), message=f"Zie {address}", key="k" * 12, now=NOW)
    about_order = {"seller_id": query.seller_id, "order_number": an_order(anna.seller, number="B-2").number}
    opened = take_customer_message(**about_order, subject=address, message=address, key="m" * 12, now=NOW)

    rows = TimelineEntry.objects.filter(seller_id=query.seller_id, kind="message.received").order_by("id")
    masked = "http://localhost:8000/c/…"
    assert [entry.text for entry in rows] == [f"Zie {masked}", masked]
    assert opened.subject == masked


def test_links_of_before_are_masked(query, monkeypatch):
    monkeypatch.setattr(MIGRATION, "BATCH", 1)
    address = link_in_mail(query=query, now=NOW)
    of_seller = {"seller_id": query.seller_id}
    entry = {"query_id": query.id, "kind": "message.received", "at": NOW, **of_seller}
    TimelineEntry.objects.bulk_create(TimelineEntry(text=text, **entry) for text in (address, "Hallo /c", address))
    kept = {"recipient": "r", "size_bytes": 1, "received_at": NOW, "state": "parked", "reason": "x", "settled_at": NOW}
    texts = {"subject": address, "text": "Hallo", "quoted": f"{address[:30]}\n> {address[30:]}", "html": address}
    IncomingMail.objects.create(message_id="m", content_hash="h", **kept, **texts, **of_seller)
    CustomerQuery.objects.filter(id=query.id, **of_seller).update(subject=address)

    with connection.schema_editor() as editor:
        MIGRATION.mask_links(apps, editor)

    masked = "http://localhost:8000/c/…"
    received = TimelineEntry.objects.filter(kind="message.received", **of_seller)
    assert sorted(received.values_list("text", flat=True)) == ["Hallo /c", masked, masked]
    (mail,) = IncomingMail.objects.filter(**of_seller)
    assert (mail.subject, mail.text, mail.quoted, mail.html) == (masked, "Hallo", masked, masked)
    assert CustomerQuery.objects.get(id=query.id, **of_seller).subject == masked


def test_a_link_ends_is_revoked_and_cannot_be_made_up(query):
    token = token_in(link_in_mail(query=query, now=NOW))

    assert link_of_token(token, now=NOW + LASTS) is None
    for forged in ("", token[:-1], token + "x", token.swapcase(), "\ud800"):
        assert link_of_token(forged, now=NOW) is None
    link = a_link(query)
    assert revoke_links(seller_id=query.seller_id, number=query.number, by=None, now=NOW) == 1
    assert link_of_token(token, now=NOW) is None
    assert link_of_id(query.seller_id, link.id, now=NOW) is None
    assert token_in(link_in_mail(query=query, now=NOW)) != token


def test_another_secret_key_makes_another_link_and_the_earlier_one_still_leads_there(query, settings):
    token = token_in(link_in_mail(query=query, now=NOW))
    settings.SECRET_KEY = "another secret key of forty letters or so"

    assert token_in(link_in_mail(query=query, now=NOW)) != token
    assert link_of_token(token, now=NOW) is not None


def test_what_is_written_stands_once_and_reopens(query, anna):
    close_query(number=query.number, by=anna, now=NOW)
    link = a_link(query)

    for _each in range(2):
        write_by_link(link=link, message="It came", key="message-1", now=NOW)

    entry = TimelineEntry.objects.get(seller_id=query.seller_id, query_id=query.id, kind="message.received")
    assert (entry.text, entry.data["by_link"]) == ("It came", True)
    stored = CustomerQuery.objects.get(seller_id=query.seller_id, id=query.id)
    assert (stored.state, stored.unanswered_since) == ("open", NOW)


def test_a_refused_message_leaves_nothing(query):
    link = a_link(query)
    before = row_counts()

    with pytest.raises(MessageRefused):
        write_by_link(link=link, message=" ", key="message-1", now=NOW)
    assert row_counts() == before
