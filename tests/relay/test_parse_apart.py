"""Hostile e-mail is read in a process of its own, with limits."""

from __future__ import annotations

import pytest

from lostpost.relay.parse_apart import parse_apart
from lostpost.relay.parsing.limits import MailUnreadable
from tests.relay.parsing.letters import letter, multipart, part


@pytest.mark.process
def test_what_is_read_apart_comes_back_whole():
    mail = parse_apart(letter("Niets gezien. é€"), null_sender=False)

    assert (mail.text, mail.sender_address) == ("Niets gezien. é€", "klaas@example.com")


@pytest.mark.process
def test_what_cannot_be_read_says_why():
    with pytest.raises(MailUnreadable, match="too-many-parts"):
        parse_apart(multipart(*[part("text/plain", b"x")] * 6_000), null_sender=False)
