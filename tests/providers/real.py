"""A real OpenID provider in a process of its own: Django OAuth Toolkit, as its documentation sets it up.

usage: python real.py FOLDER    prints one line of JSON when it answers
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path

CLIENT, SECRET = "middlemost", "a secret of the client's : and /"
PEOPLE = {"ada": "Ada Lovelace", "bo": "Bo Diddley", "cy": "Cy Twombly"}
PASSWORD = "known to the provider alone"
PAGES = {
    "registration/login.html": "<!doctype html><html lang=en><title>In</title><h1>Who are you?</h1><form method=post>"
    "{% csrf_token %}{{ form }}<button>Log in</button></form>",
    "oauth2_provider/base.html": "<!doctype html><html lang=en><title>May it?</title>{% block content %}{% endblock %}",
}
TEMPLATES = {
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "OPTIONS": {
        "loaders": [
            ("django.template.loaders.locmem.Loader", PAGES),
            "django.template.loaders.app_directories.Loader",
        ],
        "context_processors": ["django.contrib.auth.context_processors.auth"],
    },
}


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *about: object) -> None:
        pass


def key() -> str:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.private_bytes(*form).decode()


def configure(folder: Path) -> None:
    settings.configure(
        SECRET_KEY="of the tests",
        ROOT_URLCONF=__name__,
        ALLOWED_HOSTS=["127.0.0.1"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "provider.db"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[TEMPLATES],
        LOGIN_URL="/in/",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": key(),
            "PKCE_REQUIRED": True,
            "SCOPES": {"openid": "who you are", "profile": "what you are called"},
            "OAUTH2_VALIDATOR_CLASS": f"{__name__}.Validator",
        },
    )


def fill() -> None:
    from django.contrib.auth.models import User
    from oauth2_provider.models import Application

    call_command("migrate", verbosity=0)
    for login, name in PEOPLE.items():
        first, _, last = name.partition(" ")
        User.objects.create_user(login, password=PASSWORD, first_name=first, last_name=last)
    Application.objects.create(
        name="middlemost",
        client_id=CLIENT,
        client_secret=SECRET,
        client_type="confidential",
        authorization_grant_type="authorization-code",
        redirect_uris="http://127.0.0.1/sign-in/back",
        algorithm="RS256",
    )


if __name__ == "__main__":
    sys.modules["real"] = sys.modules[__name__]
    __name__ = "real"
    configure(Path(sys.argv[1]))
    django.setup()

    from django.contrib.auth.views import LoginView
    from oauth2_provider.oauth2_validators import OAuth2Validator

    class Validator(OAuth2Validator):
        oidc_claim_scope = OAuth2Validator.oidc_claim_scope | {"name": "profile"}

        def get_additional_claims(self, request):
            return {"name": request.user.get_full_name()}

    urlpatterns = [path("in/", LoginView.as_view()), path("o/", include("oauth2_provider.urls"))]
    fill()
    server = make_server("127.0.0.1", 0, get_wsgi_application(), Server, Quiet)
    about = {"issuer": f"http://127.0.0.1:{server.server_port}/o", "client": CLIENT, "secret": SECRET}
    print(json.dumps(about), flush=True)  # noqa: T201
    server.serve_forever()
