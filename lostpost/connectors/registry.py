"""Every connector that asks a remote interface, by its name."""

from __future__ import annotations

from collections.abc import Mapping

from lostpost.connectors.carriers.carriers import CARRIERS
from lostpost.connectors.remote_apis.connector import RemoteConnector

CONNECTORS: Mapping[str, RemoteConnector] = {**CARRIERS}
