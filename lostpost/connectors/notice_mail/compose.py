"""Compose an e-mail with notices: a sentence and a link for each, and the ways to fewer of them."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from lostpost.accounts.sections import Section
from lostpost.connectors.mail.letter import header_line
from lostpost.core.mail_address import cleaned_address, wire_address
from lostpost.invoicing.documents.languages import written_language
from lostpost.notices.choose_notices import stop_key
from lostpost.notices.kinds import Reader
from lostpost.notices.models import Notice, NoticeMail
from lostpost.relay.outgoing import message_id
from lostpost.texts.notices import notice_text

MOST_LINES = 50


def notice_message(
    mail: NoticeMail, reader: Reader, notices: Sequence[Notice], *, user: User
) -> EmailMultiAlternatives:
    """Write the e-mail in the person's language. Raises: ValueError if the address cannot be written to."""
    stop = settings.LOSTPOST_URL + reverse(
        "portal:stop-notices", kwargs={"key": stop_key(user_id=mail.user_id, shop_id=mail.shop_id)}
    )
    with override(written_language(reader.language)):
        shop = header_line(reader.actor.shop.name) if reader.actor.shop else _("Partnerservice")
        lines = [(header_line(notice_text(notice)), _link(notice, reader)) for notice in notices[:MOST_LINES]]
        subject = (
            f"{shop}: {lines[0][0]}"
            if len(notices) == 1
            else ngettext("%(shop)s: %(count)d notice", "%(shop)s: %(count)d notices", len(notices))
            % {"shop": shop, "count": len(notices)}
        )
        context = {
            "name": header_line(reader.actor.name),
            "shop": shop,
            "lines": lines,
            "more": len(notices) - len(lines),
            "settings": settings.LOSTPOST_URL + _settings_path(reader),
            "stop": stop,
        }
        text = render_to_string("mail/notices.txt", context).strip() + "\n"
    return EmailMultiAlternatives(
        header_line(subject),
        text,
        settings.DEFAULT_FROM_EMAIL,
        [wire_address(cleaned_address(user.email))],
        headers={
            "Message-ID": message_id(mail.id),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
        },
    )


def _settings_path(reader: Reader) -> str:
    if reader.actor.shop is None:
        return reverse("desk:notices")
    return reverse("portal:notices", kwargs={"seller": reader.actor.shop.code})


def _link(notice: Notice, reader: Reader) -> str:
    """Return a page that the reader may see on which a notice goes on; whoever opens it signs in there."""
    seller, data = notice.seller.code, notice.data
    if notice.at_desk:
        path = reverse("desk:request", kwargs={"seller": seller, "request_id": data["request"]})
    elif notice.kind == "invoice":
        path = reverse("portal:invoice", kwargs={"seller": seller, "number": data["number"]})
    elif not reader.actor.may_view(Section.QUERIES) and notice.kind != "people" and "batch" not in data:
        page = "portal:shop-refunds" if notice.kind == "refund" else "portal:home"
        path = reverse(page, kwargs={"seller": seller})
    elif "customer_query" in data:
        path = reverse("portal:customer-query", kwargs={"seller": seller, "number": data["customer_query"]})
    elif "batch" in data:
        path = reverse("portal:write-off-batch", kwargs={"seller": seller, "batch": data["batch"]})
    elif notice.kind == "people":
        path = reverse("portal:people", kwargs={"seller": seller})
    else:
        search = f"?{urlencode({'q': data['order_number']})}" if "order_number" in data else ""
        path = reverse("portal:orders", kwargs={"seller": seller}) + search
    return settings.LOSTPOST_URL + path
