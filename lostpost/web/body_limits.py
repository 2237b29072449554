"""Limits on request bodies by path; larger ones are refused before they are read."""

from __future__ import annotations

import re

KIB = 1024
OF_API = 2 * KIB * KIB  # 1,000 scans with the longest words fit.
OF_TRACKING = 8 * KIB * KIB  # A parcel's whole history, each time: 10,000 events fit.
LARGEST = 14 * KIB * KIB  # The files of a message, or the largest e-mail, in Base64.

# By the beginning of the path; the first match counts. Callers who sign in are not authenticated yet, so the limit is
# small there.
_LIMITS = (
    ("/api/payments/", 256 * KIB),
    ("/api/mail-in", LARGEST),
    ("/api/tracking/", OF_TRACKING),
    ("/api/", OF_API),
    ("/oauth/", 16 * KIB),
    ("/accounts/", 16 * KIB),
)
WITH_FILES = 12 * KIB * KIB  # The files of one message.
_OF_FORM_WITH_FILES = re.compile(r"/shops/[^/]+/(customer-queries/[^/]+/answer|orders/[^/]+/contact)/")
_OF_SCANS_FILE = re.compile(r"/shops/[^/]+/parcels/updates/")
_OF_FILES = re.compile(r"/api/v1/(customer-queries|customer-messages|customer-queries/[0-9]{1,20}/attachments)")
_OF_PAGES = 512 * KIB  # A selection from the largest order, or the longest message, fits several times.


def body_limit(path: str) -> int:
    """Return how many bytes a request to this path may bring."""
    if _OF_FORM_WITH_FILES.fullmatch(path):
        return WITH_FILES
    if _OF_SCANS_FILE.fullmatch(path):
        return OF_API
    if _OF_FILES.fullmatch(path):
        return LARGEST
    return next((limit for start, limit in _LIMITS if path.startswith(start)), _OF_PAGES)
