"""The OpenAPI document: complete enough to generate a client from, with every refusal, scope and example."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI
from ninja.openapi.docs import Swagger
from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema
from ninja.operation import Operation

from lostpost.answering.files import TYPES
from lostpost.api.http.auth import scope
from lostpost.api.http.oauth import SCOPES
from lostpost.api.http.routing import by_method
from lostpost.api.http.schemas import ProblemOut
from lostpost.api.http.sign_in_schemas import OAuthErrorOut, TokenIn, TokenOut
from lostpost.api.openapi.examples import EXAMPLES
from lostpost.api.openapi.responses import RATE, headers, problem_response, rate_headers
from lostpost.api.openapi.sign_in import CLIENT, SIGN_IN_PATH, sign_in
from lostpost.invoicing.documents.files import CONTENT_TYPES

SECURITY = "oauth2"
TAGS = {
    "signing in": "Tokens for API clients",
    "platform": "What the marketplace tells: sellers, orders, parcels, returns, scans, what became of money",
    "orders": "Orders, and what of them may be written off",
    "customer queries": "What a customer and a seller have to settle about an order",
    "partnerservice requests": "What Partnerservice decides: ask, reply, appeal, read the outcome",
    "write-offs": "Write-offs and the refunds that they cause",
    "found parcels": "Lost, then found: parcels that turn up after their write-off, and what follows",
    "restorations": "Customers who pay again; credit notes",
    "invoices": "Sales invoices, their specification and documents",
    "statement": "What a shop and the marketplace owe each other; the self-check",
    "events": "The feed of events, and webhooks that follow it",
}

# The codes that every operation may answer with, and those of the commands behind some of them.
ALWAYS = {
    401: ["not-authenticated"],
    403: ["insufficient-scope"],
    429: ["too-many-requests"],
    500: ["unexpected"],
    503: ["busy", "unavailable"],
}
OF_OPERATION: dict[str, dict[int, list[str]]] = {
    "put_seller": {422: ["rejected"]},
    "put_order": {409: ["order-contradicts"], 422: ["rejected"]},
    "put_parcel": {409: ["parcel-contradicts"], 422: ["rejected"]},
    "put_return": {409: ["return-contradicts"], 422: ["rejected"]},
    "post_refund_outcome": {409: ["refund-at-provider", "refund-settled"], 422: ["rejected"]},
    "retry_refund": {409: ["refund-settled"], 422: ["rejected"]},
    "take_refund_by_hand": {409: ["refund-at-provider", "refund-settled"]},
    "post_invoice_outcome": {409: ["invoice-settled"], 422: ["rejected"]},
    "get_statement": {422: ["rejected"]},
    "get_self_check": {422: ["rejected"]},
    "start_customer_contact": {422: ["file-refused", "message-refused", "rejected"]},
    "post_customer_message": {422: ["file-refused", "message-refused", "rejected"]},
    "send_message": {
        409: ["attachment-missing", "cannot-close", "newer-message", "query-not-open", "query-with-partnerservice"],
        422: ["file-refused", "message-refused", "rejected", "template-refused"],
    },
    "upload_attachment": {422: ["file-refused"]},
    "put_answer_template": {422: ["template-refused"]},
    "change_answer_template": {422: ["template-refused"]},
    "close_query": {409: ["cannot-close", "query-with-partnerservice"]},
    "reopen_query": {409: ["query-with-partnerservice"]},
    "ask_for_declaration": {409: ["query-not-open", "query-with-partnerservice"]},
    "put_aside": {409: ["query-not-open", "query-with-partnerservice"], 422: ["rejected"]},
    "hand_to_partnerservice": {409: ["query-not-open"], 422: ["rejected"]},
    "ask_partnerservice": {
        409: ["already-asked", "query-not-open", "query-with-partnerservice"],
        422: ["not-for-partnerservice", "rejected"],
    },
    "reply_to_partnerservice": {409: ["nothing-to-reply", "request-answered"], 422: ["rejected"]},
    "appeal_hold": {409: ["already-asked", "hold-released"], 422: ["rejected"]},
    "put_webhook": {409: ["too-many-webhooks"], 422: ["address-refused"]},
    "preview_write_off": {
        409: ["query-not-open", "query-with-partnerservice"],
        422: ["not-eligible", "nothing-picked", "quantity-unavailable"],
    },
    "create_write_off": {
        409: ["changed-since-preview", "on-hold", "query-not-open", "query-with-partnerservice"],
        422: ["not-eligible", "nothing-picked", "quantity-unavailable", "rejected"],
    },
    "preview_armed_write_off": {
        409: ["query-not-open", "query-with-partnerservice"],
        422: ["eligible-already", "not-eligible", "nothing-picked", "quantity-unavailable"],
    },
    "arm_write_off": {
        409: ["armed-already", "changed-since-preview", "on-hold", "query-not-open", "query-with-partnerservice"],
        422: ["eligible-already", "not-eligible", "nothing-picked", "quantity-unavailable", "rejected"],
    },
    "disarm_write_off": {409: ["executed-already"]},
    "preview_query_action": {404: ["not-found"], 422: ["rejected", "template-refused"]},
    "create_query_action": {404: ["not-found"], 422: ["rejected", "template-refused", "too-many-queries"]},
    "preview_write_off_batch": {422: ["rejected"]},
    "create_write_off_batch": {422: ["batch-day-limit", "batch-too-large", "rejected"]},
    "report_found_parcel": {422: ["nothing-found"]},
    "preview_found_outcome": {
        409: ["already-asked-to-pay", "found-case-ended", "refund-not-paid"],
        422: ["no-such-units", "rejected"],
    },
    "decide_found_parcel": {
        409: [
            *("already-asked-to-pay", "changed-since-preview", "found-case-ended", "query-with-partnerservice"),
            "refund-not-paid",
        ],
        422: ["no-such-units", "rejected"],
    },
    "withdraw_found_question": {409: ["nothing-asked", "query-with-partnerservice"]},
    "cancel_write_off_batch": {409: ["batch-decided"]},
}
# Operations that answer with files, beside JSON or instead of it.
_TABLES = [CONTENT_TYPES["csv"], CONTENT_TYPES["xlsx"]]
_PAPERS = ["application/pdf", "application/xml"]
FILES = {
    "get_invoice_specification": ["application/json", *_TABLES],
    "get_interim_specification": ["application/json", *_TABLES],
    "get_invoice_document": _PAPERS,
    "get_credit_note_document": _PAPERS,
    "download_attachment": [*TYPES],
}


class Document(OpenAPISchema):
    """Ninja's document, completed with what it leaves out."""

    def get_paths(self) -> dict[str, Any]:
        """Describe the operations, and first of all how to get a token for them."""
        return {SIGN_IN_PATH: {"post": sign_in()}, **super().get_paths()}

    def operation_details(self, operation: Operation) -> dict[str, Any]:
        """Describe an operation with its refusals and examples."""
        details: dict[str, Any] = super().operation_details(operation)
        name = details["operationId"]
        details["summary"] = name.replace("_", " ").capitalize()
        details["responses"] = {
            **{str(status): self._done(name, status, answer) for status, answer in details["responses"].items()},
            **{
                str(status): problem_response(status, codes)
                for status, codes in sorted(_codes(operation, details).items())
            },
        }
        if body := details.get("requestBody"):
            body["content"]["application/json"]["examples"] = {"usual": {"value": EXAMPLES[name]["request"]}}
        return details

    def operation_parameters(self, operation: Operation) -> list[dict[str, Any]]:
        """Describe parameters; one that may be left out is left out, and never sent as null."""
        parameters: list[dict[str, Any]] = super().operation_parameters(operation)
        for parameter in parameters:
            schema = parameter["schema"]
            kinds = [kind for kind in schema.pop("anyOf", []) if kind != {"type": "null"}]
            if kinds:
                parameter["schema"] = {**kinds[0], **schema}
            if isinstance(parameter.get("examples"), list):
                parameter["example"] = parameter.pop("examples")[0]
        return parameters

    def operation_security(self, operation: Operation) -> list[dict[str, Any]] | None:
        """Return the scopes: any one of them is enough, and a platform's token is valid everywhere."""
        scopes = _scopes(operation)
        return [{SECURITY: [name]} for name in scopes] or None

    def get_components(self) -> dict[str, Any]:
        """Add the shape of problems and the way of signing in."""
        problem = ProblemOut.model_json_schema(ref_template=REF_TEMPLATE, mode="serialization")
        self.add_schema_definitions(problem.pop("$defs", {}))
        self.add_schema_definitions({"ProblemOut": problem})
        for shape in (TokenIn, TokenOut, OAuthErrorOut):
            self.add_schema_definitions({shape.__name__: shape.model_json_schema(ref_template=REF_TEMPLATE)})
        flow = {"tokenUrl": "/oauth/token", "scopes": SCOPES}
        return {
            "schemas": dict(sorted(self.schemas.items())),
            "headers": headers(RATE),
            "securitySchemes": {
                SECURITY: {
                    "type": "oauth2",
                    "description": "Client credentials (RFC 6749, 4.4); tokens last an hour.",
                    "flows": {"clientCredentials": flow},
                },
                CLIENT: {"type": "http", "scheme": "basic", "description": "The client's id and secret."},
            },
        }

    def _done(self, name: str, status: int | str, answer: dict[str, Any]) -> dict[str, Any]:
        answer["headers"] = rate_headers()
        examples = EXAMPLES.get(name, {})
        if example := examples.get(f"response_{status}", examples.get("response")):
            answer["content"]["application/json"]["examples"] = {"usual": {"value": example}}
        if name in FILES:
            file = {"schema": {"type": "string", "format": "binary"}}
            content = answer.get("content", {})
            answer["content"] = {
                media_type: content[media_type] if media_type == "application/json" else file
                for media_type in FILES[name]
            }
        return answer


