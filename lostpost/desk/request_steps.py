"""What an agent does about a request: each step of its page calls one command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor
from lostpost.accounts.reads import agents_of_desk
from lostpost.core.errors import Rejected
from lostpost.customer_links.revoke_links import revoke_links
from lostpost.desk.access import DeskRequest
from lostpost.desk.request_forms import (
    DESK_WRITES_OFF,
    MONEY_ALONE,
    HoldForm,
    InquiryForm,
    ProposalForm,
    RejectionForm,
    RequestAnswerForm,
    typed_text,
)
from lostpost.holds.models import Hold
from lostpost.holds.place_hold import place_hold
from lostpost.partnerservice.answer_request import answer_request
from lostpost.partnerservice.assign_request import assign_request
from lostpost.partnerservice.inquire import Party, inquire
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.partnerservice.propose_override import propose_override
from lostpost.partnerservice.settle_hold import settle_hold
from lostpost.partnerservice.settle_override import confirm_override, reject_override
from lostpost.partnerservice.write_off_overridden import write_off_overridden
from lostpost.web.fresh_proof import require_fresh_proof

FORMS: dict[str, type[forms.Form]] = {
    "answer": RequestAnswerForm,
    "decline": RequestAnswerForm,
    "ask-seller": InquiryForm,
    "ask-customer": InquiryForm,
    "propose": ProposalForm,
    "reject": RejectionForm,
    "release": RequestAnswerForm,
    "uphold": RequestAnswerForm,
    "hold-order": HoldForm,
    "hold-shop": HoldForm,
}


HOLDS = {"hold-order": Hold.Kind.ORDER, "hold-shop": Hold.Kind.SHOP}


class InvalidForm(Exception):
    """What was typed is not complete; `form` says where."""

    def __init__(self, form: forms.Form, *, status: int = 422) -> None:
        super().__init__()
        self.form = form
        self.status = status


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, and whether the case is settled with it."""

    message: str
    settled: bool = False


def do_step(request: DeskRequest, case: PartnerserviceRequest) -> Done:
    """Do what the form of a page asks for. Raises: InvalidForm, Refused, allauth's ReauthenticationRequired."""
    step = request.POST.get("step", "answer")
    form: forms.Form | None = None
    if step in FORMS:
        form = form_of_step(step, request, case)
        if not form.is_valid():
            raise InvalidForm(form)
    named: dict[str, Any] = {
        "seller_id": case.seller_id,
        "request_id": case.id,
        "by": request.actor,
        "now": timezone.now(),
    }
    if step in HOLDS and form:
        return _hold(case, form, HOLDS[step], request.actor)
    if form is None:
        return _STEPS.get(step, _nothing)(request, case, named)
    return _TYPED[step](request, form, named)


def form_of_step(step: str, request: DeskRequest, case: PartnerserviceRequest) -> forms.Form:
    """Return the form of a step with what was typed into it."""
    if step == "propose":
        return ProposalForm(request.POST, currency=case.query.order.currency)
    return FORMS[step](request.POST)


def _answer(request: DeskRequest, form: forms.Form, named: dict[str, Any]) -> Done:
    answer_request(**named, answer=typed_text(form, "answer"))
    return Done(_("Your answer is on the timeline of the customer query; the seller reads it there."), settled=True)


def _decline(request: DeskRequest, form: forms.Form, named: dict[str, Any]) -> Done:
    answer_request(**named, answer=typed_text(form, "answer"), declined=True)
    return Done(_("Declined; the reason is on the timeline of the customer query."), settled=True)


def _ask_seller(request: DeskRequest, form: forms.Form, named: dict[str, Any]) -> Done:
    inquire(**named, of=Party.SELLER, question=typed_text(form, "question"))
    return Done(_("The seller was asked; the request comes back with their reply, or after 48 hours."))


def _ask_customer(request: DeskRequest, form: forms.Form, named: dict[str, Any]) -> Done:
    inquire(**named, of=Party.CUSTOMER, question=typed_text(form, "question"))
    return Done(_("The customer gets your question by e-mail; the request comes back once they write, or in 48 hours."))


def _propose(request: DeskRequest, form: forms.Form, named: dict[str, Any]) -> Done:
    values = form.cleaned_data
    propose_override(
        **named,
        reason=typed_text(form, "reason"),
        until_on=values["until_on"],
        writes_off=values["who"] == DESK_WRITES_OFF,
        lifts=values["who"] != MONEY_ALONE,
        items_minor=values["part"],
        grants_delivery=values["delivery"],
    )
    return Done(_("Proposed. Nothing changes for the seller before another agent confirms it."))


