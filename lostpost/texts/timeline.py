"""What the entries of a customer query's timeline say: a heading for each kind, and what there is to add to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lostpost.texts.disarming import disarm_text
from lostpost.texts.entry_details import EntryDetails
from lostpost.texts.found_parcels import found_details
from lostpost.texts.refund_problems import refund_problem_text
from lostpost.texts.statuses import scan_status_text
from lostpost.texts.style import PLAIN, Style

HEADINGS = {
    "message.sent": gettext_lazy("%(name)s wrote to the customer"),
    "message.received": gettext_lazy("%(name)s wrote"),
    "note.added": gettext_lazy("Note by %(name)s, for your shop alone"),
    "query.opened": gettext_lazy("%(name)s opened the customer query"),
    "query.closed": gettext_lazy("%(name)s closed the customer query"),
    "query.reopened": gettext_lazy("%(name)s reopened the customer query"),
    "query.put-aside": gettext_lazy("%(name)s waits for the customer"),
    "query.with-partnerservice": gettext_lazy("Partnerservice took over the customer query"),
    "query.followed-up": gettext_lazy("The customer query came back on its day"),
    "query.returned": gettext_lazy("The customer query came back from Partnerservice"),
    "query.assigned": gettext_lazy("%(name)s handed the customer query over"),
    "query.closing-announced": gettext_lazy("The customer got a notice that the customer query closes"),
    "query.overdue": gettext_lazy("The customer has waited too long for an answer"),
    "write-off.confirmed": gettext_lazy("The items have been successfully written off"),
    "write-off.armed": gettext_lazy("%(name)s armed a write-off of %(amount)s"),
    "write-off.disarmed": gettext_lazy("%(name)s disarmed the write-off"),
    "write-off.carried-out": gettext_lazy("The armed write-off was carried out"),
    "refund.requested": gettext_lazy("Refund of %(amount)s requested"),
    "refund.sent": gettext_lazy("Refund of %(amount)s sent"),
    "refund.confirmed": gettext_lazy("The customer received %(amount)s"),
    "refund.failed": gettext_lazy("Refund of %(amount)s failed"),
    "restoration.agreed": gettext_lazy("The customer has the goods after all and agreed to pay %(amount)s again"),
    "restoration.received": gettext_lazy("The payment of %(amount)s is restored"),
    "restoration.withdrawn": gettext_lazy("The payment of %(amount)s will not be restored"),
    "restoration.delivery-waived": gettext_lazy("The customer pays %(amount)s again, without the delivery costs"),
    "restoration.delivery-paid": gettext_lazy("The customer paid the delivery costs again, and does not keep all"),
    "found.opened": gettext_lazy("The parcel was found after it was written off"),
    "found.seen-again": gettext_lazy("There is more evidence that the parcel was found"),
    "found.asked": gettext_lazy("%(name)s asked the customer to pay %(amount)s again"),
    "found.reminded": gettext_lazy("The customer was reminded to say whether they pay again"),
    "found.agreed": gettext_lazy("The customer agreed by link to pay %(amount)s again"),
    "found.declined": gettext_lazy("The customer does not pay again"),
    "found.withdrawn": gettext_lazy("%(name)s withdrew the question whether the customer pays again"),
    "found.unanswered": gettext_lazy("The customer did not answer whether they pay again"),
    "found.not-paid": gettext_lazy("The customer agreed and did not pay: decide again about the found parcel"),
    "found.returned": gettext_lazy("%(name)s took the found parcel back as a return"),
    "found.let-go": gettext_lazy("%(name)s let the found parcel go"),
    "partnerservice.asked": gettext_lazy("%(name)s asked Partnerservice"),
    "partnerservice.answered": gettext_lazy("%(name)s of Partnerservice answered"),
    "partnerservice.inquired": gettext_lazy("%(name)s of Partnerservice asks you"),
    "partnerservice.replied": gettext_lazy("%(name)s replied to Partnerservice"),
    "partnerservice.approved": gettext_lazy("Partnerservice approved the write-off"),
    "partnerservice.declined": gettext_lazy("Partnerservice declined the request"),
    "compensation.granted": gettext_lazy("Partnerservice granted the customer %(amount)s"),
    "partnerservice.released": gettext_lazy("Partnerservice released the hold"),
    "partnerservice.upheld": gettext_lazy("Partnerservice upheld the hold"),
    "partnerservice.not-written-off": gettext_lazy("Partnerservice could not write it off after all"),
    "declaration.asked": gettext_lazy("%(name)s asked the customer for a declaration of non-arrival"),
    "declaration.signed": gettext_lazy("The customer signed the declaration of non-arrival"),
    "link.revoked": gettext_lazy("%(name)s made the customer’s link stop working"),
    "hold.placed": gettext_lazy("%(name)s put write-offs on hold"),
    "mail.failed": gettext_lazy("The e-mail did not reach the customer"),
    "mail.sent-again": gettext_lazy("%(name)s sent the e-mail again"),
    "mail.automatic": gettext_lazy("An automatic answer came to the e-mail"),
    "mail.forwarded": gettext_lazy("Somebody passed an e-mail on"),
    "mail.parked": gettext_lazy("An e-mail came that Partnerservice looks at first"),
    "mail.not-sent": gettext_lazy("An answer by e-mail was not sent to the customer: write it here"),
    "mail.answer-lost": gettext_lazy("E-mail handed over, answer lost"),
}
HEADINGS_WITHOUT_NAME = {
    "found.withdrawn": gettext_lazy("The question whether the customer pays again ended, as something changed since"),
    "write-off.disarmed": gettext_lazy("The armed write-off was disarmed"),
    "link.revoked": gettext_lazy("The customer made their link stop working"),
    "query.closed": gettext_lazy("The customer query closed by itself"),
    "message.received": gettext_lazy("The customer wrote"),
    "query.opened": gettext_lazy("The customer query was opened"),
    "query.reopened": gettext_lazy("The customer query was reopened"),
    "partnerservice.answered": gettext_lazy("Partnerservice answered"),
    "hold.placed": gettext_lazy("Write-offs are on hold"),
}
FOLLOW_UP_LATER = gettext_lazy("%(name)s will follow up later")
COMPENSATION_APPROVED = gettext_lazy("Partnerservice approved a compensation")
ONE_ITEM_WRITTEN_OFF = gettext_lazy("The item has been successfully written off")
UNKNOWN_KIND = gettext_lazy("Noted: %(kind)s")  # Of a later version, which nobody here knows.
ASIDES = {
    "mail.automatic": gettext_lazy("A machine wrote it: nothing in the customer query changes."),
    "mail.forwarded": gettext_lazy("It is not from the customer: nothing in the customer query changes."),
}
MAIL_PROBLEMS = {
    "address-wrong": gettext_lazy("The address is not one that e-mail can be delivered to as it is written."),
    "smtputf8-missing": gettext_lazy("The mail server takes no addresses with letters such as ö before the @."),
}


class DescribedEntry(Protocol):
    """An entry of the timeline, stored or shown."""

    @property
    def kind(self) -> str:
        """What happened."""
        ...

    @property
    def data(self) -> Mapping[str, Any]:
        """Values that its sentences are made of."""
        ...

    @property
    def by_name(self) -> str:
        """Who did it; empty where nobody is named."""
        ...


def timeline_heading(entry: DescribedEntry, style: Style = PLAIN) -> str:
    """Say in one sentence what happened."""
    kind, data = entry.kind, entry.data
    if kind == "parcel.scanned":
        return scan_status_text(data.get("status", ""))
    sentence = HEADINGS.get(kind, UNKNOWN_KIND)
    if not entry.by_name:
        sentence = HEADINGS_WITHOUT_NAME.get(kind, sentence)
    if kind == "query.put-aside" and data.get("state") == "follow_up_later":
        sentence = FOLLOW_UP_LATER
    if kind == "write-off.confirmed" and len(data.get("lines", ())) == 1:
        sentence = ONE_ITEM_WRITTEN_OFF
    if kind == "partnerservice.approved" and not data.get("lifts", True):
        sentence = COMPENSATION_APPROVED
    values = {
        "name": entry.by_name,
        "kind": kind,
        "amount": style.money(data.get("amount_minor"), data.get("currency", "")),
    }
    return style.fill(str(sentence), values)


def timeline_details(entry: DescribedEntry, style: Style = PLAIN) -> EntryDetails:
    """Say what comes next, or what the event is known by; nothing for most kinds. People's own words stand apart."""
    values = {"name": entry.by_name, "number": "", "reference": "", "reason": "", **entry.data}
    match entry.kind:
        case "compensation.granted":
            return EntryDetails(_compensation(values, style))
        case "refund.sent":
            on_its_way = _("The money is on its way to the means of payment of the order; banks take up to some days.")
            return EntryDetails(aside=_joined(style, on_its_way, _reference(values, style)))
        case "refund.confirmed":
            return EntryDetails(aside=_reference(values, style))
        case "refund.failed":
            problem = refund_problem_text(values.get("problem_code", ""), values.get("problem", ""))
            then = _("It will be tried again. The customer query stays open until the customer has the money.")
            return EntryDetails(text=_joined(style, problem, then))
        case "mail.failed":
            return EntryDetails(_("Reach the customer in another way."), _mail_problem(values, style))
        case "mail.answer-lost":
            return EntryDetails(
                _("The mail server has it and did not say whether it keeps it. It probably reaches the customer."),
                _("To be sure it is sent again after some hours, so the customer may get it twice.")
                if values.get("tries_left")
                else _("It is not sent again."),
            )
        case "message.received" | "message.sent" | "note.added" | "mail.automatic" | "mail.forwarded":
            return EntryDetails(aside=" ".join([*filter(None, [str(ASIDES.get(entry.kind, ""))]), *_remarks(values)]))
    described_by = {
        "write-off": _write_off,
        "partnerservice": _partnerservice,
        "hold": _partnerservice,
        "found": found_details,
        "restoration": _restoration,
    }
    if described := described_by.get(entry.kind.partition(".")[0]):
        return described(entry.kind, values, style)
    return EntryDetails(aside=str(ASIDES.get(entry.kind, "")) or _moved(entry.kind, values, style))


