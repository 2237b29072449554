"""What of an e-mail cannot be read: it is filed all the same, the shop sees it, and the customer is told once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from lostpost.connectors.mail.delivery import message_of
from lostpost.connectors.mail.letter import Letter, mail_to_write, write_letter
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.models import Mail
from lostpost.customer_queries.timeline import LONGEST_TEXT
from lostpost.events.models import Event
from lostpost.relay.not_read_notice import NOT_READ_MAIL
from lostpost.texts.timeline import timeline_details
from tests.cast import NOW, user_of
from tests.relay.parsing.letters import ENCRYPTED, letter, multipart, part, signed, smime

pytestmark = pytest.mark.django_db
ZIP = part("application/zip; name=fotos.zip", b"PK\3\4xx")
CALENDAR = (
    b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Levering bij klaas@example.com\r\n"
    b"ORGANIZER:mailto:boss@x.example\r\nDTSTART:20261103T091200Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def notices(relay) -> list[Mail]:
    return list(Mail.objects.filter(seller_id=relay.anna.seller_id, kind=NOT_READ_MAIL).order_by("queued_at"))


def written(mail: Mail) -> Letter:
    return write_letter(mail_to_write(seller_id=mail.seller_id, mail_id=mail.id))


def test_what_is_signed_is_read_and_nobody_is_told(relay):
    incoming = relay.comes(smime(signed(b"Content-Type: text/plain\n\nNiets gezien.")))

    (entry,) = relay.entries()
    assert (entry.text, entry.data["notes"]) == ("Niets gezien.", ["signature-not-checked"])
    assert "the signature was not checked" in timeline_details(entry).aside
    assert (incoming.state, notices(relay)) == ("filed", [])


def test_who_writes_encrypted_is_told_once_a_day_that_nobody_can_read_it(relay):
    close_query(number=relay.query.number, by=relay.anna, now=NOW)
    for number in range(3):
        relay.comes(smime(ENCRYPTED + str(number).encode()), now=NOW + timedelta(minutes=number))

    entry = relay.entries()[1]
    assert "It is encrypted and cannot be read here." in timeline_details(entry).aside
    assert relay.stored().unanswered_since == NOW + timedelta(minutes=2), "the customer waits all the same"
    (notice,) = notices(relay)
    said = written(notice)
    assert "It is encrypted. Please write to us again without encryption." in said.text
    assert "It is encrypted. Please write to us again without encryption." in said.html
    assert "smime.p7m" not in said.text
    about = mail_to_write(seller_id=notice.seller_id, mail_id=notice.id)
    assert message_of(about, said).message()["Auto-Submitted"] == "auto-generated"
    relay.comes(smime(ENCRYPTED + b"later"), now=NOW + timedelta(hours=25))
    assert len(notices(relay)) == 2


def test_a_file_that_was_left_out_is_named_to_whoever_sent_it(relay):
    relay.comes(multipart(part("text/plain", b"Zie de foto's"), ZIP))

    (notice,) = notices(relay)
    assert notice.to == "klaas@example.com"
    said = written(notice)
    assert said.subject == f"Your e-mail about order {relay.query.order.number} could not be read completely"
    assert "The file “fotos.zip” was left out: it is neither a picture" in said.text
    assert "The file “fotos.zip” was left out: it is neither a picture" in said.html


@pytest.mark.parametrize(
    "raw",
    [
        multipart(part("text/plain", b"x"), ZIP).replace(b"klaas@example.com", b"iemand@example.org"),
        multipart(part("text/plain", b"x"), ZIP, head=b"Precedence: list\nList-Id: <a.b>\n"),
        multipart(part("text/plain", b"x"), ZIP, head=b"Auto-Submitted: auto-replied\n"),
        smime(ENCRYPTED, head=b"Precedence: auto_reply\n"),
        multipart(part("text/plain", b"x"), ZIP, head=b"X-Auto-Response-Suppress: DR, AutoReply\n"),
    ],
    ids=["stranger", "list", "machine", "perhaps", "silence"],
)
def test_strangers_lists_machines_and_who_wants_silence_are_told_nothing(relay, raw):
    assert relay.comes(raw).state == "filed"
    assert notices(relay) == []


def test_the_notice_is_in_the_query_that_the_message_opened(relay):
    close_query(number=relay.query.number, by=relay.anna, now=NOW)
    incoming = relay.comes(multipart(part("text/plain", b"x"), ZIP), now=NOW + timedelta(days=200))

    (notice,) = notices(relay)
    assert incoming.query_id == notice.query_id != relay.query.id


def test_an_invitation_is_one_line_that_nobody_answers(relay):
    relay.comes(multipart(part("text/plain", b"Komt u?"), part("text/calendar; method=REQUEST", CALENDAR)))

    (entry,) = relay.entries()
    assert "It invites to “Levering bij ***@*** 2026-11-03 09:12”." in timeline_details(entry).aside
    assert Mail.objects.filter(seller_id=relay.anna.seller_id).count() == 1
    event = Event.objects.filter(seller_id=relay.anna.seller_id, type="message.received").get()
    assert "Levering" not in str(event.data), "somebody's words stand on the timeline alone"


def test_the_page_shows_all_of_a_long_message_an_open_quote_and_answers_between_quoted_lines(relay, client):
    relay.comes(letter("woord " * (LONGEST_TEXT // 5) + "het einde"))
    relay.comes(letter("> Is het er <b>nu</b>?\nNee.\n> En bij de buren?\nOok niet."))
    relay.comes(letter("> Alleen een vraag"))

    long, _between, quote = relay.entries()
    assert ("cut" in long.data["notes"], len(long.text) <= LONGEST_TEXT) == (True, True)
    assert "no-new-text" in quote.data["notes"]
    client.force_login(user_of(relay.anna))
    about = {"seller": relay.anna.seller.code, "number": relay.query.number}
    page = client.get(reverse("portal:customer-query", kwargs=about)).content.decode()
    assert "het einde" in page
    assert '<span class="soft">&gt; Is het er &lt;b&gt;nu&lt;/b&gt;?</span><br>Nee.' in page
    assert re.search(r"<details open>\s*<summary>Show what was quoted</summary>\s*<div .*><p>&gt; Alleen", page)
