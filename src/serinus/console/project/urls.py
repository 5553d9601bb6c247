"""Where each request goes: the API, and the pages."""

from django.urls import include, path

from serinus.console.api import API

urlpatterns = [
    path("api/", API.urls),
    path("", include("serinus.console.pages.urls")),
]
