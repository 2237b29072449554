"""Compose the text of an e-mail in the customer's language."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from lostpost.answering.attachments import files_of_entry
from lostpost.answering.files import CheckedFile
from lostpost.compensations.grant_compensation import GRANTED_MAIL
from lostpost.connectors.mail.quoting import last_received_message
from lostpost.core.money import format_money, format_with_code
from lostpost.customer_queries.closing import CLOSING_MAIL
from lostpost.customer_queries.models import Mail, TimelineEntry
from lostpost.declarations.ask_for_declaration import ASKED_MAIL
from lostpost.declarations.reads import declaration_of
from lostpost.found_parcels.models import FoundOutcome, FoundOutcomeUnit
from lostpost.relay.not_read_notice import NOT_READ_MAIL
from lostpost.texts.customer_languages import customer_language
from lostpost.texts.moments import day_text
from lostpost.texts.timeline import refused_file_text
from lostpost.writeoffs.models import WriteOff, WriteOffLine


@dataclass(frozen=True, slots=True)
class Letter:
    """The text of one e-mail, as plain text and as HTML."""

    language: str
    subject: str
    text: str
    html: str
    files: Sequence[CheckedFile] = ()


def mail_to_write(*, seller_id: UUID, mail_id: UUID) -> Mail:
    """Return an e-mail with its shop, query and order, which its header names."""
    return Mail.objects.select_related("seller", "query__order").get(seller_id=seller_id, id=mail_id)


def write_letter(mail: Mail, *, link: str = "") -> Letter:
    """Write the e-mail: reads what it is about, and changes nothing.

    Args: `mail`: from `mail_to_write`. `link`: the customer's own, which nobody else may read.
    Raises: KeyError if no letter is of its kind.
    """
    language = customer_language(mail.language, mail.seller.language)
    with override(language):
        template, subject, about = KINDS[mail.kind](mail, language)
        context = {
            "language": language,
            "name": header_line(mail.query.order.customer_name),
            "shop": header_line(mail.seller.name),
            "order": mail.query.order.number,
            "query": mail.query.number,
            "link": link,
            **about,
        }
        return Letter(
            language,
            header_line(subject),
            render_to_string(f"mail/{template}.txt", context).strip() + "\n",
            render_to_string(f"mail/{template}.html", context).strip() + "\n",
            _files(mail),
        )


def _files(mail: Mail) -> list[CheckedFile]:
    """Return what was attached to the message that an e-mail brings."""
    if mail.kind != "message" or mail.about_id is None:
        return []
    return files_of_entry(seller_id=mail.seller_id, entry_id=mail.about_id)


def header_line(text: str) -> str:
    """Return the text as one line, so that a header's value cannot start another header."""
    return " ".join("".join(" " if unicodedata.category(sign) in LINE_BREAKING else sign for sign in text).split())


LINE_BREAKING = {"Cc", "Cs", "Zl", "Zp"}  # Control characters, lone surrogates, line and paragraph separators.


def _message(mail: Mail, language: str) -> tuple[str, str, dict[str, Any]]:
    """Write what the seller wrote, between a salutation and a closing, and under it what it answers."""
    assert mail.about_id
    entry = TimelineEntry.objects.get(seller_id=mail.seller_id, id=mail.about_id)
    quoted = last_received_message(seller_id=mail.seller_id, query_id=mail.query_id, before=entry.at)
    return "message", mail.query.subject, {"text": entry.text, "quoted": quoted}


def _write_off_confirmed(mail: Mail, language: str) -> tuple[str, str, dict[str, Any]]:
    """Write what was lost and what the customer gets back."""
    assert mail.about_id
    write_off = WriteOff.objects.get(seller_id=mail.seller_id, id=mail.about_id)
    lines = WriteOffLine.objects.filter(seller_id=mail.seller_id, write_off_id=write_off.id).select_related(
        "order_item"
    )
    currency = write_off.currency
    subject = _("Your parcel was lost")
    if write_off.refund_minor:
        amount = format_with_code(write_off.refund_minor, currency, language)
        subject = _("Your parcel was lost: you get %(amount)s back") % {"amount": amount}
    return (
        "write_off_confirmed",
        subject,
        {
            "lines": [
                (line.quantity, header_line(line.order_item.title), format_money(line.refund_minor, currency, language))
                for line in lines.order_by("id")
            ],
            "delivery": write_off.delivery_refund_minor
            and format_money(write_off.delivery_refund_minor, currency, language),
            "total": write_off.refund_minor and format_money(write_off.refund_minor, currency, language),
        },
    )


