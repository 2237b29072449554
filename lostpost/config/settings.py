"""Django's settings, from the environment. A bad value is refused here with a sentence; docs/operating.md lists all."""

from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from lostpost.config import database, logs, secret_key
from lostpost.config.environment import read_environment
from lostpost.embedded import server as embedded
from lostpost.web import body_limits

PACKAGE = Path(__file__).resolve().parent.parent
environment = read_environment()

# Where and how it runs ------------------------------------------------------------------------------------------------

LOSTPOST_DATA = environment.LOSTPOST_DATA.expanduser().resolve()
PRODUCTION = environment.LOSTPOST_MODE == "production"
DEBUG = environment.LOSTPOST_DEBUG
LOSTPOST_URL = environment.LOSTPOST_URL  # The base of links in e-mails.
ALLOWED_HOSTS = sorted(
    {urlsplit(LOSTPOST_URL).hostname or "", *environment.further_hosts}
    | (set() if PRODUCTION else {"localhost", "127.0.0.1", "[::1]"})
)
SECRET_KEY = environment.LOSTPOST_SECRET_KEY or secret_key.stored_key(LOSTPOST_DATA / "secret-key")
SECRET_KEY_FALLBACKS = environment.LOSTPOST_SECRET_KEY_FALLBACKS.split()  # Former ones: open, but never seal.

ROOT_URLCONF = "lostpost.config.urls"
WSGI_APPLICATION = "lostpost.config.wsgi.application"

INSTALLED_APPS = [
    "lostpost",  # First: its templates and commands go before those of the others.
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "django_htmx",
    "csp",
    "oauth2_provider",
    "ninja",  # Its files of the page that shows the API's document.
    "procrastinate.contrib.django",
]
MIDDLEWARE = [
    "lostpost.web.request_id.RequestIdMiddleware",
    "lostpost.web.caching.NoStoreMiddleware",
    "lostpost.api.http.middleware.ProblemsMiddleware",
    "lostpost.web.server_refusals.ServerRefusalMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "lostpost.api.http.chain.ApiChainMiddleware",  # What follows is for pages.
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "lostpost.web.security_log.OriginMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "lostpost.web.idle.IdleSessionMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lostpost.web.refusals.RefusalMiddleware",
    "lostpost.web.sent_text.SentTextMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lostpost.web.context_processors.page_context",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# The database and the jobs in it --------------------------------------------------------------------------------------

DATABASE_URL = environment.DATABASE_URL
LOSTPOST_APPLICATION_ROLE = environment.LOSTPOST_APPLICATION_ROLE  # Gets its rights from `lostpost migrate`.
EMBEDDED_DATABASE = not DATABASE_URL or environment.LOSTPOST_EMBEDDED
DATABASES = {
    "default": database.connection_settings(
        DATABASE_URL,
        data=LOSTPOST_DATA,
        timeouts=database.timeouts_of(
            environment.LOSTPOST_DATABASE_USE,
            lock_seconds=environment.LOSTPOST_DATABASE_LOCK_SECONDS,
            statement_seconds=environment.LOSTPOST_DATABASE_STATEMENT_SECONDS,
        ),
    )
}
KEEP_DATABASE_RUNNING = partial(embedded.keep_running, LOSTPOST_DATA) if EMBEDDED_DATABASE else None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

WEB_PROCESSES, WEB_THREADS = environment.LOSTPOST_WEB_PROCESSES, environment.LOSTPOST_WEB_THREADS
WORKER_THREADS = environment.LOSTPOST_WORKER_THREADS
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""  # Named below: what a worker runs should not depend on import order.
PROCRASTINATE_IMPORT_PATHS = sorted(
    f"lostpost.jobs.{path.stem}" for path in (PACKAGE / "jobs").glob("*.py") if path.stem != "__init__"
)

# People ---------------------------------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["lostpost.web.sign_in.LoginBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_ADAPTER = "lostpost.web.sign_in.Adapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # The operator created the login and knows the address.
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_FORMS = {
    "change_password": "lostpost.web.sign_in_views.OldAndNewPassword",
    "reset_password": "lostpost.web.sign_in_views.AddressForReset",
}
ACCOUNT_RATE_LIMITS = False  # They would be counted per process; ours are in the database (accounts/attempts.py).
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60  # Seconds for which the password need not be typed again.
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(LOSTPOST_URL).scheme
PASSWORD_RESET_TIMEOUT = 3600  # Seconds for which a link to choose a new password works.
SESSION_ENGINE = "lostpost.web.session_store"
SESSION_COOKIE_AGE = 12 * 3600  # Without use; at a desk it is less (web/idle.py).
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "lostpost.accounts.hashers.RandomSecretHasher",  # Of clients of the API.
]

