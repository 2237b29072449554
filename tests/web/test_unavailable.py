"""What cannot be done for the moment is said as that: 503 with a time to come back, to people and to programs."""

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, InterfaceError, OperationalError
from psycopg import errors

from lostpost.web.body_limits import LARGEST, OF_API, body_limit
from lostpost.web.outages import BUSY, UNAVAILABLE, outage_of


def django_error(cause: Exception, kind: type[Exception] = OperationalError) -> Exception:
    error = kind(str(cause))
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (django_error(errors.LockNotAvailable("held")), BUSY),
        (django_error(errors.QueryCanceled("too long")), BUSY),
        (django_error(errors.DeadlockDetected("both")), BUSY),
        (django_error(errors.ReadOnlySqlTransaction("standby"), DatabaseError), UNAVAILABLE),
        (django_error(errors.DiskFull("no room")), UNAVAILABLE),
        (django_error(errors.AdminShutdown("bye")), UNAVAILABLE),
        (django_error(psycopg.OperationalError("server closed the connection")), UNAVAILABLE),
        (InterfaceError("connection already closed"), UNAVAILABLE),
        (OperationalError("of Django itself"), UNAVAILABLE),
        (django_error(errors.UniqueViolation("twice"), DatabaseError), None),
        (RuntimeError("ours"), None),
        (None, None),
    ],
    ids=repr,
)
def test_errors_that_pass_by_themselves_are_outages(error, outage):
    assert outage_of(error) == outage


@pytest.mark.django_db
@pytest.mark.parametrize(
    "where", ["lostpost.portal.shops.shops_of_user", "lostpost.web.refusals.RefusalMiddleware.__call__"]
)
@pytest.mark.parametrize(("language", "words"), [("en", "right now"), ("nl", "op dit moment")])
def test_a_page_says_so_in_the_readers_language(client, monkeypatch, where, language, words):
    def broken(*args, **kwargs):
        raise OperationalError("gone")

    client.force_login(User.objects.create_user("anna"))
    monkeypatch.setattr(where, broken)
    client.raise_request_exception = False
    answer = client.get("/", headers={"Accept-Language": language, "HX-Request": "true"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.headers["HX-Retarget"] == "body"
    assert words in answer.content.decode()
    assert "gone" not in answer.content.decode()


@pytest.mark.parametrize("refusal", ["busy", "request-timeout", "body-too-large"])
def test_refusals_of_the_server_are_pages_or_problems(client, refusal):
    status = {"busy": 503, "request-timeout": 408, "body-too-large": 413}[refusal]

    page = client.post("/accounts/login/", **{"lostpost.refusal": refusal})
    program = client.get("/api/v1/orders", **{"lostpost.refusal": refusal})

    assert (page.status_code, "<h1>" in page.content.decode()) == (status, True)
    assert (program.status_code, program.json()["code"]) == (status, refusal)
    assert ("Retry-After" in page.headers, "Retry-After" in program.headers) == (status == 503, status == 503)


def test_a_client_cannot_forge_a_refusal_of_the_server(client):
    assert client.get("/healthz", headers={"lostpost.refusal": "busy"}).status_code == 200


@pytest.mark.parametrize("path", ["/accounts/login/", "/oauth/token", "/api/payments/stripe", "/i18n/setlang/"])
def test_a_declared_body_over_the_limit_of_its_path_is_not_read(client, path):
    class Unread:
        def read(self, *size: int) -> bytes:
            raise AssertionError("it was read")

        readline = read

    refused = client.post(path, **{"CONTENT_LENGTH": str(body_limit(path) + 1), "wsgi.input": Unread()})

    assert refused.status_code == 413


def test_no_path_has_a_higher_body_limit_than_the_api():
    assert max(map(body_limit, ["/", "/accounts/login/", "/oauth/token", "/api/v1/scans"])) == OF_API < LARGEST
