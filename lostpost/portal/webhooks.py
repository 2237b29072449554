"""A shop's webhooks: an owner registers them, sees their state, and changes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
from lostpost.connectors.webhooks.address import AddressRefused
from lostpost.connectors.webhooks.register import record_webhook_change, register_webhook
from lostpost.core.errors import Refused
from lostpost.events.models import Webhook
from lostpost.events.put_webhook import (
    NameRefused,
    newest_secret,
    no_such_webhook,
    old_secret_until,
    remove_webhook,
    resume_webhook,
    rotate_secret,
)
from lostpost.events.reads import newest_sequence
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.forms import LineField
from lostpost.portal.sent_forms import FormProblem
from lostpost.texts.webhooks import delivery_problem_text
from lostpost.web.fresh_proof import require_fresh_proof
from lostpost.web.http import status_of

NOW, START = "now", "start"
FIELD_OF: dict[type[Refused], str] = {NameRefused: "name", AddressRefused: "url"}


class WebhookAddressForm(forms.Form):
    """Where events go."""

    url = LineField(
        label=gettext_lazy("Address"),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("It begins with https:// and is reachable from outside."),
        error_messages={"required": gettext_lazy("Give the address to which the events should be sent.")},
    )


class WebhookForm(WebhookAddressForm):
    """A new address."""

    name = LineField(
        label=gettext_lazy("Name"),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("Small letters, digits and hyphens, such as bookkeeping: you know it again by this."),
        error_messages={"required": gettext_lazy("Give the webhook a name, so that you know it again.")},
    )
    begin = forms.ChoiceField(
        label=gettext_lazy("Which events"),
        choices=[
            (NOW, gettext_lazy("Those from now on")),
            (START, gettext_lazy("All since your shop's first one, oldest first")),
        ],
        widget=forms.RadioSelect,
        initial=NOW,
        error_messages={
            "required": gettext_lazy("Choose with which event it begins."),
            "invalid_choice": gettext_lazy("Choose with which event it begins."),
        },
    )

    field_order = ("name", "url", "begin")

    def __init__(self, *args: Any, existing_names: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taken = existing_names

    def clean_name(self) -> str:
        """Take a name that no other webhook has: a page sent twice registers one."""
        name = str(self.cleaned_data["name"])
        if name in self.taken:
            raise forms.ValidationError(
                _("There is a webhook “%(name)s” already. Choose another name, or remove that one first.")
                % {"name": name}
            )
        return name


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """A webhook as its owner reads it."""

    webhook: Webhook
    behind: int  # Events that are not delivered yet.
    now: datetime

    @property
    def state(self) -> str:
        """One of "parked", "failing", "behind" (they are on their way) and "up-to-date"."""
        if self.webhook.state == Webhook.State.PARKED:
            return "parked"
        if self.webhook.failures:
            return "failing"
        return "behind" if self.behind else "up-to-date"

    @property
    def problem(self) -> str:
        """Why the newest attempt failed."""
        return delivery_problem_text(self.webhook.problem)

    @property
    def next_try_at(self) -> datetime | None:
        """When one that fails is tried again; none if that is any moment now."""
        at = self.webhook.next_attempt_at
        return at if self.state == "failing" and at > self.now else None

    @property
    def old_secret_until(self) -> datetime | None:
        """Until when an older secret signs along; none if there is but one."""
        return old_secret_until(self.webhook, self.now)


@of_shop(Section.CONNECTIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: PortalRequest) -> HttpResponse:
    """List the addresses of the shop; register one (its secret is shown in this answer alone)."""
    if request.method != "POST":
        return _page(request)
    require_may_let_in(request.actor, read_only=True)
    require_fresh_proof(request)
    existing_names = set(Webhook.objects.filter(seller_id=request.seller.id).values_list("name", flat=True))
    form = WebhookForm(request.POST, existing_names=existing_names)
    if not form.is_valid():
        return _page(request, form, status=422)
    after = 0 if form.cleaned_data["begin"] == START else None
    try:
        return _registered(request, form.cleaned_data["name"], form.cleaned_data["url"], after=after)
    except Refused as refusal:
        return _page(request, form, problems=_placed(form, refusal), status=status_of(refusal))


@of_shop(Section.CONNECTIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: PortalRequest, webhook: str) -> HttpResponse:
    """Show an address and how it fares; give it another one or a new secret, or send again (`step`)."""
    own = _own(request, webhook)
    step = request.POST.get("step")
    if request.method != "POST":
        return _details(request, own)
    require_may_let_in(request.actor, read_only=True)
    if step == "move":
        require_fresh_proof(request)
        return _move(request, own)
    if step == "rotate":
        require_fresh_proof(request)
        rotated = rotate_secret(seller_id=own.seller_id, name=own.name, now=timezone.now())
        record_webhook_change("secret-rotated", name=own.name, shop=request.seller.code)
        return _details(request, rotated, secret=True)
    if step == "resume":
        resume_webhook(seller_id=own.seller_id, name=own.name, now=timezone.now())
        messages.success(request, _("Sending to “%(name)s” goes on where it stopped.") % {"name": own.name})
        return _redirect(request, own)
    return _details(request, own, problems=[FormProblem(_("Choose what should be done with the webhook."))], status=422)


@of_shop(Section.CONNECTIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def remove_webhook_page(request: PortalRequest, webhook: str) -> HttpResponse:
    """Ask for confirmation, and delete a webhook."""
    own = _own(request, webhook)
    if request.method != "POST":
        return render(request, "portal/webhook_remove.html", {"each": _rows(request, [own])[0]})
    remove_webhook(seller_id=own.seller_id, name=own.name)
    record_webhook_change("removed", name=own.name, shop=request.seller.code)
    messages.success(
        request, _("“%(name)s” is removed: nothing is sent to %(url)s any more.") % {"name": own.name, "url": own.url}
    )
    back: HttpResponse = redirect("portal:webhooks", seller=request.seller.code)
    return back


def _move(request: PortalRequest, own: Webhook) -> HttpResponse:
    form = WebhookAddressForm(request.POST)
    if not form.is_valid():
        return _details(request, own, form, status=422)
    try:
        return _registered(request, own.name, form.cleaned_data["url"], after=None)
    except Refused as refusal:
        return _details(request, own, form, problems=_placed(form, refusal), status=status_of(refusal))


def _registered(request: PortalRequest, name: str, url: str, *, after: int | None) -> HttpResponse:
    """Register the address, and show its secret; for an existing webhook, say that its address has changed."""
    webhook, new = register_webhook(
        seller_id=request.seller.id, name=name, url=url, after=after, by=request.actor.name, now=timezone.now()
    )
    if new:
        return _page(request, registered=webhook)
    messages.success(
        request, _("Events for “%(name)s” are sent to %(url)s.") % {"name": webhook.name, "url": webhook.url}
    )
    return _redirect(request, webhook)


def _placed(form: forms.Form, refusal: Refused) -> list[FormProblem]:
    """Attach a refusal to its field; return it as a problem if it belongs to none."""
    field = FIELD_OF.get(type(refusal), "")
    if field not in form.fields:
        return [FormProblem(str(refusal))]
    form.add_error(field, str(refusal))
    return []


def _own(request: PortalRequest, name: str) -> Webhook:
    """Return the shop's webhook of that name. Raises WebhookNotFound."""
    own = Webhook.objects.filter(seller_id=request.seller.id, name=name).first()
    if own is None:
        raise no_such_webhook(name)
    return own


