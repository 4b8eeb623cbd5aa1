"""The web entry point: ``granian --interface wsgi wsgi:app``."""

from app.wiring import create_app_from_environment

app = create_app_from_environment()
