"""Headers: read whatever comes, and no value can start another header."""

from __future__ import annotations

from email import message_from_bytes

import pytest

from lostpost.relay.parsing import headers


def message(head: bytes):
    return message_from_bytes(head + b"\n\n")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"=?utf-8?q?Pakket_kwijt_=E2=82=AC?=", "Pakket kwijt €"),
        (b"=?UTF-8?B?4oKs?= =?UTF-8?B?IDU=?=", "€ 5"),
        (b"=?utf-8?B?4oI=?= =?utf-8?B?rA==?=", "€"),  # A letter in two words.
        (b"=?utf-8*nl?q?h=C3=A9?=", "hé"),
        (b"=?x-nope?q?abc?=", "abc"),
        (b"=?utf-8?b?%%%?=", "%%%"),
        ("pakket kwijt é".encode(), "pakket kwijt é"),
        ("pakket é".encode("latin-1"), "pakket é"),
        (b"=?utf-8?q?a=0D=0ABcc:_x@x.example?=", "a Bcc: x@x.example"),
        (b"a =?utf-8?q?b?= c", "a b c"),
        (b"gepiep =?utf-8?q?=", "gepiep =?utf-8?q?="),
    ],
)  # fmt: skip
def test_a_subject_is_one_readable_line(raw, text):
    assert headers.first(message(b"Subject: " + raw), "Subject") == text


@pytest.mark.parametrize(
    ("raw", "name", "address"),
    [
        (b"Klaas Vaak <klaas@example.com>", "Klaas Vaak", "klaas@example.com"),
        (b"klaas@example.com", "", "klaas@example.com"),
        (b"klaas@example.com (Klaas)", "klaas@example.com (Klaas)", "klaas@example.com"),
        (b'"shop@x.example" <klaas@example.com>', "shop@x.example", "klaas@example.com"),
        (b'"a <shop@x.example>" <klaas@example.com>', "a shop@x.example", "klaas@example.com"),
        (b"=?utf-8?q?Klaas_=3Cx=40x.example=3E?= <klaas@example.com>", "Klaas x@x.example", "klaas@example.com"),
        (b"<>", "", ""),
        (b"", "", ""),
        (b"(" * 3000 + b"klaas@example.com", None, "klaas@example.com"),
    ],
)  # fmt: skip
def test_the_sender_is_who_stands_in_from(raw, name, address):
    found = headers.sender(message(b"From: " + raw))

    assert found[1] == address
    assert name is None or found[0] in (name, "")


def test_ids_and_references_are_read_where_they_can_be():
    mail = message(b"Message-ID: <a@b>\nIn-Reply-To: <3@b>\nReferences: <1@b>\n <2@b> rubbish <3@b>")

    assert headers.message_id_of(mail) == "a@b"
    assert headers.references(mail) == ["3@b", "2@b", "1@b"]
    for broken in (b"Message-ID: <[1", b"Message-ID:", b"X: y", b"Message-ID: " + b"<" * 5000):
        assert headers.message_id_of(message(broken)) == ""


def test_twenty_thousand_readers_are_a_hundred():
    many = b", ".join(b"a%d@b.example" % number for number in range(20_000))

    assert 0 < len(headers.addresses(message(b"To: " + many), "To", "Cc")) <= 200