def _rows(request: PortalRequest, webhooks: list[Webhook]) -> list[WebhookRow]:
    newest, now = newest_sequence(request.seller.id), timezone.now()
    return [WebhookRow(webhook, max(newest - webhook.delivered, 0), now) for webhook in webhooks]


def _redirect(request: PortalRequest, webhook: Webhook) -> HttpResponse:
    response: HttpResponse = redirect("portal:webhook", seller=request.seller.code, webhook=webhook.name)
    return response


def _page(
    request: PortalRequest,
    form: WebhookForm | None = None,
    *,
    problems: list[FormProblem] | None = None,
    registered: Webhook | None = None,
    status: int = 200,
) -> HttpResponse:
    webhooks = list(Webhook.objects.filter(seller_id=request.seller.id).order_by("name"))
    context = {
        "webhooks": _rows(request, webhooks),
        "form": form or WebhookForm(existing_names=set()),
        "problems": problems,
        "made": registered,
        "secret": newest_secret(registered) if registered else "",
    }
    return render(request, "portal/webhooks.html", context, status=status)


def _details(
    request: PortalRequest,
    own: Webhook,
    form: WebhookAddressForm | None = None,
    *,
    problems: list[FormProblem] | None = None,
    secret: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        "each": _rows(request, [own])[0],
        "form": form or WebhookAddressForm(initial={"url": own.url}),
        "problems": problems,
        "secret": newest_secret(own) if secret else "",
    }
    return render(request, "portal/webhook.html", context, status=status)
