"""What becomes of an e-mail: forty kinds of them, each with what it does to its query and what it does not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lostpost.customer_links.links import link_in_mail
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.models import CustomerQuery, Mail
from lostpost.relay.addresses import address_for_sellers, shop_address
from lostpost.relay.filed_as import BURST, BURST_MAX
from lostpost.relay.forget_mail import KEEP, forget_mail
from lostpost.relay.models import IncomingMail
from lostpost.relay.settle_parked_mail import drop_parked_mail
from tests.cast import NOW, user_of
from tests.relay.parsing.letters import letter, multipart, part, report

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def from_stranger(raw: bytes) -> bytes:
    return raw.replace(b"klaas@example.com", b"iemand@example.org")


def test_a_persons_answer_is_a_message_and_starts_the_clock(relay):
    incoming = relay.comes(letter("Niets gezien.\n\n> Is het er?\n"), now=LATER)

    (entry,) = relay.entries()
    assert (entry.kind, entry.text, entry.data["name"]) == ("message.received", "Niets gezien.", "Klaas de Vries")
    assert (incoming.state, incoming.entry_id, incoming.query_id) == ("filed", entry.id, relay.query.id)
    assert incoming.quoted == "> Is het er?"
    assert entry.data["other_address"] is False
    assert relay.stored().unanswered_since == LATER
    assert relay.stored().last_message_id == entry.id


def test_filing_twice_files_once(relay):
    incoming = relay.comes(letter("Niets gezien."))
    relay.file(incoming.id, letter("Niets gezien."))

    assert relay.kinds() == ["message.received"]


def test_the_same_number_with_another_text_is_marked(relay):
    relay.comes(letter("Niets gezien."))
    incoming = relay.comes(letter("Toch wel."))

    assert "same-message-id" in incoming.notes
    assert [entry.text for entry in relay.entries()] == ["Niets gezien.", "Toch wel."]


def test_an_answer_reopens_what_was_handled(relay):
    close_query(number=relay.query.number, by=relay.anna, now=NOW)
    relay.comes(letter("Niets gezien."), now=LATER)

    assert relay.kinds() == ["query.closed", "message.received", "query.reopened"]
    assert relay.stored().state == "open"


def test_long_after_it_was_handled_each_further_answer_goes_to_the_same_new_query(relay):
    close_query(number=relay.query.number, by=relay.anna, now=NOW)
    much_later = NOW + timedelta(days=200)
    first = relay.comes(letter("Niets gezien."), now=much_later)
    second = relay.comes(letter("Hallo?"), now=much_later + timedelta(hours=1))

    (query,) = CustomerQuery.objects.filter(seller_id=relay.query.seller_id, earlier_query_id=relay.query.id)
    assert first.query_id == second.query_id == query.id
    assert relay.stored().state == "handled"


def test_another_address_is_filed_and_said(relay):
    incoming = relay.comes(from_stranger(letter("Niets gezien.")))

    (entry,) = relay.entries()
    assert (entry.kind, entry.data["other_address"]) == ("message.received", True)
    assert incoming.sender_address == "iemand@example.org"
    assert relay.query.order.customer_email == "klaas@example.com"


def test_where_to_answer_is_not_the_senders_to_say(relay):
    relay.comes(letter("Niets gezien.", head=b"Reply-To: elsewhere@x.example\n"))

    assert not Mail.objects.filter(seller_id=relay.query.seller_id, to="elsewhere@x.example").exists()
    assert relay.kinds() == ["message.received"]


def test_other_readers_are_a_number(relay):
    relay.comes(letter("Niets gezien.", head=b"Cc: Friend <friend@example.org>, klaas@example.com\n"))

    (entry,) = relay.entries()
    assert entry.data["readers"] == 1
    assert "friend@example.org" not in str(entry.data)
    assert not Mail.objects.filter(seller_id=relay.query.seller_id, to="friend@example.org").exists()


def test_a_stranger_who_passes_something_on_moves_nothing(relay):
    close_query(number=relay.query.number, by=relay.anna, now=NOW)
    relay.comes(from_stranger(letter("Zie onder", subject="WG: Uw pakket")))

    assert relay.kinds() == ["query.closed", "mail.forwarded"]
    assert (relay.stored().state, relay.stored().unanswered_since) == ("handled", None)


@pytest.mark.parametrize(
    ("head", "subject"),
    [
        (b"Auto-Submitted: auto-replied\n", "Re: Uw pakket"),
        (b"", "Automatisch antwoord: Uw pakket"),
        (b"", "Automatische Antwort: Ihr Paket"),
        (b"Precedence: auto_reply\n", "Re: Uw pakket"),
    ],
)
def test_a_machine_reopens_nothing_and_starts_no_clock(relay, head, subject):
    close_query(number=relay.query.number, by=relay.anna, now=NOW)
    incoming = relay.comes(letter("Ik ben er niet.", head=head, subject=subject))

    assert relay.kinds() == ["query.closed", "mail.automatic"]
    assert (relay.stored().state, relay.stored().unanswered_since) == ("handled", None)
    assert (incoming.state, incoming.text) == ("filed", "Ik ben er niet.")


@pytest.mark.parametrize(
    "head",
    [b"Auto-Submitted: no\n", b"X-Auto-Response-Suppress: All\n", b"Precedence: list\nList-Id: <a.b>\n"],
)
def test_a_person_is_a_person_whatever_their_program_adds(relay, head):
    relay.comes(letter("Niets gezien.", head=head))

    assert relay.kinds() == ["message.received"]
    assert Mail.objects.filter(seller_id=relay.query.seller_id).count() == 1, "nothing is sent in answer"


def test_a_report_at_the_address_for_bounces_returns_the_message_to_its_author(relay):
    close_query(number=relay.query.number, by=relay.anna, now=NOW)
    raw = report(action="failed", status="5.1.1", diagnostic="550 no such user")
    relay.comes(raw, to=relay.bounces, sender="", now=LATER)

    mail = relay.stored_mail()
    assert (mail.delivery, mail.problem, mail.delivery_at) == ("bounced", "5.1.1 550 no such user", LATER)
    assert relay.kinds() == ["query.closed", "mail.failed", "query.reopened"]
    assert relay.stored().unanswered_since == LATER
    relay.comes(raw + b"again", to=relay.bounces, sender="", now=LATER)
    assert relay.kinds() == ["query.closed", "mail.failed", "query.reopened"], "said once"


@pytest.mark.parametrize(("action", "status"), [("delayed", "4.4.1"), ("delivered", "2.0.0")])
def test_other_reports_are_states_of_the_e_mail_alone(relay, action, status):
    close_query(number=relay.query.number, by=relay.anna, now=NOW)
    relay.comes(report(action=action, status=status), to=relay.bounces, sender="")

    assert relay.stored_mail().delivery == action
    assert relay.kinds() == ["query.closed"]


def test_a_delay_says_nothing_new_of_what_arrived(relay):
    relay.comes(report(action="delivered", status="2.0.0"), to=relay.bounces, sender="")
    relay.comes(report(action="delayed", status="4.4.1"), to=relay.bounces, sender="")

    assert relay.stored_mail().delivery == "delivered"


def test_a_read_receipt_is_a_state(relay):
    receipt = multipart(
        part("text/plain", b"Gelezen"),
        part("message/disposition-notification", b"Disposition: manual-action; displayed"),
        kind="report",
    )
    relay.comes(receipt, to=relay.bounces, sender="")

    assert (relay.stored_mail().delivery, relay.kinds()) == ("delivered", [])


def test_a_bounce_in_bare_text_counts_at_the_address_for_bounces(relay):
    text = (
        "Hi. This is the qmail-send program at mx.example.com.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n\n"
        "<klaas@example.com>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
    )
    relay.comes(letter(text, subject="failure notice"), to=relay.bounces, sender="")

    assert relay.stored_mail().delivery == "bounced"


def test_a_report_about_an_e_mail_that_we_never_sent_is_parked(relay):
    incoming = relay.comes(report(action="failed", status="5.1.1"), sender="")

    assert (incoming.state, incoming.reason) == ("parked", "unknown-report")
    assert relay.kinds() == ["mail.parked"]
    assert relay.stored_mail().delivery == ""


def test_a_report_at_the_customers_address_counts_if_it_names_our_e_mail(relay):
    raw = report(action="failed", status="5.1.1", original_id=f"{relay.mail.id}@relay.example")
    relay.comes(raw, sender="")

    assert relay.stored_mail().delivery == "bounced"


def test_an_absence_at_the_address_for_bounces_is_no_bounce(relay):
    raw = letter("Ik ben er niet.", head=b"Auto-Submitted: auto-replied\n")
    relay.comes(raw, to=relay.bounces, sender="")
    assert (relay.kinds(), relay.stored_mail().delivery) == (["mail.automatic"], "")
    unknown = relay.comes(letter("Wie weet."), to=relay.bounces, sender="")
    assert (unknown.state, unknown.reason) == ("parked", "unknown-report")


def test_confirmations_that_come_in_a_burst_are_parked_with_one_notice(relay):
    states = [relay.comes(letter(f"Uw bericht {number} is ontvangen.")).state for number in range(BURST_MAX + 3)]

    assert states == ["filed"] * BURST_MAX + ["parked"] * 3
    assert relay.kinds() == ["message.received"] * BURST_MAX + ["mail.parked"]
    assert Mail.objects.filter(seller_id=relay.query.seller_id).count() == 1
    assert relay.comes(letter("Later"), now=NOW + 2 * BURST).state == "filed"


def test_addresses_are_masked_in_text_quote_and_layout(relay):
    quoted = (
        f"Mail mij op KLAAS@example.com.\n\nVan: Winkel <{relay.customer}>\nVerzonden: dinsdag\n"
        f"Aan: klaas@example.com\nOnderwerp: x\n\nanna@example.com schreef"
    )
    html = b'<a href="mailto:klaas%40example.com">klaas@example.com</a> <p>' + quoted.encode() + b"</p>"
    raw = multipart(part("text/plain", quoted.encode()), part("text/html", html), kind="alternative")
    incoming = relay.comes(raw)

    (entry,) = relay.entries()
    whole = f"{entry.text} {entry.data} {incoming.text} {incoming.quoted} {incoming.html}".lower()
    for address in ("klaas@example.com", "klaas%40example.com", relay.customer, "anna@example.com"):
        assert address not in whole
    assert "***@***" in incoming.html


def test_the_customers_link_in_a_quote_is_masked_wherever_it_stands(relay):
    link = link_in_mail(query=relay.query, now=NOW)
    token = link.rpartition("/")[2]
    text = f"Via {link}?\n\nOp dinsdag schreef Winkel:\n> Zie {link[:40]}\n> {link[40:]}"
    html = f'<a href="{link}">x</a> <blockquote>{link}</blockquote>'
    raw = letter("", subject=f"Re: {link}").partition(b"Content-Type")[0]
    parts = part("text/plain", text.encode()), part("text/html", html.encode())
    incoming = relay.comes(raw + multipart(*parts, kind="alternative").partition(b"MIME-Version: 1.0\n")[2])

    (entry,) = relay.entries()
    for written in (entry.text, incoming.subject, incoming.text, incoming.quoted, incoming.html):
        assert "/c/…" in written
        assert token[-20:] not in written


def test_a_subject_that_masking_makes_longer_is_cut(relay):
    incoming = relay.comes(letter("Niets.", subject="a@b.ex " * 42, head=b"Cc: a@b.ex\n"))
    assert (incoming.state, len(incoming.subject)) == ("filed", 300)


def test_addresses_are_masked_in_the_words_of_a_mail_server(relay):
    raw = report(action="failed", status="5.1.1", diagnostic="550 <klaas@example.com>: no such user")
    relay.comes(raw, to=relay.bounces, sender="")

    assert relay.stored_mail().problem == "5.1.1 550 <***@***>: no such user"


def test_an_attached_e_mail_is_a_name(relay):
    relay.comes(multipart(part("text/plain", b"Zie bijlage"), part("message/rfc822", letter("geheim"))))

    (entry,) = relay.entries()
    assert [file["name"] for file in entry.data["files_refused"]] == ["message.eml"]
    assert "geheim" not in str(entry.data)


def test_what_cannot_be_read_is_parked_as_it_came(relay):
    raw = multipart(*[part("text/plain", b"x")] * 6_000)
    incoming = relay.comes(raw)

    assert (incoming.state, incoming.reason) == ("parked", "too-many-parts")
    assert bytes(incoming.raw or b"") == raw
    assert relay.kinds() == ["mail.parked"]


def test_an_empty_e_mail_keeps_the_clock_running_and_says_so(relay):
    relay.comes(multipart(part("image/jpeg; name=doos.jpg", b"\xff\xd8\xff")))

    (entry,) = relay.entries()
    assert (entry.kind, entry.text, entry.data["files"], entry.data["notes"]) == (
        "message.received",
        "",
        1,
        ["no-text"],
    )
    assert relay.stored().unanswered_since == NOW


def test_what_was_dropped_is_forgotten_with_its_words_and_its_sender(relay, pia):
    mail = relay.comes(letter("Koop nu klompen!"), to=shop_address("lampenhuis"))
    assert forget_mail(seller_id=mail.seller_id, now=NOW + KEEP + timedelta(days=1)) == 1  # It waits for the desk.
    assert IncomingMail.objects.get(seller_id=mail.seller_id, id=mail.id).text == "Koop nu klompen!"
    drop_parked_mail(seller_id=mail.seller_id, incoming_id=mail.id, by=pia, now=NOW + KEEP)

    forget_mail(seller_id=mail.seller_id, now=NOW + KEEP)
    assert IncomingMail.objects.get(seller_id=mail.seller_id, id=mail.id).text
    forget_mail(seller_id=mail.seller_id, now=NOW + KEEP + timedelta(days=1))

    kept = IncomingMail.objects.get(seller_id=mail.seller_id, id=mail.id)
    assert (kept.state, kept.settled_by_name) == ("dropped", "Pia")
    assert (kept.raw, kept.text, kept.subject, kept.sender_name, kept.sender_address) == (None, "", "", "", "")


def test_an_answer_of_the_shops_people_goes_to_the_customer(relay, bram):
    to = address_for_sellers(relay.query)
    relay.comes(letter("Niets gezien."))
    raw = letter("Wij zoeken het uit, bram@example.com\n\n> Niets gezien.").replace(
        b"<klaas@example.com>", b"<bram@example.com>"
    )
    incoming = relay.comes(raw, to=to, sender=user_of(bram).email, now=LATER)

    entry = relay.entries()[-1]
    assert (entry.kind, entry.text, entry.by_name) == ("message.sent", "Wij zoeken het uit, ***@***", "Bram")
    assert incoming.entry_id == entry.id
    mail = Mail.objects.get(seller_id=relay.anna.seller_id, about_id=entry.id)
    assert mail.to == "klaas@example.com"
    assert relay.stored().unanswered_since is None
    close_query(number=relay.query.number, by=relay.anna, now=LATER)
    late = relay.comes(raw + b"\nen nog iets", to=to, now=LATER)
    assert (late.state, late.reason) == ("parked", "query-not-open")


def test_what_came_is_forgotten_as_it_came_and_what_was_said_stays(relay):
    incoming = relay.comes(letter("Niets gezien."))

    assert forget_mail(seller_id=relay.anna.seller_id, now=NOW + KEEP) == 0
    assert forget_mail(seller_id=relay.anna.seller_id, now=NOW + KEEP + timedelta(days=1)) == 1
    kept = IncomingMail.objects.get(seller_id=relay.anna.seller_id, id=incoming.id)
    assert (kept.raw, kept.text) == (None, "Niets gezien.")
