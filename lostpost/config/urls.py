"""Addresses of the site."""

from django.urls import include, path

from lostpost.config import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("lostpost.portal.urls")),
    path("", include("lostpost.desk.urls")),
]
