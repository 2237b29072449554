"""The platforms on which a shop sells: an owner connects them, sees how they fare, and what could not be taken in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from lostpost.accounts.granting import require_may_let_in
from lostpost.accounts.sections import Section
from lostpost.connectors.remote_apis.problems import CredentialsUnreadable, RemoteProblem, TooManyCalls
from lostpost.connectors.sales_channels.connect_channel import (
    connect_channel,
    disconnect_channel,
    pause_channel,
    resume_channel,
)
from lostpost.connectors.sales_channels.platform import SalesPlatform
from lostpost.connectors.sales_channels.run_channel import PLATFORMS, check_channel
from lostpost.core.errors import Refused
from lostpost.core.sealed import KeyMissing
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.forms import LineField
from lostpost.portal.sent_forms import FormProblem
from lostpost.sales_channels.models import RefusedRecord, SalesChannel
from lostpost.sales_channels.put_sales_channel import ChannelUnknown
from lostpost.sales_channels.runs import retry_refused
from lostpost.texts.sales_channels import channel_state, channel_text, credential_text, platform_problem_text
from lostpost.web.fresh_proof import require_fresh_proof
from lostpost.web.http import status_of

REFUSED_SHOWN = 200


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A channel as its owner reads it."""

    row: SalesChannel
    refused: int

    @property
    def title(self) -> str:
        """The platform's name."""
        return PLATFORMS[self.row.platform].title

    @property
    def state(self) -> str:
        """See `channel_state`."""
        return channel_state(self.row)

    @property
    def text(self) -> str:
        """What is wrong and what to do, or that nothing is."""
        return channel_text(self.row)

    @property
    def next_run_at(self) -> datetime | None:
        """When it is fetched next; none while it is paused."""
        return None if self.state == "paused" else self.row.next_run_at


