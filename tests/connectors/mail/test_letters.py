"""What customers read."""

import re
from email import message_from_bytes, policy

import pytest

from lostpost.accounts.models import Seller
from lostpost.connectors.mail.delivery import message_of
from lostpost.connectors.mail.letter import Letter, header_line, mail_to_write, write_letter
from lostpost.customer_queries.models import Mail, TimelineEntry
from lostpost.writeoffs.selection import SelectedUnits
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_parcel, a_query, a_scan, all_of, an_item, an_order, mails_about, silent_parcel

pytestmark = pytest.mark.django_db
HOSTILE = "Klaas\r\nBcc: everyone@example.com\u2028<script>alert(1)</script> & Zn."


def written(mail: Mail) -> Letter:
    return write_letter(mail_to_write(seller_id=mail.seller_id, mail_id=mail.id))


def lost(anna, language: str, **order) -> Letter:
    query = silent_parcel(anna, paid_minor=25_00, customer_language=language, **order)
    write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=NOW)
    (mail,) = mails_about(query)
    return written(mail)


def test_an_english_customer_reads_what_was_lost_and_what_comes_back(anna):
    letter = lost(anna, "en", number="2398-4471", delivery_costs_minor=4_95)

    assert letter.language == "en"
    assert letter.subject == "Your parcel was lost: you get 29.95 EUR back"
    text = letter.text.replace("\N{NO-BREAK SPACE}", " ")
    query = text.rsplit(" ", 1)[1].strip()
    assert text == (
        "Dear Klaas de Vries,\n"
        "\n"
        "A parcel of your order 2398-4471 was lost in the mail. We are sorry about that. You get your money back:\n"
        "\n"
        "1 × Desk lamp Aurora: €25.00\n"
        "Delivery costs: €4.95\n"
        "Together: €29.95\n"
        "\n"
        "The money comes back on the means of payment with which you paid. You need not do anything.\n"
        "\n"
        "Does the parcel come after all? Please tell us by answering this e-mail. Do not send it back unasked: "
        "together we see what suits you best.\n"
        "\n"
        "Kind regards,\n"
        "Lampenhuis\n"
        "\n"
        f"Order 2398-4471, customer query {query}\n"
    )


def test_a_dutch_customer_reads_dutch_to_the_last_word(anna):
    letter = lost(anna, "nl-BE", number="2398-4471", delivery_costs_minor=4_95)

    assert letter.subject == "Je pakket is zoekgeraakt: je krijgt 29,95 EUR terug"
    text = letter.text.replace("\N{NO-BREAK SPACE}", " ")
    assert text.startswith("Beste Klaas de Vries,\n\nEen pakket van je bestelling 2398-4471 is onderweg zoekgeraakt.")
    assert "1 × Desk lamp Aurora: € 25,00\nVerzendkosten: € 4,95\nSamen: € 29,95\n" in text
    assert "Stuur het niet ongevraagd terug" in text
    for english in ("Dear", "order", "Kind", "money", "parcel"):
        assert english not in text


def test_both_forms_say_the_same(anna):
    letter = lost(anna, "nl", delivery_costs_minor=4_95)
    html = re.sub(r"[ \n]+", " ", letter.html)

    for paragraph in letter.text.split("\n\n")[1:-2]:
        for line in paragraph.splitlines():
            for part in re.split(": (?=€)", line):
                assert part in html
    assert '<html lang="nl">' in letter.html


def test_every_item_of_a_write_off_has_its_line_with_its_own_amount(anna):
    order = an_order(
        anna.seller,
        an_item("1", quantity=3, paid_minor=100_00, title="Lamp"),
        an_item("2", paid_minor=4_99, title="Bulb"),
        customer_language="en",
    )
    parcel = a_parcel(order)
    a_scan(parcel)
    query = a_query(order, anna)
    selection = [SelectedUnits(parcel.code, "1", 2), SelectedUnits(parcel.code, "2", 1)]
    write_off(query=query.number, selection=selection, by=anna, key="confirm-1", now=NOW)

    (mail,) = mails_about(query)
    text = written(mail).text
    assert "2 × Lamp: €66.66\n1 × Bulb: €4.99\nTogether: €71.65\n" in text
    assert "Delivery costs" not in text


def test_a_write_off_of_zero_mentions_no_money(anna):
    query = silent_parcel(anna, paid_minor=0, customer_language="en")
    write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=NOW)
    (mail,) = mails_about(query)

    letter = written(mail)
    assert letter.subject == "Your parcel was lost"
    assert "You paid nothing for it, so there is nothing to pay back." in letter.text
    assert "Together" not in letter.text


def test_a_message_stands_between_a_salutation_and_the_name_of_the_shop(anna):
    query = a_query(an_order(anna.seller, number="2398-4471", customer_language="en"), anna)
    (mail,) = mails_about(query, "message")

    letter = written(mail)
    assert letter.subject == "Where is my parcel?"
    assert letter.text == (
        "Dear Klaas de Vries,\n\nWe are asking the carrier where your parcel is.\n\nKind regards,\nLampenhuis\n\n"
        f"Order 2398-4471, customer query {query.number}\n"
    )


def test_names_and_words_cannot_become_markup_or_headers(anna):
    query = a_query(an_order(anna.seller, customer_language="en"), anna)
    TimelineEntry.objects.filter(seller_id=anna.seller_id, query_id=query.id).update(text=HOSTILE)
    (mail,) = mails_about(query, "message")
    mail = mail_to_write(seller_id=mail.seller_id, mail_id=mail.id)
    mail.query.subject = mail.query.order.customer_name = mail.seller.name = HOSTILE

    letter = write_letter(mail)
    message = message_of(mail, letter).message()

    assert "<script>" not in letter.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Zn." in letter.html
    assert "Dear Klaas Bcc: everyone@example.com <script>alert(1)</script> & Zn.,\n" in letter.text
    assert message["Bcc"] is None
    assert "\n" not in message["Subject"]
    assert len(message.get_all("From", [])) == 1


@pytest.mark.parametrize(
    "name",
    ["Bäckerei Müller & Söhne", 'The "Best" Lamps, Inc.', "照明の店", "<b>Lampen</b>", "a" * 200, "Łódź; (x) @ y"],
)
def test_any_shop_may_have_its_name_in_the_sender(anna, mailoutbox, name):
    Seller.objects.filter(id=anna.seller_id).update(name=name)
    (mail,) = mails_about(a_query(an_order(anna.seller), anna), "message")
    mail = mail_to_write(seller_id=mail.seller_id, mail_id=mail.id)

    message_of(mail, write_letter(mail)).send()

    (sender,) = message_from_bytes(mailoutbox[0].message().as_bytes(), policy=policy.default)["From"].addresses
    assert sender.addr_spec == "lostpost@localhost"
    assert sender.display_name == f"{name} via Lostpost"


def test_a_header_line_is_one_line():
    assert header_line(" a\r\nb\x00c\u2029d\te ") == "a b c d e"
