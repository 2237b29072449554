"""Keep a view of the list of queries under a name."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.core.errors import Rejected
from lostpost.core.text import is_one_line, trimmed
from lostpost.customer_queries.list_filters import ListFilters
from lostpost.customer_queries.models import SavedView

LONGEST_NAME, MOST_VIEWS = 60, 20


@transaction.atomic(durable=True)
def keep_view(*, name: str, filters: str, by: Actor) -> SavedView:
    """Keep the filters of a list for a member; the same name again keeps other filters under it.

    Args: `filters`: a query string; what it has beside filters is left out.
    Raises: ReadOnly, Rejected without a name, or beside as many views as there may be.
    """
    require_writer(by, Section.QUERIES)
    name = " ".join(trimmed(name).split())
    if not 1 <= len(name) <= LONGEST_NAME or not is_one_line(name):
        raise Rejected(_("Give the view a name of at most %(most)d characters.") % {"most": LONGEST_NAME})
    views = SavedView.objects.filter(seller_id=by.seller_id, user_id=by.user_id)
    kept = {view.name: view for view in views}
    if name not in kept and len(kept) >= MOST_VIEWS:
        raise Rejected(_("You keep %(most)d views already; remove one first.") % {"most": MOST_VIEWS})
    text = ListFilters.from_text(filters).text
    view, _created = SavedView.objects.update_or_create(
        seller_id=by.seller_id, user_id=by.user_id, name=name, defaults={"filters": text}
    )
    return view
