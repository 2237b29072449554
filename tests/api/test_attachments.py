"""Files of messages over HTTP: with the access and the limits of the page of a query."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from lostpost.accounts.models import Seller
from lostpost.answering.attach_files import attach_files
from lostpost.answering.files import LARGEST_FILE, PDF, CheckedFile
from lostpost.api.customer_queries.schemas import LONGEST_BASE64
from lostpost.api.openapi.examples import EXAMPLES
from lostpost.web.body_limits import body_limit
from tests.api.machine import Machine, a_lost_parcel, a_machine_of, a_platform, problem
from tests.cast import NOW, a_member, row_counts

pytestmark = pytest.mark.django_db
PICTURE = EXAMPLES["upload_attachment"]["request"]


@pytest.fixture
def shop() -> tuple[Machine, str]:
    """Return the shop's machine, and where the files of its query are."""
    number = a_lost_parcel(a_platform())
    return a_machine_of("lampenhuis"), f"/customer-queries/{number}"


def message(**values: Any) -> dict[str, Any]:
    return {"message": "See the label.", "leave_open": True, **values}


def test_a_file_is_uploaded_sent_once_and_downloaded(shop):
    machine, at = shop
    file = machine.call("post", f"{at}/attachments", PICTURE).json()
    assert machine.call("post", f"{at}/attachments", PICTURE).json() == file  # Kept once.
    assert (file["name"], file["media_type"], file["message"]) == ("label.png", "image/png", None)

    wish = message(attachments=[file["id"]])
    first = machine.call("post", f"{at}/messages", wish, key="message-1")
    before = row_counts()
    again = machine.call("post", f"{at}/messages", wish, key="message-1")

    assert (first.status_code, again.content, row_counts()) == (201, first.content, before)
    (sent,) = machine.call("get", f"{at}/attachments").json()["items"]
    last = machine.call("get", at).json()["last_message"]
    assert (sent["id"], sent["message"]) == (file["id"], last)
    there = machine.call("get", f"{at}/attachments/{file['id']}")
    assert (there.status_code, there.headers["Content-Type"], there.content[:4]) == (200, "image/png", b"\x89PNG")
    assert there.headers["Content-Disposition"] == 'attachment; filename="label.png"'
    assert "sandbox" in there.headers["Content-Security-Policy"]
    assert machine.call("delete", f"{at}/attachments/{file['id']}").status_code == 204  # It is sent: nothing changes.
    assert machine.call("get", f"{at}/attachments").json()["items"] == [sent]
    problem(machine.call("post", f"{at}/messages", wish, key="message-2"), 409, "attachment-missing")


@pytest.mark.parametrize(
    ("path", "change", "kind"),
    [
        ("/customer-queries", {"leave_open": True}, "message.sent"),
        ("/customer-messages", {}, "message.received"),
    ],
)
def test_a_first_message_has_its_files_with_it(shop, path, change, kind):
    machine, _at = shop
    platform = a_platform()
    wish = {"order_number": "2398-4471", "subject": "Your parcel", "message": "See the label.", **change}
    svg = {"name": "label.svg", "content": b64encode(b"<svg onload=alert(1)>").decode()}
    pdf = {"name": "a.pdf", "content": b64encode(b"%PDF-1.7\n" + b" " * (LARGEST_FILE // 2)).decode()}
    other = {"name": "b.pdf", "content": b64encode(b"%PDF-1.8\n" + b" " * (LARGEST_FILE // 2)).decode()}
    to = f"{path}?seller=lampenhuis"

    before = row_counts()
    for files, code in [([PICTURE, svg], "file-refused"), ([pdf, other], "file-refused")]:
        problem(platform.call("post", to, {**wish, "files": files}, key="message-1"), 422, code)
    problem(platform.call("post", to, {**wish, "files": [PICTURE] * 11}, key="message-1"), 422, "validation-failed")
    assert row_counts() == before

    first = platform.call("post", to, {**wish, "files": [PICTURE, PICTURE, pdf]}, key="message-1")
    after = row_counts()
    again = platform.call("post", to, {**wish, "files": [PICTURE, PICTURE, pdf]}, key="message-1")

    assert (first.status_code, again.content, row_counts()) == (201, first.content, after)
    problem(platform.call("post", to, {**wish, "files": [PICTURE]}, key="message-1"), 422, "key-reused")
    of_query = f"/customer-queries/{first.json()['number']}"
    assert body_limit(f"/api/v1{path}") > LONGEST_BASE64 + 20_000
    files = machine.call("get", f"{of_query}/attachments").json()["items"]
    assert [file["name"] for file in files] == ["label.png", "a.pdf"]
    entries = {entry["id"]: entry["kind"] for entry in machine.call("get", f"{of_query}/timeline").json()["items"]}
    assert {entries[file["message"]] for file in files} == {kind}


def test_what_is_not_sent_can_be_deleted_and_what_people_have_not_sent_is_not_shown(shop):
    machine, at = shop
    anna = a_member(Seller.objects.get(), "Anna", "owner")
    file = CheckedFile("private.pdf", PDF, b"%PDF-private")
    (hers,) = attach_files(number=at.rpartition("/")[2], files=[file], by=anna, now=NOW)
    own = machine.call("post", f"{at}/attachments", PICTURE).json()["id"]

    assert [each["id"] for each in machine.call("get", f"{at}/attachments").json()["items"]] == [own]
    problem(machine.call("get", f"{at}/attachments/{hers.id}"), 404, "not-found")
    problem(
        machine.call("post", f"{at}/messages", message(attachments=[str(hers.id)]), key="message-1"),
        409,
        "attachment-missing",
    )
    assert machine.call("delete", f"{at}/attachments/{own}").status_code == 204
    assert machine.call("get", f"{at}/attachments").json()["items"] == []


def test_what_is_no_picture_and_no_pdf_is_refused_and_the_largest_file_fits(shop):
    machine, at = shop
    before = row_counts()

    svg = {"name": "label.svg", "content": b64encode(b"<svg onload=alert(1)>").decode()}
    problem(machine.call("post", f"{at}/attachments", svg), 422, "file-refused")
    problem(machine.call("post", f"{at}/attachments", {**PICTURE, "content": "a=b="}), 422, "validation-failed")
    problem(machine.call("post", "/customer-queries/4711/attachments", PICTURE), 404, "not-found")

    assert row_counts() == before
    assert body_limit(f"/api/v1{at}/attachments") > LONGEST_BASE64 + 1000
    pdf = {"name": "label.pdf", "content": b64encode(b"%PDF-1.7\n" + b" " * (LARGEST_FILE - 9)).decode()}
    assert machine.call("post", f"{at}/attachments", pdf).json()["size_bytes"] == LARGEST_FILE
