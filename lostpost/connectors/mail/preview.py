"""Preview an e-mail before it is created."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.translation import override

from lostpost.accounts.models import Seller
from lostpost.connectors.mail.letter import Letter, header_line
from lostpost.connectors.mail.quoting import QuotedMessage
from lostpost.orders.models import Order
from lostpost.texts.customer_languages import customer_language


def preview_of_message(
    *, order: Order, shop: Seller, query: str, subject: str, text: str, quoted: QuotedMessage | None = None
) -> Letter:
    """Return the letter that a message would be sent as. `query`: its number; `quoted`: what it answers."""
    language = customer_language(order.customer_language, shop.language)
    context = {
        "language": language,
        "name": header_line(order.customer_name),
        "shop": header_line(shop.name),
        "order": order.number,
        "query": query,
        "text": text,
        "quoted": quoted,
    }
    with override(language):
        return Letter(
            language,
            header_line(subject),
            render_to_string("mail/message.txt", context).strip() + "\n",
            render_to_string("mail/message.html", context).strip() + "\n",
        )
