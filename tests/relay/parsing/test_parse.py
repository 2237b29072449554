"""Whole e-mails: what is new in them, what they bring along, and what could not be read."""

from __future__ import annotations

import struct
import zipfile
from base64 import b64encode
from io import BytesIO

import pytest

from lostpost.relay.parsing.classify import Author
from lostpost.relay.parsing.limits import LARGEST_MAIL, MailUnreadable
from lostpost.relay.parsing.parse import ParsedMail, parse_mail
from lostpost.relay.parsing.reports import Report, ReportOutcome
from tests.relay.parsing.letters import ENCRYPTED, PERSON, letter, multipart, part, report, signed, smime

NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(300))
JPG = b"\xff\xd8\xff\xe0" + b"0" * 20


def reported(mail: ParsedMail) -> Report:
    assert mail.report
    return mail.report


def test_a_plain_letter():
    mail = parse_mail(letter("Niets gezien.\n\n> Is het er?\n", subject="Re: Uw pakket"))

    assert mail.author is Author.PERSON
    assert (mail.subject, mail.sender_name, mail.sender_address) == ("Re: Uw pakket", "Klaas Vaak", "klaas@example.com")
    assert (mail.text, mail.quoted) == ("Niets gezien.", "> Is het er?")
    assert mail.message_id == "one@example.com"
    assert mail.readers == ["abc234@relay.example"]
    assert mail.notes == []


def test_it_is_the_same_after_the_way_from_the_other_process():
    mail = parse_mail(report(action="failed", status="5.1.1"), null_sender=True)

    assert ParsedMail.from_json(mail.as_json()) == mail


@pytest.mark.parametrize(
    ("head", "author"),
    [
        (b"Auto-Submitted: auto-replied\n", Author.MACHINE),
        (b"Auto-Submitted: auto-generated; x=y\n", Author.MACHINE),
        (b"Auto-Submitted: no\n", Author.PERSON),
        (b"X-Auto-Response-Suppress: All\n", Author.PERSON),
        (b"Precedence: list\nList-Id: <a.b>\n", Author.LIST),
        (b"Precedence: bulk\n", Author.LIST),
        (b"Precedence: auto_reply\n", Author.PERHAPS_MACHINE),
        (b"X-Autoreply: yes\n", Author.PERHAPS_MACHINE),
    ],
)
def test_who_wrote_it(head, author):
    assert parse_mail(letter("Ik ben er niet.", head=head)).author is author


@pytest.mark.parametrize(
    "subject",
    [
        *("Automatisch antwoord: Uw pakket", "Automatische Antwort: Ihr Paket", "Automatic reply: Your parcel"),
        "=?utf-8?q?R=C3=A9ponse_automatique_:_Votre_colis?=",
    ],
)
def test_a_subject_of_automatic_answers_is_perhaps_a_machine(subject):
    assert parse_mail(letter("Ik ben er niet.", subject=subject)).author is Author.PERHAPS_MACHINE
    said_no = parse_mail(letter("Echt.", subject=subject, head=b"Auto-Submitted: no\n"))
    assert said_no.author is Author.PERSON


def test_an_envelope_without_sender_is_a_machine():
    assert parse_mail(letter("Hallo"), null_sender=True).author is Author.MACHINE


@pytest.mark.parametrize("subject", ["WG: Uw pakket", "Fwd: Uw pakket", "FW: Uw pakket", "TR: Uw pakket", "Doorst: x"])
def test_a_forward_is_known_in_all_languages(subject):
    assert parse_mail(letter("Zie onder", subject=subject)).forwarded
    assert not parse_mail(letter("Zie onder", subject=f"Re: {subject[4:]}")).forwarded


@pytest.mark.parametrize(
    ("action", "status", "outcome"),
    [
        ("failed", "5.1.1", ReportOutcome.FAILED),
        ("delayed", "4.4.1", ReportOutcome.DELAYED),
        ("delivered", "2.0.0", ReportOutcome.DELIVERED),
    ],
)
def test_a_report_of_a_mail_server(action, status, outcome):
    mail = parse_mail(report(action=action, status=status, diagnostic="550 no such user"), null_sender=True)

    assert mail.author is Author.REPORT
    assert reported(mail).outcome is outcome
    assert reported(mail).problem == f"{status} 550 no such user"
    assert reported(mail).original_id == "mail@relay.example"


def test_a_read_receipt_is_no_message():
    mail = parse_mail(
        multipart(
            part("text/plain", b"Gelezen"),
            part("message/disposition-notification", b"Disposition: manual-action; displayed"),
            kind="report",
        )
    )

    assert (mail.author, reported(mail).outcome) == (Author.REPORT, ReportOutcome.READ)