class ChannelForm(forms.Form):
    """What a platform gave out."""

    def __init__(self, sent: Mapping[str, Any] | None = None, *, platform: SalesPlatform, new: bool = True) -> None:
        super().__init__(sent, auto_id=f"id_{platform.name}_%s")
        for name, secret in platform.credentials:
            kind = forms.PasswordInput if secret else forms.TextInput
            self.fields[name] = LineField(
                label=credential_text(name),
                widget=kind(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
                error_messages={"required": gettext_lazy("Copy it from the platform.")},
            )
        if new:
            self.fields["prefix"] = LineField(
                label=_("Prefix of the order numbers"),
                required=False,
                help_text=_("Only where two platforms give the same numbers, such as W-. It never changes."),
            )


@of_shop(Section.CONNECTIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def sales_channels(request: PortalRequest) -> HttpResponse:
    """List the platforms that a shop is connected to; connect one."""
    if request.method != "POST":
        return _page(request)
    require_may_let_in(request.actor, read_only=True)
    require_fresh_proof(request)
    platform = PLATFORMS.get(request.POST.get("platform", ""))
    if platform is None:
        return _page(request, problems=[FormProblem(_("Choose a platform."))], status=422)
    form = ChannelForm(request.POST, platform=platform)
    if not form.is_valid():
        return _page(request, form, platform.name, status=422)
    try:
        row, _new = connect_channel(
            seller=request.seller,
            platform=platform.name,
            values=form.cleaned_data,
            prefix=form.cleaned_data["prefix"] or None,
            by=request.actor.name,
            now=timezone.now(),
        )
    except Refused as refusal:
        return _page(request, form, platform.name, [FormProblem(str(refusal))], status_of(refusal))
    messages.success(request, _("%(platform)s is connected; the first run begins within minutes.") % _of(row))
    return _to(request, row)


@of_shop(Section.CONNECTIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def sales_channel(request: PortalRequest, channel: UUID) -> HttpResponse:
    """Show how a channel fares and what was refused; test, pause, resume it, fetch or retry now (`step`)."""
    row = _own(request, channel)
    if request.method != "POST":
        return _details(request, row)
    require_may_let_in(request.actor, read_only=True)
    now, step = timezone.now(), request.POST.get("step")
    if step == "test":
        return _tested(request, row)
    if step == "credentials":
        require_fresh_proof(request)
        return _with_credentials(request, row)
    if step == "pause":
        pause_channel(row=row, seller=request.seller)
        messages.success(request, _("%(platform)s is paused.") % _of(row))
    elif step == "resume":
        resume_channel(row=row, seller=request.seller, now=now)
        messages.success(request, _("%(platform)s is fetched again, from where it stopped.") % _of(row))
    elif step == "retry":
        retry_refused(seller_id=row.seller_id, channel_id=row.id, now=now)
        messages.success(request, _("What was refused is fetched again within minutes."))
    else:
        problems = [FormProblem(_("Choose what should be done with the sales channel."))]
        return _details(request, row, problems=problems, status=422)
    return _to(request, row)


@of_shop(Section.CONNECTIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def remove_channel_page(request: PortalRequest, channel: UUID) -> HttpResponse:
    """Ask for confirmation, and forget a channel and its credentials."""
    row = _own(request, channel)
    if request.method != "POST":
        return render(request, "portal/sales_channel_remove.html", {"each": ChannelRow(row, 0)})
    disconnect_channel(row=row, seller=request.seller)
    messages.success(request, _("%(platform)s is removed: nothing is fetched any more; what came stays.") % _of(row))
    response: HttpResponse = redirect("portal:sales-channels", seller=request.seller.code)
    return response


def _tested(request: PortalRequest, row: SalesChannel) -> HttpResponse:
    try:
        check_channel(row)
    except TooManyCalls:
        messages.success(request, _("%(platform)s knows us, and wants fewer calls for now.") % _of(row))
    except RemoteProblem as problem:
        messages.error(request, platform_problem_text(problem.code, str(problem)))
    except KeyMissing:
        messages.error(request, platform_problem_text(CredentialsUnreadable.code, ""))
    else:
        messages.success(request, _("%(platform)s answers, and accepts the credentials.") % _of(row))
    return _to(request, row)


def _with_credentials(request: PortalRequest, row: SalesChannel) -> HttpResponse:
    platform = PLATFORMS[row.platform]
    form = ChannelForm(request.POST, platform=platform, new=False)
    if not form.is_valid():
        return _details(request, row, form, status=422)
    try:
        if platform.account(form.cleaned_data) != row.account:
            raise ChannelUnknown(_("These are of another account. Connect that one by itself."))
        connect_channel(
            seller=request.seller,
            platform=row.platform,
            values=form.cleaned_data,
            prefix=None,
            by=request.actor.name,
            now=timezone.now(),
        )
    except Refused as refusal:
        return _details(request, row, form, [FormProblem(str(refusal))], status_of(refusal))
    messages.success(request, _("%(platform)s has the new credentials; it is fetched within minutes.") % _of(row))
    return _to(request, row)


def _page(
    request: PortalRequest,
    form: ChannelForm | None = None,
    of: str = "",
    problems: list[FormProblem] | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = SalesChannel.objects.filter(seller_id=request.seller.id).order_by("platform", "account")
    context = {
        "channels": [ChannelRow(row, _refused(row).count()) for row in rows],
        "platforms": [
            {"name": name, "title": each.title, "form": form if form and of == name else ChannelForm(platform=each)}
            for name, each in PLATFORMS.items()
        ],
        "form": form,
        "problems": problems,
    }
    return render(request, "portal/sales_channels.html", context, status=status)


def _details(
    request: PortalRequest,
    row: SalesChannel,
    form: ChannelForm | None = None,
    problems: list[FormProblem] | None = None,
    status: int = 200,
) -> HttpResponse:
    refused = _refused(row)
    context = {
        "each": ChannelRow(row, refused.count()),
        "records": refused.order_by("-refused_at", "kind", "reference")[:REFUSED_SHOWN],
        "more": refused.count() > REFUSED_SHOWN,
        "form": form or ChannelForm(platform=PLATFORMS[row.platform], new=False),
        "problems": problems,
    }
    return render(request, "portal/sales_channel.html", context, status=status)


def _refused(row: SalesChannel) -> Any:
    return RefusedRecord.objects.filter(seller_id=row.seller_id, channel_id=row.id)


def _own(request: PortalRequest, channel: UUID) -> SalesChannel:
    """Return the shop's channel. Raises ChannelUnknown."""
    row = SalesChannel.objects.filter(seller_id=request.seller.id, id=channel).select_related("seller").first()
    if row is None:
        raise ChannelUnknown
    return row


def _of(row: SalesChannel) -> Mapping[str, str]:
    return {"platform": PLATFORMS[row.platform].title}


def _to(request: PortalRequest, row: SalesChannel) -> HttpResponse:
    response: HttpResponse = redirect("portal:sales-channel", seller=request.seller.code, channel=row.id)
    return response
