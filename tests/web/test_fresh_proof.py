"""Money, clients and secrets ask for the password again, on every page that the list of addresses has."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from tests.cast import user_of
from tests.repo.site import ACTIONS, ALL, AT_A_DESK
from tests.repo.test_access import changed, rows, scene, written  # noqa: F401 - fixtures.
from tests.web.password import PASSWORD

pytestmark = pytest.mark.django_db

ASKS = {
    "portal:api-clients": {"name": "Mine", "may": "read", "step": "make"},
    "portal:webhooks": None,
    "portal:webhook": {"step": "rotate"},
    "desk:refund": None,
    "desk:invoice": None,
    "desk:restoration": None,
}


@pytest.mark.parametrize("name", ASKS)
def test_money_clients_and_secrets_require_the_password_again(scene: Any, pia: Any, fien: Any, name: str) -> None:  # noqa: F811
    (address,) = [each for each in ALL if each.name == name]
    user = user_of({"finance": fien, "partnerservice": pia}.get(AT_A_DESK.get(name, ""), scene.anna))
    user.set_password(PASSWORD)
    user.save()
    client = Client()
    client.force_login(user)
    sent = ASKS[name] or ACTIONS[name].sent(scene)
    url, before = ACTIONS[name].url(scene, address), rows()

    response = client.post(url, sent)

    assert unquote(response.headers["Location"]) == f"/accounts/reauthenticate/?next={url}"
    assert not changed(before)
    done = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": url})
    assert done.status_code in (200, 302)
    assert changed(before), "what was sent before is done"
    assert client.get("/accounts/reauthenticate/").status_code == 200