HOW_IT_CAME = {
    "came_after_all": gettext_lazy("The customer says that the parcel came after all."),
    "wishes_to_keep": gettext_lazy("They would like to keep it and pay again."),
    "wishes_to_send_back": gettext_lazy("They would like to send it back."),
    "by_link": gettext_lazy("Written on the page behind the customer's link."),
    "other_address": gettext_lazy("Sent from another address than the one of the order."),
}
MAIL_NOTES = {
    "no-text": gettext_lazy("There is no text in it."),
    "no-new-text": gettext_lazy("There is no new text in it, only what was quoted."),
    "letters-unreadable": gettext_lazy("Some letters could not be read."),
    "encrypted": gettext_lazy("It is encrypted and cannot be read here. Ask the customer to write without encryption."),
    "signature-not-checked": gettext_lazy("It is signed; the signature was not checked."),
    "html-too-long": gettext_lazy("Its layout is too large to be shown."),
    "html-too-deep": gettext_lazy("Its layout is too large to be shown."),
    "cut": gettext_lazy("It is long; only its beginning is shown."),
    "invitation": gettext_lazy("An invitation to a calendar came along; nobody answers it."),
    "same-message-id": gettext_lazy("It has the same number as an earlier e-mail, and another text."),
}


FILE_REFUSALS = {
    "empty": gettext_lazy("it is empty."),
    "too-large": gettext_lazy("it is too large."),
    "wrong-type": gettext_lazy("it is neither a picture (JPEG, PNG, GIF, WebP) nor a PDF."),
    "unreadable": gettext_lazy("it cannot be read."),
    "too-many-pixels": gettext_lazy("the picture has too many pixels."),
    "too-many": gettext_lazy("too many files came with one message."),
    "too-large-together": gettext_lazy("the files of the message are too large together."),
    "query-full": gettext_lazy("this customer query has too many files."),
    "gone": gettext_lazy("the e-mail as it came was deleted before it was filed, as its time was over."),
}


