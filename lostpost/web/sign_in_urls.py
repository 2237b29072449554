"""The addresses around a login: those of allauth that this site uses, and no other."""

from __future__ import annotations

from allauth.account import views
from django.urls import URLPattern, path, re_path

from lostpost.web.change_address import change_address, confirm_address
from lostpost.web.invitations import invitation_page
from lostpost.web.sessions import sessions
from lostpost.web.sign_in_views import ChangePassword, ChooseNewPassword, Reauthenticate, RequestReset, SignIn

RESET_LINK, CONFIRM_LINK, INVITATION_LINK = "password/reset/key/", "email/confirm/", "invitation/"
# What follows opens something: no log has it.

urlpatterns: list[URLPattern] = [
    path("login/", SignIn.as_view(), name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", Reauthenticate.as_view(), name="account_reauthenticate"),
    path("sessions/", sessions, name="account_sessions"),
    path("email/", change_address, name="account_email"),
    path(f"{CONFIRM_LINK}<str:key>/", confirm_address, name="account_confirm_address"),
    path(f"{INVITATION_LINK}<str:key>/", invitation_page, name="invitation"),
    path("password/change/", ChangePassword.as_view(), name="account_change_password"),
    path("password/reset/", RequestReset.as_view(), name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    path(f"{RESET_LINK}done/", views.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        rf"^{RESET_LINK}(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        ChooseNewPassword.as_view(),
        name="account_reset_password_from_key",
    ),
]
