"""Files of messages: stored, sent, read, and deleted when their time is over."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from lostpost.accounts.actor import Actor, ReadOnly
from lostpost.answering import attachments as storing
from lostpost.answering.answer_query import answer_query
from lostpost.answering.attach_files import attach_files
from lostpost.answering.attachments import (
    AttachmentMissing,
    attachments_of,
    content_of,
    files_of_entry,
    forget_attachments,
)
from lostpost.answering.detach_file import detach_file
from lostpost.answering.files import LARGEST_MESSAGE, MOST_FILES, PDF, CheckedFile, FileRefused
from lostpost.answering.models import Attachment, AttachmentContent
from lostpost.connectors.mail.delivery import message_of
from lostpost.connectors.mail.letter import mail_to_write, write_letter
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.timeline import QueryNotFound
from tests.cast import NOW, mails_about, row_counts, silent_parcel


@pytest.fixture
def query(anna: Actor) -> CustomerQuery:
    return silent_parcel(anna)


def pdf(text: str = "label", size: int = 0) -> CheckedFile:
    return CheckedFile(f"{text}.pdf", PDF, b"%PDF-" + text.encode() + b"x" * size)


def attach(query: CustomerQuery, by: Actor, *files: CheckedFile) -> list[Attachment]:
    return attach_files(number=query.number, files=files or [pdf()], by=by, now=NOW)


def send(query: CustomerQuery, by: Actor, files: list[Attachment], key: str = "its-key-1") -> CustomerQuery:
    ids = [file.id for file in files]
    return answer_query(number=query.number, message="Here.", leave_open=True, attachments=ids, by=by, key=key, now=NOW)


def test_files_go_with_the_message_and_its_email(query, anna):
    files = attach(query, anna, pdf("label"), pdf("proof"))
    send(query, anna, files)

    mail = mails_about(query, "message")[-1]
    assert mail.about_id
    assert [row.name for row in attachments_of(query)[mail.about_id]] == ["label.pdf", "proof.pdf"]
    letter = write_letter(mail_to_write(seller_id=query.seller_id, mail_id=mail.id))
    assert message_of(mail_to_write(seller_id=query.seller_id, mail_id=mail.id), letter).attachments == [
        (file.name, file.content, PDF) for file in (pdf("label"), pdf("proof"))
    ]


def test_the_same_file_is_kept_once_and_sent_twice_is_sent_once(query, anna):
    (file,) = attach(query, anna)
    assert attach(query, anna) == [file]
    send(query, anna, [file])
    (again,) = attach(query, anna)  # The browser sent the form with its file once more.
    send(query, anna, [again])
    assert Attachment.objects.get(seller_id=anna.seller_id) == file
    assert len(mails_about(query, "message")) == 2


def test_only_ones_own_unsent_files_of_this_query_are_sent(query, anna, bram):
    elsewhere = silent_parcel(anna)
    (file,) = attach(query, anna)
    (of_bram,) = attach(query, bram, pdf("his"))
    (of_other,) = attach(elsewhere, anna, pdf("other"))
    before = row_counts()
    for wrong in (of_bram, of_other, Attachment(id=uuid4())):
        with pytest.raises(AttachmentMissing):
            send(query, anna, [file, wrong])
    assert row_counts() == before
    send(query, anna, [file])
    with pytest.raises(AttachmentMissing):
        send(query, anna, [file], key="another-key")


def test_files_have_limits_of_count_and_size(query, anna, monkeypatch):
    attach(query, anna, *(pdf(str(n)) for n in range(MOST_FILES)))
    before = row_counts()
    with pytest.raises(FileRefused, match="10 files at most"):
        attach(query, anna, pdf("one more"))
    assert row_counts() == before
    other = silent_parcel(anna)
    with pytest.raises(FileRefused, match="10 MB at most together"):
        attach(other, anna, pdf("half", LARGEST_MESSAGE // 2), pdf("rest", LARGEST_MESSAGE // 2))
    monkeypatch.setattr(storing, "MOST_OF_QUERY", 0)
    with pytest.raises(FileRefused, match="more are not kept"):
        attach(other, anna)


def test_a_file_is_taken_away_by_who_attached_it(query, anna, bram):
    (file,) = attach(query, anna)
    detach_file(number=query.number, attachment_id=file.id, by=bram)
    assert content_of(file) == pdf().content
    detach_file(number=query.number, attachment_id=file.id, by=anna)
    assert not AttachmentContent.objects.filter(seller_id=anna.seller_id).exists()


def test_another_shop_and_a_viewer_attach_nothing(query, carla, vera):
    with pytest.raises(QueryNotFound):
        attach(query, carla)
    with pytest.raises(ReadOnly):
        attach(query, vera)
    with pytest.raises(ReadOnly):
        detach_file(number=query.number, attachment_id=uuid4(), by=vera)


def test_files_end_and_what_remains_is_that_they_were(query, anna):
    sent, unsent = attach(query, anna, pdf("sent"), pdf("unsent"))
    send(query, anna, [sent])
    later = NOW + timedelta(days=31)

    assert forget_attachments(seller_id=anna.seller_id, kept_days=60, now=later) == 1
    assert not Attachment.objects.filter(seller_id=anna.seller_id, id=unsent.id).exists()
    assert content_of(sent) is not None

    assert forget_attachments(seller_id=anna.seller_id, kept_days=30, now=later) == 1
    sent.refresh_from_db()
    assert (sent.name, sent.content_deleted_at, content_of(sent)) == ("", later, None)
    assert sent.entry_id is not None
    assert files_of_entry(seller_id=anna.seller_id, entry_id=sent.entry_id) == []
    assert forget_attachments(seller_id=anna.seller_id, kept_days=30, now=later) == 0
