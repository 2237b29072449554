"""Who acted before, as they may act now: for jobs that go on with what somebody started."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import User

from lostpost.accounts.actor import Actor
from lostpost.accounts.models import ApiClient, Member, Seller


def actor_again(*, seller_id: UUID, user_id: int, client_id: str) -> Actor | None:
    """Return a member of a shop (`user_id` 0: a client of the API) with the rights of now; None if there is none left.

    Who left the shop, or whose login was stopped, does nothing more in it; nor does a client that was revoked.
    """
    if user_id:
        member = Member.objects.select_related("seller").filter(seller_id=seller_id, user_id=user_id).first()
        if member is None or not User.objects.filter(pk=user_id, is_active=True).exists():
            return None
        return Actor.of_member(member)
    client = ApiClient.objects.filter(client_id=client_id, revoked_at=None).first()
    return Actor.of_client(client, seller=Seller.objects.get(id=seller_id)) if client else None
