"""Rights by section: what somebody may look at and change in a shop, page by page."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from lostpost.accounts.accept_invitation import accept_invitation
from lostpost.accounts.actor import Actor, ReadOnly, require_writer
from lostpost.accounts.change_member import change_role, take_out_member
from lostpost.accounts.invite_member import invite_member
from lostpost.accounts.models import ApiClient, Member
from lostpost.accounts.reads import members_who_manage
from lostpost.accounts.sections import Level, Section, level_of
from lostpost.accounts.security_log import SecurityEvent
from lostpost.core.errors import Rejected
from lostpost.customer_queries.assign_query import assign_query
from lostpost.customer_queries.close_query import close_query
from lostpost.events.models import Webhook
from lostpost.writeoffs.write_off import write_off
from tests.cast import a_member, all_of, row_counts, user_of
from tests.portal.pages import Read
from tests.repo.scene import a_scene
from tests.repo.site import ACTIONS, OF_EVERY_MEMBER, OF_SHOPS, WITHOUT_A_TRACE, Scene
from tests.web.password import PASSWORD

pytestmark = pytest.mark.django_db

# Every page of a shop by the section that it belongs to; a page that is not here fails until somebody says where it is.
PAGES = {
    Section.QUERIES: {
        *("radar", "radar-file"),
        *("orders", "order", "find-order", "start-contact", "contact-draft", "answer-templates", "answer-template"),
        *(
            "customer-queries",
            *("new-customer-queries", "customer-queries-file"),
            "view-keep",
            "view-remove",
            "customer-query",
            "query-answer",
            "query-draft",
            "query-undo",
        ),
        *("attachment", "query-note", "query-close", "query-reopen", "query-put-aside", "query-hand-over"),
        *("query-actions", "query-actions-confirm", "query-action", "query-declaration", "declaration"),
        *("query-revoke-link", "enter-scan", "send-scans"),
        "parcel-came-back",
        "query-send-again",
        "whole-mail",
        *("query-assign", "ask-partnerservice", "ask-about-query", "appeal-hold", "reply-to-partnerservice"),
    },
    Section.WRITE_OFFS: {
        *("write-off", "write-off-check", "write-off-confirm", "write-off-together", "write-off-together-confirm"),
        *("found-parcel", "withdraw-found-question"),
        *("arm-write-off", "arm-write-off-confirm", "armed-write-offs", "armed-write-off-disarm"),
        *("write-off-batches", "write-off-batch", "write-off-batch-approve", "write-off-batch-stop"),
    },
    Section.FINANCE: {
        *("invoices", "coming-invoice", "coming-invoice-file", "invoice", "invoice-file", "statement"),
        *("shop-refunds", "credit-notes", "credit-note-file", "losses", "self-check"),
    },
    Section.PEOPLE: {"people"},
    Section.CONNECTIONS: {
        *("api-clients", "webhooks", "webhook", "webhook-remove"),
        *("sales-channels", "sales-channel", "sales-channel-remove"),
    },
}
NOTHING = dict.fromkeys(map(str, Section), "none")


@pytest.fixture(scope="module")
def written(written_once: Any) -> Scene:
    with written_once():
        scene = a_scene()
        for name in ("Bram", "Vera"):
            a_member(scene.anna.seller, name, "agent" if name == "Bram" else "viewer")
        return scene


@pytest.fixture
def scene(written: Scene) -> Scene:
    return deepcopy(written)


def with_sections(name: str, **levels: str) -> Actor:
    """Give somebody of the shop these levels and no others."""
    Member.objects.filter(name=name).update(sections={**NOTHING, **levels})
    return Actor.of_member(Member.objects.select_related("seller").get(name=name))


def signed_in(person: Actor) -> Client:
    client = Client()
    client.force_login(user_of(person))
    return client


def section_of(name: str) -> Section | None:
    page = name.removeprefix("portal:")
    sections = [section for section, pages in PAGES.items() if page in pages]
    assert sections or name in OF_EVERY_MEMBER, f"say to which section {page} belongs"
    return sections[0] if sections else None


def test_every_page_belongs_to_its_section():
    wrong = [each.name for each in OF_SHOPS if getattr(each.view, "section", "nothing") != section_of(each.name)]
    assert not wrong, "say with @of_shop(...) to which section these belong"


@pytest.mark.parametrize("section", Section)
def test_a_section_is_seen_and_changed_with_its_level_alone(scene, section):
    """Two pages of every section for the level "view", and each form of its own for "manage"."""
    seen = {"queries": "view"} if section is Section.WRITE_OFFS else {}  # Nobody writes off what he may not see.
    viewer, wrong = signed_in(with_sections("Bram", **{**seen, section: "view"})), {}
    for address in OF_SHOPS:
        its, page = section_of(address.name), address.name.removeprefix("portal:")
        if its is None or page not in sorted(PAGES[its])[:: max(1, len(PAGES[its]) - 1)]:
            continue
        read, sent = (ask(scene.url(address)).status_code for ask in (viewer.get, viewer.post))
        if (read == 403) is (its is section or its in seen) or sent != 403:
            wrong[page] = (read, sent)
    assert not wrong

    manager = signed_in(with_sections("Bram", **{**seen, section: "manage"}))
    forms = [
        each for each in OF_SHOPS if section_of(each.name) is section and each.name in {*ACTIONS, *WITHOUT_A_TRACE}
    ]
    refused = [each.name for each in forms if manager.post(scene.url(each), {}).status_code == 403]
    assert not refused


def test_the_menu_has_what_one_may_see_and_home_leads_there(scene):
    only_finance = signed_in(with_sections("Bram", finance="view"))
    page = Read(only_finance.get("/shops/lampenhuis/", follow=True))
    assert page.response.redirect_chain[-1][0] == "/shops/lampenhuis/finance/invoices/"
    no_finance = signed_in(with_sections("Bram", queries="view"))
    assert "Money on its way" not in no_finance.get("/shops/lampenhuis/").content.decode()
    links = " ".join(page.links)
    for gone in ("/orders/", "/customer-queries/", "/people/ ", "/api-clients/", "/webhooks/"):
        assert gone not in links + " "

    nothing = signed_in(with_sections("Bram"))
    assert nothing.get("/shops/lampenhuis/").headers["Location"] == "/shops/lampenhuis/notices/"


def test_a_query_is_answered_without_the_right_to_write_off(scene):
    bram = with_sections("Bram", queries="manage", write_offs="view")
    number = scene.query.number
    screen = Read(signed_in(bram).get(f"/shops/lampenhuis/customer-queries/{number}/write-off/"))
    assert "You may look here and not write off" in screen.text

    now, before = timezone.now(), row_counts()
    with pytest.raises(ReadOnly, match="in this part of the shop"):
        write_off(query=number, selection=all_of(scene.query), by=bram, key="no-right-1", now=now)
    assert row_counts() == before
    close_query(number=number, by=bram, now=now)


def test_who_may_not_see_queries_writes_none_off_and_has_none(scene):
    bram = with_sections("Bram", write_offs="manage")
    assert not bram.may_view(Section.WRITE_OFFS)
    assert [member.name for member in members_who_manage(bram.seller_id, Section.QUERIES)] == ["Anna", "Otto"]
    with pytest.raises(Rejected, match="who may answer customers"):
        assign_query(number=scene.query.number, user_id=bram.user_id, by=scene.anna, now=timezone.now())


def test_roles_are_what_they_were(scene):
    """Rows of before have no levels of their own."""
    member = Member.objects.get(name="Bram")
    assert member.sections == {}
    rights = {role: {each: level_of(role, {}, each) for each in Section} for role in ("owner", "agent", "viewer")}
    assert set(rights["owner"].values()) == {Level.MANAGE}
    assert [rights["agent"][each] for each in Section] == ["manage", "manage", "view", "view", "none"]
    assert [rights["viewer"][each] for each in Section] == ["view", "view", "view", "view", "none"]
    for read_only, may in ((True, False), (False, True)):
        client = Actor.of_client(ApiClient(name="Books", read_only=read_only), seller=scene.anna.seller)
        assert client.may_manage(Section.WRITE_OFFS) is may
    require_writer(Actor("Pia", Actor.of_member(member).role.PARTNERSERVICE), Section.WRITE_OFFS)


def test_an_owner_sets_levels_and_the_database_keeps_owners_whole(scene):
    now, bram = timezone.now(), Member.objects.get(name="Bram")
    change = {"user_id": bram.user_id, "by": scene.anna, "now": now}
    member = change_role(role="agent", sections={"write_offs": "none", "finance": "view"}, **change)
    assert member.sections == {"write_offs": "none"}, "what the role says is not kept beside it"
    about = SecurityEvent.objects.filter(event="role.changed").latest("at").about
    assert about == f"user {bram.user_id} in lampenhuis: agent to agent (write_offs none)"

    for wrong in ({"finance": "manage"}, {"kitchen": "view"}, {"queries": "all"}):
        with pytest.raises(Rejected, match="Choose what this person may do"):
            change_role(role="agent", sections=wrong, **change)
    assert change_role(role="owner", sections={"queries": "none"}, **change).sections == {}
    with pytest.raises(IntegrityError, match="member_owner_manages_all_sections"), transaction.atomic():
        Member.objects.filter(name="Bram").update(sections={"queries": "none"})


def test_nobody_gives_more_than_they_have(scene):
    now, vera = timezone.now(), Member.objects.get(name="Vera")
    bram = with_sections("Bram", people="manage", queries="manage", finance="view")
    for refused in (
        lambda: change_role(user_id=vera.user_id, role="owner", by=bram, now=now),
        lambda: change_role(user_id=vera.user_id, role="agent", by=bram, now=now),  # May write off, and Bram may not.
        lambda: change_role(user_id=scene.anna.user_id, role="viewer", by=bram, now=now),
        lambda: take_out_member(user_id=scene.anna.user_id, by=bram, now=now),
        lambda: change_role(user_id=bram.user_id, role="agent", by=bram, now=now),
        lambda: invite_member(email="x@example.com", role="owner", by=bram, now=now),
    ):
        with pytest.raises(ReadOnly):
            refused()
    take_out_member(user_id=bram.user_id, by=bram, now=now)


def test_an_invitation_brings_its_levels(scene):
    now, client = timezone.now(), signed_in(scene.anna)
    login = user_of(scene.anna)
    login.set_password(PASSWORD)
    login.save()
    client.force_login(login)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    sent = {"step": "invite", "email": "nora@example.com", "role": "agent", "section-write_offs": "view"}
    client.post("/shops/lampenhuis/people/", sent)
    invitation = invite_member(
        email="nora@example.com", role="agent", sections={"write_offs": "view"}, by=scene.anna, now=now
    )
    assert invitation.sections == {"write_offs": "view"}

    user = User.objects.create(username="nora", first_name="Nora")
    assert accept_invitation(invitation=invitation, user=user, now=now).sections == {"write_offs": "view"}
    assert "Write-offs: Look" in Read(client.get("/shops/lampenhuis/people/")).text


def test_a_program_gets_no_more_than_who_lets_it_in(scene):
    bram = with_sections("Bram", connections="manage", queries="manage")
    login = user_of(bram)
    login.set_password(PASSWORD)
    login.save()
    client = Client()
    client.force_login(login)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    before = (ApiClient.objects.count(), Webhook.objects.count())
    hook = {"name": "mine", "url": "https://1.1.1.1/hook", "begin": "now"}

    for path, sent in (
        ("api-clients/", {"step": "make", "name": "Mine", "may": "read"}),
        ("api-clients/", {"step": "rotate", "client_id": scene.program}),
        ("webhooks/", hook),
        (f"webhooks/{scene.webhook}/", {"step": "rotate"}),
    ):
        page = Read(client.post(f"/shops/lampenhuis/{path}", sent))
        assert (page.status, "A program would see or do more" in page.text) == (422, True), sent
    assert (ApiClient.objects.count(), Webhook.objects.count()) == before

    with_sections("Bram", connections="manage", queries="manage", write_offs="view", finance="view")
    make = {"step": "make", "name": "Mine"}
    assert client.post("/shops/lampenhuis/api-clients/", {**make, "may": "write"}).status_code == 422
    assert client.post("/shops/lampenhuis/api-clients/", {**make, "may": "read"}).status_code == 200
