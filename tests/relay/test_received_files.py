"""Files that come with e-mail: kept with the message, named where they are refused, gone with their time."""

from __future__ import annotations

import io
from base64 import encodebytes
from datetime import timedelta

import pytest
from django.urls import reverse
from PIL import Image

from lostpost.answering import attachments as storing
from lostpost.answering.attachments import content_of, forget_attachments
from lostpost.answering.files import LARGEST_MESSAGE, MOST_FILES, PDF
from lostpost.answering.models import Attachment
from lostpost.connectors.mail.letter import mail_to_write, write_letter
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.models import Mail
from lostpost.relay.addresses import address_for_sellers, shop_address
from lostpost.relay.forget_mail import KEEP, forget_mail
from lostpost.relay.models import IncomingMail
from lostpost.relay.parsing.parse import File, ParsedMail
from lostpost.relay.received_files import check_received_files, recheck_received_files
from lostpost.relay.settle_parked_mail import drop_parked_mail, file_parked_mail
from lostpost.texts.timeline import timeline_details
from tests.cast import NOW, user_of
from tests.relay.parsing.letters import multipart, part

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
LABEL = b"%PDF-1.7 label"


def photo(size: tuple[int, int] = (4, 3)) -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", size, "red").save(picture, "PNG")
    return picture.getvalue()


def attached(name: str, content: bytes, kind: str = "application/octet-stream") -> bytes:
    head = f'Content-Disposition: attachment; filename="{name}"\nContent-Transfer-Encoding: base64\n'.encode()
    return part(kind, encodebytes(content), head=head)


def with_files(*files: bytes, text: bytes = b"Zie de foto") -> bytes:
    return multipart(part("text/plain", text), *files)


def names_of(query) -> list[str]:
    rows = Attachment.objects.filter(seller_id=query.seller_id, query_id=query.id).order_by("stored_at", "id")
    return [row.name for row in rows]


def test_files_are_kept_with_the_message_and_what_is_refused_is_named(relay, client, pia):
    files = [attached("klaas@example.com.png", photo()), attached("bon.exe", LABEL), attached("virus.zip", b"PK\3\4xx")]
    incoming = relay.comes(with_files(*files, attached("leeg.pdf", b""), attached("kapot.png", photo()[:40])))

    (entry,) = relay.entries()
    kept = Attachment.objects.filter(seller_id=relay.anna.seller_id, entry_id=entry.id).order_by("name")
    assert [(row.name, row.media_type, row.by_name) for row in kept] == [
        ("***@***.png", "image/png", ""),
        ("bon.pdf", PDF, ""),
    ]
    assert content_of(kept[1]) == LABEL
    assert (entry.data["files"], incoming.files) == (5, [])
    assert [(file["name"], file["reason"]) for file in entry.data["files_refused"]] == [
        ("virus.zip", "wrong-type"),
        ("leeg.pdf", "empty"),
        ("kapot.png", "unreadable"),
    ]
    said = timeline_details(entry).aside
    assert "“virus.zip” was left out: it is neither a picture" in said
    client.force_login(user_of(relay.anna))
    about = {"seller": relay.anna.seller.code, "number": relay.query.number}
    url = reverse("portal:attachment", kwargs={**about, "attachment": kept[1].id})
    page = client.get(reverse("portal:customer-query", kwargs=about)).content.decode()
    assert url in page
    assert "virus.zip" in page
    assert client.get(url).content == LABEL
    client.force_login(user_of(pia))
    desk_url = reverse("desk:attachment", kwargs={"seller": about["seller"], "attachment": kept[1].id})
    response = client.get(desk_url)
    assert (response.content, response["Content-Security-Policy"]) == (LABEL, "sandbox; default-src 'none'")


def test_files_follow_the_message_into_the_query_that_it_opens(relay):
    close_query(number=relay.query.number, by=relay.anna, now=NOW)
    incoming = relay.comes(with_files(attached("bon.pdf", LABEL)), now=NOW + timedelta(days=200))

    (row,) = Attachment.objects.filter(seller_id=relay.anna.seller_id)
    assert (row.query_id, row.entry_id) == (incoming.query_id, incoming.entry_id)
    assert row.query_id != relay.query.id


