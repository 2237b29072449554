"""Check the addresses of webhooks: public ones only, none in the network that Lostpost runs in."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from lostpost.core.errors import Rejected

LONGEST_URL = 500
# What IANA's registries of special-purpose addresses list, and multicast. Nobody outside has one of these but for the
# last three, where no partner stands either (name servers and relays that anybody may run).
_SPECIAL_IPV4 = tuple(
    ipaddress.IPv4Network(block)
    for block in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4", "192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24",
    )
)  # fmt: skip
_PUBLIC_IPV6 = ipaddress.IPv6Network("2000::/3")  # All that was ever allocated for the public internet.
_SPECIAL_IPV6 = tuple(
    ipaddress.IPv6Network(block)
    for block in (
        "2001::/23",  # Of protocols, Teredo among them, which wraps an IPv4 address of anybody's choice.
        "2001:db8::/32",
        "2002::/16",  # 6to4 wraps one too.
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # How a network of IPv6 alone reaches IPv4: the last 32 bits.


class AddressRefused(Rejected):
    """Nothing is sent to this address."""

    code = "address-refused"


def address_parts(url: str) -> SplitResult:
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

    Resolved for each delivery, which connects to the address that was checked: a name may resolve differently later.
    """
    assert parts.hostname is not None
    port = parts.port or (443 if parts.scheme == "https" else 80)
    addresses = resolved_addresses(parts.hostname, port)
    if not settings.WEBHOOKS_TO_PRIVATE and not all(_is_public(address) for address in addresses):
        raise AddressRefused(_("This address leads into a private network. Give one that is reachable from outside."))
    return addresses[0], port


def require_address(url: str) -> None:
    """Refuse an address that is not public or does not resolve. Raises AddressRefused."""
    parts = address_parts(url)
    try:
        reachable(parts)
    except (OSError, UnicodeError):
        raise AddressRefused(_("There is no host of this name. Check the address.")) from None


def resolved_addresses(host: str, port: int) -> list[str]:
    """Return the addresses that a name resolves to. Raises OSError if there is none."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is None:
            return address in _PUBLIC_IPV6 and not any(address in block for block in _SPECIAL_IPV6)
        address = inner
    return not any(address in block for block in _SPECIAL_IPV4)
