"""What a shop loses in the mail, in pictures."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from lostpost.accounts.sections import Section
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.web.loss_choices import losses_shown


@of_shop(Section.FINANCE)
@require_safe
def losses_page(request: PortalRequest) -> HttpResponse:
    """Show the losses by month, carrier, destination and article, what is silent now, and what came after all."""
    shown = losses_shown(
        request.GET.get("months", ""), now=timezone.now(), zone=request.policy.zone, seller_id=request.seller.id
    )
    return render(request, "portal/losses.html", shown)
