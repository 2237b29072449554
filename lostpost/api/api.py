"""The API itself: its routes, its documentation, its problems."""

from __future__ import annotations

from django.views.decorators.http import require_safe

from lostpost.api import (
    customer_queries,
    events,
    invoices,
    orders,
    platform,
    problem_pages,
    problems,
    restorations,
    scans,
    statement,
    webhooks,
    write_offs,
)
from lostpost.api.document import TAGS, DocumentedAPI, Reader
from lostpost.api.parser import StrictParser
from lostpost.api.query_names import known_names_only
from lostpost.api.renderer import ExactRenderer

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
    docs=Reader(),
    docs_url="/docs",
    docs_decorator=require_safe,
    parser=StrictParser(),
    renderer=ExactRenderer(),
    urls_namespace="api",
)
for router in (
    orders.router,
    platform.router,
    scans.router,
    customer_queries.router,
    write_offs.router,
    restorations.router,
    invoices.router,
    statement.router,
    events.router,
    webhooks.router,
    problem_pages.router,
):
    api.add_router("", router)
api.add_decorator(known_names_only)
problems.install(api)