def _remarks(values: Mapping[str, Any]) -> list[str]:
    """Say what is unusual about how a message came, and who is mentioned in a note."""
    said = [str(sentence) for fact, sentence in HOW_IT_CAME.items() if values.get(fact)]
    if readers := values.get("readers"):
        said.append(
            ngettext("%(n)d other person got it, too.", "%(n)d other people got it, too.", readers) % {"n": readers}
        )
    if mentions := values.get("mentions"):
        said.append(_("Mentioned: %(names)s") % {"names": ", ".join(mention["name"] for mention in mentions)})
    said += [str(MAIL_NOTES[note]) for note in values.get("notes", ()) if note in MAIL_NOTES]
    if invitation := values.get("invitation"):
        said.append(_("It invites to “%(invitation)s”.") % {"invitation": invitation})
    return said + [refused_file_text(file) for file in values.get("files_refused", ())]


def refused_file_text(file: Mapping[str, str]) -> str:
    """Name a file that came along and was not kept, with the reason."""
    reason = FILE_REFUSALS.get(file["reason"], FILE_REFUSALS["unreadable"])
    return _("The file “%(name)s” was left out: %(reason)s") % {"name": file["name"], "reason": reason}


def _partnerservice(kind: str, values: Mapping[str, Any], style: Style) -> EntryDetails:
    """Say what it is about; of a decision for the seller, who took it and what may be done until when."""
    if kind == "hold.placed":
        return EntryDetails(_held(values, style))
    aside = _unit_in_question(values, style) if values.get("title") else ""
    if kind == "partnerservice.not-written-off":
        return EntryDetails(_("What was decided on has changed since. Look at it again, and ask once more."), aside)
    if kind != "partnerservice.approved":
        return EntryDetails(aside=aside)
    named = {
        **values,
        "until": style.instant(datetime.fromisoformat(values["until"])) if values.get("until") else "",
        "proposed_by": values.get("proposed_by", ""),
        "amount": style.money(values.get("amount_minor"), values.get("currency", "")),
        "granted": style.money(values.get("granted_minor"), values.get("currency", "")),
    }
    if not values.get("lifts", True):
        granted = _("Decided by %(proposed_by)s and %(name)s. The customer gets %(granted)s; nothing is written off.")
        return EntryDetails(style.fill(granted, named), aside)
    by_desk = _("Decided by %(proposed_by)s and %(name)s. They write it off for you; the customer gets %(amount)s.")
    by_seller = _(
        "Decided by %(proposed_by)s and %(name)s. You can write it off once, until %(until)s, for %(amount)s."
    )
    return EntryDetails(style.fill(by_desk if values.get("writes_off") else by_seller, named), aside)


