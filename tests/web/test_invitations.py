"""People come into a shop by invitation, get roles, and leave; the shop always has an owner."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone

from lostpost.accounts.accept_invitation import AddressInUse, InvitationClosed, accept_invitation, accept_with_new_login
from lostpost.accounts.actor import Actor, ActorRole
from lostpost.accounts.change_member import LastOwner, MemberNotFound, change_role, take_out_member
from lostpost.accounts.invite_member import invite_member, withdraw_invitation
from lostpost.accounts.make_client import create_client
from lostpost.accounts.models import Invitation, Member
from lostpost.accounts.security_log import SecurityEvent
from lostpost.config.logs import without_links
from lostpost.core.errors import Rejected
from lostpost.jobs.account_mail import send_account_mail
from tests.cast import a_user
from tests.portal.pages import Read
from tests.web.password import PASSWORD
from tests.web.test_resets import jobs

pytestmark = pytest.mark.django_db
PEOPLE = "/shops/lampenhuis/people/"
GOOD = {"name": "Nora Nieuw", "username": "nora", "password": "stoel-lamp-anker-7"}


@pytest.fixture
def owner(client: Client, annas_login: User) -> Client:
    client.force_login(annas_login)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def invited(owner: Client, email: str = "nora@example.com", role: str = "agent") -> str:
    """Invite somebody on the page; return the path of the link in the mail."""
    page = Read(owner.post(PEOPLE, {"step": "invite", "email": email, "role": role}, follow=True))
    assert f"An invitation is on its way to {email}" in page.text
    return link_to(email)


def link_to(email: str) -> str:
    mail.outbox.clear()
    for args in jobs():
        send_account_mail(**args)
    letter = [each for each in mail.outbox if each.to == [email]][-1]
    (path,) = re.findall(r"http://localhost:8000(/accounts/invitation/\S+)", str(letter.body))
    return str(path)


def a_program_of(member: Any) -> None:
    create_client(
        name="Brams script",
        seller=member.shop,
        read_only=True,
        by=member.name,
        by_user_id=member.user_id,
        now=timezone.now(),
    )


def role_of(name: str) -> str | None:
    member = Member.objects.filter(user_id=User.objects.get(username=name).pk, seller__code="lampenhuis").first()
    return member.role if member else None


def test_somebody_new_makes_a_login_and_is_in(owner):
    path = invited(owner)
    newcomer = Client()
    page = Read(newcomer.get(path))
    assert "Invitation to Lampenhuis" in page.text
    assert "Anna invites you. Agent: answers customers and writes off" in page.text

    inside = Read(newcomer.post(path, GOOD, follow=True))

    assert "Welcome to Lampenhuis." in inside.text
    assert inside.response.request["PATH_INFO"] == "/shops/lampenhuis/"
    assert role_of("nora") == "agent"
    user = User.objects.get(username="nora")
    assert (user.email, user.get_full_name()) == ("nora@example.com", "Nora Nieuw")
    assert Read(newcomer.get(PEOPLE)).text.count("Nora Nieuw") == 2  # In the list, and in the menu.
    assert Client().get(path).status_code == Client().post(path, GOOD | {"username": "n2"}).status_code == 410
    assert User.objects.filter(username="n2").count() == 0
    assert user.check_password(GOOD["password"])


def test_who_has_a_login_signs_in_first_and_joins_with_it(owner, carla):
    path = invited(owner, "carla@example.com", "viewer")
    theirs = Client()
    page = Read(theirs.get(path))
    assert "There is a login with the address carla@example.com. Sign in with it first." in page.text
    assert (
        f"/accounts/login/?next={path.replace(':', '%3A')}" in page.links[-1] or "/accounts/login/?next=" in page.html
    )
    assert theirs.post(path, GOOD).status_code == 200
    assert not User.objects.filter(username="nora").exists()

    theirs.force_login(User.objects.get(pk=carla.user_id))
    assert "You are signed in as carla" in Read(theirs.get(path)).text
    assert role_of("carla") is None, "looking at it changes nothing"
    theirs.post(path)

    assert role_of("carla") == "viewer"
    assert Member.objects.filter(user_id=carla.user_id).count() == 2


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": " "}, "Give your name."),
        ({"name": "\u200b"}, "Give your name."),
        ({"username": "ANNA"}, "There is a login of this name already."),
        ({"username": "anna@example.com"}, "There is a login of this name already."),
        ({"username": "a b"}, "Enter a valid username."),
        ({"password": "short"}, "This password is too short."),
        ({"password": "nora nieuw 12"}, "The password is too similar"),
    ],
)
def test_what_makes_no_login_is_said_at_its_field(owner, changed, sentence):
    path = invited(owner)

    page = Read(Client().post(path, GOOD | changed))

    assert page.status == 422
    assert sentence in page.text
    assert "short" not in page.html.replace("too short", "")  # No password comes back.
    assert Invitation.objects.get().accepted_at is None


def test_a_link_of_somebody_else_an_old_one_and_a_withdrawn_one_open_nothing(owner, anna):
    path = invited(owner)
    for wrong in (path[:-3] + "xx/", path.replace("/invitation/", "/invitation/x"), "/accounts/invitation/\u00e9/"):
        assert Client().get(wrong).status_code == 410
    Invitation.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(path).status_code == 410
    Invitation.objects.update(ends_at=timezone.now() + timedelta(days=1))
    assert Client().get(path).status_code == 200

    page = Read(owner.get(PEOPLE))
    assert "invited by Anna, good until" in page.text
    owner.post(PEOPLE, {"step": "withdraw", "invitation": str(Invitation.objects.get().id)})
    assert Client().get(path).status_code == 410
    assert "nora@example.com" not in Read(owner.get(PEOPLE)).text


def test_inviting_again_is_one_invitation_with_the_new_role_and_a_new_mail(owner):
    invited(owner, "Nora@Example.com".lower(), "viewer")
    path = invited(owner, role="agent")

    assert Invitation.objects.get().role == "agent"
    assert len(jobs()) == 2
    assert Client().get(path).status_code == 200


def test_no_log_has_the_link_where_it_stands_within_another(owner):
    path = invited(owner)
    sign_in = f"/accounts/login/?{urlencode({'next': path})}"

    written = "GET /accounts/login/?next=%2Faccounts%2Finvitation%2F…%2F&x=1"
    assert without_links(f"GET {sign_in}&x=1") == written


def test_no_log_has_the_link(owner):
    path = invited(owner)
    assert without_links(f"GET {path} 200") == "GET /accounts/invitation/…/ 200"


def test_only_an_owner_invites_changes_and_takes_out(anna, bram, vera):
    now = timezone.now()
    for by in (bram, vera):
        for act in (
            lambda by=by: invite_member(email="x@example.com", role="agent", by=by, now=now),
            lambda by=by: change_role(user_id=anna.user_id, role="viewer", by=by, now=timezone.now()),
            lambda by=by: take_out_member(user_id=anna.user_id, by=by, now=timezone.now()),
        ):
            with pytest.raises(Rejected, match="Only an owner"):
                act()
    assert Invitation.objects.count() == 0
    assert "Invite somebody" not in page_of(bram).text


def page_of(member: Any) -> Read:
    client = Client()
    client.force_login(User.objects.get(pk=member.user_id))
    return Read(client.get(PEOPLE))


def test_without_the_password_nobody_is_invited_and_no_role_changes(client, annas_login, bram):
    client.force_login(annas_login)
    for sent in (
        {"step": "invite", "email": "x@example.com", "role": "agent"},
        {"step": "role", "user": str(bram.user_id), "role": "owner"},
    ):
        assert "/accounts/reauthenticate/" in client.post(PEOPLE, sent).headers["Location"]
    assert Invitation.objects.count() == 0
    assert role_of("bram") == "agent"


def test_a_role_is_changed_at_once_and_written_down(owner, bram):
    page = Read(owner.post(PEOPLE, {"step": "role", "user": str(bram.user_id), "role": "viewer"}, follow=True))

    assert "What Bram may do is changed, from this moment." in page.text
    assert role_of("bram") == "viewer"
    events = SecurityEvent.objects.filter(event="role.changed")
    assert [event.about for event in events] == [f"user {bram.user_id} in lampenhuis: agent to viewer"]


def test_who_is_taken_out_is_signed_out_and_the_programs_are_asked_about(owner, anna, bram):
    login = User.objects.get(pk=bram.user_id)
    login.set_password(PASSWORD)
    login.save()
    theirs = Client()
    theirs.post("/accounts/login/", {"login": "bram", "password": PASSWORD})
    assert theirs.get("/shops/lampenhuis/").status_code == 200
    a_program_of(bram)

    page = Read(owner.post(PEOPLE, {"step": "out", "user": str(bram.user_id)}, follow=True))

    assert "Bram let programs in that still act for the shop: Brams script." in page.text
    assert role_of("bram") is None
    assert "/accounts/login/" in theirs.get("/shops/lampenhuis/").headers["Location"]


def test_the_last_owner_neither_leaves_nor_steps_down(owner, anna, bram):
    with pytest.raises(LastOwner):
        change_role(user_id=anna.user_id, role="agent", by=anna, now=timezone.now())
    page = Read(owner.post(f"{PEOPLE}leave/", {"step": "leave"}))
    assert (page.status, role_of("anna")) == (409, "owner")
    assert "A shop needs an owner." in page.text

    change_role(user_id=bram.user_id, role="owner", by=anna, now=timezone.now())
    assert "You left Lampenhuis." in Read(owner.post(f"{PEOPLE}leave/", {"step": "leave"}, follow=True)).text
    assert (role_of("anna"), role_of("bram")) == (None, "owner")
    assert owner.get("/shops/lampenhuis/").status_code == 404


def test_an_agent_leaves_by_a_page_that_names_the_programs(anna, bram):
    a_program_of(bram)
    client = Client()
    client.force_login(User.objects.get(pk=bram.user_id))

    assert "Brams script" in Read(client.get(f"{PEOPLE}leave/")).text
    client.post(f"{PEOPLE}leave/", {"step": "leave"})

    assert role_of("bram") is None


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("nobody", "This is no e-mail address"),
        ("a@b\n.example.com", "This is no e-mail address"),
        ("bram@example.com", "in the shop already"),
    ],
)
def test_an_address_that_cannot_be_invited_is_refused(anna, bram, email, sentence):
    with pytest.raises(Rejected, match=sentence):
        invite_member(email=email, role="agent", by=anna, now=timezone.now())


def test_a_shop_does_not_write_to_fifty_strangers_and_one(anna):
    for number in range(50):
        invite_member(email=f"n{number}@example.com", role="viewer", by=anna, now=timezone.now())
    with pytest.raises(Rejected, match="Too many invitations"):
        invite_member(email="n50@example.com", role="viewer", by=anna, now=timezone.now())
    invite_member(email="n1@example.com", role="agent", by=anna, now=timezone.now())


def test_another_shops_people_and_invitations_are_not_there(anna, carla):
    now = timezone.now()
    invitation = invite_member(email="x@example.com", role="agent", by=anna, now=now)

    withdraw_invitation(invitation_id=invitation.id, by=carla, now=now)
    assert Invitation.objects.get().withdrawn_at is None
    with pytest.raises(MemberNotFound):
        change_role(user_id=anna.user_id, by=carla, now=now, role="viewer")
    with pytest.raises(MemberNotFound):
        take_out_member(user_id=anna.user_id, by=carla, now=now)


def test_an_invitation_gives_no_owner_less_and_is_good_once(anna, bram):
    now = timezone.now()
    lower = invite_member(email="anna2@example.com", role="viewer", by=anna, now=now)
    assert accept_invitation(invitation=lower, user=User.objects.get(pk=anna.user_id), now=now).role == "owner"
    with pytest.raises(InvitationClosed):
        accept_invitation(invitation=lower, user=User.objects.get(pk=bram.user_id), now=now)
    higher = invite_member(email="bram2@example.com", role="owner", by=anna, now=now)
    assert accept_invitation(invitation=higher, user=User.objects.get(pk=bram.user_id), now=now).role == "owner"


def test_a_person_may_be_in_several_shops(anna, carla):
    user = a_user("Wout")
    for by in (anna, carla):
        invitation = invite_member(email="wout@example.com", role="agent", by=by, now=timezone.now())
        accept_invitation(invitation=invitation, user=user, now=timezone.now())
    assert Member.objects.filter(user_id=user.pk).count() == 2


@pytest.mark.parametrize("act", ["role", "out"])
def test_invitations_of_a_former_owner_end(owner, anna, bram, act):
    change_role(user_id=bram.user_id, role="owner", by=anna, now=timezone.now())
    his = Actor(bram.name, ActorRole.OWNER, shop=bram.shop, user_id=bram.user_id)
    invite_member(email="nora@example.com", role="owner", by=his, now=timezone.now())
    path, hers = link_to("nora@example.com"), invited(owner, "noor@example.com")

    owner.post(PEOPLE, {"step": act, "user": str(bram.user_id), "role": "agent"})

    assert (Client().get(path).status_code, Client().get(hers).status_code) == (410, 200)


def test_a_confirmed_address_of_another_login_signs_in_and_one_of_a_stopped_login_is_said(owner, anna):
    user = a_user("Wout")
    EmailAddress.objects.create(user=user, email="work@example.com", verified=True)
    path = invited(owner, "work@example.com")
    for visit in (Client().get(path), Client().post(path, GOOD)):
        assert "There is a login with the address work@example.com" in Read(visit).text

    new: Any = {"username": "nora", "name": "Nora", "password": GOOD["password"]}
    with pytest.raises(AddressInUse):
        accept_with_new_login(invitation=Invitation.objects.get(), **new, now=timezone.now())

    User.objects.filter(pk=user.pk).update(is_active=False)
    for visit in (Client().get(path), Client().post(path, GOOD)):
        assert (visit.status_code, "was stopped" in Read(visit).text) == (409, True)
    assert not User.objects.filter(username="nora").exists()


def test_a_stopped_owner_is_no_other_owner(owner, anna, bram):
    change_role(user_id=bram.user_id, role="owner", by=anna, now=timezone.now())
    User.objects.filter(pk=bram.user_id).update(is_active=False)

    with pytest.raises(LastOwner):
        take_out_member(user_id=anna.user_id, by=anna, now=timezone.now())
    with pytest.raises(LastOwner):
        change_role(user_id=anna.user_id, role="agent", by=anna, now=timezone.now())


def test_a_name_that_somebody_else_takes_at_the_same_moment_is_said(owner, monkeypatch):
    path = invited(owner)
    monkeypatch.setattr("lostpost.web.invitations.login_named", lambda _name: None)

    page = Read(Client().post(path, GOOD | {"username": "anna"}))

    assert (page.status, Invitation.objects.get().accepted_at) == (422, None)
    assert "There is a login of this name already." in page.text
