"""Several orders at once, by the pages: chosen, looked at, confirmed once, and the result of each."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from lostpost.accounts.actor import Actor
from lostpost.accounts.policy import change_policy
from lostpost.customer_queries.close_query import close_query
from lostpost.portal.batch_text import LARGEST_FILE, NamedUnits, TextProblem, read_batch_text, text_of_file
from lostpost.portal.write_off_batches import shown_before, written_lines
from lostpost.web.body_limits import body_limit
from lostpost.write_off_batches.models import WriteOffBatch
from lostpost.write_off_batches.preview_batch import BatchWish, PreviewedLine
from lostpost.write_off_batches.run_batch import run_batch
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.selection import SelectedUnits
from tests.cast import a_scan, silent_parcel
from tests.portal.pages import Form, Read, Site

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(client: Client, anna: Actor) -> Site:
    return Site(client, anna)


def lost(member: Actor, **values: Any) -> Any:
    return silent_parcel(member, quiet_days=9, now=timezone.now(), **values)


def preview(site: Site, *queries: Any) -> Read:
    parameters = "&".join(f"query={getattr(query, 'number', query)}" for query in queries)
    return site.get(f"/shops/{site.shop}/customer-queries/write-off/?{parameters}")


def final_form(page: Read) -> Form:
    return page.form("/customer-queries/write-off/confirm/")


def send(site: Site, form: Form, **changed: Any) -> Read:
    return site.post(form.action, form.filled(**changed))


def run(batch: WriteOffBatch) -> None:
    run_batch(seller_id=batch.seller_id, batch_id=batch.id, clock=timezone.now)


def test_from_the_chosen_queries_to_the_result_of_each(site, anna):
    one, other = lost(anna, paid_minor=10_01), lost(anna, paid_minor=20_02)
    recent = silent_parcel(anna, quiet_days=1, now=timezone.now())

    page = preview(site, one, other, recent)

    assert "€30.03" in page.text
    assert "Confirm: write off 2 orders" in page.text
    assert "1 cannot be written off now" in page.text
    assert "off from " in page.text  # The third: when it can be written off.
    result = send(site, final_form(page))
    batch = WriteOffBatch.objects.get()
    assert result.response.request["PATH_INFO"].endswith(f"/write-off-batches/{batch.id}/")
    assert "2 to come" in result.text
    assert "€0.00 refunded, of €30.03 confirmed" in result.text
    run(batch)
    after = site.get(result.response.request["PATH_INFO"])
    assert "2 written off" in after.text
    assert "€30.03 refunded, of €30.03 confirmed" in after.text
    assert f"{one.number}-1" in after.text
    assert not after.has_form("/stop/")


def test_the_list_has_a_box_for_each_query_that_is_not_handled(site, anna, vera):
    one, other, handled = lost(anna), lost(anna), lost(anna)
    close_query(number=handled.number, by=anna, now=timezone.now())
    page = site.get(f"/shops/{site.shop}/customer-queries/")

    for query in (one, other):
        assert f'name="query" value="{query.number}" form="together"' in page.html
    everything = site.get(f"/shops/{site.shop}/customer-queries/?state=handled")
    assert handled.number in everything.html
    assert 'form="together"' not in everything.html
    assert f'formaction="/shops/{site.shop}/customer-queries/write-off/"' in page.html
    chosen = site.get(f"/shops/{site.shop}/customer-queries/write-off/?query={one.number}&query={other.number}")
    assert "Confirm: write off 2 orders" in chosen.text
    assert 'form="together"' not in Site(Client(), vera).get(f"/shops/{site.shop}/customer-queries/").html


def test_a_form_that_is_sent_twice_starts_one_batch(site, anna):
    form = final_form(preview(site, lost(anna)))

    assert send(site, form).status == send(site, form).status == 200
    assert WriteOffBatch.objects.count() == 1


def left_out(site: Site, page: Read, query: Any) -> Read:
    """Press “Leave out” beside a line of a preview."""
    form = final_form(page)
    assert ("without", query.number) in form.buttons
    return site.post(f"/shops/{site.shop}/customer-queries/write-off/", form.filled(without=query.number))


def test_an_order_can_be_left_out(site, anna):
    one, other = lost(anna), lost(anna)

    page = left_out(site, preview(site, one, other), one)

    assert "Confirm: write off 1 order" in page.text
    assert one.number not in page.html
    assert ("without", other.number) not in final_form(page).buttons, "nothing would be left"


def test_quantities_stay_when_another_order_is_left_out_and_after_a_refusal(site, anna):
    one, other, changed = lost(anna, quantity=3, paid_minor=30_00), lost(anna), lost(anna)
    ask = site.get(f"/shops/{site.shop}/customer-queries/write-off/")
    rows = [f"{query.order.number};{query.order.number}-P1;1;1" for query in (one, other, changed)]
    page = send(site, ask.form("/write-off/"), numbers="\n".join(rows))

    page = left_out(site, page, other)
    assert "€35.00" in page.text
    a_scan(changed.order.parcels.get(), days=0.5, now=timezone.now())
    a_scan(one.order.parcels.get(), days=8, now=timezone.now())
    page = send(site, final_form(page))
    assert page.status == 422
    assert "€10.00" in page.text
    send(site, final_form(page))
    run(WriteOffBatch.objects.get())
    assert WriteOff.objects.get().refund_minor == 10_00


def test_what_changed_since_is_shown_again_and_nothing_is_written_off(site, anna):
    query = lost(anna)
    form = final_form(preview(site, query))
    a_scan(query.order.parcels.get(), days=0.5, now=timezone.now())

    page = send(site, form)

    assert page.status == 422
    assert "None of these orders can be written off now" in page.text
    assert not page.has_form("/customer-queries/write-off/confirm/")
    assert not WriteOffBatch.objects.exists()


def test_a_limit_is_said_and_takes_the_button_away(site, anna):
    change_policy(values={"batch_lines_max": 1}, reason="the test", by="operator", now=timezone.now())
    page = preview(site, lost(anna), lost(anna))

    assert "At most 1 order can be written off at once" in page.text
    assert ("", "") not in final_form(page).buttons


def test_the_second_person_approves_what_the_first_may_only_stop(site, anna, bram):
    change_policy(values={"batch_second_person_minor": 1}, reason="the test", by="operator", now=timezone.now())
    page = preview(site, lost(anna))
    assert "Confirm, and wait for the second person" in page.text
    waiting = send(site, final_form(page))
    assert "has to open this page and approve it" in waiting.text
    assert not waiting.has_form("/approve/")
    address = waiting.response.request["PATH_INFO"]
    assert "You started this batch" in site.post(f"{address}approve/", {}).text

    other = Site(Client(), bram)
    seen = other.get(address)
    assert "Anna wants to write off the orders below" in seen.text
    approved = send(other, seen.form("/approve/"))
    assert "Approved by Bram" in approved.text
    run(WriteOffBatch.objects.get())
    assert WriteOff.objects.get().by_name == "Anna"


def test_a_batch_is_stopped_from_its_page(site, anna):
    page = send(site, final_form(preview(site, lost(anna))))

    stopped = send(site, page.form("/stop/"))

    assert "Stopped by Anna." in stopped.text
    assert "The batch was stopped before this order was written off." in stopped.text
    assert not stopped.has_form("/stop/")


def test_the_list_says_how_far_each_is(site, anna):
    assert "Nothing was written off together yet" in site.get(f"/shops/{site.shop}/write-off-batches/").text
    send(site, final_form(preview(site, lost(anna))))
    run(WriteOffBatch.objects.get())

    page = site.get(f"/shops/{site.shop}/write-off-batches/")

    assert "1 written off" in page.text
    assert "€25.00" in page.text


def test_numbers_of_orders_and_queries_are_pasted(site, anna):
    one, other, handled = lost(anna), lost(anna), lost(anna)
    close_query(number=handled.number, by=anna, now=timezone.now())
    ask = site.get(f"/shops/{site.shop}/customer-queries/write-off/")

    numbers = f"{one.number}\r\n{other.order.number}\n\n{handled.order.number}"
    page = send(site, ask.form("/write-off/"), numbers=numbers)

    assert "Confirm: write off 2 orders" in page.text
    assert f"There is no customer query “{handled.order.number}” in this shop." in page.text


def test_a_part_of_an_order_is_pasted_from_a_table(site, anna):
    query = lost(anna, quantity=3, paid_minor=30_00)
    ask = site.get(f"/shops/{site.shop}/customer-queries/write-off/")
    table = f"order;parcel;item;quantity\n{query.order.number};{query.order.number}-P1;1;2\n"

    page = send(site, ask.form("/write-off/"), numbers=table)

    assert "2 × Desk lamp Aurora" in page.text
    assert "€20.00" in page.text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_csv_file_is_taken_as_what_is_pasted(site, anna, encoding):
    query = lost(anna, quantity=3, paid_minor=30_00)
    ask = site.get(f"/shops/{site.shop}/customer-queries/write-off/?list=sort%3Dvalue")
    table = f"bestélling;parcel;item;quantity\r\n{query.order.number};{query.order.number}-P1;1;2\r\n"
    file = SimpleUploadedFile("lost.csv", table.encode(encoding), "text/csv")

    page = send(site, together_form(ask), file=file)

    assert "2 × Desk lamp Aurora" in page.text
    assert f"/shops/{site.shop}/customer-queries/?sort=value" in page.links


def test_a_file_that_is_no_csv_is_refused_beside_its_field(site):
    ask = site.get(f"/shops/{site.shop}/customer-queries/write-off/")

    page = send(site, together_form(ask), file=SimpleUploadedFile("lost.xlsx", b"PK\x03\x04rest"), numbers="4711")

    assert page.status == 422
    assert "This is no CSV file." in page.text
    assert "#file" in page.links
    assert ("numbers", "4711") in together_form(page).fields


def test_the_pages_lead_back_to_the_list_that_somebody_came_from(site, anna):
    query = lost(anna)
    listed = f"/shops/{site.shop}/customer-queries/?sort=value"
    assert ("list", "sort=value") in site.get(listed).form("/customer-queries/actions/").fields
    preview = site.get(f"/shops/{site.shop}/customer-queries/write-off/?query={query.number}&list=sort%3Dvalue")
    assert listed in preview.links

    (form,) = [form for form in preview.forms if "/write-off/confirm/" in form.action]
    result = send(site, form)
    assert listed in result.links
    (all_of_them,) = [link for link in result.links if "/write-off-batches/?" in link]
    batches = site.get(all_of_them)
    assert listed in batches.links
    assert any(link.endswith("/?list=sort%3Dvalue&at=") for link in batches.links)


def together_form(page: Read) -> Form:
    (form,) = [form for form in page.forms if form.action.split("?")[0].endswith("/customer-queries/write-off/")]
    return form


def test_text_that_cannot_be_read_stays_and_says_which_line(site):
    ask = site.get(f"/shops/{site.shop}/customer-queries/write-off/")

    page = send(site, ask.form("/write-off/"), numbers="4711\n<b>x</b> y\n")

    assert page.status == 422
    assert "Line 2 is “<b>x</b> y”. Write a number alone, or number, parcel, item and quantity." in page.text
    assert "&lt;b&gt;x" in page.html
    assert ("numbers", "4711\n<b>x</b> y\n") in page.form("/write-off/").fields


def test_a_viewer_looks_but_finds_no_button(client, anna, vera):
    query = lost(anna)
    page = preview(Site(client, vera), query)

    assert final_form(page).buttons == []


def test_five_hundred_orders_fit_into_a_form(rf, settings):
    units = [SelectedUnits("3SABCDEF-P1", "8718469568543", 1)]
    shown: Any = SimpleNamespace(token="t" * 180)
    lines = [PreviewedLine(BatchWish(str(number)), None, units, preview=shown) for number in range(10**9, 10**9 + 500)]
    form = {"lines": written_lines(lines), "key": "k" * 32, "csrfmiddlewaretoken": "c" * 64}

    request = rf.post("/", form)
    assert len(request.POST) < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    assert int(request.META["CONTENT_LENGTH"]) < body_limit("/shops/lampenhuis/customer-queries/write-off/confirm/")
    assert shown_before(request.POST) == [BatchWish(line.wish.query, units, shown.token) for line in lines]


@pytest.mark.parametrize("form", [{}, {"lines": "x"}, {"lines": "\0"}, {"lines": signing.dumps([["4711", [], "t"]])}])
def test_a_manipulated_form_gets_a_sentence(site, anna, form):
    page = site.post(f"/shops/{site.shop}/customer-queries/write-off/confirm/", {"key": "k" * 20, **form})

    assert page.status == 422
    assert "Something was missing from what your browser sent." in page.text


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("sep=;\r\nA-1;P1;x;2", [NamedUnits("A-1", SelectedUnits("P1", "x", 2))]),
        ("4711", [NamedUnits("4711")]),
        ("\ufeffnumber\n4711,\n", [NamedUnits("4711")]),
        ('"A-1"\tP1\tx\t2\n', [NamedUnits("A-1", SelectedUnits("P1", "x", 2))]),
        ("4711\nA-1,P2,x,1", [NamedUnits("4711"), NamedUnits("A-1", SelectedUnits("P2", "x", 1))]),
    ],
)
def test_pasted_text_is_read(text, named):
    assert read_batch_text(text) == named


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (" \n\n", "Write down the number of at least one"),
        ("A-1;P1;x;0", "Line 1: the quantity is “0”; write a whole number from 1."),
        ("A-1;P1;x", "Line 1 is “A-1 P1 x”. Write a number alone"),
        ("1\n" * 501, "These are 501 lines; at most 500"),
        ("1" * 200_001, "This is too much at once."),
        ("4711\n\x00", "Line 2 is “�”"),
    ],
)
def test_unreadable_text_is_refused_with_its_line(text, sentence):
    with pytest.raises(TextProblem, match=sentence):
        read_batch_text(text)


@pytest.mark.parametrize("content", [b"%PDF-1.7", b"PK\x03\x04", b"4711\0", b"1" * (LARGEST_FILE + 1)])
def test_another_file_is_refused(content):
    with pytest.raises(TextProblem, match=r"no CSV file|larger than 256 KB"):
        text_of_file(content)
