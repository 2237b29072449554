"""Partnerservice: what all shops lose in the mail, in pictures."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from lostpost.accounts.policy import current_policy
from lostpost.desk.access import DeskRequest, staff
from lostpost.web.loss_choices import losses_shown


@staff("partnerservice")
@require_safe
def losses_of_all(request: DeskRequest) -> HttpResponse:
    """Show the losses by month, carrier and destination, what is silent now, and what came after all."""
    shown = losses_shown(request.GET.get("months", ""), now=timezone.now(), zone=current_policy().zone)
    return render(request, "desk/losses.html", shown)
