"""The application for a web server of the operator's own; it does not start on settings that the checks refuse."""

import os

from django.core.management.base import BaseCommand
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lostpost.config.settings")

application = get_wsgi_application()
BaseCommand().check()
