"""What is taken, what is refused while the sender's server still listens, and what is stored of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from procrastinate.contrib.django.models import ProcrastinateJob

from lostpost.customer_queries.models import Mail
from lostpost.relay.addresses import NoSuchAddress, address_for_sellers, destination_of, reserve_addresses, shop_address
from lostpost.relay.models import IncomingMail, RelayAddress
from lostpost.relay.parsing.limits import LARGEST_MAIL
from lostpost.relay.receive_mail import HOURLY_MAX, MailRefused, receive_mail
from tests.cast import NOW, a_query, an_order, user_of
from tests.relay.parsing.letters import letter

pytestmark = pytest.mark.django_db


def received(relay, raw, *, to="", sender="klaas@example.com", now=NOW):
    return receive_mail(destination=destination_of(to or relay.customer), envelope_sender=sender, raw=raw, now=now)


def rows():
    return IncomingMail.objects.filter(seller_id__isnull=False).count()


def test_the_envelope_decides_and_no_header(relay):
    incoming_id = received(relay, letter("Hallo").replace(b"To: abc234@relay.example", b"To: shop@x.example"))

    row = IncomingMail.objects.get(seller_id=relay.anna.seller_id, id=incoming_id)
    assert (row.query_id, row.state, row.recipient) == (relay.query.id, "received", relay.customer)
    assert bytes(row.raw or b"") == letter("Hallo").replace(b"To: abc234@relay.example", b"To: shop@x.example")
    job = ProcrastinateJob.objects.get(task_name="mail-in.file")
    assert job.args == {"seller": str(row.seller_id), "incoming": str(row.id)}


def test_capitals_and_what_stands_behind_a_plus_do_not_matter(relay):
    token, domain = relay.customer.split("@")
    for written in (relay.customer.upper(), f"{token}+news@{domain}", f"<{relay.customer}>"):
        assert destination_of(written).recipient == relay.customer


def test_an_address_that_is_nobodys_is_refused(relay):
    token, domain = relay.customer.split("@")
    for wrong in (
        f"{token[:-2]}@{domain}",
        f"{token}@other.example",
        "",
        "@",
        domain,
        f"shop-nobody@{domain}",
        f"é@{domain}",
    ):
        with pytest.raises(NoSuchAddress):
            destination_of(wrong)


def test_an_address_that_has_ended_says_what_to_do_instead(relay):
    RelayAddress.objects.filter(seller_id=relay.anna.seller_id, side="customer").update(ended_at=NOW)

    with pytest.raises(NoSuchAddress, match="Use the link in the newest e-mail"):
        destination_of(relay.customer)


def test_each_side_has_one_address_and_each_e_mail_one_for_bounces(relay):
    again = reserve_addresses(mail=relay.mail, now=NOW)
    other = a_query(an_order(relay.anna.seller), relay.anna)

    assert again
    assert (again.sender, again.bounces) == (relay.customer, relay.bounces)
    assert relay.customer != relay.bounces
    assert RelayAddress.objects.filter(seller_id=other.seller_id, query_id=other.id).count() == 0
    for address in RelayAddress.objects.filter(seller_id=other.seller_id):
        assert len(address.token) == 32


def test_no_address_is_made_while_the_relay_is_off(relay, settings):
    settings.RELAY_DOMAIN = ""

    assert reserve_addresses(mail=relay.mail, now=NOW) is None
    assert shop_address("lampenhuis") == ""
    with pytest.raises(NoSuchAddress):
        destination_of(relay.customer)


def test_the_same_e_mail_is_stored_once_and_another_with_its_number_as_well(relay):
    first = received(relay, letter("Hallo"))
    again = received(relay, letter("Hallo").replace(b"Date:", b"Received: by us\nDate:"))
    other = received(relay, letter("Iets anders"))

    assert first == again != other
    assert rows() == 2
    assert ProcrastinateJob.objects.filter(task_name="mail-in.file").count() == 2


def test_one_e_mail_to_two_queries_is_two(relay):
    query = a_query(an_order(relay.anna.seller), relay.anna)
    mail = Mail.objects.get(seller_id=query.seller_id, query_id=query.id)
    addresses = reserve_addresses(mail=mail, now=NOW)
    assert addresses

    received(relay, letter("Hallo"))
    received(relay, letter("Hallo"), to=addresses.sender)

    assert set(IncomingMail.objects.filter(seller_id=query.seller_id).values_list("query_id", flat=True)) == {
        query.id,
        relay.query.id,
    }


@pytest.mark.parametrize("broken", [b"", b"Message-ID: rubbish\n", b"Message-ID: <[1\n"])
def test_without_a_number_of_its_own_it_has_one_of_its_content(relay, broken):
    raw = letter("Hallo").replace(b"Message-ID: <one@example.com>\n", broken)

    assert received(relay, raw) == received(relay, raw)
    assert IncomingMail.objects.get(seller_id=relay.anna.seller_id).message_id.endswith("@relay.example")


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (letter("x" * LARGEST_MAIL), 552),
        (b"X: y\n" * 100_000 + letter("Hallo"), 552),
        (b"Received: by a\n" * 40 + letter("Hallo"), 554),
        (letter("Hallo").replace(b"klaas@example.com", b"abc@relay.example"), 550),
        (letter("Hallo").replace(b"one@example.com", b"0190@relay.example"), 550),
    ],
    ids=["large", "head", "circles", "from-us", "our-number"],
)
def test_what_is_refused_leaves_no_row(relay, raw, status):
    with pytest.raises(MailRefused) as refusal:
        received(relay, raw)

    assert refusal.value.status == status
    assert rows() == 0


def test_our_own_mail_server_may_report_to_us(relay):
    received(relay, letter("Bounce").replace(b"klaas@example.com", b"mailer-daemon@relay.example"), sender="<>")

    assert rows() == 1


def test_too_many_at_one_address_are_to_be_sent_again_later(relay, monkeypatch):
    monkeypatch.setattr("lostpost.relay.receive_mail.HOURLY_MAX", 2)
    for text in ("a", "b", "c"):
        received(relay, letter(text))

    with pytest.raises(MailRefused) as refusal:
        received(relay, letter("d"))
    assert refusal.value.status == 452
    assert HOURLY_MAX > 2


def test_too_many_of_one_sender_are_to_be_sent_again_later_whatever_their_address(relay, carla, monkeypatch):
    monkeypatch.setattr("lostpost.relay.receive_mail.SENDER_HOURLY_MAX", 2)
    received(relay, letter("a"))
    received(relay, letter("b"), to=shop_address(carla.seller.code), sender="Klaas@Example.com")

    with pytest.raises(MailRefused) as refusal:
        received(relay, letter("c"), to=shop_address(relay.anna.seller.code))
    assert refusal.value.status == 452
    received(relay, letter("d"), sender="ans@example.com")  # Somebody else, or the same an hour later.
    received(relay, letter("c"), to=shop_address(relay.anna.seller.code), now=NOW + timedelta(minutes=61))


def test_people_of_a_shop_may_answer_as_many_customers_as_there_are(relay, bram, monkeypatch):
    monkeypatch.setattr("lostpost.relay.receive_mail.SENDER_HOURLY_MAX", 1)
    to, email = address_for_sellers(relay.query), user_of(bram).email
    for text in ("een", "twee"):
        received(relay, letter(text).replace(b"klaas@example.com", email.encode()), to=to, sender=email)
    assert rows() == 2


def test_at_the_sellers_address_only_the_shops_people_are_read(relay, bram, vera, carla):
    to = address_for_sellers(relay.query)
    of_bram = letter("Ik zoek het uit").replace(b"klaas@example.com", user_of(bram).email.upper().encode())
    received(relay, of_bram, to=to)

    for who in (vera, carla):
        raw = letter("Ik ook").replace(b"klaas@example.com", user_of(who).email.encode())
        with pytest.raises(MailRefused) as refusal:
            received(relay, raw, to=to)
        assert refusal.value.status == 550
    User.objects.filter(id=bram.user_id).update(is_active=False)
    with pytest.raises(MailRefused):
        received(relay, of_bram + b"again", to=to)
    assert rows() == 1


def test_another_shops_address_leads_to_the_other_shop(relay, carla):
    assert destination_of(shop_address("carlas-keramiek")).seller_id == carla.seller_id
    assert destination_of(relay.customer).seller_id == relay.anna.seller_id
