"""The sellers that the files name, as far as they are there."""

from __future__ import annotations

from collections.abc import Iterable

from lostpost.accounts.models import Seller

_AT_ONCE = 1_000


def sellers_by_code(codes: Iterable[str]) -> dict[str, Seller]:
    """Return the sellers that have these codes."""
    wanted = list(codes)
    sellers: dict[str, Seller] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        sellers.update((seller.code, seller) for seller in Seller.objects.filter(code__in=some))
    return sellers
