"""A page of a parcel: type in what the carrier's Track & Trace says."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from lostpost.accounts.sections import Section
from lostpost.core.errors import Refused
from lostpost.orders.data import ScanData
from lostpost.orders.models import Parcel
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.forms import LineField
from lostpost.texts.statuses import scan_status_text
from lostpost.tracking.enter_scan import ENTERED_STATUSES, enter_scan
from lostpost.web.http import status_of

_INSTANT = "%Y-%m-%dT%H:%M"  # As browsers send a day and a time.


class EnterScanForm(forms.Form):
    """What the carrier says, when it was recorded, and in which words."""

    status = forms.ChoiceField(
        label=gettext_lazy("What Track & Trace says"),
        error_messages={"required": gettext_lazy("Choose what Track & Trace says.")},
    )
    scanned_at = forms.DateTimeField(
        label=gettext_lazy("When the carrier recorded it"),
        input_formats=[_INSTANT, "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_INSTANT),
        error_messages={
            "required": gettext_lazy("Say when the carrier recorded it."),
            "invalid": gettext_lazy("Choose a day and a time, or write them like 2026-03-04 15:30."),
        },
    )
    text = LineField(label=gettext_lazy("The carrier's words (if you like)"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(status.value, scan_status_text(status.value)) for status in ENTERED_STATUSES]
        self.fields["status"].widget = forms.Select(choices=[("", _("Choose")), *choices])
        self.fields["status"].choices = [("", _("Choose")), *choices]  # type: ignore[attr-defined]


@of_shop(Section.QUERIES, writing=True)
@require_http_methods(["GET", "HEAD", "POST"])
def enter_scan_page(request: PortalRequest, order_number: str, parcel: str) -> HttpResponse:
    """Type in an update of a parcel, and go back to the order."""
    named = Parcel.objects.filter(seller_id=request.seller.id, code=parcel, order__number=order_number).first()
    if named is None:
        raise Http404
    if request.method != "POST":
        return _page(request, named, order_number, EnterScanForm())
    form = EnterScanForm(request.POST)
    if not form.is_valid():
        return _page(request, named, order_number, form, status=422)
    typed = form.cleaned_data
    scan = ScanData(named.code, typed["scanned_at"], typed["status"], text=typed["text"])
    try:
        enter_scan(seller=request.seller, scan=scan, by=request.actor, now=timezone.now())
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, named, order_number, form, status=status_of(refusal))
    messages.success(request, _("The update stands with the parcel."))
    return redirect(_order(request, order_number))


def _order(request: PortalRequest, order_number: str) -> str:
    return reverse("portal:order", kwargs={"seller": request.seller.code, "order_number": order_number})


def _page(
    request: PortalRequest, parcel: Parcel, order_number: str, form: EnterScanForm, *, status: int = 200
) -> HttpResponse:
    context = {"parcel": parcel, "order_number": order_number, "form": form, "back": _order(request, order_number)}
    return render(request, "portal/enter_scan.html", context, status=status)
