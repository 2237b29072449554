"""`lostpost user`: logins for people, made by the operator."""

import re
from io import StringIO
from types import SimpleNamespace

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from lostpost.accounts.actor import Actor
from lostpost.accounts.invite_member import invite_member
from lostpost.accounts.make_client import create_client
from lostpost.accounts.models import ApiClient, Invitation, Member
from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.accounts.reads import desks_of_user, shops_of_user
from lostpost.core.ownership import cross_seller
from lostpost.events.put_webhook import put_webhook
from tests.cast import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def lampenhuis():
    return put_seller(seller=SellerData(code="lampenhuis", name="Lampenhuis"), now=NOW)


def password_in(output: str) -> str:
    match = re.search(r"sign in with (\S+)", output)
    assert match
    return match[1]


def signed_in(name: str, output: str) -> User:
    user = authenticate(username=name, password=password_in(output))
    assert isinstance(user, User)
    return user


def user(*words):
    out = StringIO()
    call_command("user", *words, stdout=out)
    return out.getvalue()


def test_a_new_login_signs_in_with_the_password_that_was_shown_once(lampenhuis):
    output = user(
        "put", "anna", "--full-name", "Anna Prins", "--email", "anna@example.com", "--shop", "lampenhuis:owner"
    )
    (member,) = shops_of_user(signed_in("anna", output).id)
    assert (member.seller.code, member.role, member.name) == ("lampenhuis", "owner", "Anna Prins")


def test_a_role_can_be_changed_and_removed_and_the_password_stays(lampenhuis):
    user("put", "bram", "--shop", "lampenhuis:agent")
    output = user("put", "bram", "--shop", "lampenhuis:viewer")
    assert "sign in with" not in output
    with cross_seller("test"):
        assert Member.objects.get().role == "viewer"
    user("put", "bram", "--shop", "lampenhuis:none")
    with cross_seller("test"):
        assert not Member.objects.exists()


@pytest.mark.parametrize("words", [("put", "bram", "--shop", "lampenhuis:agent"), ("stop", "bram")])
def test_invitations_of_whoever_is_no_owner_any_more_end(lampenhuis, words):
    user("put", "bram", "--shop", "lampenhuis:owner")
    user("put", "anna", "--shop", "lampenhuis:owner")
    user("put", "bram", "--shop", "lampenhuis:owner")
    for member in Member.objects.select_related("seller").filter(seller_id=lampenhuis.id):
        invite_member(email=f"by-{member.name}@example.com", role="agent", by=Actor.of_member(member), now=NOW)

    user("put", "bram", "--shop", "lampenhuis:owner")
    open_ones = Invitation.objects.filter(seller_id=lampenhuis.id, withdrawn_at=None)
    assert open_ones.count() == 2, "nothing changed"
    user(*words)
    assert [invitation.by_name for invitation in open_ones.all()] == ["anna"]


def test_staff_sit_at_desks(lampenhuis):
    output = user("put", "fien", "--desk", "finance")
    assert desks_of_user(signed_in("fien", output)) == {"finance"}
    assert user("list").split("\t")[1].strip() == "finance"
    user("stop", "fien")
    assert "(stopped)" in user("list")


def clients_of_anna(lampenhuis, *names):
    user("put", "anna", "--shop", "lampenhuis:owner")
    anna = User.objects.get(username="anna")
    for name in names:
        create_client(name=name, seller=lampenhuis, read_only=True, by="Anna", by_user_id=anna.id, now=NOW)


def test_stopping_a_user_lists_their_api_clients(lampenhuis):
    clients_of_anna(lampenhuis, "Bookkeeping", "Shop software")
    create_client(name="Another", seller=lampenhuis, read_only=True, by="Bram", now=NOW)

    output = user("stop", "anna")

    assert "Bookkeeping" in output
    assert "Shop software" in output
    assert "never used" in output
    assert "Another" not in output
    assert not ApiClient.objects.exclude(revoked_at=None).exists(), "nobody was asked, so nothing was revoked"


def test_programs_are_revoked_with_their_maker_where_that_is_wished(lampenhuis):
    clients_of_anna(lampenhuis, "Bookkeeping", "Shop software")
    create_client(name="Another", seller=lampenhuis, read_only=True, by="Bram", now=NOW)

    assert "Bookkeeping is let in no longer." in user("stop", "anna", "--revoke-clients")

    assert list(ApiClient.objects.filter(revoked_at=None).values_list("name", flat=True)) == ["Another"]


def webhook_of(shop, name, by):
    put_webhook(seller_id=shop.id, name=name, url="https://1.1.1.1/hook", after=None, by=by, now=NOW)


@pytest.mark.parametrize("role", ["none", "agent", "viewer"])
def test_a_former_owners_api_clients_are_listed(lampenhuis, role):
    other = put_seller(seller=SellerData(code="velo", name="Velo"), now=NOW)
    clients_of_anna(lampenhuis, "Bookkeeping")
    anna = User.objects.get(username="anna")
    create_client(name="Of Velo", seller=other, read_only=True, by="Anna", by_user_id=anna.id, now=NOW)
    webhook_of(lampenhuis, "books", by="anna")
    webhook_of(lampenhuis, "stock", by="bram")

    output = user("put", "anna", "--shop", f"lampenhuis:{role}")

    assert "Bookkeeping" in output
    assert "webhooks of lampenhuis, which are still sent to: books." in output
    assert "Of Velo" not in output
    assert "stock" not in output
    assert not ApiClient.objects.exclude(revoked_at=None).exists()


def test_nothing_is_listed_for_a_remaining_owner(lampenhuis):
    clients_of_anna(lampenhuis, "Bookkeeping")
    webhook_of(lampenhuis, "books", by="anna")
    assert user("put", "anna", "--shop", "lampenhuis:owner") == "anna was changed.\n"


def test_webhooks_of_a_stopped_user_are_listed(lampenhuis):
    clients_of_anna(lampenhuis)
    webhook_of(lampenhuis, "books", by="anna")
    assert "anna made these webhooks of lampenhuis, which are still sent to: books." in user("stop", "anna")


@pytest.mark.parametrize(("answer", "revoked"), [("y", 1), ("yes", 1), ("", 0), ("n", 0)])
def test_at_a_terminal_the_operator_is_asked(lampenhuis, monkeypatch, answer, revoked):
    clients_of_anna(lampenhuis, "Bookkeeping")
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("builtins.input", lambda question: answer)

    user("stop", "anna")

    assert ApiClient.objects.exclude(revoked_at=None).count() == revoked


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["put", "anna", "--shop", "lampenhuis:boss"], "owner, agent, viewer or none"),
        (["put", "anna", "--shop", "nowhere:owner"], "there is no shop nowhere. Shops: lampenhuis."),
        (["put", "anna", "--email", "not an address"], "“not an address” is not an e-mail address"),
        (["put", "anna", "--email", "anna(x)@example.com"], "cannot be delivered as it is written"),
        (["put", "anna", "--email", "ännä@example.com"], "letters without accents"),
        (["put", "an na"], "valid username"),
        (["password", "nobody"], "There is no login nobody"),
    ],
)
def test_an_invalid_argument_is_named_and_creates_no_login(lampenhuis, words, sentence):
    with pytest.raises(CommandError, match=re.escape(sentence)):
        user(*words)
    assert user("list") == ""


def test_the_address_of_a_login_is_stored_in_the_form_of_mail_servers(lampenhuis):
    user("put", "anna", "--email", "\u200banna@faß.de ")
    assert User.objects.get().email == "anna@xn--fa-hia.de"
