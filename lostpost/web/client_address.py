"""Where a request comes from: the address that connected, or the one that a trusted proxy saw."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "unknown"


def client_address(request: HttpRequest) -> str:
    """Return the address; "unknown" where there is none, as with a socket in the file system."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.TRUST_PROXY else ""
    written = forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
    try:
        return str(ip_address(written))
    except ValueError:
        return UNKNOWN


def client_network(request: HttpRequest) -> str:
    """Return an IPv4 address, or the IPv6 network that one customer of a provider has for itself."""
    address = client_address(request)
    return str(ip_network((address, 64), strict=False)) if ":" in address else address