def _reject(request: DeskRequest, form: forms.Form, named: dict[str, Any]) -> Done:
    reject_override(**named, override_id=_override_in(request), reason=typed_text(form, "rejection"))
    return Done(_("The proposal is off; the request waits for another decision."))


def _release(request: DeskRequest, form: forms.Form, named: dict[str, Any]) -> Done:
    settle_hold(**named, release=True, reason=typed_text(form, "answer"))
    return Done(_("The hold is released; the seller can write off again."), settled=True)


def _uphold(request: DeskRequest, form: forms.Form, named: dict[str, Any]) -> Done:
    settle_hold(**named, release=False, reason=typed_text(form, "answer"))
    return Done(_("The hold is upheld; the seller reads why, and can appeal."), settled=True)


def _hold(case: PartnerserviceRequest, form: forms.Form, kind: Hold.Kind, by: Actor) -> Done:
    place_hold(
        seller_id=case.seller_id,
        query=case.query.number,
        kind=kind,
        reason=typed_text(form, "hold_reason"),
        by=by,
        now=timezone.now(),
    )
    return Done(_("Write-offs are on hold; the seller reads why. It is in the queue, to be released or upheld."))


def _confirm(request: DeskRequest, case: PartnerserviceRequest, named: dict[str, Any]) -> Done:
    require_fresh_proof(request)
    override = confirm_override(**named, override_id=_override_in(request))
    if not override.lifts:
        return Done(_("Granted. The refund is requested, and the customer gets an e-mail."), settled=True)
    if not override.writes_off:
        return Done(_("Approved. The seller can write it off now, once."), settled=True)
    written_off = write_off_overridden(seller_id=case.seller_id, override_id=override.id, now=named["now"])
    if written_off is None:
        return Done(_("Approved, but it could not be written off: something has changed since. The case says what."))
    return Done(_("Written off for the seller: %(number)s.") % {"number": written_off.number}, settled=True)


def _take(request: DeskRequest, case: PartnerserviceRequest, named: dict[str, Any]) -> Done:
    assign_request(**named, to=request.actor, expected=_seen(request))
    return Done(_("You have this request now."))


def _put_back(request: DeskRequest, case: PartnerserviceRequest, named: dict[str, Any]) -> Done:
    assign_request(**named, to=None, expected=_seen(request))
    return Done(_("Nobody has this request now."))


def _hand_over(request: DeskRequest, case: PartnerserviceRequest, named: dict[str, Any]) -> Done:
    wanted = request.POST.get("agent", "")
    agents = {str(agent.user_id): agent for agent in agents_of_desk("partnerservice")}
    if wanted not in agents:
        raise Rejected(_("Choose somebody of Partnerservice."))
    assign_request(**named, to=agents[wanted], expected=_seen(request))
    return Done(_("%(name)s has this request now.") % {"name": agents[wanted].name})


def _nothing(request: DeskRequest, case: PartnerserviceRequest, named: dict[str, Any]) -> Done:
    raise Rejected(_("Choose what to do with this request."))


def _seen(request: DeskRequest) -> int | None:
    """Return who had the request when the page was shown."""
    seen = request.POST.get("seen", "")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else None


def _override_in(request: DeskRequest) -> UUID:
    try:
        return UUID(request.POST.get("override", ""))
    except ValueError:
        return UUID(int=0)  # There is none of this id.


_TYPED: dict[str, Callable[[DeskRequest, forms.Form, dict[str, Any]], Done]] = {
    "answer": _answer,
    "decline": _decline,
    "ask-seller": _ask_seller,
    "ask-customer": _ask_customer,
    "propose": _propose,
    "reject": _reject,
    "release": _release,
    "uphold": _uphold,
}


def _revoke_link(request: DeskRequest, case: PartnerserviceRequest, named: dict[str, Any]) -> Done:
    revoke_links(seller_id=case.seller_id, number=case.query.number, by=request.actor, now=named["now"])
    return Done(_("The customer’s link does not work any more. The next e-mail to them has a new one."))


_STEPS: dict[str, Callable[[DeskRequest, PartnerserviceRequest, dict[str, Any]], Done]] = {
    "confirm": _confirm,
    "take": _take,
    "put-back": _put_back,
    "hand-over": _hand_over,
    "revoke-link": _revoke_link,
}


def agents_to_choose(besides: Actor) -> list[Actor]:
    """Return the agents to whom a request may be handed."""
    return [agent for agent in agents_of_desk("partnerservice") if agent.user_id != besides.user_id]
