"""Addresses of webhooks: public ones only, however an address is written."""

from __future__ import annotations

import ipaddress

import pytest

from lostpost.connectors.webhooks import address
from lostpost.connectors.webhooks.address import AddressRefused, require_address


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://10.0.0.8/", "https://192.168.1.1/x",
        "https://169.254.169.254/latest", "https://172.16.0.1/", "https://0.0.0.0/", "https://[::ffff:127.0.0.1]/",
        "https://[fd00::1]/", "https://[fe80::1]/", "https://[64:ff9b::7f00:1]/", "https://2130706433/",
        "https://100.64.0.1/", "https://224.0.0.1/", "http://1.1.1.1/", "ftp://1.1.1.1/", "https://user:pw@1.1.1.1/",
        "https://1.1.1.1/#x", "https://1.1.1.1:0x/", "https:///x", "1.1.1.1", "https://1.1.1.1/ x", "https://[1.1.1.1/",
        "https://1.1.1.1/\n", "https://" + "x" * 500, "https://no-such-host.invalid/",
    ],
)  # fmt: skip
def test_private_and_unresolvable_addresses_are_refused(url):
    with pytest.raises(AddressRefused):
        require_address(url)


@pytest.mark.parametrize("url", ["https://1.1.1.1/hook?x=1", "https://[2606:4700:4700::1111]:8443/"])
def test_public_addresses_are_accepted(url):
    require_address(url)


# IANA's registries of special-purpose addresses, IPv4 and IPv6, and what stands beside them (multicast, the deprecated
# site-local and IPv4-compatible addresses).
SPECIAL = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.0.0/29", "192.0.0.8/32", "192.0.0.9/32", "192.0.0.10/32", "192.0.0.170/32", "192.0.0.171/32",
    "192.0.0.192/32", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16",
    "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    "255.255.255.255/32",
    "::1/128", "::/128", "::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23", "2001::/32",
    "2001:1::1/128", "2001:1::2/128", "2001:1::3/128", "2001:2::/48", "2001:3::/32", "2001:4:112::/48", "2001:10::/28",
    "2001:20::/28", "2001:30::/28", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", "5f00::/16",
    "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
]  # fmt: skip


def refused(address_found: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a name that resolves to an address is refused."""
    monkeypatch.setattr(address, "resolved_addresses", lambda _host, _port: ["1.1.1.1", address_found])
    try:
        require_address("https://partner.example/")
    except AddressRefused:
        return True
    return False


@pytest.mark.parametrize("block", SPECIAL)
def test_special_purpose_blocks_are_refused(block, monkeypatch):
    network = ipaddress.ip_network(block)
    inside = {network[0], network[-1], network[network.num_addresses // 2]}
    assert {str(each) for each in inside if not refused(str(each), monkeypatch)} == set()


@pytest.mark.parametrize("block", [block for block in SPECIAL if ":" not in block])
@pytest.mark.parametrize("prefix", ["::ffff:0:0", "64:ff9b::", "::", "2002::", "2001::"])
def test_special_purpose_addresses_wrapped_in_ipv6_are_refused(block, prefix, monkeypatch):
    inner = int(ipaddress.IPv4Network(block)[-1])
    shift = 80 if prefix == "2002::" else 0
    wrapped = ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) | inner << shift)
    assert refused(str(wrapped), monkeypatch)


@pytest.mark.parametrize(
    "public_address",
    [
        "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
        "191.255.255.255", "192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
        "223.255.255.255",
        "::ffff:1.1.1.1", "64:ff9b::101:101", "2000::1", "2001:200::1", "2001:db7::1", "2001:db9::1", "2003::1",
        "2606:4700:4700::1111", "2a00:1450::1", "3ffe:ffff::1", "3fff:1000::1",
    ],
)  # fmt: skip
def test_addresses_next_to_special_blocks_are_accepted(public_address, monkeypatch):
    assert not refused(public_address, monkeypatch)


def test_a_name_with_one_private_address_is_refused(monkeypatch):
    monkeypatch.setattr(address, "resolved_addresses", lambda _host, _port: ["1.1.1.1", "2606:4700::1", "10.0.0.1"])
    with pytest.raises(AddressRefused):
        require_address("https://partner.example/")
