"""What a code is called on screens stands in `texts/`; a model has words only where its own package says them."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.functional import Promise

SAID_BY_THEIR_PACKAGE = {
    "accounts.Seller.Cadence",  # In the refusal of a period.
    "answering.AnswerTemplate.Language",  # In the refusal of a template that a customer cannot read.
    "holds.Hold.Kind",  # In the request about it.
    "ledger.InvoiceLineKind",  # On documents.
    "ledger.Kind",  # On statements.
    "refunds.Refund.State",  # In refusals of a step that does not follow, as the next.
    "restorations.Restoration.State",
}


def test_models_have_no_words_for_screens() -> None:
    worded = {
        f"{choices.__module__.split('.')[1]}.{choices.__qualname__}"
        for choices in TextChoices.__subclasses__()
        if choices.__module__.startswith("lostpost.") and any(isinstance(it._label_, Promise) for it in choices)
    }
    assert worded == SAID_BY_THEIR_PACKAGE
