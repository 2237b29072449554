"""A mail server pipes e-mail into a command, and acts on its exit status."""

from __future__ import annotations

import io
import sys

import pytest
from django.core.management import call_command
from django.db import OperationalError

from lostpost import cli
from lostpost.relay.models import IncomingMail
from tests.relay.parsing.letters import letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def piped(monkeypatch):
    """Pipe an e-mail into the command; return its exit status."""

    def pipe(raw: bytes, recipient: str) -> int:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        try:
            call_command("mail_in", recipient, sender="klaas@example.com", stderr=io.StringIO())
        except SystemExit as ended:
            return int(str(ended.code))
        return 0

    return pipe


def test_the_status_says_what_became_of_it(relay, piped):
    assert piped(letter("Hallo"), relay.customer) == 0
    assert piped(letter("Hallo"), "nobody@relay.example") == 67
    assert piped(b"Received: by a\n" * 40 + letter("Hallo"), relay.customer) == 65

    (row,) = IncomingMail.objects.filter(seller_id=relay.anna.seller_id)
    assert row.envelope_sender == "klaas@example.com"


def test_without_a_database_it_is_to_be_tried_again(relay, piped, monkeypatch):
    def away(**given):
        raise OperationalError("away")

    monkeypatch.setattr("lostpost.management.commands.mail_in.take_mail", away)

    assert piped(letter("Hallo"), relay.customer) == 75
    assert cli.refuse("The database does not answer.", ["mail-in", relay.customer]) == 75
    assert cli.refuse("The database does not answer.", ["check"]) == 2