# Machines -------------------------------------------------------------------------------------------------------------

OAUTH2_PROVIDER = {
    "SCOPES_BACKEND_CLASS": "lostpost.api.http.oauth.ClientScopes",
    "OAUTH2_VALIDATOR_CLASS": "lostpost.api.http.oauth.ClientValidator",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "CLIENT_SECRET_HASHER": "pbkdf2_sha256_random",
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,  # Only checksums of tokens are stored.
}
API_REQUESTS_PER_MINUTE = environment.LOSTPOST_API_REQUESTS_PER_MINUTE
TRACKING_DELIVERIES_PER_MINUTE = environment.LOSTPOST_TRACKING_DELIVERIES_PER_MINUTE
HISTORY = environment.LOSTPOST_HISTORY.expanduser().resolve() if environment.LOSTPOST_HISTORY else None
ANSWER_HOLD_SECONDS = environment.LOSTPOST_ANSWER_HOLD_SECONDS
ATTACHMENT_DAYS = environment.LOSTPOST_ATTACHMENT_DAYS
WEBHOOKS_TO_PRIVATE = environment.LOSTPOST_WEBHOOKS_TO_PRIVATE
DATA_UPLOAD_MAX_MEMORY_SIZE = body_limits.LARGEST
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_500  # The largest order's units, each with its quantity; their bodies are limited.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]  # No file of strangers on disk.
FILE_UPLOAD_MAX_MEMORY_SIZE = body_limits.WITH_FILES

# Who issues the sales invoices ----------------------------------------------------------------------------------------

LOSTPOST_MARKETPLACE = environment.marketplace
LOSTPOST_ECB_URL = environment.LOSTPOST_ECB_URL
LOSTPOST_VIES_URL = environment.LOSTPOST_VIES_URL
LOSTPOST_BOL_URL = environment.LOSTPOST_BOL_URL
LOSTPOST_BOL_LOGIN_URL = environment.LOSTPOST_BOL_LOGIN_URL

# Payment providers ----------------------------------------------------------------------------------------------------

PAYMENT_KEYS = {
    "mollie": environment.LOSTPOST_MOLLIE_API_KEY,
    "stripe": environment.LOSTPOST_STRIPE_API_KEY,
}
PAYMENT_WEBHOOK_SECRETS = {
    "mollie": environment.LOSTPOST_MOLLIE_WEBHOOK_SECRET,
    "stripe": environment.LOSTPOST_STRIPE_WEBHOOK_SECRET,
}
PAYMENT_URLS = {
    "mollie": environment.LOSTPOST_MOLLIE_URL,
    "stripe": environment.LOSTPOST_STRIPE_URL,
}

# Languages and time ---------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("nl", _("Dutch"))]
CUSTOMER_LANGUAGES = ("en", "nl", "fr", "de")  # Of what customers read: e-mail, and the page behind their link.
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = environment.LOSTPOST_TIME_ZONE

# Files and e-mail -----------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = LOSTPOST_DATA / "static" if PRODUCTION else None
WHITENOISE_USE_FINDERS = not PRODUCTION  # Nothing needs collecting to try it out.
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MEDIA_ROOT = LOSTPOST_DATA / "files"

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = LOSTPOST_DATA / "mailbox"
globals().update(environment.LOSTPOST_SMTP_URL)
DEFAULT_FROM_EMAIL = environment.LOSTPOST_MAIL_FROM
RELAY_DOMAIN = environment.LOSTPOST_RELAY_DOMAIN  # None: answers to e-mail are not read.
MAIL_IN_SECRET = environment.LOSTPOST_MAIL_IN_SECRET
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# What browsers may do -------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "img-src": [SELF, "data:"],  # The style sheet's own small pictures.
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [LOSTPOST_URL]
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
TRUST_PROXY = environment.LOSTPOST_TRUST_PROXY
if TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

# Logs -----------------------------------------------------------------------------------------------------------------

LOGGING = logs.configuration(level=environment.LOSTPOST_LOG_LEVEL)
