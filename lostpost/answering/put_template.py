"""Keep a shop's own template of an answer, new or changed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.answering.fields import TemplateRefused, require_known_fields
from lostpost.answering.models import AnswerTemplate
from lostpost.answering.templates import LANGUAGES, TemplateNotFound
from lostpost.core.text import is_one_line, is_storable, trimmed
from lostpost.customer_queries.timeline import LONGEST_TEXT

LONGEST_NAME = 80
MOST_TEMPLATES = 200  # Of a shop: the choice of them stands on every query.


@transaction.atomic(durable=True)
def put_template(
    *, template_id: UUID | None, name: str, language: str, text: str, by: Actor, now: datetime
) -> AnswerTemplate:
    """Keep a template; without an id a new one. The same again changes nothing.

    Raises: ReadOnly, TemplateRefused, TemplateNotFound.
    """
    require_writer(by, Section.QUERIES)
    values = _checked(name, language, text)
    rows = AnswerTemplate.objects.filter(seller_id=by.seller_id)
    if template_id is None and rows.count() >= MOST_TEMPLATES:
        raise TemplateRefused(
            _("Your shop has %(most)d templates; more are not kept. Delete one first.") % {"most": MOST_TEMPLATES}
        )
    template = rows.filter(id=template_id).first() if template_id else AnswerTemplate(seller_id=by.seller_id)
    if template is None:
        raise TemplateNotFound
    template.name, template.language, template.text = values
    template.changed_at, template.changed_by = now, by.name
    try:
        with transaction.atomic():
            template.save(force_insert=template_id is None)
    except IntegrityError as taken:
        raise TemplateRefused(
            _("There is a template “%(name)s” in this language already. Choose another name.") % {"name": values[0]}
        ) from taken
    return template


def _checked(name: str, language: str, text: str) -> tuple[str, str, str]:
    name, text = trimmed(name), text.replace("\r\n", "\n").strip()
    if not 1 <= len(name) <= LONGEST_NAME or not is_one_line(name):
        raise TemplateRefused(_("Give the template a name of 1 to %(most)d characters.") % {"most": LONGEST_NAME})
    if language not in LANGUAGES:
        raise TemplateRefused(_("Choose the language that the template is written in."))
    if not trimmed(text) or len(text) > LONGEST_TEXT or not is_storable(text):
        raise TemplateRefused(_("Write a text of 1 to %(most)d characters.") % {"most": LONGEST_TEXT})
    require_known_fields(text)
    return name, language, text
