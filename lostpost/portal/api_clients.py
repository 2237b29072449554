"""The programs that may act for a shop through the API: an owner lets them in, and out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lostpost.accounts.granting import require_may_let_in
from lostpost.accounts.make_client import Credentials, create_client
from lostpost.accounts.models import ApiClient
from lostpost.accounts.revoke_client import revoke_client
from lostpost.accounts.rotate_client_secret import rotate_client_secret
from lostpost.accounts.sections import Section
from lostpost.core.errors import Refused
from lostpost.core.text import is_storable, strip_unstorable
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.forms import LineField
from lostpost.portal.sent_forms import FormProblem
from lostpost.web.fresh_proof import require_fresh_proof
from lostpost.web.http import status_of

READ, WRITE = "read", "write"


class ClientForm(forms.Form):
    """A program that should be let in."""

    name = LineField(
        label=gettext_lazy("Name of the program"),
        max_length=200,
        help_text=gettext_lazy("Your timelines show it where the program did something."),
        error_messages={"required": gettext_lazy("Give the program a name, so that you know it again.")},
    )
    may = forms.ChoiceField(
        label=gettext_lazy("What it may do"),
        choices=[
            (READ, gettext_lazy("Only read")),
            (WRITE, gettext_lazy("Read, write to customers and write off")),
        ],
        widget=forms.RadioSelect,
        initial=READ,
        error_messages={
            "required": gettext_lazy("Choose what the program may do."),
            "invalid_choice": gettext_lazy("Choose what the program may do."),
        },
    )

    def __init__(self, *args: Any, existing_names: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taken = existing_names

    def clean_name(self) -> str:
        """Require a name that no other client has: a form sent twice creates one, and timelines can tell two apart."""
        name = " ".join(str(self.cleaned_data["name"]).split())
        if not is_storable(name):
            raise forms.ValidationError(_("The name holds a character that cannot be kept. Type it again."))
        if name in self.taken:
            raise forms.ValidationError(
                _("There is a program “%(name)s” already. Choose another name, or revoke that one first.")
                % {"name": name}
            )
        return name


@of_shop(Section.CONNECTIONS)
def api_clients(request: PortalRequest) -> HttpResponse:
    """List the programs of the shop; make one or give one a new secret (shown in this answer alone), or revoke one."""
    if request.method != "POST":
        return _page(request)
    if request.POST.get("step") == "revoke":  # Without the password: it may be urgent, and only removes access.
        return _revoke(request)
    require_fresh_proof(request)
    if request.POST.get("step") == "rotate":
        return _rotate(request)
    form = ClientForm(request.POST, existing_names=_names(request))
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        require_may_let_in(request.actor, read_only=form.cleaned_data["may"] == READ)
        credentials = create_client(
            name=form.cleaned_data["name"],
            seller=request.seller,
            read_only=form.cleaned_data["may"] == READ,
            by=request.actor.name,
            by_user_id=request.actor.user_id,
            now=timezone.now(),
        )
    except Refused as refusal:
        return _page(request, form, problems=[FormProblem(str(refusal))], status=status_of(refusal))
    return _page(request, credentials=credentials, name=form.cleaned_data["name"])


def _revoke(request: PortalRequest) -> HttpResponse:
    try:
        client = revoke_client(client_id=request.POST.get("client_id", ""), seller=request.seller, now=timezone.now())
    except Refused as refusal:
        return _page(request, problems=[FormProblem(str(refusal))], status=status_of(refusal))
    messages.success(request, _("“%(name)s” is let in no longer.") % {"name": client.name})
    back: HttpResponse = redirect("portal:api-clients", seller=request.seller.code)
    return back


def _rotate(request: PortalRequest) -> HttpResponse:
    """Give a program a new secret, shown in this answer alone."""
    client_id = strip_unstorable(request.POST.get("client_id", ""))
    client = ApiClient.objects.filter(client_id=client_id, shop_id=request.seller.id).first()
    try:
        require_may_let_in(request.actor, read_only=client is None or client.read_only)
        credentials = rotate_client_secret(
            client_id=client_id, seller=request.seller, by_user_id=request.actor.user_id, now=timezone.now()
        )
    except Refused as refusal:
        return _page(request, problems=[FormProblem(str(refusal))], status=status_of(refusal))
    rotated = ApiClient.objects.get(client_id=client_id)
    return _page(request, credentials=credentials, name=rotated.name, former_until=rotated.former_secret_until)


def _names(request: PortalRequest) -> set[str]:
    return set(ApiClient.objects.filter(shop_id=request.seller.id, revoked_at=None).values_list("name", flat=True))


def _page(
    request: PortalRequest,
    form: ClientForm | None = None,
    *,
    problems: list[FormProblem] | None = None,
    credentials: Credentials | None = None,
    name: str = "",
    former_until: datetime | None = None,
    status: int = 200,
) -> HttpResponse:
    clients = sorted(
        ApiClient.objects.filter(shop_id=request.seller.id).order_by("-made_at", "client_id"),
        key=lambda client: client.revoked_at is not None,
    )
    context = {
        "clients": clients,
        "two_secrets": {client.client_id for client in clients if client.former_secret_counts_at(timezone.now())},
        "form": form or ClientForm(existing_names=set()),
        "problems": problems,
        "made": credentials,
        "name": name,
        "former_until": former_until,
        "now": timezone.now(),
    }
    return render(request, "portal/api_clients.html", context, status=status)
