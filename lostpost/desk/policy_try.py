"""Partnerservice: try other values of the policy on past write-offs, with a picture of who would have waited longer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from lostpost.accounts.policy import current_policy
from lostpost.core.clock import day_begins_at, days_after
from lostpost.desk.access import DeskRequest, staff
from lostpost.eligibility.policy import Policy, PolicyValueWrong
from lostpost.insight.policy_try import TRIED_BACK, TRIED_VALUES, PolicyTrial, try_policy
from lostpost.texts.policy import policy_value_meaning
from lostpost.texts.policy_try import trial_lines

_DAY = "%Y-%m-%d"


class DayField(forms.DateField):
    """A day as browsers send and take it, in whatever language the page is."""

    widget = forms.DateInput(attrs={"type": "date"}, format=_DAY)
    input_formats = [_DAY]


class PolicyTryForm(forms.Form):
    """Which values, for whose parcels, over which days."""

    carrier = forms.CharField(label=_("Carrier (empty: all)"), max_length=64, required=False)
    since = DayField(label=_("Written off from"))
    until = DayField(label=_("until, this day too"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in TRIED_VALUES:
            self.fields[name] = forms.IntegerField(
                label=capfirst(policy_value_meaning(name)), min_value=0, max_value=999, help_text=name, required=False
            )
        self.order_fields([*TRIED_VALUES, "carrier", "since", "until"])


@staff("partnerservice")
@require_safe
def policy_try(request: DeskRequest) -> HttpResponse:
    """Ask for values; show what they would have changed about the write-offs of those days."""
    policy, now = current_policy(), timezone.now()
    first = {name: getattr(policy, name) for name in TRIED_VALUES}
    today = now.astimezone(policy.zone).date()
    first |= {"since": (now - TRIED_BACK).astimezone(policy.zone).date(), "until": today}
    form = PolicyTryForm(request.GET if request.GET else None, initial=first)
    trial = _trial(form, policy) if form.is_bound and form.is_valid() else None
    context = {
        "form": form,
        "trial": trial,
        "lines": list(trial_lines(trial)) if trial else [],
        "waits": sorted(trial.longer_waits.items()) if trial else [],
    }
    return render(request, "desk/policy_try.html", context, status=422 if form.errors else 200)


def _trial(form: PolicyTryForm, policy: Policy) -> PolicyTrial | None:
    """Try what differs from the policy in force, and nothing where the values make no policy."""
    sent = form.cleaned_data
    values = {name: sent[name] for name in TRIED_VALUES if sent[name] not in (None, getattr(policy, name))}
    if not values:
        form.add_error(None, _("These are the values in force. Change one of them, then try it."))
        return None
    try:
        return try_policy(
            values=values,
            carrier=sent["carrier"],
            since=day_begins_at(sent["since"], policy.zone),
            until=day_begins_at(days_after(sent["until"], 1), policy.zone),
        )
    except PolicyValueWrong as wrong:
        for problem in wrong.problems:
            form.add_error(None, problem)
        return None
