"""The carriers that can be asked; what each can do is in docs/integrating.md."""

from __future__ import annotations

from collections.abc import Mapping

from lostpost.connectors.carriers.bpost import Bpost
from lostpost.connectors.carriers.client import CarrierClient
from lostpost.connectors.carriers.dhl import DhlUnified
from lostpost.connectors.carriers.dpd import Dpd
from lostpost.connectors.carriers.gls import Gls
from lostpost.connectors.carriers.postnl import PostNL
from lostpost.connectors.carriers.ups import Ups

CARRIERS: Mapping[str, CarrierClient] = {
    each.name: each for each in (DhlUnified(), Dpd(), Gls(), Ups(), Bpost(), PostNL())
}
