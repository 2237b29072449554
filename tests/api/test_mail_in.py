"""The signed webhook for e-mail that comes in."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from lostpost.relay.models import IncomingMail
from lostpost.relay.receive_mail import MailRefused
from tests.relay.conftest import relay, relay_domain
from tests.relay.parsing.letters import letter

pytestmark = pytest.mark.django_db
SECRET = "whsec_" + b64encode(b"a secret of at least 24 bytes").decode()
__all__ = ["relay", "relay_domain"]


@pytest.fixture
def sent(client, settings):
    """Send what a provider would; return the answer."""
    settings.MAIL_IN_SECRET = SECRET

    def send(content, *, at=None, secret=SECRET, tampered=""):
        body = json.dumps(content)
        at = at or datetime.now(UTC)
        signature = Webhook(secret).sign("msg_1", at, body)
        headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}
        return client.post("/api/mail-in", body + tampered, content_type="application/json", headers=headers)

    return send


def handed_over(*recipients, raw=b"", sender="klaas@example.com"):
    return {"recipients": list(recipients), "sender": sender, "raw": b64encode(raw or letter("Hallo")).decode()}


def rows(relay):
    return IncomingMail.objects.filter(seller_id=relay.anna.seller_id).count()


def test_it_says_for_each_recipient_whether_we_have_it(relay, sent):
    answer = sent(handed_over(relay.customer, "nobody@relay.example"))

    assert answer.status_code == 200
    assert [(each["recipient"], each["status"]) for each in answer.json()["recipients"]] == [
        (relay.customer, 250),
        ("nobody@relay.example", 550),
    ]
    sent(handed_over(relay.customer))
    assert rows(relay) == 1


def test_an_e_mail_of_ten_megabytes_fits(relay, sent):
    assert sent(handed_over(relay.customer, raw=letter("x" * 9_900_000))).status_code == 200
    assert rows(relay) == 1


def test_what_is_to_be_tried_again_is_503(relay, sent, monkeypatch):
    def later(**given):
        raise MailRefused(452, "4.7.1 Later.")

    monkeypatch.setattr("lostpost.api.mail_in.routes.take_mail", later)

    assert sent(handed_over(relay.customer)).status_code == 503


def test_nothing_unsigned_is_read(relay, sent):
    other = "whsec_" + b64encode(b"another secret of 24 bytes!").decode()
    for wrong in (
        sent(handed_over(relay.customer), secret=other),
        sent(handed_over(relay.customer), tampered=" "),
        sent(handed_over(relay.customer), at=datetime.now(UTC) - timedelta(hours=1)),
    ):
        assert (wrong.status_code, wrong.json()["code"]) == (400, "not-signed")
    assert rows(relay) == 0


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        {"recipients": [], "raw": ""},
        {"recipients": ["a"], "raw": "%"},
        {"recipients": [1], "raw": ""},
        {"recipients": "abc", "raw": ""},
        {"recipients": ["a"] * 21, "raw": ""},
    ],
)
def test_what_cannot_be_read_is_said(relay, sent, content):
    answer = sent(content)

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed-body")


def test_without_a_secret_or_a_domain_there_is_nothing(relay, sent, client, settings):
    settings.MAIL_IN_SECRET = ""
    assert client.post("/api/mail-in", "{}", content_type="application/json").status_code == 404
    settings.MAIL_IN_SECRET, settings.RELAY_DOMAIN = SECRET, ""
    assert sent(handed_over(relay.customer)).status_code == 404
