"""All models of the one app, so that Django finds them; each is written in the package of its subject."""

from lostpost.accounts.models import (
    ApiClient,
    AttemptCount,
    Invitation,
    InvoiceCadence,
    Member,
    PolicyVersion,
    RequestCount,
    Seller,
    VatNumberCheck,
)
from lostpost.accounts.security_log import SecurityEvent
from lostpost.answering.models import (
    AnswerDraft,
    AnswerTemplate,
    Attachment,
    AttachmentContent,
    ContactDraft,
    ContactFile,
)
from lostpost.armed_write_offs.models import ArmedWriteOff
from lostpost.carrier_feeds.models import CarrierFeed, HourlyScanCount, SilentFeed
from lostpost.compensations.models import Compensation
from lostpost.connector_accounts.models import ConnectorAccount
from lostpost.core.idempotency import IdempotencyKey
from lostpost.customer_links.models import CustomerLink
from lostpost.customer_queries.models import AnswerDay, CustomerQuery, HolidayList, Mail, SavedView, TimelineEntry
from lostpost.declarations.models import Declaration
from lostpost.events.models import Event, EventCounter, Webhook
from lostpost.found_parcels.models import FoundCase, FoundEvidence, FoundOutcome, FoundOutcomeUnit
from lostpost.holds.models import Hold, WriteOffDay
from lostpost.invoicing.models import (
    CreditNote,
    CreditNoteLine,
    DocumentCounter,
    ExchangeRate,
    SalesInvoice,
    SalesInvoiceLine,
)
from lostpost.ledger.models import ClosingBalance, Transfer
from lostpost.notices.models import DeskNoticeChoices, Notice, NoticeChoices, NoticeCursor, NoticeMail
from lostpost.orders.models import Order, OrderItem, Parcel, ParcelUnit, Return, ReturnUnit
from lostpost.partnerservice.models import Override, PartnerserviceRequest, RequestStep
from lostpost.query_actions.models import QueryActionLine, QueryActionRun
from lostpost.refunds.models import Refund, RefundBounce
from lostpost.relay.models import IncomingMail, RelayAddress
from lostpost.restorations.models import Restoration, RestorationLine
from lostpost.sales.models import Sale
from lostpost.sales_channels.models import CarrierName, ChannelNews, RefusedRecord, SalesChannel, WatchedShipment
from lostpost.tracking.models import (
    EnteredScan,
    ParcelPoll,
    Scan,
    ScanCode,
    Silence,
    SilenceCount,
    TrackingSource,
    UnmappedScan,
    UnmatchedScan,
)
from lostpost.write_off_batches.models import WriteOffBatch, WriteOffBatchLine
from lostpost.writeoffs.models import WriteOff, WriteOffLine

__all__ = [
    "AnswerDay",
    "AnswerDraft",
    "AnswerTemplate",
    "ApiClient",
    "ArmedWriteOff",
    "Attachment",
    "AttachmentContent",
    "AttemptCount",
    "CarrierFeed",
    "CarrierName",
    "ChannelNews",
    "ClosingBalance",
    "Compensation",
    "ConnectorAccount",
    "ContactDraft",
    "ContactFile",
    "CreditNote",
    "CreditNoteLine",
    "CustomerLink",
    "CustomerQuery",
    "Declaration",
    "DeskNoticeChoices",
    "DocumentCounter",
    "EnteredScan",
    "Event",
    "EventCounter",
    "ExchangeRate",
    "FoundCase",
    "FoundEvidence",
    "FoundOutcome",
    "FoundOutcomeUnit",
    "Hold",
    "HolidayList",
    "HourlyScanCount",
    "IdempotencyKey",
    "IncomingMail",
    "Invitation",
    "InvoiceCadence",
    "Mail",
    "Member",
    "Notice",
    "NoticeChoices",
    "NoticeCursor",
    "NoticeMail",
    "Order",
    "OrderItem",
    "Override",
    "Parcel",
    "ParcelPoll",
    "ParcelUnit",
    "PartnerserviceRequest",
    "PolicyVersion",
    "QueryActionLine",
    "QueryActionRun",
    "Refund",
    "RefundBounce",
    "RefusedRecord",
    "RelayAddress",
    "RequestCount",
    "RequestStep",
    "Restoration",
    "RestorationLine",
    "Return",
    "ReturnUnit",
    "Sale",
    "SalesChannel",
    "SalesInvoice",
    "SalesInvoiceLine",
    "SavedView",
    "Scan",
    "ScanCode",
    "SecurityEvent",
    "Seller",
    "Silence",
    "SilenceCount",
    "SilentFeed",
    "TimelineEntry",
    "TrackingSource",
    "Transfer",
    "UnmappedScan",
    "UnmatchedScan",
    "VatNumberCheck",
    "WatchedShipment",
    "Webhook",
    "WriteOff",
    "WriteOffBatch",
    "WriteOffBatchLine",
    "WriteOffDay",
    "WriteOffLine",
]