def test_a_bounce_in_bare_text():
    text = (
        "Hi. This is the qmail-send program at mx.example.com.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n\n"
        "<klaas@example.com>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
        "--- Below this line is a copy of the message.\n"
    )
    mail = parse_mail(letter(text, subject="failure notice"), null_sender=True)

    assert reported(mail).outcome is ReportOutcome.FAILED


@pytest.mark.parametrize(
    ("charset", "content", "text", "complete"),
    [
        ("x-nope", "Kwijt: é €".encode(), "Kwijt: é €", True),
        ("utf8mb4", "Kwijt: é €".encode(), "Kwijt: é €", True),
        ("iso-8859-1", b"Kwijt: \x80 5", "Kwijt: € 5", True),
        ("windows-1252", b"Kwijt: \xe9", "Kwijt: é", True),
        ("koi8-r", "Где посылка".encode("koi8-r"), "Где посылка", True),
        ("iso-2022-jp", "荷物".encode("iso-2022-jp"), "荷物", True),
        ("utf-8", b"Kwijt: \xff\xfe", "Kwijt: \ufffd\ufffd", False),
        ("utf-8\x00", b"Kwijt", "Kwijt", True),
        ("rot13", b"Kwijt", "Kwijt", True),
        ("base64", b"Kwijt", "Kwijt", True),
        ("", "é".encode(), "é", True),
    ],
)  # fmt: skip
def test_letters_of_any_charset(charset, content, text, complete):
    raw = PERSON + f'Content-Type: text/plain; charset="{charset}"\n\n'.encode() + content
    mail = parse_mail(raw)

    assert mail.text == text
    assert ("letters-unreadable" in mail.notes) is not complete


def test_utf_7_is_cleaned_after_it_is_decoded():
    html = parse_mail(
        PERSON + b"Content-Type: text/html; charset=utf-7\n\n+ADw-script+AD4-alert(1)+ADw-/script+AD4-hallo"
    ).html

    assert html.strip() == "hallo"


def test_html_alone_is_text_and_safe_html():
    mail = parse_mail(
        PERSON + b"Content-Type: text/html; charset=utf-8\n\n"
        b"<div>Niets gezien.</div><div>Op di 3 nov 2026 schreef W &lt;tok@relay.example&gt;:</div>"
        b'<blockquote>Is het er?<img src="https://t.example/p.gif"></blockquote>'
    )

    assert mail.text.strip() == "Niets gezien."
    assert "> Is het er?" in mail.quoted
    assert "t.example" not in mail.html


def test_a_plain_part_that_points_to_the_html_gives_way_to_it():
    html = b"<p>Het pakket is nooit gekomen, en de buren hebben ook niets gezien. Wat nu?</p>"
    hint = multipart(part("text/plain", b"See the HTML part"), part("text/html", html), kind="alternative")
    same = multipart(
        part("text/plain", b"Nooit gekomen"), part("text/html", b"<p>Nooit gekomen</p>"), kind="alternative"
    )

    assert parse_mail(hint).text.startswith("Het pakket is nooit gekomen")
    assert parse_mail(same).text.strip() == "Nooit gekomen"


def test_a_photo_alone_and_a_quote_alone():
    photo = parse_mail(
        multipart(part("image/jpeg; name=doos.jpg", b64encode(JPG), head=b"Content-Transfer-Encoding: base64\n"))
    )
    quote = parse_mail(letter("> Is het er?"))

    assert [(file.name, file.content_type, file.size) for file in photo.files] == [("doos.jpg", "image/jpeg", len(JPG))]
    assert photo.notes == ["no-text"]
    assert (quote.text, quote.notes) == ("", ["no-new-text"])


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("foto\u202egpj.exe", "foto gpj.exe"),
        ("../../etc/passwd", "etc passwd"),
        ("C:\\temp\\a.jpg", "C temp a.jpg"),
        ("a" * 300 + ".jpg", "a" * 108 + ".jpg"),
    ],
)
def test_a_file_has_a_name_that_hides_nothing(name, clean):
    raw = multipart(
        part("application/octet-stream", b"x", head=f'Content-Disposition: attachment; filename="{name}"\n'.encode())
    )

    assert parse_mail(raw).files[0].name == clean


def test_a_zip_is_never_unpacked():
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"0" * 50_000_000)
    content = b64encode(packed.getvalue())
    raw = multipart(part("application/zip; name=a.zip", content, head=b"Content-Transfer-Encoding: base64\n"))

    assert parse_mail(raw).files[0].size == len(packed.getvalue())


