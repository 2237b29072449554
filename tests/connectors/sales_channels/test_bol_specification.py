"""bol's own specification: our server answers as it says, and its examples come in."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from lostpost.orders.models import Order, OrderItem, Parcel, Return
from tests.connectors.sales_channels.bol_server import bol_order, bol_return, bol_shipment
from tests.connectors.sales_channels.channels import refusals_of, run_once

SPECIFICATION = Path(__file__).parents[4] / "shared" / "data" / "bol-openapi" / "bol-retailer-v10.json"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SPECIFICATION.exists(), reason="left out: bol's specification is not here (shared/data)"),
]


@cache
def schemas() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(SPECIFICATION.read_text(encoding="utf-8"))["components"]["schemas"]
    return content


def example_of(schema: dict[str, Any]) -> Any:
    """Write the example that a schema gives of each of its fields."""
    if "$ref" in schema:
        return example_of(schemas()[schema["$ref"].rpartition("/")[2]])
    if schema.get("type") == "array":
        return [example_of(schema["items"])]
    if "properties" in schema:
        return {name: example_of(each) for name, each in schema["properties"].items()}
    example = schema.get("example", schema.get("enum", [None])[0])
    return {"true": True, "false": False}.get(str(example).lower(), example)


@pytest.mark.parametrize(
    ("name", "record"),
    [("Order", bol_order()), ("Shipment", bol_shipment()), ("Return", bol_return("1", result="ACCEPTED"))],
)
def test_our_server_answers_as_specified(name, record):
    """A return lacks what its detail says of the customer: lists do not have it."""
    name = "ReducedReturn" if name == "Return" else name
    document = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas()}}
    jsonschema_rs.validator_for(document).validate(record)


def test_the_examples_of_the_specification_come_in(bol, channel):
    order, shipment, back = (example_of(schemas()[name]) for name in ("Order", "Shipment", "ReducedReturn"))
    shipment["order"]["orderId"] = back["returnItems"][0]["orderId"] = order["orderId"]
    shipment["shipmentItems"][0]["orderItemId"] = order["orderItems"][0]["orderItemId"]
    shipment["shipmentItems"][0]["fulfilment"]["distributionParty"] = "RETAILER"
    order["orderItems"][0].update(latestChangedDateTime="2026-03-08T10:00:00+01:00", quantityCancelled=0)
    back["returnItems"][0].update(ean=order["orderItems"][0]["product"]["ean"], handled=False)
    bol.orders, bol.shipments, bol.returns = {order["orderId"]: order}, [shipment], [back]

    assert run_once(channel) == ""

    assert refusals_of(channel) == {}
    assert (Order.objects.get().number, OrderItem.objects.get().paid_minor) == ("A2K8290LP8", 118_91)
    assert (Parcel.objects.get().shipping_method, Parcel.objects.get().carrier) == ("label_via_platform", "PostNL")
    assert Return.objects.get().status == "announced"
