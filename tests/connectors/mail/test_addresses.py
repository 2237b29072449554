"""Recipients as the mail server gets them, and e-mail that it cannot deliver."""

import re

import pytest
from django.utils import timezone

from lostpost.customer_queries.models import Mail, TimelineEntry
from lostpost.orders.models import Order
from tests.cast import a_query, an_order, mails_about

pytestmark = pytest.mark.django_db(transaction=True)


def a_message(anna, address: str) -> Mail:
    """Let Anna write to an address that an order has, however it came there."""
    now = timezone.now()
    order = an_order(anna.seller, now=now)
    Order.objects.filter(seller_id=anna.seller_id, id=order.id).update(customer_email=address)
    (mail,) = mails_about(a_query(order, anna, now=now), "message")
    return mail


def failure_of(mail):
    return TimelineEntry.objects.values_list("data", flat=True).get(seller_id=mail.seller_id, kind="mail.failed")


@pytest.mark.parametrize(
    ("address", "recipient"),
    [
        ("klaas@faß.de", "klaas@xn--fa-hia.de"),
        ("\u200bklaas@example.com", "klaas@example.com"),  # Saved when invisible characters were not refused.
        ("o'brien+tag@example.com", "o'brien+tag@example.com"),
    ],
)
def test_the_mail_server_gets_the_address_unchanged(anna, running, work, address, recipient):
    mail = a_message(anna, address)

    work()

    mail.refresh_from_db()
    assert mail.state == "sent"
    assert running.recipients == [recipient]
    assert running.received[0]["To"] == recipient


@pytest.mark.parametrize("address", ["klaas(x)@example.com", "a:b@example.com", "klaas[x]@example.com"])
def test_a_saved_address_that_names_another_recipient_is_not_used(anna, running, work, address):
    mail = a_message(anna, address)

    work()

    mail.refresh_from_db()
    assert mail.state == "failed"
    assert failure_of(mail)["code"] == "address-wrong"
    assert running.recipients == []


def test_a_local_part_with_non_ascii_letters_uses_smtputf8(anna, running, work):
    mail = a_message(anna, "jörg@faß.de")

    work()

    mail.refresh_from_db()
    assert mail.state == "sent"
    assert running.recipients == ["jörg@xn--fa-hia.de"]
    (letter,) = running.received
    assert letter["To"] == "jörg@xn--fa-hia.de"
    assert letter["Message-ID"] == f"<{mail.id}@marktplein.example>"
    said = letter.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert re.sub(r"/c/[\w-]+", "/c/…", said) == mail.body


def test_a_server_without_smtputf8_is_explained_to_the_seller(anna, mail_server, work):
    mail_server.smtputf8 = False
    mail = a_message(anna, "jörg@example.com")

    with mail_server.up():
        work()

    mail.refresh_from_db()
    assert (mail.state, mail.problem) == ("failed", "The mail server does not offer SMTPUTF8.")
    assert failure_of(mail)["code"] == "smtputf8-missing"
    assert mail_server.recipients == []