def _query_closing(mail: Mail, language: str) -> tuple[str, str, dict[str, Any]]:
    """Write until when the customer may answer."""
    assert mail.about_id
    data = TimelineEntry.objects.values_list("data", flat=True).get(seller_id=mail.seller_id, id=mail.about_id)
    day = day_text(date.fromisoformat(data["until"]))
    subject = _("Your question about order %(order)s: we close it on %(day)s")
    return "query_closing", subject % {"order": mail.query.order.number, "day": day}, {"day": day}


def _declaration_request(mail: Mail, language: str) -> tuple[str, str, dict[str, Any]]:
    """Write what the customer would sign, in their own words' language."""
    declaration = declaration_of(mail)
    subject = _("Your order %(order)s: please sign a declaration") % {"order": mail.query.order.number}
    return "declaration_asked", subject, {"sentence": declaration.sentence}


def _pay_again_request(mail: Mail, language: str) -> tuple[str, str, dict[str, Any]]:
    """Write what came after all, and what the customer is asked to pay again for it."""
    assert mail.about_id
    outcome = FoundOutcome.objects.get(seller_id=mail.seller_id, id=mail.about_id)
    units = FoundOutcomeUnit.objects.select_related("write_off_line__order_item").filter(
        seller_id=mail.seller_id, outcome_id=outcome.id
    )
    rows, currency = list(units.order_by("id")), outcome.currency
    delivery_minor = outcome.amount_minor - sum(unit.amount_minor for unit in rows)
    context = {
        "lines": [
            (
                unit.quantity,
                header_line(unit.write_off_line.order_item.title),
                format_money(unit.amount_minor, currency, language),
            )
            for unit in rows
        ],
        "delivery": delivery_minor and format_money(delivery_minor, currency, language),
        "total": format_money(outcome.amount_minor, currency, language),
        "reminder": mail.kind == "found.reminded",
    }
    return "found_asked", _("Your parcel came after all: do you pay again?"), context


def _compensation_granted(mail: Mail, language: str) -> tuple[str, str, dict[str, Any]]:
    """Write what the customer gets back, and that nothing else changes."""
    assert mail.about_id
    data = TimelineEntry.objects.values_list("data", flat=True).get(seller_id=mail.seller_id, id=mail.about_id)
    currency = data["currency"]
    subject = _("Your order %(order)s: you get %(amount)s back")
    amounts = {
        name: data[f"{name}_minor"] and format_money(data[f"{name}_minor"], currency, language)
        for name in ("items", "delivery", "amount")
    }
    return (
        "compensation_granted",
        subject
        % {"order": mail.query.order.number, "amount": format_with_code(data["amount_minor"], currency, language)},
        {"title": header_line(data["title"]), **amounts},
    )


def _not_read(mail: Mail, language: str) -> tuple[str, str, dict[str, Any]]:
    """Write what of the customer's e-mail could not be read, and what they can do instead."""
    assert mail.about_id
    data = TimelineEntry.objects.values_list("data", flat=True).get(seller_id=mail.seller_id, id=mail.about_id)
    subject = _("Your e-mail about order %(order)s could not be read completely")
    encrypted = "encrypted" in data.get("notes", ())
    refused = [file for file in data.get("files_refused", ()) if not (encrypted and file["name"].endswith(".p7m"))]
    context = {"encrypted": encrypted, "files": [header_line(refused_file_text(file)) for file in refused]}
    return "not_read", subject % {"order": mail.query.order.number}, context


KINDS: dict[str, Callable[[Mail, str], tuple[str, str, dict[str, Any]]]] = {
    "message": _message,
    "write-off.confirmed": _write_off_confirmed,
    GRANTED_MAIL: _compensation_granted,
    "found.asked": _pay_again_request,
    "found.reminded": _pay_again_request,
    CLOSING_MAIL: _query_closing,
    ASKED_MAIL: _declaration_request,
    NOT_READ_MAIL: _not_read,
}
