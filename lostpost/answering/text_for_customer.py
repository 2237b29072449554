"""A template, filled in for the customer of one query, in their language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.answering.fields import TemplateRefused, open_fields
from lostpost.answering.models import AnswerTemplate
from lostpost.answering.templates import TemplateText, filled_template, language_of, texts_of_template
from lostpost.customer_queries.models import CustomerQuery
from lostpost.orders.models import Order


def text_for_customer(query: CustomerQuery, name: str, *, agent: str) -> str:
    """Return what a template says to the customer of a query.

    Args: `name`: of one of the shop's own, or of one that comes along. `agent`: who answers.
    Raises: TemplateNotFound, TemplateRefused where it has no text in their language, or a field stays empty.
    """
    texts = texts_of_template(query.seller_id, name)
    shop = Seller.objects.get(id=query.seller_id)
    order = Order.objects.get(seller_id=query.seller_id, id=query.order_id)
    language = language_of(order.customer_language, shop.language)
    if language not in texts:
        raise TemplateRefused(
            _("This customer reads %(language)s; the template has no text in it.")
            % {"language": AnswerTemplate.Language(language).label}
        )
    template, zone = TemplateText(language, texts[language]), current_policy().zone
    text = filled_template(template, order, query=query, shop=shop.name, agent=agent, zone=zone)
    if fields := open_fields(text):
        raise TemplateRefused(
            _("The template’s field %(field)s cannot be filled in here.") % {"field": f"{{{fields[0]}}}"}
        )
    return text
