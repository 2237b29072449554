"""How an e-mail to a customer is addressed, and what of whom anybody sees."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from lostpost.answering.answer_query import answer_query
from lostpost.connectors.mail.delivery import message_of
from lostpost.connectors.mail.letter import mail_to_write, write_letter
from lostpost.customer_queries.models import Mail
from lostpost.relay.models import IncomingMail
from lostpost.relay.outgoing import REFERENCES_MAX, message_id, route_of
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, all_of, silent_parcel, user_of
from tests.relay.parsing.letters import letter

pytestmark = pytest.mark.django_db


def written(mail):
    """Return an e-mail as a mail server gets it."""
    mail = mail_to_write(seller_id=mail.seller_id, mail_id=mail.id)
    message = message_of(mail, write_letter(mail), route_of(mail=mail, now=NOW))
    return message.from_email, message_from_bytes(message.message().as_bytes(), policy=policy.default)


def answered(relay, text, *, now):
    answer_query(number=relay.query.number, message=text, leave_open=True, by=relay.anna, key=f"answer-{now}", now=now)
    return Mail.objects.filter(seller_id=relay.anna.seller_id, query_id=relay.query.id).latest("queued_at")


def test_answers_go_to_the_query_and_reports_to_the_e_mail(relay):
    envelope_sender, message = written(relay.mail)

    assert envelope_sender == relay.bounces
    assert message["From"] == message["Reply-To"] == f"Lampenhuis via Lostpost <{relay.customer}>"
    assert message["Message-ID"] == message_id(relay.mail.id) == f"<{relay.mail.id}@relay.example>"
    assert (message["In-Reply-To"], message["References"]) == (None, None)
    assert message["Auto-Submitted"] is None, "a person wrote it"
    assert "anna@example.com" not in message.as_string()


def test_a_repeat_is_addressed_the_same(relay):
    assert written(relay.mail)[1]["From"] == written(relay.mail)[1]["From"]
    assert route_of(mail=relay.mail, now=NOW) == route_of(mail=relay.mail, now=NOW + timedelta(days=1))


def test_it_stands_in_the_thread_that_the_customer_has(relay):
    Mail.objects.filter(id=relay.mail.id, seller_id=relay.mail.seller_id).update(state="sent", sent_at=NOW)
    relay.comes(letter("Niets gezien."), now=NOW + timedelta(hours=1))
    relay.comes(letter("Ik ben er niet.", head=b"Auto-Submitted: auto-replied\n"), now=NOW + timedelta(hours=2))

    message = written(answered(relay, "We look for it.", now=NOW + timedelta(hours=3)))[1]

    assert message["In-Reply-To"] == "<one@example.com>"
    assert message["References"].split() == [message_id(relay.mail.id), "<one@example.com>"]


def test_of_a_long_thread_the_newest_are_named(relay, monkeypatch):
    monkeypatch.setattr("lostpost.relay.filed_as.BURST_MAX", 1000)
    for number in range(REFERENCES_MAX + 5):
        raw = letter(f"Nog niets {number}").replace(b"one@example.com", f"n{number}@example.com".encode())
        relay.comes(raw, now=NOW + timedelta(minutes=number))

    message = written(answered(relay, "We look for it.", now=NOW + timedelta(hours=3)))[1]

    assert len(message["References"].split()) == REFERENCES_MAX
    assert message["References"].split()[-1] == f"<n{REFERENCES_MAX + 4}@example.com>"


def test_what_came_in_starts_no_header(relay):
    relay.comes(letter("Hallo", subject="=?utf-8?q?a=0D=0ABcc:_x@x.example?="))
    IncomingMail.objects.filter(seller_id=relay.anna.seller_id).update(message_id="a@b>\r\nBcc: x@x.example")

    message = written(answered(relay, "We look for it.", now=NOW + timedelta(hours=3)))[1]

    assert message["Bcc"] is None
    assert message.get_all("To") == ["klaas@example.com"]


def test_a_notice_says_that_no_person_wrote_it(relay_domain, anna):
    query = silent_parcel(anna)
    write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=NOW)
    mail = Mail.objects.get(seller_id=anna.seller_id, query_id=query.id, kind="write-off.confirmed")

    message = written(mail)[1]

    assert (message["Auto-Submitted"], message["X-Auto-Response-Suppress"]) == ("auto-generated", "All")


def test_without_a_domain_it_is_addressed_as_before(anna, settings):
    settings.DEFAULT_FROM_EMAIL = "Marktplein <service@marktplein.example>"
    mail = Mail.objects.get(seller_id=anna.seller_id, query_id=silent_parcel(anna).id)

    envelope_sender, message = written(mail)

    assert envelope_sender == message["From"] == "Lampenhuis via Marktplein <service@marktplein.example>"
    assert message["Reply-To"] is None
    assert message["Message-ID"] == f"<{mail.id}@marktplein.example>"


def test_a_seller_sees_no_address_of_the_customer(relay, client):
    client.force_login(user_of(relay.anna))
    for path in (f"orders/{relay.query.order.number}/", f"customer-queries/{relay.query.number}/"):
        page = client.get(f"/shops/lampenhuis/{path}").content.decode()
        assert "Klaas de Vries" in page
        assert "klaas@example.com" not in page
    preview = client.post(
        f"/shops/lampenhuis/customer-queries/{relay.query.number}/answer/",
        {"message": "Hallo", "leave_open": "yes", "step": "preview"},
    ).content.decode()
    assert "klaas@example.com" not in preview
