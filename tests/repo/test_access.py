"""Who may see and do what: asked of every address of the site, so that a new page is covered the day it is added.

The addresses come from the URL list itself. A new one fails here until it is said who it is for, with what arguments it
is asked, and, if it changes anything, what a change looks like.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse

from lostpost.accounts.actor import Actor
from lostpost.accounts.models import Seller
from lostpost.config import urls
from tests.cast import user_of
from tests.repo.scene import a_scene
from tests.repo.site import (
    ACTIONS,
    ALL,
    AT_A_DESK,
    AT_BOTH_DESKS,
    DESKS,
    OF_EVERY_MEMBER,
    OF_SHOPS,
    OPEN_TO_ALL,
    SHOWS_WHAT_IT_MADE,
    SIGNED_IN,
    WITHOUT_A_TRACE,
    Address,
    Scene,
    addresses,
)

pytestmark = pytest.mark.django_db

READING = ("GET", "HEAD", "OPTIONS")
WRITING = ("POST", "PUT", "PATCH", "DELETE")


@pytest.fixture(scope="module")
def written(written_once: Any) -> Scene:
    with written_once():
        return a_scene()


@pytest.fixture
def scene(written: Scene, settings: Any, tmp_path: Path) -> Scene:
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", tmp_path
    letter = EmailMessage()
    letter["Subject"] = "Your parcel"
    letter.set_content("We look for it.")
    (tmp_path / "letter.log").write_bytes(bytes(letter))
    return deepcopy(written)


@pytest.fixture
def lampenhuis(scene: Scene) -> Seller:
    return scene.anna.seller


@pytest.fixture
def anna(scene: Scene) -> Actor:
    return scene.anna


def rows() -> dict[str, str]:
    """Hash the rows of every table of ours, of the logins and of the jobs; a refusal may be recorded."""
    models = apps.get_app_config("lostpost").get_models()
    tables = sorted({model._meta.db_table for model in models} - {"lostpost_securityevent"})
    hashed = " UNION ALL ".join(
        f"SELECT '{table}', coalesce(md5(string_agg(row::text, '|' ORDER BY row::text)), '') FROM {table} row"
        for table in [*tables, "procrastinate_jobs", "auth_user", "auth_user_groups"]
    )
    with connection.cursor() as cursor:
        cursor.execute(hashed)
        return dict(cursor.fetchall())


def changed(before: dict[str, str]) -> list[str]:
    after = rows()
    return [table for table in after if after[table] != before[table] and table != "auth_user"]


def statuses_for(
    client: Client, scene: Scene, among: list[Address], methods: tuple[str, ...], **others: str
) -> Iterator[tuple[str, int]]:
    """Ask every address in every way, with what would change something; give what was asked and the answer's status.

    The page of a refusal is left out: it is the same for all, and would take half of the time.
    """
    with pytest.MonkeyPatch.context() as patch:
        for status in (403, 404):
            patch.setattr(urls, f"handler{status}", partial(plain_refusal, status), raising=False)
        yield from _statuses_for(client, scene, among, methods, **others)


def plain_refusal(status: int, request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse(status=status)


def _statuses_for(
    client: Client, scene: Scene, among: list[Address], methods: tuple[str, ...], **others: str
) -> Iterator[tuple[str, int]]:
    for address in among:
        url = scene.url(address, **{part: value for part, value in others.items() if part in address.parts})
        action = ACTIONS.get(address.name)
        for method in methods:
            data = action.sent(scene) if action and method == "POST" else {}
            response = getattr(client, method.lower())(url, data)
            yield f"{method} {url}", response.status_code


def sign_in(client: Client, person: Actor) -> None:
    """Sign somebody in, unless they are."""
    if client.session.get(SESSION_KEY) != str(person.user_id):
        client.force_login(user_of(person))


TO_FORMS = (401, 405)  # What forms of nobody may be answered with, beside being led to the sign-in page.

# The URL list itself ------------------------------------------------------------------------------------------------


def test_every_path_is_accessible_to_some_role():
    described = {each.name for each in [*OF_SHOPS, *DESKS]} | SIGNED_IN
    nobodys = sorted({each.name for each in ALL} - described)
    assert not nobodys, f"say in site.py who these are for: {nobodys}"
    assert {"portal:home", "portal:write-off-confirm"} <= described, "the walk over the URL list finds nothing"


def test_every_listed_path_exists():
    names = {each.name for each in addresses()}
    assert not (OPEN_TO_ALL | SIGNED_IN | set(AT_A_DESK) | set(ACTIONS) | WITHOUT_A_TRACE | SHOWS_WHAT_IT_MADE) - names


def test_every_path_can_be_requested(scene):
    unknown = []
    for address in ALL:
        try:
            scene.url(address)
        except KeyError as missing:
            unknown.append(f"{address.name}: {missing}")
    assert not unknown, f"say in Scene.argument what stands for: {unknown}"


def test_every_form_is_listed(client, scene, pia, fien):
    """An address that takes a POST is in ACTIONS, or the tests below would send it nothing that could do harm."""
    unknown = []
    for address in ALL:
        sign_in(client, {"partnerservice": pia, "finance": fien}.get(AT_A_DESK.get(address.name, ""), scene.anna))
        response = client.post(scene.url(address), {})
        if response.status_code != 405 and address.name not in {*ACTIONS, *WITHOUT_A_TRACE}:
            unknown.append(address.name)
    assert not unknown, f"say in ACTIONS what a change looks like at: {unknown}"


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_works_for_permitted_roles(client, scene, pia, fien, name):
    """Otherwise a refusal below would prove nothing."""
    (address,) = [each for each in ALL if each.name == name]
    sign_in(client, {"partnerservice": pia, "finance": fien}.get(AT_A_DESK.get(name, ""), scene.anna))
    before = rows()

    response = client.post(ACTIONS[name].url(scene, address), ACTIONS[name].sent(scene))

    assert response.status_code == (200 if name in SHOWS_WHAT_IT_MADE else 302)
    assert changed(before)


# People -------------------------------------------------------------------------------------------------------------


def test_another_seller_finds_nothing(client, scene, carla):
    sign_in(client, carla)
    before = rows()

    wrong = [
        (address, status)
        for address, status in statuses_for(client, scene, OF_SHOPS, READING + WRITING)
        if status != 404
    ]

    assert not wrong
    assert not changed(before)


def test_nothing_of_another_shop_is_reached_through_ones_own(client, scene, carla):
    sign_in(client, carla)
    before = rows()
    named = [each for each in OF_SHOPS if len(each.parts) > 1]

    own = statuses_for(client, scene, named, ("GET", "HEAD", "POST"), seller=carla.seller.code)
    # Where a form belongs to a page, whoever comes by a link is led to that page, and finds nothing there; where a page
    # takes no form, it says so before it looks anything up.
    wrong = [
        (address, status) for address, status in own if status not in (404, 405 if address.startswith("POST") else 302)
    ]

    assert not wrong
    assert not changed(before)


def test_a_viewer_sees_every_page_and_changes_nothing(client, scene, vera):
    sign_in(client, vera)
    before = rows()

    pages = [each for each in OF_SHOPS if each.name not in OF_EVERY_MEMBER]
    read = [(address, status) for address, status in statuses_for(client, scene, OF_SHOPS, ("GET", "HEAD"))]
    written = [(address, status) for address, status in statuses_for(client, scene, pages, WRITING)]

    assert not [each for each in read if each[1] not in (200, 302, 403)]
    assert len([each for each in read if each[1] == 200]) >= 10
    assert not [each for each in written if each[1] != 403]
    assert not changed(before)


@pytest.mark.parametrize("who", ["bram", "vera"])
def test_only_an_owner_lets_programs_in(client, scene, request, who):
    sign_in(client, request.getfixturevalue(who))
    url, before = reverse("portal:api-clients", kwargs={"seller": "lampenhuis"}), rows()
    wishes = [{"step": "make", "name": "Mine", "may": "write"}, {"step": "revoke", "client_id": scene.program}]

    answers = [client.get(url), *[client.post(url, wish) for wish in wishes]]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert scene.program not in "".join(answer.content.decode() for answer in answers)
    assert not changed(before)


@pytest.mark.parametrize("who", ["bram", "vera"])
def test_only_an_owner_sees_and_changes_where_events_go(client, scene, request, who):
    sign_in(client, request.getfixturevalue(who))
    before = rows()
    pages = [each for each in OF_SHOPS if each.name.startswith("portal:webhook")]
    one = next(scene.url(each) for each in pages if each.name == "portal:webhook")

    answers = dict(statuses_for(client, scene, pages, READING + WRITING))
    wishes = [client.post(one, {"step": "rotate"}), client.post(one, {"step": "move", "url": "https://1.1.1.1/x"})]

    assert len(pages) == 3
    assert not {address: status for address, status in answers.items() if status != 403}
    assert [answer.status_code for answer in wishes] == [403] * 2
    assert not changed(before)


def test_a_viewer_sees_it_on_the_page(client, scene, vera):
    sign_in(client, vera)
    response = client.post(reverse("portal:query-close", kwargs={"seller": "lampenhuis", "number": scene.query.number}))
    assert response.status_code == 403
    assert "What you may do in this shop does not include this" in response.content.decode()


def test_anonymous_users_are_asked_to_sign_in_everywhere(client, scene):
    before = rows()

    answers = dict(statuses_for(client, scene, ALL, ("GET", "HEAD", "POST", "DELETE")))

    # A page that only reads may say so of a form before it asks who sends it: nothing is shown either way. Who had
    # written something gets it back, and a way to sign in.
    assert not {
        address: status
        for address, status in answers.items()
        if status != 302 and not (status in TO_FORMS and "GET" not in address)
    }
    assert client.get(reverse("portal:home", kwargs={"seller": "lampenhuis"})).headers["Location"] == (
        "/accounts/login/?next=/shops/lampenhuis/"
    )
    assert not changed(before)


def test_unknown_and_other_shops_look_the_same(client, scene):
    there, not_there = (client.get(f"/shops/{code}/orders/") for code in ("lampenhuis", "no-such-shop"))
    assert there.status_code == not_there.status_code == 302


@pytest.mark.parametrize("who", ["pia", "fien"])
def test_staff_have_no_part_in_a_shop(client, scene, request, who):
    sign_in(client, request.getfixturevalue(who))
    before = rows()

    wrong = [
        (address, status) for address, status in statuses_for(client, scene, OF_SHOPS, ("GET", "POST")) if status != 404
    ]

    assert not wrong
    assert not changed(before)


@pytest.mark.parametrize("who", ["anna", "vera", "carla", "pia", "fien"])
def test_only_staff_of_a_desk_find_it(client, scene, request, who):
    person = request.getfixturevalue(who)
    sign_in(client, person)
    at = set(user_of(person).groups.values_list("name", flat=True))
    others = [each for each in DESKS if AT_A_DESK[each.name] not in at and not (at and each.name in AT_BOTH_DESKS)]
    before = rows()

    wrong = [
        (address, status) for address, status in statuses_for(client, scene, others, ("GET", "POST")) if status != 404
    ]

    assert not wrong
    assert not changed(before)


def test_a_deactivated_user_is_anonymous(client, scene):
    sign_in(client, scene.anna)
    User.objects.filter(id=scene.anna.user_id).update(is_active=False)
    before = rows()

    answers = dict(statuses_for(client, scene, ALL, ("GET", "POST")))

    assert not {
        address: status
        for address, status in answers.items()
        if status != 302 and not (status in TO_FORMS and "GET" not in address)
    }
    assert not changed(before)


def test_no_action_is_accepted_without_its_csrf_token(scene, pia, fien):
    """A form on somebody else's site, sent by a browser that is signed in here."""
    client, before = Client(enforce_csrf_checks=True), rows()
    for name, action in ACTIONS.items():
        (address,) = [each for each in ALL if each.name == name]
        sign_in(client, {"partnerservice": pia, "finance": fien}.get(AT_A_DESK.get(name, ""), scene.anna))
        response = client.post(action.url(scene, address), action.sent(scene))

        assert response.status_code == 403, name
    assert not changed(before)


def test_production_has_no_mailbox(client, scene, settings):
    sign_in(client, scene.anna)
    assert client.get(reverse("desk:mailbox")).status_code == 200

    settings.PRODUCTION = True

    assert client.get(reverse("desk:mailbox")).status_code == 404
    assert client.get(reverse("desk:letter", kwargs={"name": "letter-0"})).status_code == 404
