"""Every letter to a customer is in their language to the last word, in each of the four."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lostpost.answering.answer_query import answer_query
from lostpost.compensations.grant_compensation import GRANTED_MAIL
from lostpost.connectors.mail.letter import KINDS, Letter, mail_to_write, write_letter
from lostpost.customer_queries.closing import CLOSING_MAIL
from lostpost.customer_queries.messages import queue_mail
from lostpost.customer_queries.models import Mail
from lostpost.customer_queries.receive_message import receive_message
from lostpost.customer_queries.timeline import add_entry
from lostpost.declarations.ask_for_declaration import ask_for_declaration
from lostpost.found_parcels.decide_found_parcel import decide_found_parcel
from lostpost.relay.not_read_notice import NOT_READ_MAIL
from lostpost.texts.timeline import FILE_REFUSALS
from tests.cast import NOW, a_parcel, a_query, an_order
from tests.customers_sentences import in_all_languages_of_customers
from tests.found_parcels.scene import LATER, case_of, query_of, scanned, written_off

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_all_languages_of_customers")]
__all__ = ["in_all_languages_of_customers"]

GREETINGS = {
    "en": ("Dear Klaas de Vries,", "Kind regards,"),
    "nl": ("Beste Klaas de Vries,", "Met vriendelijke groet,"),
    "fr": ("Bonjour Klaas de Vries,", "Cordialement,"),
    "de": ("Guten Tag Klaas de Vries,", "Mit freundlichen Grüßen"),
}
ENGLISH = ("Dear", "Kind regards", "customer query", "your", "You ", "money", "parcel was")


def written(mail: Mail, language: str) -> Letter:
    mail = mail_to_write(seller_id=mail.seller_id, mail_id=mail.id)
    mail.language = language
    return write_letter(mail, link="https://lost.example/c/x")


def mails_of(anna, fien) -> list[Mail]:
    """Let everything happen of which customers get an e-mail."""
    recorded = written_off(anna, fien=fien, paid_minor=25_00, delivery_costs_minor=4_95)
    written_off(anna, fien=None, paid_minor=0, key="write-off-2")
    scanned(recorded)
    number = case_of(recorded).number
    asked = decide_found_parcel(number=number, kind="pay-again", quantities={}, by=anna, key="outcome-1", now=LATER)
    query = query_of(recorded)
    query.order = recorded.order
    queue_mail(query, kind="found.reminded", about_id=asked.id, now=LATER)
    closing = add_entry(query, "query.closing-announced", now=LATER, until="2026-03-20")
    queue_mail(query, kind=CLOSING_MAIL, about_id=closing.id, now=LATER)
    granted: dict[str, Any] = {
        "currency": "EUR",
        "amount_minor": 9_95,
        "items_minor": 5_00,
        "delivery_minor": 4_95,
        "title": "Lampe",
    }
    compensation = add_entry(query, "compensation.granted", now=LATER, **granted)
    queue_mail(query, kind=GRANTED_MAIL, about_id=compensation.id, now=LATER)
    refused = [{"name": f"{reason}.zip", "reason": reason} for reason in FILE_REFUSALS]
    not_read = add_entry(query, "message.received", now=LATER, notes=["encrypted"], files_refused=refused)
    queue_mail(query, kind=NOT_READ_MAIL, about_id=not_read.id, now=LATER)
    other = a_query(an_order(anna.seller, number="B-2"), anna)
    ask_for_declaration(number=other.number, parcel=a_parcel(other.order, code="P-9").code, by=anna, now=NOW)
    receive_message(seller_id=anna.seller_id, number=other.number, message="Où est-il ?", now=NOW + timedelta(hours=1))
    answer: dict[str, Any] = {"message": "Bientôt.", "leave_open": True, "by": anna, "key": "answer-1", "now": LATER}
    answer_query(number=other.number, **answer)
    return list(Mail.objects.filter(seller_id=anna.seller_id))


def test_every_letter_is_in_the_customers_language(anna, fien):
    mails = mails_of(anna, fien)
    assert {mail.kind for mail in mails} == set(KINDS)
    for language, (greeting, closing) in GREETINGS.items():
        for mail in mails:
            letter = written(mail, f"{language}-BE")
            assert letter.language == language
            assert letter.text.startswith(greeting), mail.kind
            assert closing in letter.text
            assert f'<html lang="{language}">' in letter.html
            if language in ("fr", "de"):
                own_words = letter.text.replace("We are asking the carrier where your parcel is.", "")
                assert [word for word in ENGLISH if word in own_words] == [], mail.kind


def test_amounts_and_days_are_written_as_the_language_has_them(anna, fien):
    mails = {mail.kind: mail for mail in mails_of(anna, fien)}
    texts = {
        (kind, language): written(mails[kind], language).text.replace("\N{NO-BREAK SPACE}", " ")
        for kind in ("found.asked", CLOSING_MAIL)
        for language in ("fr", "de")
    }

    assert "Total: 29,95 €" in texts["found.asked", "fr"].replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert "Zusammen: 29,95 €" in texts["found.asked", "de"]
    assert "clôturerons votre question le 20 mars" in texts[CLOSING_MAIL, "fr"]
    assert "schließen wir Ihre Frage am 20. März" in texts[CLOSING_MAIL, "de"]
