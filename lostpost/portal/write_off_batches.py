"""Write off many orders at once: choose, look at each line and the sum, confirm, see what came of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lostpost.accounts.sections import Section
from lostpost.core.errors import Refused
from lostpost.core.keyset import key_from_text, page_of, pager
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.batch_text import LARGEST_FILE, NamedUnits, TextProblem, read_batch_text, text_of_file
from lostpost.portal.chosen_queries import chosen_queries
from lostpost.portal.list_place import ListPlace
from lostpost.portal.sent_forms import FormProblem, key_in, new_key, posted
from lostpost.texts.refusals import refusal_text
from lostpost.web.http import status_of
from lostpost.write_off_batches.decide_batch import approve_batch, cancel_batch, started_by
from lostpost.write_off_batches.models import WriteOffBatch
from lostpost.write_off_batches.preview_batch import BatchWish, PreviewedLine, preview_batch
from lostpost.write_off_batches.reads import lines_of_batch, open_queries_of_orders, progress_of_batches
from lostpost.write_off_batches.start_batch import start_batch
from lostpost.writeoffs.selection import NotEligible, SelectedUnits

PAGE_SIZE = 25
_SALT = "lostpost.write-off-together"


@of_shop(Section.WRITE_OFFS)
def choose_orders(request: PortalRequest) -> HttpResponse:
    """Show the queries that a link or the list names, with what each comes to; without any, ask for numbers."""
    if request.method == "POST" and "without" in request.POST:
        return _left_out(request, request.POST["without"])
    if request.method == "POST":
        return _from_form(request)
    numbers = chosen_queries(request, most=request.policy.batch_lines_max)
    if not numbers:
        return _ask(request)
    return _preview(request, [BatchWish(number) for number in numbers])


@of_shop(Section.WRITE_OFFS)
@posted(back="portal:write-off-together")
def confirm_batch(request: PortalRequest) -> HttpResponse:
    """Start what the page before showed: once, however often it is sent, or not at all."""
    shown, key = shown_before(request.POST), key_in(request.POST)
    again = [BatchWish(wish.query, wish.units) for wish in shown]
    wishes = [wish for wish in shown if wish.token]
    if not key or not wishes:
        problem = _("Something was missing from what your browser sent. Look at the orders again, then continue.")
        return _preview(request, again, problems=[FormProblem(problem)]) if again else _ask(request, problem=problem)
    try:
        batch = start_batch(wishes=wishes, by=request.actor, key=key, now=timezone.now())
    except Refused as refusal:
        return _preview(request, again, problems=[FormProblem(str(refusal))], status=status_of(refusal))
    return _to_batch(request, batch.id)


@of_shop(Section.WRITE_OFFS)
@require_safe
def batches_page(request: PortalRequest) -> HttpResponse:
    """List the batches, newest first, with how far each is."""
    rows = WriteOffBatch.objects.filter(seller_id=request.seller.id)
    after = key_from_text(request.GET.get("after", ""))
    page = page_of(rows, by="started_at", after=after, size=PAGE_SIZE, newest_first=True)
    progress = progress_of_batches(page.rows, seller_id=request.seller.id)
    batches = [{"batch": batch, "progress": progress[batch.id]} for batch in page.rows]
    context = {"batches": batches, **_place(request), **pager(page, request.GET)}
    return render(request, "portal/write_off_batches.html", context)


@of_shop(Section.WRITE_OFFS)
@require_safe
def batch_page(request: PortalRequest, batch: UUID) -> HttpResponse:
    """Show a batch with what came of each line."""
    return _batch(request, batch)


@of_shop(Section.WRITE_OFFS)
@posted(back="portal:write-off-batch")
def approve_batch_page(request: PortalRequest, batch: UUID) -> HttpResponse:
    """Let a batch run, as its second person."""
    try:
        approve_batch(batch_id=batch, by=request.actor, now=timezone.now())
    except Refused as refusal:
        return _batch(request, batch, problems=[FormProblem(str(refusal))], status=status_of(refusal))
    messages.success(request, _("Approved. The orders are being written off."))
    return _to_batch(request, batch)


@of_shop(Section.WRITE_OFFS)
@posted(back="portal:write-off-batch")
def cancel_batch_page(request: PortalRequest, batch: UUID) -> HttpResponse:
    """Stop a batch."""
    try:
        cancel_batch(batch_id=batch, by=request.actor, now=timezone.now())
    except Refused as refusal:
        return _batch(request, batch, problems=[FormProblem(str(refusal))], status=status_of(refusal))
    messages.success(request, _("Stopped. What was written off before stays written off."))
    return _to_batch(request, batch)


def _ask(request: PortalRequest, *, text: str = "", problem: str = "", about: str = "#numbers") -> HttpResponse:
    problems = [FormProblem(problem, about)] if problem else []
    context = {"numbers": text, "problems": problems, **_place(request)}
    return render(request, "portal/write_off_together.html", context, status=422 if problem else 200)


def _from_form(request: PortalRequest) -> HttpResponse:
    """Preview what was pasted or sent: numbers of queries or orders, or a table with parcel, item and quantity."""
    text, file = request.POST.get("numbers", ""), request.FILES.get("file")
    named: list[NamedUnits] = []
    about = "#numbers"
    try:
        if text.strip() or not file:
            named += read_batch_text(text)
        if file:
            about = "#file"
            named += read_batch_text(text_of_file(file.read(LARGEST_FILE + 1)))
    except TextProblem as problem:
        return _ask(request, text=text, problem=str(problem), about=about)
    wishes = _wishes_of(request, named)
    if all(not wish.units for wish in wishes) and len(wishes) <= PAGE_SIZE:
        address = urlencode([("query", wish.query) for wish in wishes])
        to_preview: HttpResponse = redirect("portal:write-off-together", seller=request.seller.code)
        to_preview["Location"] = ListPlace.read(request).added_to(f"{to_preview['Location']}?{address}")
        return to_preview
    return _preview(request, wishes)


def _left_out(request: PortalRequest, number: str) -> HttpResponse:
    """Show what was shown before without one line; the others keep their units."""
    wishes = [BatchWish(wish.query, wish.units) for wish in shown_before(request.POST) if wish.query != number]
    return _preview(request, wishes) if wishes else _ask(request)


def _wishes_of(request: PortalRequest, named: Sequence[NamedUnits]) -> list[BatchWish]:
    """Return a wish for each number, by the open query of the order where it is an order's."""
    by_order = open_queries_of_orders(request.seller.id, [each.number for each in named])
    units: dict[str, list[SelectedUnits]] = {}
    for each in named:
        chosen = units.setdefault(by_order.get(each.number, each.number), [])
        if each.units:
            chosen.append(each.units)
    return [BatchWish(query, tuple(chosen)) for query, chosen in units.items()]


