"""Run a sales channel: fetch what is new, put it in, and keep how far it came, step by step."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from time import monotonic

from django.utils import translation

from lostpost.connectors.remote_apis.problems import CredentialsUnreadable, RemoteProblem, TooManyCalls
from lostpost.connectors.sales_channels.bol.bol import Bol
from lostpost.connectors.sales_channels.platform import (
    ChannelRun,
    FetchedOrder,
    SalesPlatform,
)
from lostpost.connectors.sales_channels.woocommerce.woocommerce import WooCommerce
from lostpost.core.sealed import KeyMissing
from lostpost.core.sql import database_now
from lostpost.intake.import_orders import ImportOutcome, OrderImport, OrderImportRefusal, import_orders
from lostpost.sales_channels.carrier_names import CarrierNames
from lostpost.sales_channels.channel_news import orders_told_of, take_news
from lostpost.sales_channels.models import SalesChannel
from lostpost.sales_channels.put_sales_channel import channel_credentials
from lostpost.sales_channels.runs import (
    EVERY,
    SHORTEST_WAIT,
    LeaseLost,
    RecordRefusal,
    StepOutcome,
    end_run,
    fail_run,
    keep_step,
    orders_to_retry,
)
from lostpost.sales_channels.watch_shipments import watch_shipments
from lostpost.tracking.scan_codes import keep_unmapped_scans

logger = logging.getLogger("lostpost.sales_channels")

PLATFORMS: Mapping[str, SalesPlatform] = {each.name: each for each in (Bol(), WooCommerce())}
CHANNEL_RUN = "sales-channels.run"  # The job.
TURN_SECONDS = 60.0  # After so long other channels have their turn; it goes on a minute later.
CHECK_SECONDS = 8.0  # Of each request while somebody waits for the page.
NEWS_MOST = 100  # Orders of one run that the platform told of.
RETRIED_MOST = 20  # Orders of one run of which something was refused before.


def run_channel(channel: SalesChannel, *, clock: Callable[[], datetime] = database_now) -> str:
    """Run a channel that the caller has claimed; return what went wrong: a code of `texts.sales_channels`, or nothing.

    It may be killed at any point: what a step has brought is stored before its progress is, and storing it again
    changes nothing.
    """
    with translation.override(channel.seller.language):  # Refusals are kept as sentences.
        try:
            return _run(channel, clock)
        except LeaseLost:
            logger.info("%s of %s is run by somebody else, or was paused", channel.platform, channel.seller.code)
            return "not-run"
        except RemoteProblem as problem:
            return _failed(channel, problem.code, str(problem), clock())
        except KeyMissing:
            return _failed(channel, CredentialsUnreadable.code, "", clock())
        except Exception as bug:
            _failed(channel, "fault", type(bug).__name__, clock())
            raise


def check_channel(channel: SalesChannel, *, clock: Callable[[], datetime] = database_now) -> None:
    """Ask the platform something small, without fetching anything.

    Raises: RemoteProblem, KeyMissing.
    """
    run = _started(channel, clock)
    run.seconds = CHECK_SECONDS
    PLATFORMS[channel.platform].check(run)


def _run(channel: SalesChannel, clock: Callable[[], datetime]) -> str:
    run = _started(channel, clock)
    ends, is_done = monotonic() + TURN_SECONDS, True
    for step in _steps(run):
        _put_step(run, step)
        if monotonic() >= ends:
            is_done = False
            break
    is_done = is_done and not orders_told_of(channel, 1)
    wait = timedelta(seconds=min(run.pauses)) if run.pauses else (EVERY if is_done else SHORTEST_WAIT)
    end_run(channel=channel, wait=wait, now=run.now)
    return ""


def _started(channel: SalesChannel, clock: Callable[[], datetime]) -> ChannelRun:
    progress, now = deepcopy(channel.progress), clock()
    return ChannelRun(channel, channel_credentials(channel), clock, progress, CarrierNames(now))


def _steps(run: ChannelRun) -> Iterator[Sequence[FetchedOrder]]:
    platform = PLATFORMS[run.channel.platform]
    until, news = run.now, orders_told_of(run.channel, NEWS_MOST)
    again = [order for order in orders_to_retry(run.channel, until, RETRIED_MOST) if order not in news]
    try:
        yield from platform.orders(run, [*news, *again])
        if news:
            take_news(channel=run.channel, orders=news, until=until, now=run.now)
    except TooManyCalls as limit:
        run.pause(limit)
    yield from platform.steps(run)


def _put_step(run: ChannelRun, step: Sequence[FetchedOrder]) -> None:
    """Store a step, then how far the run has come. Raises: LeaseLost."""
    now, channel = run.now, run.channel
    outcome = import_orders(seller=run.seller, bundles=[each.bundle for each in step], now=now) if step else None
    refusals: list[RecordRefusal] = []
    taken_in: set[tuple[str, str]] = set()
    for at, fetched in enumerate(step):
        refused = outcome.refused.get(at, []) if outcome else []
        refusals += fetched.unreadable
        refusals += [_named(fetched, each) for each in refused]
        if not refused:
            taken_in |= _records(fetched.bundle)
    unmapped = [each for fetched in step for each in fetched.unmapped]
    if unmapped:
        keep_unmapped_scans(seller_id=channel.seller_id, source=channel.platform, scans=unmapped, now=now)
    shipments = [shipment for fetched in step for shipment in fetched.shipments]
    if shipments:
        watch_shipments(channel=channel, shipments=shipments, now=now)
    whole = frozenset(fetched.reference for fetched in step if fetched.is_complete)
    kept = StepOutcome(frozenset(taken_in), whole, refusals, _counts(outcome) if outcome else None)
    keep_step(channel=channel, progress=run.progress, outcome=kept, now=now)


def _named(fetched: FetchedOrder, refused: OrderImportRefusal) -> RecordRefusal:
    bundle, place = fetched.bundle, refused.place
    match refused.kind:
        case "order":
            reference = bundle.order.number if bundle.order else fetched.reference
        case "parcel":
            reference = bundle.parcels[place].code
        case "return":
            reference = bundle.returns[place].code
        case "scan":
            reference = bundle.scans[place].parcel
    return RecordRefusal(refused.kind, reference, fetched.reference, str(refused.refusal))


def _records(bundle: OrderImport) -> set[tuple[str, str]]:
    records = {("parcel", parcel.code) for parcel in bundle.parcels}
    records |= {("return", data.code) for data in bundle.returns}
    return records | {("order", bundle.order.number)} if bundle.order else records


def _counts(outcome: ImportOutcome) -> dict[str, int]:
    """Count what is new or changed; of scans, what is new."""
    return {
        f"{kind}s": outcome.counts[kind, "created"] + (outcome.counts[kind, "updated"] if kind != "scan" else 0)
        for kind in ("order", "parcel", "return", "scan")
    }


def _failed(channel: SalesChannel, problem: str, detail: str, now: datetime) -> str:
    fail_run(channel=channel, problem=problem, detail=detail, now=now)
    logger.warning("%s of %s failed: %s (%s)", channel.platform, channel.seller.code, problem, detail)
    return problem
