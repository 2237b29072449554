"""Partnerservice looks at e-mail that could not be filed without doubt."""

from __future__ import annotations

import pytest
from django.urls import reverse

from lostpost.customer_queries.models import TimelineEntry
from lostpost.relay.addresses import shop_address
from lostpost.relay.models import IncomingMail
from tests.cast import row_counts, user_of
from tests.relay.conftest import relay, relay_domain
from tests.relay.parsing.letters import letter, report

pytestmark = pytest.mark.django_db
__all__ = ["relay", "relay_domain"]


@pytest.fixture
def desk(client, pia):
    client.force_login(user_of(pia))
    return client


def url(mail):
    return reverse("desk:parked-mail", kwargs={"seller": "lampenhuis", "incoming_id": mail.id})


def parked(relay):
    mail = relay.comes(letter("Waar is mijn lamp? klaas@example.com"), to=shop_address("lampenhuis"))
    assert mail.state == "parked"
    return mail


def test_it_is_listed_with_why_and_filed_in_a_query(relay, desk):
    mail = parked(relay)
    assert "It is not clear which order it is about" in desk.get("/desk/mail/").content.decode()
    assert "Waar is mijn lamp?" in desk.get(url(mail)).content.decode()

    answer = desk.post(url(mail), {"step": "file", "number": relay.query.number}, follow=True)

    assert f"timeline of customer query {relay.query.number}" in answer.content.decode()
    (entry,) = relay.entries()
    assert (entry.kind, entry.text) == ("message.received", "Waar is mijn lamp? ***@***")
    stored = IncomingMail.objects.get(seller_id=mail.seller_id, id=mail.id)
    assert (stored.state, stored.entry_id, stored.settled_by_name) == ("filed", entry.id, "Pia")
    assert desk.get(url(mail)).status_code == 404
    assert "No e-mail waits for you" in desk.get("/desk/mail/").content.decode()


def test_its_layout_is_shown_in_a_page_that_can_do_nothing(relay, desk, client, anna):
    mail = parked(relay)
    whole = f"{url(mail)}whole/"
    assert desk.get(whole).status_code == 404  # It has none.
    IncomingMail.objects.filter(seller_id=mail.seller_id, id=mail.id).update(html="<p>Waar is <b>mijn lamp</b>?</p>")
    assert f'href="{whole}"' in desk.get(url(mail)).content.decode()

    answer = desk.get(whole)

    assert "<b>mijn lamp</b>" in answer.content.decode()
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert desk.get(whole.replace("lampenhuis", "carlas-keramiek")).status_code == 404
    client.force_login(user_of(anna))
    assert client.get(whole).status_code == 404


def test_it_is_masked_as_what_was_filed_at_once(relay, desk):
    text = "friend@example.org, anna@example.com, klaas@example.com, http://x.example/c/" + "tT" * 21 + "t"
    raw = letter(text, subject="klaas@example.com " * 16, head=b"Cc: friend@example.org\n")
    mail = relay.comes(raw.replace(b"<klaas@example.com>", b"<a@b.ex>"), to=shop_address("lampenhuis"))
    assert "tT" * 21 not in desk.get(url(mail)).content.decode()
    IncomingMail.objects.filter(seller_id=mail.seller_id, id=mail.id).update(subject="a@b.ex " * 42)

    desk.post(url(mail), {"step": "file", "number": relay.query.number})

    stored = IncomingMail.objects.get(seller_id=mail.seller_id, id=mail.id)
    assert stored.text == "***@***, ***@***, ***@***, http://x.example/c/…"
    assert (stored.state, stored.subject) == ("filed", ("***@*** " * 42)[:300])


def test_it_is_dropped_and_leaves_nothing_in_a_query(relay, desk):
    mail = parked(relay)

    desk.post(url(mail), {"step": "drop"})

    assert IncomingMail.objects.get(seller_id=mail.seller_id, id=mail.id).state == "dropped"
    assert relay.entries() == []


@pytest.mark.parametrize("number", ["", "1", "é"])
def test_an_unknown_query_is_refused_and_the_number_stays(relay, desk, number):
    mail = parked(relay)
    before = row_counts()

    answer = desk.post(url(mail), {"step": "file", "number": number})

    assert answer.status_code == 404
    assert "There is no customer query" in answer.content.decode()
    assert row_counts() == before


def test_a_report_of_a_mail_server_is_no_message(relay, desk):
    mail = relay.comes(report(action="failed", status="5.1.1"), sender="")
    before = TimelineEntry.objects.filter(seller_id=mail.seller_id).count()

    assert desk.post(url(mail), {"step": "file", "number": relay.query.number}).status_code == 422
    assert TimelineEntry.objects.filter(seller_id=mail.seller_id).count() == before
