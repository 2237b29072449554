"""Why a provider's refund waits or failed, and what finance does about it; the provider's own words are kept beside."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext as translated  # Of what is kept here, not written out where it is said.
from django.utils.translation import gettext_noop as _


class Reason(NamedTuple):
    """A sentence for everyone who waits for the money, and one for finance."""

    what: str
    next: str


REASONS = {
    # It heals: the provider is asked again by itself.
    "no-answer": Reason(
        _("The payment provider does not answer."),
        _(
            "It is asked again by itself, every hour at least, and looked up before. Read the provider's status page; "
            "if the customer cannot wait, pay by hand: it is looked up once more before that."
        ),
    ),
    "key-refused": Reason(
        _("The payment provider does not accept our key."),
        _("The operator gives a valid key; the refund is then sent by itself."),
    ),
    "not-connected": Reason(
        _("We are not connected to the payment provider any more."),
        _("The operator connects it again. Until then nobody can look up whether it was paid."),
    ),
    "duplicate-refund": Reason(
        _("The payment provider gives the same amount back on one payment only once an hour."),
        _("It is asked again by itself after an hour; there is nothing to do."),
    ),
    "answer-differs": Reason(
        _("What the payment provider answers is not what it was asked for."),
        _(
            "Compare the refund at the provider with this one. If its amount or payment is wrong, have it cancelled "
            "there; it is looked up every hour, and not asked for again before."
        ),
    ),
    # It does not: somebody decides.
    "payment-unknown": Reason(
        _("The payment provider does not know the payment."),
        _("Compare the payment's reference with the order in the shop software, then pay by hand."),
    ),
    "already-refunded": Reason(
        _("The whole payment was given back before."),
        _("Look at the provider what that was for. Pay by hand only what the customer does not have yet."),
    ),
    "amount-too-high": Reason(
        _("Less is left of the payment than is to be given back."),
        _("Look at the provider what was given back before, then pay by hand what the customer does not have yet."),
    ),
    "payment-disputed": Reason(
        _("The customer disputes the payment at the bank."),
        _("The bank decides who gets the money. Do not pay by hand before: the customer would have it twice."),
    ),
    "balance-too-low": Reason(
        _("Our balance at the payment provider is too low."),
        _("Add money to the balance, then try again."),
    ),
    "account-closed": Reason(
        _("The customer's card or account is closed, lost or expired."),
        _("Ask the customer for a bank account and pay by hand. To try again would fail again."),
    ),
    "declined": Reason(
        _("The customer's bank did not take the money."),
        _("Ask the customer for a bank account and pay by hand, or try again."),
    ),
    "cancelled": Reason(
        _("The refund was cancelled at the payment provider."),
        _("Ask whoever cancelled it, then try again or pay by hand."),
    ),
    "currency-refused": Reason(
        _("The payment provider cannot pay this amount in this currency."),
        _("Pay by hand."),
    ),
    "amount-unpayable": Reason(
        _("The payment provider cannot pay this amount: its smallest unit is larger."),
        _("Pay by hand. To try again would fail again."),
    ),
    "refused": Reason(
        _("The payment provider refused the refund."),
        _("Read what it said. If the reason is mended, try again; otherwise pay by hand."),
    ),
}


ANSWERED = ("duplicate-refund", "answer-differs")  # The provider is not silent: it says something else.
HEALS_ALONE = ("duplicate-refund",)  # Nobody has to do anything.


def refund_problem_text(code: str, problem: str) -> str:
    """Say in the reader's language why a refund waits or failed; what a person wrote stays as it is."""
    return translated(REASONS[code].what) if code in REASONS else problem


def next_step(code: str) -> str:
    """Say what finance does about it; nothing where a person has written why."""
    return translated(REASONS[code].next) if code in REASONS else ""
