"""While trying out, only this machine is let in, unless told otherwise aloud."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from lostpost.management.bind_address import require_loopback_or_production


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.1.2.3"])
def test_loopback_addresses_are_allowed(host: str) -> None:
    require_loopback_or_production(host, open_to_network=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "2001:db8::1", "no-such-host.invalid"])
def test_other_addresses_need_a_flag_or_production(host: str, settings: Any) -> None:
    with pytest.raises(CommandError, match="--open-to-network"):
        require_loopback_or_production(host, open_to_network=False)
    require_loopback_or_production(host, open_to_network=True)
    settings.PRODUCTION = True
    require_loopback_or_production(host, open_to_network=False)


@pytest.mark.parametrize("command", ["web", "serve"])
def test_both_commands_check_the_address(command: str) -> None:
    with pytest.raises(CommandError, match="LOSTPOST_MODE=production"):
        call_command(command, host="0.0.0.0", port=1)