def _compensation(values: Mapping[str, Any], style: Style) -> str:
    """Say of what the customer gets a part back, and what becomes of the goods."""
    named = {
        "title": values.get("title", ""),
        "items": style.money(values.get("items_minor"), values.get("currency", "")),
        "delivery": style.money(values.get("delivery_minor"), values.get("currency", "")),
    }
    if not values.get("delivery_minor"):
        sentence = _("%(items)s of what was paid for “%(title)s”. It is on your next sales invoice.")
    elif not values.get("items_minor"):
        sentence = _("The delivery costs. They are on your next sales invoice.")
    else:
        sentence = _(
            "%(items)s of what was paid for “%(title)s”, and delivery costs of %(delivery)s. It is on your next sales "
            "invoice."
        )
    return style.fill(sentence, named)


def _write_off(kind: str, values: Mapping[str, Any], style: Style) -> EntryDetails:
    if kind == "write-off.armed":
        return EntryDetails(aside=_armed(values, style))
    if kind == "write-off.carried-out":
        named = {"write_off": "", "armed_by": "", **values}
        return EntryDetails(aside=style.fill(_("Write-off %(write_off)s, armed by %(armed_by)s."), named))
    if kind == "write-off.disarmed":
        if values["name"]:
            return EntryDetails()
        because = {"because": disarm_text(values.get("because", ""))}
        return EntryDetails(text=style.fill(_("Nothing was written off: %(because)s"), because))
    return EntryDetails(aside=style.fill(_("Write-off %(number)s, confirmed by %(name)s."), values))


