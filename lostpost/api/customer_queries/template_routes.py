"""Templates of answers: a shop's own, and those that come along."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.utils import timezone
from ninja import Path, Router, Status

from lostpost.accounts.actor import Actor
from lostpost.answering.delete_template import delete_template
from lostpost.answering.models import AnswerTemplate
from lostpost.answering.put_template import put_template
from lostpost.answering.shipped_templates import TEMPLATES
from lostpost.api.customer_queries.schemas import TemplateIn, TemplateOut, TemplatesOut
from lostpost.api.http.auth import ApiRequest, acting_in_shop, acting_seller, scope
from lostpost.api.http.pagination import Shop
from lostpost.core.text import trimmed
from lostpost.web.problems import not_found

router = Router(tags=["customer queries"])
reads, writes = scope("seller:read", "seller:write"), scope("seller:write")
TemplateId = Annotated[UUID, Path()]


@router.get("/answer-templates", response=TemplatesOut, auth=reads, operation_id="list_answer_templates")
def list_answer_templates(request: ApiRequest, seller: Shop = None) -> dict[str, Any]:
    """List a shop's own templates (200 at most) by name, and those that come along, which have no `id`."""
    rows = AnswerTemplate.objects.filter(seller_id=acting_seller(request, seller).id).order_by("name", "language")
    along = [
        {"id": None, "name": name, "language": language, "text": each.text, "changed_at": None, "changed_by": None}
        for name, texts in TEMPLATES.items()
        for language, each in texts.items()
    ]
    return {"items": [*map(_template, rows), *along]}


@router.post("/answer-templates", response=TemplateOut, auth=writes, operation_id="put_answer_template")
def post_answer_template(request: ApiRequest, body: TemplateIn, seller: Shop = None) -> dict[str, Any]:
    """Keep a template: a new one, or a new text for the one of this name and language."""
    by = acting_in_shop(request, seller)
    same = AnswerTemplate.objects.filter(seller_id=by.seller_id, name=trimmed(body.name), language=body.language)
    return _kept(same.values_list("id", flat=True).first(), body, by)


@router.get("/answer-templates/{template}", response=TemplateOut, auth=reads, operation_id="get_answer_template")
def get_answer_template(request: ApiRequest, template: TemplateId, seller: Shop = None) -> dict[str, Any]:
    """Get one of a shop's own templates."""
    row = AnswerTemplate.objects.filter(seller_id=acting_seller(request, seller).id, id=template).first()
    if row is None:
        raise not_found()
    return _template(row)


@router.put("/answer-templates/{template}", response=TemplateOut, auth=writes, operation_id="change_answer_template")
def put_answer_template(
    request: ApiRequest, template: TemplateId, body: TemplateIn, seller: Shop = None
) -> dict[str, Any]:
    """Change one of a shop's own templates, its name and language too."""
    return _kept(template, body, acting_in_shop(request, seller))


@router.delete("/answer-templates/{template}", response={204: None}, auth=writes, operation_id="delete_answer_template")
def delete_answer_template(request: ApiRequest, template: TemplateId, seller: Shop = None) -> Status[None]:
    """Delete one of a shop's own templates; what was sent with it stays as it is."""
    by = acting_in_shop(request, seller)
    if not AnswerTemplate.objects.filter(seller_id=by.seller_id, id=template).exists():
        raise not_found()
    delete_template(template_id=template, by=by)
    return Status(204, None)


def _kept(template_id: UUID | None, body: TemplateIn, by: Actor) -> dict[str, Any]:
    template = put_template(
        template_id=template_id, name=body.name, language=body.language, text=body.text, by=by, now=timezone.now()
    )
    return _template(template)


def _template(row: AnswerTemplate) -> dict[str, Any]:
    return {name: getattr(row, name) for name in TemplateOut.model_fields}
