"""Where webhooks may go: to the world, and not into the network that Lostpost itself stands in."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from lostpost.core.errors import Rejected

LONGEST_URL = 500
# Behind these an IPv4 address is written, whichever it is.
_WRAPPED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16"), ipaddress.ip_network("2001::/32"))


class AddressRefused(Rejected):
    """Nothing is sent to this address."""

    code = "address-refused"


def parts_of(url: str) -> SplitResult:
    """Take an address apart. Raises AddressRefused if it is none that we would send to."""
    private = settings.WEBHOOKS_TO_PRIVATE
    try:
        parts = urlsplit(url)
        port_known = parts.port is None or parts.port > 0
    except ValueError:
        raise AddressRefused(_("This is no web address. Give one such as https://partner.example/hook.")) from None
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > LONGEST_URL:
        raise AddressRefused(_("Write the address in up to 500 plain characters without spaces."))
    if parts.scheme not in (("https", "http") if private else ("https",)) or not parts.hostname or not port_known:
        raise AddressRefused(_("Give a whole address that begins with https://."))
    if parts.username is not None or parts.fragment:
        raise AddressRefused(_("Leave user name, password and # out of the address; every webhook is signed."))
    return parts


def reachable(parts: SplitResult) -> tuple[str, int]:
    """Look the host up and return an address to connect to. Raises AddressRefused, or OSError if there is none.

    Asked again for each delivery, and connected to as it was checked: a name may lead elsewhere the next moment.
    """
    assert parts.hostname is not None
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = looked_up(parts.hostname, port)
    if not settings.WEBHOOKS_TO_PRIVATE and not all(_is_public(address) for address in found):
        raise AddressRefused(_("This address leads into a private network. Give one that is reachable from outside."))
    return found[0], port


def require_address(url: str) -> None:
    """Refuse an address to which nothing would be sent, or that nobody finds. Raises AddressRefused."""
    parts = parts_of(url)
    try:
        reachable(parts)
    except (OSError, UnicodeError):
        raise AddressRefused(_("There is no host of this name. Check the address.")) from None


def looked_up(host: str, port: int) -> list[str]:
    """Return the addresses that a name has now. Raises OSError if there is none."""
    return [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            address = address.ipv4_mapped
        elif any(address in network for network in _WRAPPED):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved
