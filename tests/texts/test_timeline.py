"""What a timeline says: a sentence for each kind that the program writes, in both languages, page or plain."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import translation

import lostpost
from lostpost.customer_queries.closing import CLOSING_MAIL
from lostpost.customer_queries.messages import SEND_MAIL
from lostpost.customer_queries.timeline import EVENTS
from lostpost.refunds.gateway import LOOK_UP_REFUND, SEND_REFUND
from lostpost.refunds.problems import PROBLEMS
from lostpost.relay.not_read_notice import NOT_READ_MAIL
from lostpost.templatetags.lostpost import MARKED_UP
from lostpost.templatetags.states import ENTRIES
from lostpost.texts.refund_problems import NEXT_STEPS, next_step_text, refund_problem_text
from lostpost.texts.timeline import HEADINGS, HEADINGS_WITHOUT_NAME, timeline_details, timeline_heading

WRITERS = (
    *("customer_queries", "customer_links", "declarations", "relay", "refunds", "restorations", "partnerservice"),
    *("writeoffs", "insight", "management"),
)
KIND = re.compile(
    r"(?:message|note|query|write-off|refund|restoration|partnerservice|mail|parcel|declaration|link)\.[a-z-]+"
)
DATA = {
    "number": "R-1",
    "currency": "EUR",
    "amount_minor": 12_345_00,
    "lines": [{"title": "Lamp", "quantity": 1, "refund_minor": 12_345_00}],
    "reference": "BANK-1",
    "problem": "Mollie: no",
    "reason": "She sent it back.",
    "title": "Lamp <b>",
    "tracking_number": "3SABCD1",
    "status": "in_transit",
}


@dataclass
class Entry:
    kind: str
    data: dict[str, Any] = field(default_factory=lambda: dict(DATA))
    by_name: str = "Anna <i>"
    id: str = "1"
    text: str = ""


def kinds_written() -> Iterator[str]:
    """Read from the program which kinds of entries it writes or shows."""
    yield from EVENTS
    for package in WRITERS:
        for path in (Path(lostpost.__file__).parent / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and KIND.fullmatch(node.value):
                    yield node.value


# The names of jobs, and of a kind of e-mail, look alike.
KINDS = sorted(set(kinds_written()) - {SEND_MAIL, SEND_REFUND, LOOK_UP_REFUND, CLOSING_MAIL, NOT_READ_MAIL})


def test_the_kinds_are_read_from_the_program():
    assert {"message.sent", "note.added", "mail.answer-lost", "parcel.scanned", "restoration.agreed"} < set(KINDS)


def test_every_kind_has_its_sentence_and_its_sign_and_no_other_has():
    assert set(KINDS) == {*HEADINGS, "parcel.scanned"} == set(ENTRIES)  # What a scan says is its status.
    assert set(HEADINGS_WITHOUT_NAME) < set(HEADINGS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_said_in_both_languages_page_or_plain(kind):
    said = {}
    for language in ("en", "nl"):
        with translation.override(language):
            plain = timeline_heading(Entry(kind)), *timeline_details(Entry(kind))
            page = timeline_heading(Entry(kind), MARKED_UP), *timeline_details(Entry(kind), MARKED_UP)
        assert plain[0]
        assert kind not in "".join(plain)
        assert "%(" not in "".join(plain + page)
        said[language] = plain
    assert said["en"][0] != said["nl"][0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("data", [{}, {"lines": []}, {"code": "address-wrong", "state": "follow_up_later"}])
def test_what_an_older_version_did_not_write_down_is_left_out(kind, data):
    entry = Entry(kind, data, by_name="")
    assert timeline_heading(entry) is not None
    assert "None" not in timeline_heading(entry) + "".join(timeline_details(entry))


def test_a_kind_of_a_later_version_is_named_and_no_error():
    later = Entry("query.merged")
    assert timeline_heading(later) == "Noted: query.merged"
    assert "Noted: query.merged" in render_to_string("parts/timeline_entry.html", {"entry": later})


def test_an_amount_is_marked_up_on_a_page_alone():
    entry = Entry("refund.failed")
    assert timeline_heading(entry) == "Refund of €12,345.00 failed"
    assert timeline_heading(entry, MARKED_UP) == 'Refund of <span class="money">€12,345.00</span> failed'


def test_what_people_typed_is_escaped_on_a_page_alone():
    entry = Entry("partnerservice.asked")
    assert timeline_heading(entry) == "Anna <i> asked Partnerservice"
    assert timeline_details(entry).aside == "About “Lamp <b>” in parcel 3SABCD1"
    html = render_to_string("parts/timeline_entry.html", {"entry": entry})
    assert "Anna &lt;i&gt; asked Partnerservice" in html
    assert "About “Lamp &lt;b&gt;” in parcel 3SABCD1" in html


def test_a_write_off_is_of_one_item_or_of_several():
    assert timeline_heading(Entry("write-off.confirmed")) == "The item has been successfully written off"
    several = Entry("write-off.confirmed", {**DATA, "lines": [{}, {}]})
    assert timeline_heading(several) == "The items have been successfully written off"


def test_a_failed_refund_says_why_and_keeps_a_persons_own_words():
    then = "It will be tried again. The customer query stays open until the customer has the money."
    entry = Entry("refund.failed", {**DATA, "problem": "Account <b>"})
    assert timeline_details(entry).text == f"Account <b> {then}"
    assert "<p>Account &lt;b&gt; It will" in render_to_string("parts/timeline_entry.html", {"entry": entry})
    coded = Entry("refund.failed", {**DATA, "problem_code": "declined"})
    assert timeline_details(coded).text == f"The customer's bank did not take the money. {then}"


# -- Why a refund waits or failed -------------------------------------------------------------------------------------


def test_every_problem_of_a_refund_has_its_next_step():
    assert set(NEXT_STEPS) == set(PROBLEMS)


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_problem_of_a_refund_is_said_in_both_languages(code):
    english = refund_problem_text(code, "no"), next_step_text(code)
    with translation.override("nl"):
        dutch = refund_problem_text(code, "no"), next_step_text(code)
    assert all(english)
    assert "no" not in english
    assert english[0] != dutch[0]
    assert english[1] != dutch[1]


def test_a_problem_that_a_person_wrote_or_a_later_version_knows_stays_as_it_is():
    assert refund_problem_text("", "Account closed") == "Account closed"
    assert refund_problem_text("of-tomorrow", "Mollie: no") == "Mollie: no"
    assert next_step_text("of-tomorrow") == ""


def test_what_was_put_aside_says_until_when_and_why():
    data = {"state": "follow_up_later", "until": "2031-03-07", "reason": "DPD looks for it"}
    entry = Entry(kind="query.put-aside", data=data, by_name="Anna")
    assert timeline_details(entry).aside == "Until Fri 7 Mar 2031. DPD looks for it"
    assert timeline_details(Entry(kind="query.put-aside", data={**data, "until": "soon"})).aside == ""
