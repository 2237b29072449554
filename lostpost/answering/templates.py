"""The templates that a shop can answer with: those that come along, and its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from lostpost.answering.fields import filled_in
from lostpost.answering.models import AnswerTemplate
from lostpost.answering.shipped_templates import TEMPLATES, TITLES
from lostpost.answering.template_values import OrderContents, contents_of_orders, template_values
from lostpost.core.errors import NotFound
from lostpost.core.kept_query import KeptQuery
from lostpost.core.text import is_storable
from lostpost.customer_queries.models import CustomerQuery
from lostpost.orders.models import Order

LANGUAGES: tuple[str, ...] = tuple(AnswerTemplate.Language.values)
FALLBACK = "en"
_OWN = KeptQuery(
    lambda seller_id: (
        AnswerTemplate.objects.filter(seller_id=seller_id).order_by("name").values_list("id", "name", "language")
    ),
    seller_id=UUID,
)


class TemplateNotFound(NotFound):
    """There is no such template in this shop."""


@dataclass(frozen=True, slots=True)
class OfferedTemplate:
    """A template to choose; `ref` names it: the id of a shop's own, or key and language of one that comes along."""

    ref: str
    title: str
    language: str
    own: bool


@dataclass(frozen=True, slots=True)
class TemplateText:
    """What a template says in one language, with its fields; the subject may be empty."""

    language: str
    text: str
    subject: str = ""


def language_of(*languages: str) -> str:
    """Return the first of these languages that templates exist in; English if none is."""
    known = (code.partition("-")[0].lower() for code in languages)
    return next((code for code in known if code in LANGUAGES), FALLBACK)


def offered_templates(seller_id: UUID, *, first: str) -> list[OfferedTemplate]:
    """Return the templates of a shop, those in the language `first` before the others: one statement."""
    own = [OfferedTemplate(str(id_), name, language, own=True) for id_, name, language in _OWN(seller_id=seller_id)]
    order = [first, *(language for language in LANGUAGES if language != first)]
    return sorted([*own, *_shipped()], key=lambda each: order.index(each.language))


def template_text(seller_id: UUID, ref: str) -> TemplateText:
    """Return what a template says. Raises TemplateNotFound."""
    key, _mark, language = ref.partition("/")
    if shipped := TEMPLATES.get(key, {}).get(language):
        return TemplateText(language, shipped.text, shipped.subject)
    try:
        own = AnswerTemplate.objects.filter(seller_id=seller_id, id=UUID(ref)).first()
    except ValueError:
        own = None
    if own is None:
        raise TemplateNotFound
    return TemplateText(own.language, own.text)


def shipped_ref(key: str, language: str) -> str:
    """Return the name of a template that comes along."""
    return f"{key}/{language}"


def texts_of_template(seller_id: UUID, name: str) -> Mapping[str, str]:
    """Return what a template says in each of its languages: a shop's own of this name, or one that comes along.

    Raises TemplateNotFound.
    """
    own = AnswerTemplate.objects.filter(seller_id=seller_id, name=name).values_list("language", "text")
    texts = dict(own) if is_storable(name) else {}
    texts = texts or {language: shipped.text for language, shipped in TEMPLATES.get(name, {}).items()}
    if not texts:
        raise TemplateNotFound(_("There is no template “%(name)s” in this shop.") % {"name": name[:80]})
    return texts


def templates_by_name(seller_id: UUID) -> dict[str, str]:
    """Return the titles of all templates by their name, in whatever languages they are: one statement."""
    own = AnswerTemplate.objects.filter(seller_id=seller_id).order_by("name").values_list("name", flat=True)
    return {name: str(TITLES[name]) for name in TITLES} | {name: name for name in own}


def title_of_template(name: str) -> str:
    """Return what a template is called, by its name or key."""
    return str(TITLES.get(name, name))


def filled_template(
    template: TemplateText,
    order: Order,
    *,
    query: CustomerQuery | None,
    shop: str,
    agent: str,
    zone: ZoneInfo,
    contents: OrderContents | None = None,
) -> str:
    """Fill a template in for a query, or for an order about which there is none yet.

    Args: `contents`: of the order; without it they are read in two statements.
    """
    values = template_values(
        order,
        contents or contents_of_orders(order.seller_id, [order.id])[order.id],
        order_item_id=query.order_item_id if query else None,
        query=query.number if query else "",
        shop=shop,
        agent=agent,
        language=template.language,
        zone=zone,
    )
    return filled_in(template.text, values)


def _shipped() -> Iterator[OfferedTemplate]:
    for key, texts in TEMPLATES.items():
        for language in texts:
            yield OfferedTemplate(shipped_ref(key, language), str(TITLES[key]), language, own=False)
