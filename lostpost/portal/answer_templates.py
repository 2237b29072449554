"""The templates of answers of a shop: list, write, look at, delete."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lostpost.accounts.sections import Section
from lostpost.answering.delete_template import delete_template
from lostpost.answering.fields import FIELDS, TemplateRefused, filled_in
from lostpost.answering.models import AnswerTemplate
from lostpost.answering.put_template import LONGEST_NAME, put_template
from lostpost.answering.template_values import EXAMPLE
from lostpost.answering.templates import TemplateNotFound, TemplateText, offered_templates, template_text
from lostpost.customer_queries.timeline import LONGEST_TEXT
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.forms import LineField, Textarea, TextField
from lostpost.portal.sent_forms import FormProblem


class TemplateForm(forms.Form):
    """A template of the shop's own."""

    name = LineField(
        label=gettext_lazy("Name"),
        max_length=LONGEST_NAME,
        help_text=gettext_lazy("Only your shop sees it."),
        error_messages={"required": gettext_lazy("Give the template a name of 1 to 80 characters.")},
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=AnswerTemplate.Language.choices,
        error_messages={
            "required": gettext_lazy("Choose the language that the template is written in."),
            "invalid_choice": gettext_lazy("Choose the language that the template is written in."),
        },
    )
    text = TextField(
        label=gettext_lazy("Text"),
        widget=Textarea(10),
        max_length=LONGEST_TEXT,
        help_text=gettext_lazy("Without a greeting and your shop’s name: every e-mail has them."),
        error_messages={"required": gettext_lazy("Write the text that is filled in.")},
    )


@of_shop(Section.QUERIES)
def answer_templates(request: PortalRequest) -> HttpResponse:
    """List the templates, and take a new one; `copy` names one to begin with."""
    if request.method == "POST":
        return _put(request, None)
    try:
        begun = template_text(request.seller.id, request.GET["copy"]) if "copy" in request.GET else None
    except TemplateNotFound as missing:
        raise Http404 from missing
    initial = {"text": begun.text, "language": begun.language} if begun else {"language": request.seller.language}
    return _page(request, None, TemplateForm(initial=initial))


@of_shop(Section.QUERIES)
def answer_template(request: PortalRequest, template: UUID) -> HttpResponse:
    """Show one template of the shop's own; change it (step=save), look at it (preview) or delete it."""
    row = AnswerTemplate.objects.filter(seller_id=request.seller.id, id=template).first()
    if row is None:
        raise Http404
    if request.method != "POST":
        form = TemplateForm(initial={"name": row.name, "language": row.language, "text": row.text})
        return _page(request, row, form)
    if request.POST.get("step") == "delete":
        delete_template(template_id=row.id, by=request.actor)
        messages.success(request, _("The template is deleted."))
        return _to_list(request)
    return _put(request, row)


def _put(request: PortalRequest, row: AnswerTemplate | None) -> HttpResponse:
    form = TemplateForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form, status=422)
    if request.POST.get("step") == "preview":
        example = {**EXAMPLE, "shop": request.seller.name, "agent": request.actor.name}
        shown = TemplateText(form.cleaned_data["language"], filled_in(form.cleaned_data["text"], example))
        return _page(request, row, form, preview=shown)
    template_id, now = row.id if row else None, timezone.now()
    try:
        put_template(template_id=template_id, **form.cleaned_data, by=request.actor, now=now)
    except TemplateRefused as refusal:
        return _page(request, row, form, problems=[FormProblem(str(refusal), "#id_text")], status=422)
    messages.success(request, _("The template is kept."))
    return _to_list(request)


def _to_list(request: PortalRequest) -> HttpResponse:
    response: HttpResponse = redirect("portal:answer-templates", seller=request.seller.code)
    return response


def _page(
    request: PortalRequest,
    row: AnswerTemplate | None,
    form: TemplateForm,
    *,
    preview: TemplateText | None = None,
    problems: list[FormProblem] | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "templates": offered_templates(request.seller.id, first=request.seller.language),
        "template": row,
        "form": form,
        "fields": [{"name": f"{{{name}}}", "meaning": meaning} for name, meaning in FIELDS.items()],
        "preview": preview,
        "problems": problems,
    }
    return render(request, "portal/answer_templates.html", context, status=status)
