"""The one Django app."""

from django.apps import AppConfig


class LostpostConfig(AppConfig):
    """Lostpost, with its system checks."""

    name = "lostpost"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks that refuse insecure settings."""
        from lostpost.config import checks  # noqa: F401  Registering is what importing does.
        from lostpost.web import idle  # noqa: F401  It listens for sessions that begin.
