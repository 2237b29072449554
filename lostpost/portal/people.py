"""The people of a shop: whoever manages them invites, gives rights and takes out; everybody may leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lostpost.accounts.actor import Actor, ReadOnly
from lostpost.accounts.change_member import change_role, take_out_member
from lostpost.accounts.granting import most_offered, require_may_grant, require_people_manager
from lostpost.accounts.invite_member import invite_member, withdraw_invitation
from lostpost.accounts.models import ApiClient, Invitation, Member
from lostpost.accounts.sections import Section
from lostpost.core.errors import Refused
from lostpost.portal.access import PortalRequest, for_members, of_shop
from lostpost.portal.sent_forms import FormProblem
from lostpost.texts.states import STATES
from lostpost.web.fresh_proof import require_fresh_proof
from lostpost.web.http import status_of

ROLES = list(STATES["role"].items())


class InvitationForm(forms.Form):
    """Somebody who is to come into the shop."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": gettext_lazy("Give the address of the person."),
            "invalid": gettext_lazy("This is no e-mail address. Write one such as name@example.com."),
        },
    )
    role = forms.ChoiceField(
        label=gettext_lazy("What this person may do"),
        choices=ROLES,
        widget=forms.RadioSelect,
        initial=Member.Role.AGENT,
        error_messages={
            "required": gettext_lazy("Choose what this person may do."),
            "invalid_choice": gettext_lazy("Choose what this person may do."),
        },
    )


@of_shop(Section.PEOPLE)
def people(request: PortalRequest) -> HttpResponse:
    """List the people; by `step`: invite one, withdraw an invitation, change a role, take one out."""
    if request.method != "POST":
        return _page(request)
    step = request.POST.get("step", "")
    if step == "invite":
        return _invite(request)
    try:
        if step == "role":
            require_fresh_proof(request)
            member = change_role(
                user_id=_user(request),
                role=request.POST.get("role", ""),
                sections=_sections(request),
                by=request.actor,
                now=timezone.now(),
            )
            messages.success(request, _("What %(name)s may do is changed, from this moment.") % {"name": member.name})
        elif step == "out":
            return _take_out(request)
        elif step == "withdraw":
            withdraw_invitation(invitation_id=_invitation(request), by=request.actor, now=timezone.now())
            messages.success(request, _("The invitation was withdrawn; its link works no more."))
    except Refused as refusal:
        return _page(request, problems=[FormProblem(str(refusal))], status=status_of(refusal))
    return redirect("portal:people", seller=request.seller.code)


@for_members
def leave_shop(request: PortalRequest) -> HttpResponse:
    """Leave the shop oneself, after a page that says what that means."""
    programs = _programs_of(request, request.user.pk)
    if request.POST.get("step") != "leave":
        return render(request, "portal/leave_shop.html", {"programs": programs})
    try:
        take_out_member(user_id=request.user.pk, by=request.actor, now=timezone.now())
    except Refused as refusal:
        context = {"programs": programs, "problems": [FormProblem(str(refusal))]}
        return render(request, "portal/leave_shop.html", context, status=status_of(refusal))
    messages.success(request, _("You left %(shop)s.") % {"shop": request.seller.name})
    return redirect("portal:shops")


def _invite(request: PortalRequest) -> HttpResponse:
    require_fresh_proof(request)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        invitation = invite_member(
            **form.cleaned_data, sections=_sections(request), by=request.actor, now=timezone.now()
        )
    except Refused as refusal:
        return _page(request, form, problems=[FormProblem(str(refusal), "#id_email")], status=status_of(refusal))
    messages.success(request, _("An invitation is on its way to %(address)s.") % {"address": invitation.email})
    return redirect("portal:people", seller=request.seller.code)


def _take_out(request: PortalRequest) -> HttpResponse:
    """Take a member out, end the person's sessions, and name the programs that the person let in."""
    user_id = _user(request)
    member = take_out_member(user_id=user_id, by=request.actor, now=timezone.now())
    for user in User.objects.filter(pk=user_id):
        for session in UserSession.objects.purge_and_list(user):
            session.end()
    messages.success(request, _("%(name)s is let in no longer.") % {"name": member.name})
    if programs := _programs_of(request, user_id):
        messages.warning(
            request,
            _("%(name)s let programs in that still act for the shop: %(programs)s. Revoke what nobody needs.")
            % {"name": member.name, "programs": ", ".join(program.name for program in programs)},
        )
        if request.actor.may_view(Section.CONNECTIONS):
            return redirect("portal:api-clients", seller=request.seller.code)
    return redirect("portal:people", seller=request.seller.code)


def _programs_of(request: PortalRequest, user_id: int) -> list[ApiClient]:
    programs = ApiClient.objects.filter(shop_id=request.seller.id, made_by_user_id=user_id, revoked_at=None)
    return list(programs.order_by("name"))


def _user(request: PortalRequest) -> int:
    typed = request.POST.get("user", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else 0


def _sections(request: PortalRequest) -> dict[str, str]:
    """Return the levels that the form has beside the role."""
    chosen = {section: request.POST.get(f"section-{section}", "") for section in Section}
    return {str(section): level for section, level in chosen.items() if level}


def _choices(actor: Actor, chosen: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the choices of a form for the levels of each section, with what is chosen already."""
    return [
        {
            "section": section.value,
            "chosen": chosen.get(section, ""),
            "levels": [level.value for level in most_offered(actor, section)],
        }
        for section in Section
    ]


def _shown_member(actor: Actor, member: Member, address: str) -> dict[str, Any]:
    """Return a member as the page shows it; the form only where the reader may decide about this person."""
    try:
        require_people_manager(actor)
        require_may_grant(actor, member.role, member.sections)
    except ReadOnly:
        may_change = False
    else:
        may_change = True
    return {
        "member": member,
        "address": address,
        "may_change": may_change,
        "choices": _choices(actor, member.sections),
        "prefix": f"member-{member.user_id}",
        "differing": sorted(member.sections.items()),
    }


def _invitation(request: PortalRequest) -> UUID:
    try:
        return UUID(request.POST.get("invitation", ""))
    except ValueError:
        return UUID(int=0)


def _page(
    request: PortalRequest,
    form: InvitationForm | None = None,
    *,
    problems: list[FormProblem] | None = None,
    status: int = 200,
) -> HttpResponse:
    members = list(Member.objects.filter(seller_id=request.seller.id).order_by("name", "id"))
    addresses = dict(User.objects.filter(pk__in=[member.user_id for member in members]).values_list("pk", "email"))
    invitations = Invitation.objects.filter(
        seller_id=request.seller.id, accepted_at=None, withdrawn_at=None, ends_at__gt=timezone.now()
    )
    manages = request.actor.may_manage(Section.PEOPLE)
    context = {
        "members": [_shown_member(request.actor, member, addresses.get(member.user_id, "")) for member in members],
        "invitations": invitations.order_by("-invited_at") if manages else [],
        "roles": [(role, words) for role, words in ROLES if request.actor.owns or role != Member.Role.OWNER],
        "choices": _choices(request.actor, _sections(request)),
        "manages": manages,
        "own_user_id": request.user.pk,
        "form": form or InvitationForm(),
        "problems": problems,
    }
    return render(request, "portal/people.html", context, status=status)
