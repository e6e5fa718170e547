"""Settings of the application, by environment with safe defaults; listed in docs/settings.md."""

from __future__ import annotations

import os
from pathlib import Path

import dj_database_url
from django.utils.csp import CSP

from kizuna.web.assets import plotly_script
from kizuna.web.home import data_folder, is_demo, listed, secret_key
from kizuna.web.logs import CONFIGURATION
from kizuna.web.translations import compile_catalogues

KIZUNA_HOME = data_folder(os.environ.get("KIZUNA_HOME", "kizuna-data"))
DEBUG = os.environ.get("KIZUNA_DEBUG") == "1"
DEMO = is_demo(KIZUNA_HOME)
SECRET_KEY = os.environ.get("KIZUNA_SECRET_KEY") or secret_key(KIZUNA_HOME)
# keys that were in use before: what they signed or sealed is still read
SECRET_KEY_FALLBACKS = listed(os.environ.get("KIZUNA_SECRET_KEY_FALLBACKS", ""))
ALLOWED_HOSTS = listed(os.environ.get("KIZUNA_HOSTS") or "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = listed(os.environ.get("KIZUNA_ORIGINS", ""))
BEHIND_TLS = os.environ.get("KIZUNA_TLS") == "1"

ROOT_URLCONF = "kizuna.web.urls"
WSGI_APPLICATION = "kizuna.web.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.Person"
SITE_NAME = "Kizuna"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "kizuna.web.ui",
    "kizuna.web.accounts",
    "kizuna.web.interface",
    "kizuna.web.jobs",
    "kizuna.web.capture.imports",
    "kizuna.web.capture.sources",
    "kizuna.web.capture.privacy",
    "kizuna.web.capture.consents",
    "kizuna.web.capture.events",
    "kizuna.web.capture.snippet",
    "kizuna.web.capture.identities",
    "kizuna.web.capture.interactions",
    "kizuna.web.capture.ingest",
    "kizuna.web.know.publications",
    "kizuna.web.know.board",
    "kizuna.web.know.revenue",
    "kizuna.web.know.effort",
    "kizuna.web.know.health",
    "kizuna.web.know.retention",
    "kizuna.web.know.scenarios",
    "kizuna.web.know.voice",
    "kizuna.web.know.journey",
    "kizuna.web.know.profiles",
    "kizuna.web.know.notes",
    "kizuna.web.know.lists",
    "kizuna.web.know.customers",
    "kizuna.web.know.rows",
    "kizuna.web.know.segments",
    "kizuna.web.know.alerts",
    "kizuna.web.know.day",
    "kizuna.web.act.webhooks",
    "kizuna.web.act.actions",
    "kizuna.web.act.gate",
    "kizuna.web.act.messages",
    "kizuna.web.act.tasks",
    "kizuna.web.act.surveys",
    "kizuna.web.act.on_site",
    "kizuna.web.act.playbooks",
    "kizuna.web.act.renewals",
    "kizuna.web.act.campaigns",
    "kizuna.web.measure.results",
    "kizuna.web.measure.next_best",
    "kizuna.web.measure.experience",
]

MIDDLEWARE = [
    "kizuna.web.logs.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "kizuna.web.accounts.middleware.set_up_first",
    "kizuna.web.accounts.middleware.as_person_reads",
    "kizuna.web.know.publications.middleware.one_state_a_request",
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
                "kizuna.web.jobs.context.worker",
                "kizuna.web.ui.context_processors.ui",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]

SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": str(KIZUNA_HOME / "db.sqlite3"),
    # IMMEDIATE takes the write lock at BEGIN, so that two writers wait instead of failing
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    },
}
DATABASES = {
    "default": dj_database_url.parse(
        os.environ["DATABASE_URL"], conn_max_age=60, conn_health_checks=True
    )
    if os.environ.get("DATABASE_URL")
    else SQLITE
}

LOGGING = CONFIGURATION

TASKS = {"default": {"BACKEND": "kizuna.web.jobs.backend.DatabaseBackend"}}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ja", "日本語")]
LOCALE_PATHS = [compile_catalogues(Path(__file__).parent / "locale", KIZUNA_HOME / "locale")]
USE_TZ = True
TIME_ZONE = os.environ.get("KIZUNA_TIMEZONE", "UTC")

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
# a name with a hash of the content never changes what it means
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+-[0-9a-f]{12}\.min\.js$"
STATICFILES_DIRS = [KIZUNA_HOME / "static"]
PLOTLY_FILE: str = plotly_script(KIZUNA_HOME / "static")
MEDIA_ROOT = KIZUNA_HOME / "uploads"
IMPORT_FOLDER = os.environ.get("KIZUNA_IMPORT_FOLDER", "")
# private addresses of databases that may be read; public ones always may
DATABASE_HOSTS = listed(os.environ.get("KIZUNA_DATABASE_HOSTS", ""))
# places within that may be called all the same, as by webhooks; public ones always may
OUTGOING_HOSTS = listed(os.environ.get("KIZUNA_OUTGOING_HOSTS", ""))
# beside the uploads, so that keeping a file moves it and copies nothing
FILE_UPLOAD_TEMP_DIR = data_folder(str(KIZUNA_HOME / "uploads" / "part"))
FILE_UPLOAD_PERMISSIONS = 0o600

