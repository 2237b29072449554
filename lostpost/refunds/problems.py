"""Codes of why a provider's refund waits or failed, with the text to store where the provider sends none."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

# Stored in English; `texts/refund_problems.py` says them in the reader's language, and what finance does next.
PROBLEMS = {
    # Temporary: the provider is asked again automatically.
    "no-answer": _("The payment provider does not answer."),
    "key-refused": _("The payment provider does not accept our key."),
    "not-connected": _("We are not connected to the payment provider any more."),
    "duplicate-refund": _("The payment provider gives the same amount back on one payment only once an hour."),
    "answer-differs": _("What the payment provider answers is not what it was asked for."),
    # Permanent: a person decides.
    "payment-unknown": _("The payment provider does not know the payment."),
    "already-refunded": _("The whole payment was given back before."),
    "amount-too-high": _("Less is left of the payment than is to be given back."),
    "payment-disputed": _("The customer disputes the payment at the bank."),
    "balance-too-low": _("Our balance at the payment provider is too low."),
    "account-closed": _("The customer's card or account is closed, lost or expired."),
    "declined": _("The customer's bank did not take the money."),
    "cancelled": _("The refund was cancelled at the payment provider."),
    "currency-refused": _("The payment provider cannot pay this amount in this currency."),
    "amount-unpayable": _("The payment provider cannot pay this amount: its smallest unit is larger."),
    "refused": _("The payment provider refused the refund."),
}
ANSWERED = ("duplicate-refund", "answer-differs")  # The provider did respond.
HEALS_ALONE = ("duplicate-refund",)  # Nothing to do.
