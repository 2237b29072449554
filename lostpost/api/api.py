"""The API itself: its routes, its documentation, its problems."""

from __future__ import annotations

from django.views.decorators.http import require_safe

from lostpost.api.armed_write_offs.routes import router as armed_write_offs
from lostpost.api.carrier_feeds.routes import router as carrier_feeds
from lostpost.api.compensations.routes import router as compensations
from lostpost.api.customer_queries.answer_times import router as answer_times
from lostpost.api.customer_queries.attachments import router as attachments
from lostpost.api.customer_queries.declarations import router as declarations
from lostpost.api.customer_queries.message_routes import router as customer_messages
from lostpost.api.customer_queries.routes import router as customer_queries
from lostpost.api.customer_queries.template_routes import router as answer_templates
from lostpost.api.events.routes import router as events
from lostpost.api.found_parcels.routes import router as found_parcels
from lostpost.api.http import problem_pages
from lostpost.api.http.parser import StrictParser
from lostpost.api.http.renderer import ExactRenderer
from lostpost.api.http.strict_query import strict_query
from lostpost.api.invoices.routes import router as invoices
from lostpost.api.odds.routes import router as odds
from lostpost.api.openapi.document import TAGS, DocumentedAPI, ReferencePage
from lostpost.api.orders.intake_routes import router as intake
from lostpost.api.orders.routes import router as orders
from lostpost.api.partnerservice_requests.routes import router as partnerservice_requests
from lostpost.api.query_actions.routes import router as query_actions
from lostpost.api.radar.routes import router as radar
from lostpost.api.refunds.outcome_routes import router as refund_outcomes
from lostpost.api.refunds.routes import router as refunds
from lostpost.api.restorations.routes import router as restorations
from lostpost.api.scans.routes import router as scans
from lostpost.api.sellers.routes import router as sellers
from lostpost.api.statement.routes import router as statement
from lostpost.api.webhooks.routes import router as webhooks
from lostpost.api.write_off_batches.routes import router as write_off_batches
from lostpost.api.write_offs.routes import router as write_offs
from lostpost.web import problems

api = DocumentedAPI(
    title="Lostpost",
    version="1",
    description="Write off shipments that were lost in the mail. Amounts are integers of minor units with their ISO "
    "4217 currency, instants RFC 3339 with offset, errors problem details (RFC 9457) with a stable `code`.",
    servers=[{"url": "/"}],
    openapi_extra={
        "info": {
            "contact": {"name": "The marketplace whose Lostpost this is"},
            "license": {"name": "MIT License", "identifier": "MIT"},
        },
        "tags": [{"name": name, "description": description} for name, description in TAGS.items()],
    },
    docs=ReferencePage(),
    docs_url="/docs",
    docs_decorator=require_safe,
    parser=StrictParser(),
    renderer=ExactRenderer(),
    urls_namespace="api",
)
for router in (
    orders,
    radar,
    odds,
    sellers,
    intake,
    refund_outcomes,
    scans,
    carrier_feeds,
    customer_messages,
    query_actions,  # Before customer queries: `actions` is no query's number.
    customer_queries,
    answer_times,
    attachments,
    answer_templates,
    declarations,
    partnerservice_requests,
    armed_write_offs,
    write_off_batches,  # Before write-offs: `batch` is no write-off's number.
    write_offs,
    compensations,
    refunds,
    restorations,
    found_parcels,
    invoices,
    statement,
    events,
    webhooks,
    problem_pages.router,
):
    api.add_router("", router)
api.add_decorator(strict_query)
problems.install(api)
