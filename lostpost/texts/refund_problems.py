"""Why a provider's refund waits or failed, for everyone who waits for the money, and what finance does about it."""

from __future__ import annotations

from django.utils.translation import gettext as translated  # Of what is written out elsewhere.
from django.utils.translation import gettext_lazy as _

from lostpost.refunds.problems import PROBLEMS

NEXT_STEPS = {
    "no-answer": _(
        "It is asked again by itself, every hour at least, and looked up before. Read the provider's status page; "
        "if the customer cannot wait, pay by hand: it is looked up once more before that."
    ),
    "key-refused": _("The operator gives a valid key; the refund is then sent by itself."),
    "not-connected": _("The operator connects it again. Until then nobody can look up whether it was paid."),
    "duplicate-refund": _("It is asked again by itself after an hour; there is nothing to do."),
    "answer-differs": _(
        "Compare the refund at the provider with this one. If its amount or payment is wrong, have it cancelled "
        "there; it is looked up every hour, and not asked for again before."
    ),
    "payment-unknown": _("Compare the payment's reference with the order in the shop software, then pay by hand."),
    "already-refunded": _(
        "Look at the provider what that was for. Pay by hand only what the customer does not have yet."
    ),
    "amount-too-high": _(
        "Look at the provider what was given back before, then pay by hand what the customer does not have yet."
    ),
    "payment-disputed": _(
        "The bank decides who gets the money. Do not pay by hand before: the customer would have it twice."
    ),
    "balance-too-low": _("Add money to the balance, then try again."),
    "account-closed": _("Ask the customer for a bank account and pay by hand. To try again would fail again."),
    "declined": _("Ask the customer for a bank account and pay by hand, or try again."),
    "cancelled": _("Ask whoever cancelled it, then try again or pay by hand."),
    "currency-refused": _("Pay by hand."),
    "amount-unpayable": _("Pay by hand. To try again would fail again."),
    "refused": _("Read what it said. If the reason is mended, try again; otherwise pay by hand."),
}


def refund_problem_text(code: str, problem: str) -> str:
    """Say in the reader's language why a refund waits or failed; what a person wrote stays as it is."""
    return translated(PROBLEMS[code]) if code in PROBLEMS else problem


def next_step_text(code: str) -> str:
    """Say what finance does about it; nothing where a person has written why."""
    return str(NEXT_STEPS.get(code, ""))