class DocumentedAPI(NinjaAPI):
    """An API with a complete document, and with routes that are distinguished by method too."""

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        """Give Django the routes."""
        patterns, app_name, namespace = super().urls
        return by_method(patterns, self.documented_paths), app_name, namespace

    def documented_paths(self) -> dict[str, Any]:
        """Return the paths of the document as they stand in the routes, below the address of the API."""
        paths: dict[str, Any] = self.get_openapi_schema(path_prefix="")["paths"]
        return paths

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Describe the API."""
        if path_prefix is None:
            path_prefix = self.get_root_path(path_params or {})
        return Document(self, path_prefix)


class ReferencePage(Swagger):
    """The page that shows the document, from files of the package; without inline scripts."""

    template = "api/docs.html"


def _scopes(operation: Operation) -> list[str]:
    names: set[str] = set()
    for callback in operation.auth_callbacks:
        if isinstance(callback, scope):
            names |= callback.scopes | {"platform"}
    return sorted(names)


def _codes(operation: Operation, details: dict[str, Any]) -> dict[int, list[str]]:
    """Gather by status the codes that an operation may answer with."""
    codes_by_status: dict[int, list[str]] = {status: list(codes) for status, codes in ALWAYS.items()}
    if not _scopes(operation):
        del codes_by_status[401], codes_by_status[403]
    names = {(parameter["in"], parameter["name"]) for parameter in details["parameters"]}
    keyed = ("header", "Idempotency-Key") in names
    body = "requestBody" in details
    named = ("query", "seller") in names or any(place == "path" for place, _name in names)
    _add(codes_by_status, 404, ["not-found"] if named and details["operationId"] != "put_seller" else [])
    _add(codes_by_status, 400, ["malformed-body"] if body else [])
    _add(codes_by_status, 408, ["request-timeout"] if body else [])
    _add(codes_by_status, 411, ["refused"] if body else [])
    _add(codes_by_status, 413, ["body-too-large"] if body else [])
    _add(codes_by_status, 415, ["not-json"] if body else [])
    _add(codes_by_status, 409, ["in-progress"] if keyed else [])
    _add(codes_by_status, 422, ["validation-failed"] if names or body else [])
    _add(codes_by_status, 422, ["key-reused"] if keyed else [])
    _add(codes_by_status, 422, ["seller-missing"] if ("query", "seller") in names else [])
    _add(codes_by_status, 422, ["cursor-unknown"] if ("query", "after") in names else [])
    for status, codes in OF_OPERATION.get(details["operationId"], {}).items():
        _add(codes_by_status, status, codes)
    return codes_by_status


def _add(codes_by_status: dict[int, list[str]], status: int, codes: Iterable[str]) -> None:
    for code in codes:
        codes_by_status.setdefault(status, []).append(code)
