"""URLs of Partnerservice and finance, and of the mailbox for trying Lostpost out."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from lostpost.desk import (
    arrival_odds,
    attachments,
    carrier_feeds,
    connectors,
    found_parcels,
    invoices,
    losses,
    mailbox,
    notices,
    parked_mail,
    policy,
    policy_try,
    radar,
    refunds,
    requests,
    restorations,
    search,
    self_checks,
    signals,
    tracking_sources,
)
from lostpost.web import converters  # noqa: F401  Registering is what importing does.

app_name = "desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/requests/", requests.requests, name="requests"),
    path("desk/requests/new/", requests.new_requests, name="new-requests"),
    path("desk/requests/<name:seller>/<uuid:request_id>/", requests.one_request, name="request"),
    path("desk/attachments/<name:seller>/<uuid:attachment>/", attachments.message_file, name="attachment"),
    path("desk/mail/", parked_mail.parked_mails, name="parked-mails"),
    path("desk/mail/<name:seller>/<uuid:incoming_id>/", parked_mail.parked_mail, name="parked-mail"),
    path("desk/mail/<name:seller>/<uuid:incoming>/whole/", parked_mail.whole_incoming_mail, name="whole-mail"),
    path("desk/requests/<name:seller>/<uuid:request_id>/signals/", signals.signals_of_request, name="request-signals"),
    path("desk/found-parcels/", found_parcels.all_found_parcels, name="found-parcels"),
    path("desk/found-parcels/<name:seller>/<name:number>/", found_parcels.one_found_parcel, name="found-parcel"),
    path("desk/silent-parcels/", radar.silent_parcels_of_all, name="radar"),
    path("desk/silent-parcels/file/", radar.file_of_silent_parcels, name="radar-file"),
    path("desk/losses/", losses.losses_of_all, name="losses"),
    path("desk/arrival-odds/", arrival_odds.arrival_odds_of_carriers, name="arrival-odds"),
    path("desk/notices/", notices.desk_notices, name="notices"),
    path("desk/policy/", policy.policy_in_force, name="policy"),
    path("desk/policy/try/", policy_try.policy_try, name="policy-try"),
    path("desk/search/", search.search, name="search"),
    path("desk/signals/", signals.signals, name="signals"),
    path("desk/connectors/", connectors.connectors, name="connectors"),
    path("desk/carrier-feeds/", carrier_feeds.feeds_of_carriers, name="carrier-feeds"),
    path("desk/tracking-sources/", tracking_sources.tracking_sources, name="tracking-sources"),
    path("desk/refunds/", refunds.refunds_to_pay, name="refunds"),
    path("desk/refunds/<name:seller>/<name:number>/", refunds.one_refund, name="refund"),
    path("desk/invoices/", invoices.invoices_to_pay, name="invoices"),
    path("desk/invoices/<name:seller>/<document:number>/", invoices.one_invoice, name="invoice"),
    path("desk/restorations/", restorations.restorations_to_settle, name="restorations"),
    path("desk/restorations/<name:seller>/<name:number>/", restorations.one_restoration, name="restoration"),
    path("desk/self-check/", self_checks.self_checks, name="self-checks"),
    path("desk/self-check/<name:seller>/", self_checks.self_check_of_shop, name="self-check"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<name:name>/", mailbox.mailbox_message, name="letter"),
]
