"""The application for a web server; it does not start on settings that the system checks refuse."""

import os

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lostpost.config.settings")

application = get_wsgi_application()
call_command("check", quiet=True)
