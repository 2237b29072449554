"""What a customer answers, on the page of their link, to the question whether they pay again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lostpost.core.money import format_with_code
from lostpost.customer_links.models import CustomerLink
from lostpost.found_parcels.answer_question import agree_to_pay_again, decline_to_pay_again
from lostpost.found_parcels.models import FoundOutcome
from lostpost.found_parcels.reads import questions_of_query

AGREE = "pay-again"
ANSWERS = (AGREE, "no", "did-not-come")


def questions(link: CustomerLink) -> list[dict[str, Any]]:
    """Return what the customer is asked, as the page shows it."""
    return [
        {"id": str(outcome.id), "currency": outcome.currency, "total_minor": outcome.amount_minor, **_units(outcome)}
        for outcome in questions_of_query(link.seller_id, link.query_id)
    ]


def sentence_of(answer: str, outcome: FoundOutcome) -> str:
    """Write what the customer says with an answer, in the language of the page: the consent is kept in these words."""
    if answer == "no":
        return _("I do not want to pay again.")
    if answer == "did-not-come":
        return _("The parcel did not come.")
    units = ", ".join(f"{line['quantity']} × {line['title']}" for line in _units(outcome)["lines"])
    amount = format_with_code(outcome.amount_minor, outcome.currency, get_language() or "en")
    return _("I have what is named here (%(units)s), and I agree to pay %(amount)s again.") % {
        "units": units[:700],
        "amount": amount,
    }


def question_in(form: QueryDict, link: CustomerLink) -> FoundOutcome | None:
    """Return the question that a form answers; None if it is not asked (any more)."""
    rows = questions_of_query(link.seller_id, link.query_id)
    return next((outcome for outcome in rows if str(outcome.id) == form.get("question")), None)


def give_answer(request: HttpRequest, link: CustomerLink) -> None:
    """Take a confirmed answer; sent twice it is taken once. Raises: QuestionEnded, RefundNotPaid, Rejected."""
    answer, now = request.POST.get("act", ""), timezone.now()
    try:
        outcome_id = UUID(request.POST.get("question", ""))
    except ValueError:
        outcome_id = UUID(int=0)  # There is none of this id.
    if answer != AGREE:
        decline_to_pay_again(link=link, outcome_id=outcome_id, answer=answer, now=now)
        return
    outcome = FoundOutcome.objects.filter(seller_id=link.seller_id, id=outcome_id, case__query_id=link.query_id).first()
    sentence = sentence_of(AGREE, outcome) if outcome else "-"
    language = get_language() or "en"
    agree_to_pay_again(link=link, outcome_id=outcome_id, sentence=sentence, language=language, now=now)


def _units(outcome: FoundOutcome) -> dict[str, Any]:
    lines = [
        {"title": unit.write_off_line.order_item.title, "quantity": unit.quantity, "amount_minor": unit.amount_minor}
        for unit in outcome.units.all()
    ]
    return {"lines": lines, "delivery_minor": outcome.amount_minor - sum(line["amount_minor"] for line in lines)}
