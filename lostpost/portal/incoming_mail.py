"""The whole of an e-mail that came in, as it was laid out."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from lostpost.accounts.sections import Section
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.own_query import own_query
from lostpost.relay.models import IncomingMail
from lostpost.web.downloads import strangers_page


@of_shop(Section.QUERIES)
@require_safe
def whole_mail(request: PortalRequest, number: str, incoming: UUID) -> HttpResponse:
    """Show an e-mail of the customer in a page that can do nothing; addresses are masked in it."""
    query = own_query(request, number)
    mails = IncomingMail.objects.filter(seller_id=query.seller_id, query_id=query.id, state=IncomingMail.State.FILED)
    mail = mails.filter(id=incoming).exclude(html="").first()
    if mail is None:
        raise Http404
    return strangers_page(mail.html, title=mail.subject)
