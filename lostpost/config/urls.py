"""Addresses of the site."""

from django.urls import include, path

from lostpost.config import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path("", include("lostpost.portal.urls")),
    path("", include("lostpost.desk.urls")),
]
