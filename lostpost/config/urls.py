"""Addresses of the site."""

from django.urls import include, path

from lostpost.api.api import api
from lostpost.api.http.sign_in import ClientTokenView
from lostpost.api.mail_in.routes import mail_in
from lostpost.api.payment_webhooks.routes import mollie, stripe_events
from lostpost.api.sales_channel_webhooks.routes import sales_channel_webhook
from lostpost.api.tracking_webhooks.routes import tracking_webhook
from lostpost.web import converters, health  # noqa: F401  Registering converters is what importing does.

handler500 = "lostpost.web.unavailable.server_error"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("oauth/token", ClientTokenView.as_view(), name="oauth-token"),
    path("api/payments/mollie", mollie, name="mollie-webhook"),
    path("api/payments/stripe", stripe_events, name="stripe-webhook"),
    path("api/mail-in", mail_in, name="mail-in"),
    path("api/tracking/<name:seller>/<name:source>", tracking_webhook, name="tracking-webhook"),
    path("api/sales-channels/<name:seller>/<uuid:channel>", sales_channel_webhook, name="sales-channel-webhook"),
    path("api/v1/", api.urls),
    path("accounts/", include("lostpost.web.sign_in_urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("lostpost.portal.urls")),
    path("", include("lostpost.desk.urls")),
]
