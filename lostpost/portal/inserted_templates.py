"""A template of an answer that is put into a message."""

from __future__ import annotations

from lostpost.answering.templates import TemplateNotFound, filled_template, template_text
from lostpost.customer_queries.models import CustomerQuery
from lostpost.orders.models import Order
from lostpost.portal.access import PortalRequest


def with_template(
    request: PortalRequest, typed: str, order: Order, *, query: CustomerQuery | None = None, ref: str = ""
) -> str:
    """Return what was typed with a template below it, filled in; only what was typed where none was chosen.

    Args: `ref`: the template; empty: the one that the form names.
    """
    try:
        template = template_text(request.seller.id, ref or request.POST.get("template", ""))
    except TemplateNotFound:
        return typed
    shop, agent, zone = request.seller.name, request.actor.name, request.policy.zone
    text = filled_template(template, order, query=query, shop=shop, agent=agent, zone=zone)
    return f"{typed.rstrip()}\n\n{text}" if typed.strip() else text