def test_files_of_the_shops_people_go_on_to_the_customer(relay, bram):
    to = address_for_sellers(relay.query)
    raw = with_files(attached("label.pdf", LABEL), attached("x.zip", b"PK\3\4")).replace(
        b"<klaas@example.com>", b"<bram@example.com>"
    )
    relay.comes(raw, to=to, sender=user_of(bram).email, now=LATER)

    entry = relay.entries()[-1]
    mail = Mail.objects.get(seller_id=relay.anna.seller_id, about_id=entry.id)
    files = write_letter(mail_to_write(seller_id=mail.seller_id, mail_id=mail.id)).files
    assert [(file.name, file.content) for file in files] == [("label.pdf", LABEL)]
    assert [file["name"] for file in entry.data["files_refused"]] == ["x.zip"]
    assert Attachment.objects.get(seller_id=relay.anna.seller_id).by_name == "Bram"


def test_more_than_a_message_or_a_query_takes_is_said(relay, monkeypatch):
    many = [attached(f"{n}.pdf", LABEL + str(n).encode()) for n in range(MOST_FILES + 1)]
    relay.comes(with_files(*many))
    (entry,) = relay.entries()
    assert len(names_of(relay.query)) == MOST_FILES
    assert entry.data["files_refused"] == [{"name": f"{MOST_FILES}.pdf", "reason": "too-many"}]

    half = File(0, "half.pdf", PDF, 0, content=b"%PDF-" + b"x" * (LARGEST_MESSAGE // 2))
    assert [each.refusal for each in check_received_files(ParsedMail(files=[half, half, half]))] == [
        "",
        "too-large-together",
        "too-large-together",
    ]
    monkeypatch.setattr(storing, "MOST_OF_QUERY", MOST_FILES)
    relay.comes(with_files(attached("nog.pdf", LABEL), text=b"Nog een"))
    assert relay.entries()[-1].data["files_refused"] == [{"name": "nog.pdf", "reason": "query-full"}]


def test_files_of_a_parked_e_mail_follow_when_it_is_filed(relay, pia):
    raw = with_files(attached("bon.pdf", LABEL), attached("x.zip", b"PK\3\4"))
    incoming = relay.comes(raw, to=shop_address("lampenhuis"))
    assert (incoming.state, len(incoming.files), names_of(relay.query)) == ("parked", 2, [])

    about = {"seller_id": incoming.seller_id, "incoming_id": incoming.id, "by": pia, "now": LATER}
    file_parked_mail(**about, number=relay.query.number, files=recheck_received_files(incoming))

    (entry,) = relay.entries()
    assert names_of(relay.query) == ["bon.pdf"]
    assert entry.data["files_refused"] == [{"name": "x.zip", "reason": "wrong-type"}]


def test_files_of_a_parked_e_mail_that_was_deleted_are_said_to_be_gone(relay, pia):
    first, second = (
        relay.comes(with_files(attached("bon.pdf", LABEL), text=text), to=shop_address("lampenhuis"))
        for text in (b"Een", b"Twee")
    )
    forget_mail(seller_id=relay.anna.seller_id, now=NOW + KEEP + timedelta(days=1))
    first.refresh_from_db()
    about = {"seller_id": first.seller_id, "by": pia, "now": LATER}
    file_parked_mail(**about, incoming_id=first.id, number=relay.query.number, files=recheck_received_files(first))
    drop_parked_mail(**about, incoming_id=second.id)

    assert relay.entries()[0].data["files_refused"] == [{"name": "bon.pdf", "reason": "gone"}]
    assert IncomingMail.objects.get(seller_id=first.seller_id, id=second.id).files == []


def test_their_content_ends_as_that_of_other_files_does(relay):
    relay.comes(with_files(attached("bon.pdf", LABEL)))
    assert forget_attachments(seller_id=relay.anna.seller_id, kept_days=30, now=NOW + timedelta(days=31)) == 1
    assert names_of(relay.query) == [""]


def test_a_reader_that_ends_leaves_names_and_no_error():
    unread = IncomingMail(files=[{"name": "bon.pdf"}], raw=b"x" * 11 * 1024 * 1024, envelope_sender="k@example.com")
    assert [(each.name, each.refusal) for each in recheck_received_files(unread)] == [("bon.pdf", "gone")]
    assert recheck_received_files(IncomingMail(files=[])) == []


def test_a_name_that_masking_makes_longer_is_cut_and_keeps_its_ending(relay):
    name = "a@b.ex " * 13 + "x.png"
    incoming = relay.comes(with_files(attached(name, photo())).replace(b"MIME-Version", b"Cc: a@b.ex\nMIME-Version"))

    assert incoming.state == "filed"
    (file,) = Attachment.objects.filter(seller_id=incoming.seller_id)
    assert file.name.startswith("***@*** ***@*** ")
    assert (len(file.name), file.name[-4:]) == (99, ".png")
