"""Forms on the page of a request to Partnerservice: answer, ask back, propose, reject."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lostpost.core.money import parse_minor
from lostpost.customer_queries.timeline import LONGEST_TEXT
from lostpost.partnerservice.propose_override import DAYS_MAX, LONGEST_REASON

SELLER_WRITES_OFF, DESK_WRITES_OFF, MONEY_ALONE = "seller", "desk", "nobody"


class Area(forms.Textarea):
    """A field of several lines."""

    def __init__(self, rows: int) -> None:
        super().__init__(attrs={"rows": rows})


class RequestAnswerForm(forms.Form):
    """Partnerservice's answer to the seller."""

    answer = forms.CharField(
        label=_("Your answer"),
        max_length=LONGEST_TEXT,
        widget=Area(6),
        help_text=_("Say what you decided, why, and what the seller should do now."),
        error_messages={"required": _("Write an answer: the seller reads it on the timeline.")},
    )


class InquiryForm(forms.Form):
    """A question to the seller or the customer."""

    question = forms.CharField(
        label=_("Your question"),
        max_length=LONGEST_TEXT,
        widget=Area(4),
        help_text=_("The seller reads it on the timeline, the customer gets it by e-mail."),
        error_messages={"required": _("Write your question first.")},
    )


class ProposalForm(forms.Form):
    """What is proposed to a second agent."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        widget=Area(3),
        help_text=_("The second agent and the seller read it, and it stands in the decision."),
        error_messages={"required": _("Give the reason; the second agent and the seller read it.")},
    )
    until_on = forms.DateField(
        label=_("Until"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": _("Choose the last day."), "invalid": _("Choose the last day.")},
    )
    who = forms.ChoiceField(
        label=_("Who writes it off"),
        choices=[
            (SELLER_WRITES_OFF, _("The seller may write it off, once")),
            (DESK_WRITES_OFF, _("We write it off for the seller, with the confirmation")),
            (MONEY_ALONE, _("Nobody: the customer keeps it and gets money alone")),
        ],
        widget=forms.RadioSelect,
        initial=SELLER_WRITES_OFF,
        error_messages={"required": _("Choose who writes it off."), "invalid_choice": _("Choose who writes it off.")},
    )
    part = forms.CharField(
        label=_("A part of the amount"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text=_("Only where nobody writes it off. It is settled on the seller’s sales invoice."),
    )
    delivery = forms.BooleanField(label=_("The customer gets the delivery costs, too"), required=False)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.fields["until_on"].help_text = _("The last day, at most %(days)d days from now.") % {"days": DAYS_MAX}

    def offer_money_alone(self) -> None:
        """Leave out what nobody can decide: nothing stands in the way of a write-off, or nothing is left to lift."""
        field = self.fields["who"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(MONEY_ALONE, _("Nobody: the customer keeps it and gets money alone"))]
        self.initial["who"] = MONEY_ALONE

    def clean_part(self) -> int:
        """Read the amount in minor units; a comma is a decimal one, unless it may stand between thousands."""
        written: str = self.cleaned_data["part"].strip()
        if not written:
            return 0
        if _DECIMAL_COMMA.fullmatch(written):
            written = written.replace(",", ".")
        try:
            return parse_minor(written, self.currency)
        except ValueError as error:
            raise forms.ValidationError(
                _("Write an amount of %(currency)s such as 12.50, without its sign.") % {"currency": self.currency}
            ) from error


_DECIMAL_COMMA = re.compile(r"\d+,\d{1,2}")


class RejectionForm(forms.Form):
    """Why a proposal is rejected or withdrawn."""

    rejection = forms.CharField(
        label=_("Why not"),
        max_length=LONGEST_REASON,
        widget=Area(2),
        error_messages={"required": _("Say why; the other agents read it.")},
    )


class HoldForm(forms.Form):
    """Why write-offs are put on hold."""

    hold_reason = forms.CharField(
        label=_("Why write-offs are put on hold"),
        max_length=LONGEST_REASON,
        widget=Area(2),
        help_text=_("The seller reads it, and can appeal."),
        error_messages={"required": _("Give the reason; the seller reads it.")},
    )


def typed_text(form: forms.Form, name: str) -> str:
    """Return a text of a valid form with the line breaks that we store; browsers send others."""
    value: Any = form.cleaned_data[name]
    return str(value).replace("\r\n", "\n")
