"""Addresses of the site."""

from django.urls import include, path

from lostpost.api import payment_webhooks
from lostpost.api.api import api
from lostpost.api.sign_in import SignIn
from lostpost.config import health

handler500 = "lostpost.config.unavailable.server_error"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("oauth/token", SignIn.as_view(), name="oauth-token"),
    path("api/payments/mollie", payment_webhooks.mollie, name="mollie-webhook"),
    path("api/payments/stripe", payment_webhooks.stripe_events, name="stripe-webhook"),
    path("api/v1/", api.urls),
    path("accounts/", include("lostpost.web.sign_in_urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("lostpost.portal.urls")),
    path("", include("lostpost.desk.urls")),
]
