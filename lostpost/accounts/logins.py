"""Find a login by its name or its e-mail address."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.db.models import Q

from lostpost.core.text import is_storable


def login_named(typed: str) -> User | None:
    """Return the login with that name or, failing that, with that address; case does not matter.

    If several share an address, it means the first active one; the others sign in by name.
    """
    name = typed.strip()
    if not name or not is_storable(name):
        return None
    named = list(User.objects.filter(username__iexact=name)[:2])
    if len(named) > 1:  # Two names that differ by their capitals alone.
        named = [user for user in named if user.get_username() == name]
    if named:
        return named[0]
    return User.objects.filter(email__iexact=name).order_by("-is_active", "id").first()


def logins_with_address(address: str) -> list[User]:
    """Return the logins in use that have this address."""
    if not is_storable(address):
        return []
    return list(User.objects.filter(email__iexact=address, is_active=True).order_by("id"))


def login_owning(address: str) -> User | None:
    """Return the login that has this address, or has confirmed it, one in use before one that was stopped.

    None: the address is free for a new login.
    """
    if not is_storable(address):
        return None
    confirmed = EmailAddress.objects.filter(email__iexact=address, verified=True).values("user_id")
    logins = User.objects.filter(Q(email__iexact=address) | Q(id__in=confirmed))
    return logins.order_by("-is_active", "id").first()
