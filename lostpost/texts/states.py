"""The words for the states of things, as their tags show them and lists of choices offer them."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lostpost.texts.style import PLAIN, Style

# By the kind of thing and the state that is stored (of units: that the policy gives; of checks: whether they agree).
STATES = {
    "unit": {
        "eligible": _("Eligible"),
        "not-yet": _("Not yet"),
        "paused": _("Paused"),
        "not-possible": _("Not possible"),
        "written-off": _("Written off"),
        "cancelled": _("Cancelled"),
    },
    "feed": {
        "silent": pgettext_lazy("scans of a carrier", "Silent"),
        "lifted": pgettext_lazy("scans of a carrier", "Silent, let through"),
        "fewer": pgettext_lazy("scans of a carrier", "Fewer than usual"),
        "steady": pgettext_lazy("scans of a carrier", "As usual"),
        "learning": pgettext_lazy("scans of a carrier", "Still new"),
        "too-few": _("Too few scans to tell"),
    },
    "query": {
        "open": pgettext_lazy("customer query", "Open"),
        "waiting_for_customer": _("Waiting for customer"),
        "follow_up_later": _("Follow up later"),
        "with_partnerservice": _("With Partnerservice"),
        "handled": _("Handled"),
    },
    "refund": {
        "requested": _("Refund requested"),
        "sent": _("Refund sent"),
        "confirmed": _("Refund confirmed"),
        "failed": _("Refund failed"),
    },
    "request": {
        "waiting": _("Waiting for Partnerservice"),
        "answered": _("Answered"),
    },
    "outcome": {  # Of a request to Partnerservice.
        "answered": _("Answered"),
        "approved": pgettext_lazy("request", "Approved"),
        "declined": pgettext_lazy("request", "Declined"),
        "released": pgettext_lazy("hold", "Released"),
        "upheld": pgettext_lazy("hold", "Upheld"),
    },
    "found": {  # A parcel that was found after its write-off.
        "open": _("To be decided"),
        "asked": _("The customer was asked to pay again"),
        "unanswered": _("Ended without an answer"),
        "settled": _("Settled"),
    },
    "found-decision": {
        "pay-again": _("Ask the customer to pay again"),
        "return": _("Take it back as a return"),
        "let-go": _("Let it go"),
    },
    "found-outcome": {
        "asked": _("The customer was asked"),
        "agreed": _("The customer agreed to pay again"),
        "not-paid": _("Agreed, and withdrawn before it was paid"),
        "declined": _("The customer declined"),
        "withdrawn": _("Withdrawn"),
        "unanswered": _("No answer"),
        "done": _("Done"),
    },
    "party": {  # Whose reply a request waits for.
        "seller": _("Waits for the seller"),
        "customer": _("Waits for the customer"),
    },
    "request-kind": {  # Of requests to Partnerservice.
        "order-too-old": _("Order too old"),
        "delivered": _("Delivered, but denied"),
        "other-method": _("Other shipping method"),
        "found": _("Lost, then found"),
        "hold": _("Write-off on hold"),
        "refund-failed": _("Refund failed"),
        "appeal": _("Appeal against a hold"),
    },
    "request-step": {  # What was done about one, after a name.
        "asked": pgettext_lazy("step", "asked"),
        "taken": pgettext_lazy("step", "took it"),
        "put-back": pgettext_lazy("step", "put it back"),
        "handed-over": pgettext_lazy("step", "handed it over"),
        "inquired": pgettext_lazy("step", "asked back"),
        "replied": pgettext_lazy("step", "replied"),
        "resumed": pgettext_lazy("step", "It is to be decided again"),
        "proposed": pgettext_lazy("step", "proposed to approve it"),
        "rejected": pgettext_lazy("step", "rejected the proposal"),
        "withdrawn": pgettext_lazy("step", "withdrew the proposal"),
        "approved": pgettext_lazy("step", "confirmed the proposal"),
        "answered": pgettext_lazy("step", "answered"),
        "declined": pgettext_lazy("step", "declined"),
        "released": pgettext_lazy("step", "released the hold"),
        "upheld": pgettext_lazy("step", "upheld the hold"),
        "not-written-off": pgettext_lazy("step", "It could not be written off after all"),
    },
    "batch": {  # Of write-offs.
        "waiting": _("Waiting for a second person"),
        "running": _("At work"),
        "finished": _("Finished"),
        "cancelled": pgettext_lazy("batch", "Cancelled"),
    },
    "armed": {  # Of a write-off that is confirmed before its day.
        "armed": pgettext_lazy("write-off", "Armed"),
        "executed": pgettext_lazy("write-off", "Carried out"),
        "disarmed": pgettext_lazy("write-off", "Disarmed"),
    },
    "batch-line": {
        "pending": _("Not yet"),
        "claimed": _("At work"),
        "done": _("Written off"),
        "refused": _("Refused"),
    },
    "action-line": {  # Of an action in several customer queries.
        "pending": _("Not yet"),
        "done": pgettext_lazy("action", "Done"),
        "refused": _("Refused"),
    },
    "role": {  # Of a person in a shop.
        "agent": _("Agent: answers customers and writes off"),
        "viewer": _("Viewer: looks, changes nothing"),
        "owner": _("Owner: also people, programs and webhooks"),
    },
    "role-name": {
        "agent": _("agent"),
        "viewer": _("viewer"),
        "owner": _("owner"),
    },
    "section": {  # Of a shop's pages, with rights of its own; see accounts/sections.py.
        "queries": _("Orders and customer queries"),
        "write_offs": _("Write-offs"),
        "finance": _("Finance"),
        "people": _("People"),
        "connections": _("API clients and webhooks"),
    },
    "level": {  # What somebody may do in a section.
        "none": _("No access"),
        "view": pgettext_lazy("what a person is allowed to do", "Look"),
        "manage": pgettext_lazy("what a person is allowed to do", "Look and change"),
    },
    "signal": {  # Whom signals of misuse are about.
        "customer": _("Customers"),
        "postcode": _("Postcodes"),
        "seller": _("Shops"),
        "agent": pgettext_lazy("signals", "Agents and programs"),
        "carrier": _("Carriers"),
    },
    "signal-of": {
        "customer": _("Customer"),
        "postcode": _("Postcode"),
        "seller": pgettext_lazy("signals", "The shop"),
        "agent": pgettext_lazy("signals", "Wrote it off"),
        "carrier": pgettext_lazy("signals", "Carrier"),
    },
    "mail": {
        "queued": pgettext_lazy("e-mail", "Not sent yet"),
        "sent": pgettext_lazy("e-mail", "Sent"),
        "handed_over": _("Handed over, answer lost"),
        "failed": pgettext_lazy("e-mail", "Could not be sent"),
    },
    "delivery": {  # Of e-mail, as mail servers reported it.
        "delayed": pgettext_lazy("e-mail", "Delayed on its way"),
        "delivered": pgettext_lazy("e-mail", "Arrived"),
        "bounced": pgettext_lazy("e-mail", "Came back"),
    },
    "invoice": {
        "issued": _("To be paid"),
        "paid": pgettext_lazy("invoice", "Paid"),
        "carried": _("Carried over"),
        "settled": _("Nothing to pay"),
    },
    "return": {  # By the customer.
        "announced": _("announced"),
        "in_transit": _("on its way back"),
        "received": _("received"),
        "cancelled": _("cancelled"),
    },
    "restoration": {
        "agreed": _("Agreed, not paid yet"),
        "received": _("Payment restored"),
        "withdrawn": _("Withdrawn"),
    },
    "tracking-source": {
        "working": _("Delivers"),
        "waiting": _("Nothing came yet"),
        "refusing": _("Refused"),
    },
    "sales-channel": {
        "working": pgettext_lazy("sales channel", "Works"),
        "waiting": pgettext_lazy("sales channel", "Not fetched yet"),
        "failing": pgettext_lazy("sales channel", "Fails"),
        "paused": pgettext_lazy("sales channel", "Paused"),
    },
    "connector-account": {
        "answered": pgettext_lazy("connector", "Answers"),
        "not-asked": _("Not asked yet"),
        "failing": pgettext_lazy("connector", "Fails"),
    },
    "check": {
        "agrees": _("Agrees"),
        "differs": _("Differs"),
    },
    "refunds": {  # Lists of them at the desk.
        "requested": _("To pay"),
        "sent": pgettext_lazy("refunds", "Sent"),
        "failed": pgettext_lazy("refunds", "Failed"),
        "confirmed": pgettext_lazy("refunds", "Paid"),
    },
    "invoices": {  # Lists of them at the desk.
        "pay-out": _("To pay out"),
        "debts": _("Debts of sellers"),
        "paid": pgettext_lazy("invoices", "Paid"),
    },
}
NOT_YET_UNTIL = _("Not yet: %(when)s")


def state_text(of: str, state: str) -> str:
    """Say the state of a thing; of a later version's, which nobody here knows, the words of its code."""
    return str(STATES[of].get(state, state.replace("_", " ").replace("-", " ")))


def not_yet_text(eligible_from: datetime, style: Style = PLAIN) -> str:
    """Say from when units may be written off."""
    return style.fill(str(NOT_YET_UNTIL), {"when": style.instant(eligible_from)})