def test_a_mail_attached_is_a_file_and_no_text():
    mail = parse_mail(multipart(part("text/plain", b"Zie bijlage"), part("message/rfc822", letter("Ander: geheim"))))

    assert mail.text == "Zie bijlage"
    assert [file.content_type for file in mail.files] == ["message/rfc822"]


def test_an_invitation_is_one_line():
    calendar = (
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Levering\r\n"
        b"DTSTART:20261103T091200Z\r\nRRULE:FREQ=SECONDLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    mail = parse_mail(multipart(part("text/plain", b"Komt u?"), part("text/calendar; method=REQUEST", calendar)))

    assert (mail.invitation, mail.files) == ("Levering 2026-11-03 09:12", [])
    assert parse_mail(multipart(part("text/calendar", b"rubbish"))).notes == ["invitation", "no-text"]


def test_signed_mail_is_read_and_encrypted_mail_says_so():
    opened = parse_mail(smime(signed(b"Content-Type: text/plain\n\nNiets gezien.")))
    closed = parse_mail(smime(ENCRYPTED))

    assert (opened.text, opened.notes) == ("Niets gezien.", ["signature-not-checked"])
    assert closed.notes == ["encrypted", "no-text"]


def tnef(*objects: tuple[int, bytes]) -> bytes:
    """Return a winmail.dat of these attributes of attachments."""
    pieces = [
        struct.pack("<BII", 2, name, len(content)) + content + struct.pack("<H", sum(content) & 0xFFFF)
        for name, content in objects
    ]
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(pieces)


def test_a_signature_in_a_signature_is_opened_and_no_more_of_them():
    raw = smime(signed(b"Content-Type: text/plain\n\nNiets gezien."))
    for _each in range(3):
        raw = smime(signed(raw))
    mail = parse_mail(raw)

    assert (mail.text, "encrypted" in mail.notes) == ("", True)


def test_the_files_in_a_winmail_dat_are_listed():
    content = tnef((0x00069002, b"\x00" * 14), (0x00018010, b"doos.jpg\x00"), (0x0006800F, JPG))
    mail = parse_mail(multipart(part("text/plain", b"Foto"), part("application/ms-tnef; name=winmail.dat", content)))

    assert [(file.name, file.size, file.inside) for file in mail.files] == [("doos.jpg", len(JPG), 0)]
    cut = parse_mail(multipart(part("application/ms-tnef; name=winmail.dat", content[:60])))
    assert [(file.name, file.note) for file in cut.files] == [("winmail.dat", "unreadable")]


def test_a_winmail_dat_that_cannot_be_opened_is_named():
    for content in (b"rubbish", b"\x78\x9f\x3e\x22" + b"\x00" * 10, b""):
        mail = parse_mail(multipart(part("application/ms-tnef; name=winmail.dat", content)))
        assert [(file.name, file.note) for file in mail.files] in ([("winmail.dat", "unreadable")], [])


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"a" * (LARGEST_MAIL + 1), "too-large"),
        (PERSON + b"X: y\n" * 100_000 + b"\nhallo", "head-too-large"),
        (multipart(*[part("text/plain", b"x")] * 6_000), "too-many-parts"),
        (NESTED, "nested-too-deep"),
        (b"Content-Type: message/rfc822\n\n" * 2000, "nested-too-deep"),
        (PERSON + b'Content-Type: multipart/mixed; x="' + b'\\"; ' * 30_000 + b"\n\nhallo", "head-too-large"),
        (multipart(part("image/png; " + "a=b;\n " * 9_000 + "c=d", b"x")), "head-too-large"),
        (multipart(part("image/png", b"x", head=b"CONTENT-DISPOSITION : a; b=" + b'\\"' * 9_000)), "head-too-large"),
    ],
    ids=["large", "head", "parts", "deep", "mails-in-mails", "parameters", "of-a-part", "disposition"],
)  # fmt: skip
def test_what_goes_beyond_the_limits_is_unreadable(raw, code):
    with pytest.raises(MailUnreadable, match=code):
        parse_mail(raw)


def test_of_a_thousand_parts_the_first_are_read():
    mail = parse_mail(multipart(part("text/plain", b"Hallo"), *[part("image/png; name=a.png", b"x")] * 999))

    assert mail.text == "Hallo"
    assert len(mail.files) == 199


@pytest.mark.parametrize(
    "raw", [b"", b"\n\n", b"\x00" * 100, b"To: <>\n\nx", b"Content-Type: \n\nx", b"Content-Type: multipart/mixed\n\nx"]
)
def test_anything_is_read_without_an_error(raw):
    parse_mail(raw)