def _armed(values: Mapping[str, Any], style: Style) -> str:
    """Say when it is carried out, and what stops it."""
    try:
        due_at = datetime.fromisoformat(values.get("due_at", ""))
    except (TypeError, ValueError):
        return ""
    sentence = _("It is carried out from %(when)s on, unless there is news of the parcel or from the customer before.")
    return style.fill(sentence, {"when": style.instant(due_at)})


def _held(values: Mapping[str, Any], style: Style) -> str:
    """Say which limit of the day was reached; an agent's own words stand apart."""
    named = {
        "count": values.get("write_offs", ""),
        "limit": values.get("limit", ""),
        "amount": style.money(values.get("amount_minor"), values.get("currency", "")),
        "most": style.money(values.get("limit"), values.get("currency", "")),
    }
    if values.get("about") == "daily-count":
        return style.fill(_("Write-off %(count)s of the day would be more than the limit of %(limit)s."), named)
    if values.get("about") == "daily-amount":
        return style.fill(_("%(amount)s in a day would be more than the limit of %(most)s."), named)
    return ""


def _moved(kind: str, values: Mapping[str, Any], style: Style) -> str:
    """Say until when it was put aside, and why, where somebody said so; when it closes; why it closed by itself."""
    if kind == "query.closed" and values["reason"] == "no-answer":
        return _("The customer did not answer. A message from them opens it again.")
    if kind not in ("query.put-aside", "query.closing-announced"):
        return ""
    try:
        day = date.fromisoformat(values.get("until", ""))
    except (TypeError, ValueError):
        return ""
    until = style.fill(_("Until %(day)s."), {"day": style.day(day)})
    return _joined(style, until, style.fill("%(reason)s", {"reason": values["reason"]}) if values["reason"] else "")


def _restoration(kind: str, values: Mapping[str, Any], style: Style) -> EntryDetails:
    if kind == "restoration.agreed":
        sentence = _(
            "Restoration %(number)s, recorded by %(name)s. Your sales invoice changes once the customer has paid."
        )
    elif kind == "restoration.received" and values.get("credit_note"):
        sentence = _(
            "Restoration %(number)s, reference %(reference)s. It is on your next sales invoice. The customer has "
            "credit note %(credit_note)s; an invoice over this payment is made on your behalf."
        )
    elif kind == "restoration.received":
        sentence = _("Restoration %(number)s, reference %(reference)s. It is on your next sales invoice.")
    elif kind == "restoration.delivery-waived":
        sentence = _("Restoration %(number)s: %(delivery)s less, as the customer does not keep everything.")
    elif kind == "restoration.delivery-paid":
        sentence = _("Restoration %(number)s: Partnerservice can grant them the delivery costs of %(delivery)s.")
    else:
        sentence = _("Restoration %(number)s: %(reason)s")
    delivery = style.money(values.get("delivery_minor"), values.get("currency", ""))
    return EntryDetails(aside=style.fill(sentence, {**values, "delivery": delivery}))


def _mail_problem(values: Mapping[str, Any], style: Style) -> str:
    if sentence := MAIL_PROBLEMS.get(values.get("code", "")):
        return str(sentence)
    return style.fill(_("The mail server said: %(problem)s"), {"problem": values.get("problem", "")})


def _unit_in_question(values: Mapping[str, Any], style: Style) -> str:
    about = {"title": values.get("title", ""), "parcel": values.get("tracking_number", "")}
    return style.fill(_("About “%(title)s” in parcel %(parcel)s") if about["parcel"] else _("About “%(title)s”"), about)


def _reference(values: Mapping[str, Any], style: Style) -> str:
    return style.fill(_("Reference %(reference)s"), values) if values["reference"] else ""


def _joined(style: Style, first: str, second: str) -> str:
    """Put two sentences after each other; the style decides what of them is marked up already."""
    return style.fill("%(first)s %(second)s", {"first": first, "second": second}) if second else first
