"""Mail goes both ways: the shop's own address, sending again, what an answer quotes, an e-mail as it was laid out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from lostpost.accounts.actor import ReadOnly
from lostpost.answering.answer_query import answer_query
from lostpost.connectors.mail.letter import mail_to_write, write_letter
from lostpost.connectors.mail.quoting import LEFT_OUT, MOST_LINES, quoted_lines
from lostpost.core.errors import Conflict, NotFound
from lostpost.customer_queries.add_note import add_note
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.models import CustomerQuery, Mail
from lostpost.customer_queries.put_aside import put_aside
from lostpost.customer_queries.settle_mail import mark_mail_sent
from lostpost.customer_queries.timeline import QueryHandled
from lostpost.declarations.ask_for_declaration import ask_for_declaration
from lostpost.declarations.models import Declaration
from lostpost.orders.models import Order
from lostpost.relay.addresses import NoSuchAddress, address_for_sellers, destination_of, reserve_addresses
from lostpost.relay.filed_as import BURST_MAX
from lostpost.relay.models import IncomingMail
from lostpost.relay.parsing.parse import parse_mail
from lostpost.relay.receive_mail import receive_mail
from lostpost.relay.send_mail_again import send_mail_again
from tests.cast import NOW, a_parcel, row_counts, user_of
from tests.relay.parsing.letters import letter, multipart, part, report

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def page_of(client, relay):
    client.force_login(user_of(relay.anna))
    return client.get(reverse("portal:customer-query", kwargs={"seller": "lampenhuis", "number": relay.query.number}))


def test_the_shops_people_answer_from_their_own_mailbox(relay, bram, client):
    address = address_for_sellers(relay.query)
    assert f"mailto:{address}" in page_of(client, relay).content.decode()
    relay.comes(letter("Niets gezien."))

    raw = letter("Wij zoeken het uit.").replace(b"<klaas@example.com>", b"<bram@example.com>")
    incoming = relay.comes(raw, to=address, sender=user_of(bram).email, now=LATER)

    entry = relay.entries()[-1]
    assert (entry.kind, entry.text, entry.by_name, incoming.state) == (
        *("message.sent", "Wij zoeken het uit.", "Bram"),
        "filed",
    )
    assert reserve_addresses(mail=relay.mail, now=LATER)
    assert address_for_sellers(relay.query) == address, "the same for all e-mails of the query"


def test_each_answer_by_mail_that_is_not_sent_is_on_the_timeline(relay, bram):
    address = address_for_sellers(relay.query)
    for number in range(BURST_MAX):
        relay.comes(letter(f"Hallo {number}?"))
    raw = letter("Wij zoeken het uit.").replace(b"<klaas@example.com>", b"<bram@example.com>")
    assert relay.comes(raw, to=address, sender=user_of(bram).email).state == "filed", "the customer's mails are others"
    empty = [letter("\n" * lines).replace(b"<klaas@example.com>", b"<bram@example.com>") for lines in (1, 2)]
    states = [relay.comes(each, to=address, sender=user_of(bram).email).state for each in empty]
    assert states == ["parked"] * 2
    assert relay.kinds()[-2:] == ["mail.not-sent"] * 2


def test_what_is_parked_keeps_a_query_from_closing(relay):
    put_aside(number=relay.query.number, state="waiting_for_customer", by=relay.anna, now=NOW)
    CustomerQuery.objects.filter(seller_id=relay.query.seller_id).update(closing_announced_at=NOW)
    relay.comes(multipart(*[part("text/plain", b"x")] * 6_000), now=LATER)
    query = relay.stored()
    assert (query.state, query.closing_announced_at, query.waits_since) == ("waiting_for_customer", None, LATER)


def test_an_unreadable_report_is_no_sign_of_the_customer(relay):
    put_aside(number=relay.query.number, state="waiting_for_customer", by=relay.anna, now=NOW)
    CustomerQuery.objects.filter(seller_id=relay.query.seller_id).update(closing_announced_at=NOW)
    assert relay.comes(letter("Wie weet."), to=relay.bounces, sender="", now=LATER).reason == "unknown-report"
    assert relay.stored().closing_announced_at == NOW


def test_an_answer_by_mail_to_a_handled_query_gives_it_back(relay, bram):
    close_query(number=relay.query.number, by=relay.anna, now=NOW)
    raw = letter("Wij zoeken het uit.").replace(b"<klaas@example.com>", b"<bram@example.com>")
    relay.comes(raw, to=address_for_sellers(relay.query), sender=user_of(bram).email, now=LATER)
    assert (relay.stored().state, relay.kinds()[-2:]) == ("open", ["mail.not-sent", "query.reopened"])


def test_a_declaration_is_asked_for_again_until_it_is_signed(relay):
    parcel = a_parcel(relay.query.order, code="P-9")
    declaration = ask_for_declaration(number=relay.query.number, parcel=parcel.code, by=relay.anna, now=NOW)
    mails = Mail.objects.filter(seller_id=relay.mail.seller_id, kind="declaration.asked")
    again = {"number": relay.query.number, "mail_id": mails.get().id, "by": relay.anna, "now": LATER}
    mails.update(state="failed")
    assert send_mail_again(**again).state == "failed", "as it was read; the row is queued"
    assert mails.get().state == "queued"
    mails.update(state="failed")
    Declaration.objects.filter(seller_id=declaration.seller_id, id=declaration.id).update(
        signed_at=NOW, signed_on=NOW.date(), signed_name="Klaas"
    )
    with pytest.raises(Conflict):
        send_mail_again(**again)


@pytest.mark.parametrize("kind", ["query.closing", "found.asked", "found.reminded"])
def test_what_asks_for_something_is_asked_anew_and_not_sent_again(relay, client, kind):
    Mail.objects.filter(seller_id=relay.mail.seller_id, id=relay.mail.id).update(kind=kind, state="failed")
    with pytest.raises(Conflict, match="asked again"):
        send_mail_again(number=relay.query.number, mail_id=relay.mail.id, by=relay.anna, now=LATER)
    assert "Send it again" not in page_of(client, relay).content.decode()


def test_without_relay_there_is_none(relay, settings, client):
    settings.RELAY_DOMAIN = ""
    assert address_for_sellers(relay.query) == ""
    assert "your own mailbox" not in page_of(client, relay).content.decode()


def test_what_came_back_is_sent_again_to_the_address_that_the_order_has_now(relay, client, vera):
    mark_mail_sent(seller_id=relay.mail.seller_id, mail_id=relay.mail.id, subject="x", body="y", now=NOW)
    again = {"number": relay.query.number, "mail_id": relay.mail.id, "now": LATER}
    with pytest.raises(Conflict, match="on its way"):
        send_mail_again(**again, by=relay.anna)
    relay.comes(report(action="failed", status="5.1.1"), to=relay.bounces, sender="")
    assert relay.stored().unanswered_since == NOW
    assert "Send it again" in page_of(client, relay).content.decode()
    before = row_counts()
    for wrong, refusal in (({"by": vera}, ReadOnly), ({"by": relay.anna, "mail_id": relay.query.id}, NotFound)):
        with pytest.raises(refusal):
            send_mail_again(**(again | wrong))
    assert row_counts() == before
    Order.objects.filter(id=relay.query.order_id).update(customer_email="klaas@new.example")

    url = reverse("portal:query-send-again", kwargs={"seller": "lampenhuis", "number": relay.query.number})
    assert client.post(url, {"mail": str(relay.mail.id)}).status_code == 302

    mail = relay.stored_mail()
    assert (mail.state, mail.to, mail.delivery, mail.problem) == ("queued", "klaas@new.example", "", "")
    assert (relay.stored().unanswered_since, relay.kinds()[-1]) == (None, "mail.sent-again")
    with pytest.raises(Conflict, match="on its way"):
        send_mail_again(**again, by=relay.anna)
    with pytest.raises(NoSuchAddress):
        destination_of(relay.bounces)  # What is reported about the first sending.
    addresses = reserve_addresses(mail=mail, now=LATER)
    assert addresses
    assert addresses.bounces != relay.bounces


@pytest.mark.parametrize("at", ["bounces", "customer"])
def test_what_is_reported_late_about_the_first_sending_says_nothing_of_the_second(relay, at):
    mail = relay.mail
    mark_mail_sent(seller_id=mail.seller_id, mail_id=mail.id, subject="x", body="y", now=NOW)
    relay.comes(report(action="failed", status="5.1.1"), to=relay.bounces, sender="")
    late = report(action="failed", status="5.4.7", original_id=f"{mail.id}@relay.example")
    destination = destination_of(getattr(relay, at))
    came_before = receive_mail(destination=destination, envelope_sender="", raw=late, now=LATER)
    send_mail_again(number=relay.query.number, mail_id=mail.id, by=relay.anna, now=LATER)
    before = relay.kinds()

    state = relay.file(came_before, late, null_sender=True, now=LATER)

    again = relay.stored_mail()
    assert (again.state, again.delivery, again.problem) == ("queued", "", "")
    assert relay.stored().unanswered_since is None
    assert (state, relay.kinds()) == {
        "bounces": ("filed", before),
        "customer": ("parked", [*before, "mail.parked"]),  # It may be about either.
    }[at]


def test_an_old_answer_sent_again_answers_no_later_message(relay):
    relay.comes(report(action="failed", status="5.1.1"), to=relay.bounces, sender="")
    relay.comes(letter("Hallo?"), now=LATER)
    again = {"number": relay.query.number, "mail_id": relay.mail.id, "by": relay.anna}
    send_mail_again(**again, now=LATER)
    assert relay.stored().unanswered_since == LATER
    close_query(number=relay.query.number, by=relay.anna, now=LATER)
    Mail.objects.filter(seller_id=relay.mail.seller_id, id=relay.mail.id).update(state="failed")
    with pytest.raises(QueryHandled):
        send_mail_again(**again, now=LATER)


def test_an_answer_quotes_the_last_message_and_our_own_reader_folds_it(relay):
    relay.comes(letter("Hij is er <b>niet</b>. " + "Echt waar. " * 12))
    add_note(number=relay.query.number, text="Between us.", by=relay.anna, key="note-key-1", now=NOW)
    answer_query(
        number=relay.query.number, message="Vreemd.", leave_open=True, by=relay.anna, key="key-1234", now=LATER
    )
    mail = Mail.objects.get(seller_id=relay.mail.seller_id, queued_at=LATER)
    sent = write_letter(mail_to_write(seller_id=mail.seller_id, mail_id=mail.id))

    quote = sent.text.partition("You wrote on Tue 10 Mar")[2].splitlines()[1:]
    assert quote[0].startswith("> Hij is er <b>niet</b>. Echt waar.")
    assert all(line.startswith("> ") and len(line) <= 74 for line in quote if line)
    assert "Hij is er &lt;b&gt;niet&lt;/b&gt;." in sent.html
    assert "> Hij is er" in parse_mail(letter(sent.text)).quoted
    assert "Between us" not in sent.text + sent.html
    opening = write_letter(mail_to_write(seller_id=relay.mail.seller_id, mail_id=relay.mail.id))
    assert "You wrote on" not in opening.text


def test_long_messages_are_cut_where_they_are_quoted():
    lines = quoted_lines("word " * 1000)
    assert (len(lines), lines[-1]) == (MOST_LINES + 1, LEFT_OUT)
    assert quoted_lines("one\n\n\ntwo ") == ["one", "", "", "two"]


def test_an_e_mail_is_shown_as_it_was_laid_out_and_can_do_nothing(relay, client, carla):
    html = b'<p onclick="x()">Zie <b>hier</b> klaas@example.com</p><script>x()</script><img src="https://t.example/p">'
    incoming = relay.comes(multipart(part("text/plain", b"Zie hier"), part("text/html", html), kind="alternative"))
    url = reverse(
        "portal:whole-mail", kwargs={"seller": "lampenhuis", "number": relay.query.number, "incoming": incoming.id}
    )
    assert url in page_of(client, relay).content.decode()

    answer = client.get(url)

    page = answer.content.decode()
    assert "<b>hier</b> ***@***" in page
    assert not any(each in page for each in ("script", "onclick", "img", "klaas@"))
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    IncomingMail.objects.filter(id=incoming.id, seller_id=incoming.seller_id).update(html="")
    assert client.get(url).status_code == 404
    assert url not in page_of(client, relay).content.decode()
    client.force_login(user_of(carla))
    assert client.get(url).status_code == 404
