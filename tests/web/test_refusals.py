"""A refusal that no page shows itself becomes a page, with its sentence and its status; a fault stays a fault."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from lostpost.config.urls import urlpatterns as of_the_site
from lostpost.core.errors import Conflict, NotFound, Rejected

SENTENCE = "Only “<b>three</b>” are left."


def refuse(request: HttpRequest, kind: str) -> HttpResponse:
    """Refuse in the way that is asked for."""
    kinds: dict[str, type[Exception]] = {"not-found": NotFound, "conflict": Conflict, "rejected": Rejected}
    raise kinds.get(kind, RuntimeError)(SENTENCE)


urlpatterns = [*of_the_site, path("refuse/<str:kind>", refuse)]
pytestmark = pytest.mark.urls(__name__)


@pytest.mark.parametrize(("kind", "status"), [("not-found", 404), ("conflict", 409), ("rejected", 422)])
def test_each_kind_of_refusal_has_its_status_and_sentence(client, kind, status):
    response = client.get(f"/refuse/{kind}")

    assert response.status_code == status
    assert "Only “&lt;b&gt;three&lt;/b&gt;” are left." in response.content.decode()


def test_a_script_puts_the_whole_page_in_the_place_of_the_old_one(client):
    response = client.get("/refuse/rejected", headers={"HX-Request": "true"})

    assert (response.headers["HX-Retarget"], response.headers["HX-Reswap"]) == ("body", "innerHTML")


def test_anything_else_is_a_fault():
    assert Client(raise_request_exception=False).get("/refuse/bug").status_code == 500
