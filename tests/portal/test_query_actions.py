"""One action for the queries that were ticked, by the pages: chosen, looked at, confirmed once, and its results."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.utils import timezone

from lostpost.accounts.actor import Actor
from lostpost.accounts.policy import change_policy
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.receive_message import receive_message
from lostpost.query_actions.models import QueryActionLine, QueryActionRun
from lostpost.query_actions.run_action import run_action
from tests.cast import a_member, annas_shop, in_days, silent_parcel
from tests.portal.pages import Form, Read, Site

pytestmark = pytest.mark.django_db
State = CustomerQuery.State


class Scene(NamedTuple):
    anna: Actor
    vera: Actor
    one: CustomerQuery
    other: CustomerQuery


@pytest.fixture(scope="module")
def written(written_once: Any) -> Scene:
    with written_once():
        anna = annas_shop()
        queries = [silent_parcel(anna, now=timezone.now(), quiet_days=9, customer_language="en") for _each in range(2)]
        return Scene(anna, a_member(anna.seller, "Vera", "viewer"), *queries)


@pytest.fixture
def scene(written: Scene) -> Scene:
    return deepcopy(written)


@pytest.fixture
def site(client: Client, scene: Scene) -> Site:
    return Site(client, scene.anna)


def ask(site: Site, kind: str, *queries: Any, **chosen: str) -> Read:
    parameters = {"do": kind, "list": "sort=value", "query": [query.number for query in queries], **chosen}
    return site.get(f"/shops/{site.shop}/customer-queries/actions/", data=parameters)


def confirm(site: Site, page: Read) -> Read:
    form = final_form(page)
    return site.post(form.action, form.filled())


def final_form(page: Read) -> Form:
    (form,) = [form for form in page.forms if "/actions/confirm/" in form.action]
    return form


def run() -> None:
    row = QueryActionRun.objects.get()
    run_action(seller_id=row.seller_id, run_id=row.id, clock=timezone.now)


def test_all_of_a_list_are_those_that_it_holds_when_they_are_chosen(site, scene):
    dearest = silent_parcel(scene.anna, now=timezone.now(), quiet_days=9, paid_minor=90_00, number="O-9")
    assert ("all", "yes") not in site.get(f"/shops/{site.shop}/customer-queries/").form("/actions/").fields
    page = ask(site, "close", all="yes")  # With none ticked.
    named = [number for name, number in final_form(page).fields if name == "query"]
    assert sorted(named) == sorted([dearest.number, scene.one.number, scene.other.number])

    later = silent_parcel(scene.anna, now=timezone.now(), quiet_days=9, number="O-10")
    confirm(site, page)
    run()
    states = dict(CustomerQuery.objects.filter(seller_id=scene.anna.seller_id).values_list("number", "state"))
    assert states == {**dict.fromkeys(named, State.HANDLED), later.number: State.OPEN}


def test_of_a_longer_list_as_many_as_may_be_chosen_at_once_are_taken(site, scene):
    change_policy(values={"query_action_lines_max": 1}, reason="a test", by="Otto", now=timezone.now())
    page = ask(site, "close", all="yes")
    assert "The list has more: these are its first 1," in page.text
    assert [name for name, _number in final_form(page).fields].count("query") == 1
    assert "Choose at least one customer query" in ask(site, "close", all="yes", list="who=me").text


def test_the_list_offers_what_can_be_done_with_the_ticked_ones(site, scene):
    page = site.get(f"/shops/{site.shop}/customer-queries/?sort=value")

    form = page.form("/customer-queries/actions/")
    kinds = [value for name, value in form.buttons if name == "do"]
    assert (form.method, kinds) == ("get", ["answer", "assign", "follow_up_later", "close"])
    assert ("list", "sort=value") in form.fields


def test_answered_with_a_template_from_tick_to_result(site, scene):
    choose = ask(site, "answer", scene.one, scene.other)
    assert "2 customer queries chosen." in choose.text
    assert not [form for form in choose.forms if "/confirm/" in form.action]

    page = site.get(
        choose.form("/customer-queries/actions/").action,
        data=choose.form("/customer-queries/actions/").filled(template="searching", leave_open="yes", preview="yes"),
    )
    assert f"Thank you for your message about order {scene.one.order.number}." in page.text
    assert "Confirm: answer 2 customers" in page.text
    sent = confirm(site, page)
    assert "2 to come" in sent.text
    assert "list=sort%3Dvalue" in sent.response.request["QUERY_STRING"]
    run()

    done = site.get(sent.response.request["PATH_INFO"], data={"list": "sort=value"})
    assert "To answer with “We are looking for your parcel”; they stay open." in done.text
    assert "2 done" in done.text
    assert f"/shops/{site.shop}/customer-queries/?sort=value" in done.links

    again = confirm(site, page)  # The same form once more: the same run.
    assert again.response.request["PATH_INFO"] == sent.response.request["PATH_INFO"]
    assert QueryActionRun.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "chosen", "shown", "said"),
    [
        ("assign", {"user": "anna"}, "Nobody → Anna", "To assign to Anna."),
        ("assign", {"user": ""}, "Nobody → Nobody", "To assign to nobody."),
        ("follow_up_later", {"follow_up_on": in_days(3, timezone.now()).isoformat()}, "Back on", "To put aside until"),
        ("close", {}, "Open → Handled", "To close."),
    ],
    ids=["assign", "assign-to-nobody", "follow-up", "close"],
)
def test_the_other_actions_say_what_changes_in_each(site, scene, kind, chosen, shown, said):
    if chosen.get("user"):
        chosen = {"user": str(scene.anna.user_id)}
    page = ask(site, kind, scene.one, scene.other, preview="yes", **chosen)
    assert page.text.count(shown) == 2
    confirm(site, page)
    run()

    result = site.get(f"/shops/{site.shop}/customer-queries/actions/{QueryActionRun.objects.get().id}/")
    assert said in result.text
    assert "2 done" in result.text


def test_a_message_in_between_is_a_refused_line_that_can_be_looked_at_again(site, scene):
    page = ask(site, "close", scene.one, scene.other)
    receive_message(
        seller_id=scene.one.seller_id, number=scene.one.number, message="It came after all!", now=timezone.now()
    )

    sent = confirm(site, page)
    run()
    result = site.get(sent.response.request["PATH_INFO"])

    assert "There is a newer message in this customer query than the one you saw." in result.text
    assert "1 done · 1 refused" in result.text
    (again,) = [link for link in result.links if "do=close" in link]
    assert f"query={scene.one.number}" in again
    assert scene.other.number not in again


def test_where_all_changed_nothing_is_done_and_each_says_why(site, scene):
    page = ask(site, "close", scene.one)
    receive_message(seller_id=scene.one.seller_id, number=scene.one.number, message="?", now=timezone.now())

    refused = confirm(site, page)

    assert refused.status == 422
    assert "Nothing can be done in any of these customer queries; each line says why." in refused.text
    assert "There is a newer message" in refused.text
    assert not QueryActionRun.objects.exists()


def test_a_missing_choice_and_too_many_are_said(site, scene):
    assert "Choose the template to answer with." in ask(site, "answer", scene.one, preview="yes", leave_open="no").text
    assert "Choose the day" in ask(site, "follow_up_later", scene.one, preview="yes", follow_up_on="soon").text

    change_policy(values={"query_action_lines_max": 1}, reason="the test", by="operator", now=timezone.now())
    page = ask(site, "close", scene.one, scene.other)
    assert "At most 1 customer query can be chosen at once; choose fewer." in page.text
    assert final_form(page).buttons == []


@pytest.mark.parametrize("parameters", ["do=close&list=sort%3Dvalue", "do=burn&query=4711&list=sort%3Dvalue"])
def test_nothing_chosen_leads_back_to_the_list(site, parameters):
    page = site.get(f"/shops/{site.shop}/customer-queries/actions/?{parameters}")

    assert "Choose at least one customer query in the list first." in page.text
    assert page.response.request["QUERY_STRING"] == "sort=value"


def test_a_form_without_its_key_does_nothing(site, scene):
    form = final_form(ask(site, "close", scene.one))

    page = site.post(form.action, form.filled(key="short"))

    assert page.status == 422
    assert "Something was missing from what your browser sent." in page.text
    assert not QueryActionRun.objects.exists()


def test_what_is_no_number_of_a_query_is_left_out(site, scene):
    form = final_form(ask(site, "assign", scene.one, user=str(scene.anna.user_id), preview="1"))
    handmade = [scene.one.number, "4711\0", *("9" * 20 + end for end in "12"), "a/b"]

    page = site.post(form.action, form.filled(query=handmade))

    assert page.status == 200
    (run,) = QueryActionRun.objects.filter(seller_id=scene.anna.seller_id)
    assert [line.query_number for line in QueryActionLine.objects.filter(run_id=run.id)] == [scene.one.number]


def test_a_viewer_looks_but_finds_no_button(client, scene):
    page = ask(Site(client, scene.vera), "close", scene.one)

    assert final_form(page).buttons == []