def _preview(
    request: PortalRequest, wishes: Sequence[BatchWish], *, problems: Sequence[FormProblem] = (), status: int = 200
) -> HttpResponse:
    try:
        preview = preview_batch(wishes, by=request.actor, now=timezone.now())
    except Refused as refusal:
        return _ask(request, problem=str(refusal))
    lines = [_shown(line) for line in preview.lines]
    context = {
        "preview": preview,
        "ready": [line for line in lines if not line["sentences"]],
        "refused": [line for line in lines if line["sentences"]],
        "problems": [*problems, *(FormProblem(str(refusal)) for refusal in preview.limits.refusals)],
        "lines": written_lines(preview.lines),
        **_place(request),
        "key": new_key(),
    }
    return render(request, "portal/write_off_together_confirm.html", context, status=status)


def _shown(line: PreviewedLine) -> dict[str, Any]:
    """Return a line as the page shows it: its amounts, or a sentence for each reason."""
    refusal, titles = line.refusal, {}
    sentences = [str(refusal)] if refusal else []
    if isinstance(refusal, NotEligible):
        sentences = list(
            dict.fromkeys(
                refusal_text(reason, units.assessment) for units in refusal.refused for reason in units.refusals
            )
        ) or [str(refusal)]
    if line.preview:
        titles = {(each.unit.parcel, each.unit.item.item): each.unit.item.title for each in line.preview.amounts.lines}
    return {
        "line": line,
        "sentences": sentences,
        "units": [(units.quantity, titles.get((units.parcel, units.item), units.item)) for units in line.units],
    }


def written_lines(lines: Sequence[PreviewedLine]) -> str:
    """Write a preview's lines as one field of a form: three for each of 500 are more than Django reads.

    What is ready has its units and token, what is refused the units that were named. Signed, as nobody types it.
    """
    rows = []
    for line in lines:
        selection = line.units if line.preview else line.wish.units
        units = [(each.parcel, each.item, each.quantity) for each in selection]
        rows.append((line.wish.query, units, line.preview.token if line.preview else ""))
    return signing.dumps(rows, salt=_SALT, compress=True)


def shown_before(form: QueryDict) -> list[BatchWish]:
    """Read the lines of the page before; none where they are missing or not ours."""
    try:
        rows = signing.loads(form.get("lines", ""), salt=_SALT)
    except signing.BadSignature:
        return []
    return [BatchWish(query, [SelectedUnits(*units) for units in selection], token) for query, selection, token in rows]


def _place(request: PortalRequest) -> dict[str, Any]:
    """Return the list that somebody came from, to which these pages lead back."""
    place = ListPlace.read(request)
    return {"place": place, "list_url": place.list_url(request)}


def _to_batch(request: PortalRequest, batch_id: UUID) -> HttpResponse:
    address = reverse("portal:write-off-batch", kwargs={"seller": request.seller.code, "batch": batch_id})
    return redirect(ListPlace.read(request).added_to(address))


def _batch(
    request: PortalRequest, batch_id: UUID, *, problems: Sequence[FormProblem] = (), status: int = 200
) -> HttpResponse:
    batch = WriteOffBatch.objects.filter(seller_id=request.seller.id, id=batch_id).first()
    if batch is None:
        raise Http404
    (progress,) = progress_of_batches([batch], seller_id=request.seller.id).values()
    waits = batch.state == WriteOffBatch.State.WAITING
    manages = request.actor.may_manage(Section.WRITE_OFFS)
    context = {
        "batch": batch,
        "progress": progress,
        "lines": lines_of_batch(batch),
        "may_approve": waits and manages and not started_by(batch, request.actor),
        "may_stop": manages and progress.left and not batch.ended_by_name,
        **_place(request),
        "problems": problems,
    }
    return render(request, "portal/write_off_batch.html", context, status=status)
