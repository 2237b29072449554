"""What a load balancer asks: is the process alive, and can it do its work."""

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lostpost.core.cluster import has_citus, silent_workers
from lostpost.core.postgresql.base import answer_within
from lostpost.core.readiness import can_be_written, schema_state
from lostpost.core.sql import execute

READY_SECONDS = 3  # Probes have their own timeout; a late answer is as bad as none.


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Liveness: the process responds. Nothing else is checked, so that a lost database does not restart it."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Readiness: the database responds, accepts writes and has this version's schema: 200, or 503 with the reason.

    A worker of a distributed database that does not respond is named, with 200: every web server asks the same ones,
    and the shops on the others go on.
    """
    try:
        reason, silent = unready()
    except (DatabaseError, InterfaceError):
        reason, silent = "the database does not answer", []
    if reason:
        return JsonResponse({"status": "unavailable", "reason": reason}, status=503)
    if silent:
        return JsonResponse({"status": "degraded", "reason": f"workers do not respond: {', '.join(silent)}"})
    return JsonResponse({"status": "ok"})


def unready() -> tuple[str, list[str]]:
    """Return why the process is not ready, empty if it is; and the workers that do not respond."""
    with answer_within(connection, READY_SECONDS + 1), transaction.atomic():
        execute(f"SET LOCAL statement_timeout = '{READY_SECONDS}s'", ())
        state = schema_state()
        writable = can_be_written()
        silent = silent_workers() if has_citus() else []
    if state.unknown:
        return f"the database is of a newer version: {state.unknown[-1]}", silent
    if state.unapplied:
        return "migrations are waiting", silent
    return "" if writable else "the database takes no writes", silent
