"""The mailbox of whoever tries Lostpost out: what was sent is there to read, and only there."""

from __future__ import annotations

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection

from lostpost.relay.outgoing import message_id
from tests.cast import mails_about, silent_parcel, user_of
from tests.portal.pages import Read

MAILBOX = "/mailbox/"


@pytest.fixture
def desk(client, anna, settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mailbox"
    client.force_login(user_of(anna))
    return client


def send(subject, text="We look for it.", html=""):
    mail = EmailMultiAlternatives(subject, text, "shop@example.com", ["Anna <anna@example.com>"])
    if html:
        mail.attach_alternative(html, "text/html")
    mail.send()


def send_to(*addresses, subject="Choose a new password", **headers):
    EmailMultiAlternatives(subject, "A link", "lostpost@example.com", list(addresses), headers=headers).send()


def text_for(client, person):
    client.force_login(user_of(person))
    page = Read(client.get(MAILBOX))
    for link in letters(page):
        assert client.get(link).status_code == 200
    return page.text


def the_letter(settings):
    (file,) = settings.EMAIL_FILE_PATH.glob("*.log")
    return f"{MAILBOX}{file.stem}-0/"


def test_mail_about_a_login_is_shown_to_its_owner_only(desk, anna, fien, pia, settings):
    send_to("fien@example.com")
    assert "Choose a new password" in text_for(desk, fien)
    for person in (anna, pia):
        assert "Choose a new password" not in text_for(desk, person)
        assert desk.get(the_letter(settings)).status_code == 404


def test_mail_to_several_addresses_is_nobodys(desk, anna):
    send_to("anna@example.com", "fien@example.com")
    assert "Choose a new password" not in text_for(desk, anna)


def test_a_shop_reads_its_own_mail_and_desks_read_all(desk, anna, carla, pia, settings):
    (mail,) = mails_about(silent_parcel(anna), "message")
    send_to("klaas@example.com", subject="Where is my parcel?", **{"Message-ID": message_id(mail.id)})
    assert "Where is my parcel?" in text_for(desk, anna)
    assert "Where is my parcel?" in text_for(desk, pia)
    assert "Where is my parcel?" not in text_for(desk, carla)
    assert desk.get(the_letter(settings)).status_code == 404


def letters(page):
    return [link for link in page.links if link.startswith(MAILBOX) and link != MAILBOX]


def test_an_empty_mailbox_explains_itself(desk):
    page = Read(desk.get(MAILBOX))
    assert page.status == 200
    assert "No e-mail yet" in page.text


def test_an_e_mail_is_listed_and_read_as_text(desk):
    send(
        "Übersicht: € 5",
        "Dear Klaas,\n\n€ 5 comes back. See https://example.com/x?a=1&b=2",
        html="<p>Dear <b>Klaas</b></p>",
    )

    listed = Read(desk.get(MAILBOX))
    (one,) = letters(listed)
    page = Read(desk.get(one))

    assert "Übersicht: € 5" in listed.text
    assert "anna@example.com" in listed.text
    assert "€ 5 comes back." in page.text
    assert "shop@example.com" in page.text
    assert "https://example.com/x?a=1&b=2" in page.links
    assert "<b>Klaas</b>" not in page.html


def test_several_e_mails_of_one_connection_are_distinguished(desk):
    mails = [EmailMultiAlternatives(f"Mail {n}", f"Text {n}", "a@example.com", ["anna@example.com"]) for n in (1, 2, 3)]
    get_connection().send_messages(mails)

    listed = letters(Read(desk.get(MAILBOX)))

    assert len(listed) == 3
    assert "Text 3" in Read(desk.get(listed[0])).text, "the newest stands first"


def test_the_text_of_an_e_mail_is_escaped(desk):
    evil = "<script>alert(1)</script>"
    send(evil, evil)
    listed = Read(desk.get(MAILBOX))
    page = Read(desk.get(letters(listed)[0]))
    assert evil not in listed.html + page.html
    assert evil in page.text


@pytest.mark.parametrize("name", ["nothing", "..", "letter-0", "%2e%2e%2fsecret-key"])
def test_an_unknown_e_mail_is_404(desk, name):
    assert desk.get(f"{MAILBOX}{name}/").status_code == 404


def test_with_a_mail_server_there_is_no_mailbox(desk, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert desk.get(MAILBOX).status_code == 404