# mail is sent only where a server is named
SMTP_HOST = os.environ.get("KIZUNA_SMTP_HOST", "")
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": SMTP_HOST,
            "port": int(os.environ.get("KIZUNA_SMTP_PORT", "587")),
            "username": os.environ.get("KIZUNA_SMTP_USER", ""),
            "password": os.environ.get("KIZUNA_SMTP_PASSWORD", ""),
            "use_tls": os.environ.get("KIZUNA_SMTP_TLS", "starttls") == "starttls",
            "use_ssl": os.environ.get("KIZUNA_SMTP_TLS") == "tls",
            "timeout": 20,
        },
    }
}
# mail to customers goes by a backend that knows whether a mail may have been taken, or by one that
# is named here, such as those of django-anymail
MAIL_BACKEND = os.environ.get("KIZUNA_MAIL_BACKEND", "")
MAILERS["customers"] = (
    {"BACKEND": MAIL_BACKEND}
    if MAIL_BACKEND
    else {
        "BACKEND": "kizuna.web.act.messages.channels.smtp.EmailBackend",
        "OPTIONS": MAILERS["default"]["OPTIONS"],
    }
)
DEFAULT_FROM_EMAIL = os.environ.get("KIZUNA_MAIL_FROM", "Kizuna <kizuna@localhost>")
RETURN_ADDRESS = os.environ.get("KIZUNA_MAIL_RETURN", "")
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60

LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "/"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

# the business calendar, by which deadlines of contracts are counted
HOLIDAYS = os.environ.get("KIZUNA_HOLIDAYS", "JP" if TIME_ZONE == "Asia/Tokyo" else "")
TURN_OF_YEAR = os.environ.get("KIZUNA_TURN_OF_YEAR", "1" if HOLIDAYS == "JP" else "") == "1"
CLOSED_DAYS = os.environ.get("KIZUNA_CLOSED_DAYS", "")
NOTICE_DAYS = os.environ.get("KIZUNA_NOTICE_DAYS", "calendar")

# how many proxies of ours stand before the application, each adding to X-Forwarded-For
KIZUNA_PROXIES = int(os.environ.get("KIZUNA_PROXIES", "0"))

# requests that one key of the programming interface may send in a minute
API_PER_MINUTE = int(os.environ.get("KIZUNA_API_PER_MINUTE", "600"))

# the company's own identity provider; django-allauth is there only where one is named
OIDC_NAME = os.environ.get("KIZUNA_OIDC_NAME", "OpenID Connect")
OIDC_SERVER = os.environ.get("KIZUNA_OIDC_SERVER", "")
if OIDC_SERVER:
    INSTALLED_APPS += [
        "allauth",
        "allauth.account",
        "allauth.socialaccount",
        "allauth.socialaccount.providers.openid_connect",
    ]
    MIDDLEWARE += ["allauth.account.middleware.AccountMiddleware"]
    ACCOUNT_USER_MODEL_USERNAME_FIELD = None
    ACCOUNT_LOGIN_METHODS = {"email"}
    ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
    ACCOUNT_EMAIL_VERIFICATION = "none"
    SOCIALACCOUNT_ADAPTER = "kizuna.web.accounts.oidc.Visitors"
    SOCIALACCOUNT_LOGIN_ON_GET = True
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "company",
                    "name": OIDC_NAME,
                    "client_id": os.environ["KIZUNA_OIDC_CLIENT"],
                    "secret": os.environ["KIZUNA_OIDC_SECRET"],
                    "settings": {"server_url": OIDC_SERVER},
                }
            ],
        }
    }

SESSION_ENGINE = "kizuna.web.accounts.sessions"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
if BEHIND_TLS:
    # browsers take these names from this host alone, and over TLS alone
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
if DEMO:
    # a demo beside an installation in earnest signs nobody out there
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "demo-session", "demo-csrf"
SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    # Plotly sets styles on the elements it draws
    "style-src": [CSP.SELF],
    "style-src-attr": [CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}
