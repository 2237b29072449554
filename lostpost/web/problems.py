"""Map refusals and other errors to RFC 9457 problem details."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from lostpost.core.clock import rfc3339
from lostpost.core.errors import Refused
from lostpost.customer_queries.timeline import QueryHandled, QueryWithPartnerservice
from lostpost.restorations.restore_payment import MoreThanRefunded
from lostpost.texts.refusals import refusal_text
from lostpost.web.http import status_of
from lostpost.web.outages import BUSY, Outage, outage_of
from lostpost.writeoffs.selection import NotEligible, QuantityUnavailable

CONTENT_TYPE = "application/problem+json"
ERRORS_MAX = 100  # A large body with nothing right in it would be answered with one that is larger still.
log = logging.getLogger("lostpost.api")
API_PREFIXES = ("/api/", "/oauth/")  # Paths below these get problems, all others pages.


class Problem(Exception):
    """An error response. `code` is stable; api/problems/<code>.md explains it."""

    def __init__(
        self, status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers or {}
        self.members = members

    def response(self, request: HttpRequest) -> HttpResponse:
        """Write it down."""
        body = {
            "type": f"{settings.LOSTPOST_URL}/api/v1/problems/{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "instance": request.path,
            **self.members,
        }
        response = HttpResponse(json.dumps(body), status=self.status, content_type=CONTENT_TYPE)
        response.headers["Content-Length"] = str(len(response.content))
        for name, value in self.headers.items():
            response.headers[name] = value
        return response


def of_refusal(refusal: Refused) -> Problem:
    """Translate a refusal of the domain, with the facts that a program can use."""
    return Problem(status_of(refusal), refusal.code, str(refusal), **refusal_members(refusal))


def refusal_members(refusal: Refused) -> dict[str, Any]:
    """Return the facts of a refusal that a program can use, as JSON values; empty where the code says it all."""
    if isinstance(refusal, NotEligible):
        return {
            "lines": [
                {
                    "parcel": units.parcel,
                    "item": units.item,
                    "refusals": [
                        {
                            "code": reason.code,
                            "text": refusal_text(reason, units.assessment),
                            "eligible_from": rfc3339(reason.eligible_from) if reason.eligible_from else None,
                        }
                        for reason in units.refusals
                    ],
                }
                for units in refusal.refused
            ]
        }
    if isinstance(refusal, QuantityUnavailable | MoreThanRefunded):
        units = refusal.units
        return {"parcel": units.parcel, "item": units.item, "available": refusal.available}
    if isinstance(refusal, QueryHandled | QueryWithPartnerservice):
        return {"refusals": [{"code": refusal.code, "text": str(refusal)}]}
    return {}


def of_validation(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """Convert validation errors of the schemas: the path of each invalid value, and the reason."""
    return wrong_values(
        [{"path": _path(error["loc"]), "detail": str(error["msg"]), "code": str(error["type"])} for error in errors]
    )


def wrong_values(errors: Sequence[Mapping[str, str]]) -> Problem:
    """Return a problem with the invalid values: `path`, `detail` and `code` of each, up to a maximum."""
    detail = "; ".join(f"{error['path']}: {error['detail']}" for error in errors[:5])
    return Problem(422, "validation-failed", detail, errors=list(errors[:ERRORS_MAX]))


def _path(places: Sequence[str | int]) -> str:
    """Return a path such as `body.items[2].quantity`, without the library's name of the argument."""
    kind, *rest = places
    if kind == "body" and rest:
        rest = rest[1:]
    return str(kind) + "".join(f"[{place}]" if isinstance(place, int) else f".{place}" for place in rest)


def install(api: NinjaAPI) -> None:
    """Handle every exception of an endpoint with a problem."""

    def answer(request: HttpRequest, error: Any) -> HttpResponse:
        return of_exception(error).response(request)

    for kind in (Problem, Refused, ValidationError, Http404, HttpError):
        api.add_exception_handler(kind, answer)


def of_exception(error: Exception) -> Problem:
    """Convert an endpoint's exception; an unexpected one reveals nothing."""
    match error:
        case Problem():
            return error
        case Refused():
            return of_refusal(error)
        case ValidationError():
            return of_validation(error.errors)
        case Http404():
            return not_found()
        case HttpError():
            if isinstance(error.__cause__, Problem):  # Raised while the body was read: ninja would hide it.
                return error.__cause__
            return Problem(error.status_code, "malformed-body" if error.status_code == 400 else "refused", str(error))
        case RequestDataTooBig():
            return of_status(413)
        case BadRequest() | SuspiciousOperation() | MultiPartParserError() | UnreadablePostError():
            return of_status(400)
        case PermissionDenied():
            return of_status(403)
    outage = outage_of(error)
    return of_outage(outage) if outage else of_status(500)


def of_status(status: int) -> Problem:
    """Return the default problem of a status."""
    match status:
        case 404:
            return not_found()
        case 405:
            return Problem(405, "method-not-allowed", "This address does not take this method; see Allow.")
        case 408:
            return Problem(408, "request-timeout", "The request took too long to arrive. Nothing was done; repeat it.")
        case 411:
            return Problem(411, "refused", "Send the body whole, with its Content-Length, and not in chunks.")
        case 413:
            return Problem(413, "body-too-large", "The body is larger than this address takes. Send it in parts.")
        case 503:
            return of_outage(BUSY)
        case 500:
            return Problem(500, "unexpected", "Something went wrong here. The log has this request's id.")
    return Problem(status, "refused", "The request was refused before it was read. Check how it is sent.")


def of_outage(outage: Outage) -> Problem:
    """Return a problem for a temporary outage, with Retry-After."""
    detail = (
        "There is too much to do, or somebody else holds what is needed. Nothing is lost; send it again."
        if outage is BUSY
        else "The database is out of reach, full, or only to be read for a moment. Send it again, with the same key."
    )
    return Problem(503, outage.code, detail, headers={"Retry-After": str(outage.retry_after_seconds)})


def not_found() -> Problem:
    """Return the problem for an unknown path, the same for everyone."""
    return Problem(404, "not-found", "There is nothing at this address, or it is not yours to see.")
