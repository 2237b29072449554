"""All models of the one app, so that Django finds them; each is written in the package of its subject."""

from lostpost.accounts.models import (
    ApiClient,
    AttemptCount,
    InvoiceCadence,
    Member,
    PolicyVersion,
    RequestCount,
    Seller,
)
from lostpost.core.idempotency import IdempotencyKey
from lostpost.core.security_log import SecurityEvent
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.events.models import Event, EventCounter, Webhook
from lostpost.invoicing.models import CreditNote, CreditNoteLine, DocumentCounter, SalesInvoice, SalesInvoiceLine
from lostpost.ledger.models import Transfer
from lostpost.parcels.models import (
    Order,
    OrderItem,
    Parcel,
    ParcelUnit,
    Return,
    ReturnUnit,
    Sale,
    Scan,
    UnmatchedScan,
)
from lostpost.refunds.models import Refund, RefundBounce
from lostpost.writeoffs.models import PartnerserviceRequest, Restoration, RestorationLine, WriteOff, WriteOffLine

__all__ = [
    "ApiClient",
    "AttemptCount",
    "CreditNote",
    "CreditNoteLine",
    "CustomerQuery",
    "DocumentCounter",
    "Event",
    "EventCounter",
    "IdempotencyKey",
    "InvoiceCadence",
    "Mail",
    "Member",
    "Order",
    "OrderItem",
    "Parcel",
    "ParcelUnit",
    "PartnerserviceRequest",
    "PolicyVersion",
    "Refund",
    "RefundBounce",
    "RequestCount",
    "Restoration",
    "RestorationLine",
    "Return",
    "ReturnUnit",
    "Sale",
    "SalesInvoice",
    "SalesInvoiceLine",
    "Scan",
    "SecurityEvent",
    "Seller",
    "TimelineEntry",
    "Transfer",
    "UnmatchedScan",
    "Webhook",
    "WriteOff",
    "WriteOffLine",
]
