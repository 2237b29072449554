"""Addresses of the site."""

from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views import TokenView

from lostpost.api.api import api
from lostpost.config import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("oauth/token", csrf_exempt(TokenView.as_view()), name="oauth-token"),
    path("api/v1/", api.urls),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("lostpost.portal.urls")),
    path("", include("lostpost.desk.urls")),
]
