"""Every page and its address."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from serinus.console.pages import (
    assets,
    destinations,
    entrance,
    feed,
    incidents,
    live,
    settings,
    tokens,
)
from serinus.console.pages.access import find_nothing

ACTIONS = "(?P<action>acknowledge|close|reopen)"
SWITCHES = "(?P<action>enable|disable|delete|undelete)"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", feed.show_feed, name="feed"),
    path("changes", live.stream_changes, name="changes"),
    path("incidents/acknowledge", feed.acknowledge_many, name="acknowledge_many"),
    path("incidents/<int:pk>", incidents.show_incident, name="incident"),
    path("incidents/<int:pk>/notes", incidents.write_note, name="write_note"),
    re_path(
        rf"^incidents/(?P<pk>[0-9]{{1,18}})/{ACTIONS}$",
        incidents.change_incident,
        name="change_incident",
    ),
    path("tokens", tokens.list_tokens, name="tokens"),
    path("tokens/new", tokens.new_token, name="new_token"),
    path("tokens/<slug:token_id>", tokens.show_token, name="token"),
    path("tokens/<slug:token_id>/edit", tokens.edit_token, name="edit_token"),
    path("tokens/<slug:token_id>/artefacts/<slug:name>", tokens.download_artefact, name="artefact"),
    re_path(
        rf"^tokens/(?P<token_id>[a-z0-9-]{{1,64}})/{SWITCHES}$",
        tokens.switch_token,
        name="switch_token",
    ),
    path("destinations", destinations.list_destinations, name="destinations"),
    path("destinations/new/<slug:kind_name>", destinations.new_destination, name="new_destination"),
    path("destinations/<int:pk>", destinations.show_destination, name="destination"),
    path("destinations/<int:pk>/test", destinations.try_destination, name="try_destination"),
    path(
        "destinations/<int:pk>/delete", destinations.delete_destination, name="delete_destination"
    ),
    path("deliveries/<int:pk>/resend", destinations.resend_delivery, name="resend"),
    path("settings", settings.show_settings, name="settings"),
    path("settings/preferences", settings.save_preferences, name="save_preferences"),
    path("settings/invitations", settings.make_invitation, name="make_invitation"),
    path("settings/people/<int:pk>", settings.edit_person, name="edit_person"),
    path("settings/keys", settings.make_key, name="make_key"),
    path("settings/keys/<int:pk>/revoke", settings.revoke_key, name="revoke_key"),
    path("setup/<slug:secret>", entrance.enter, {"is_setup": True}, name="setup"),
    path("invitation/<slug:secret>", entrance.enter, name="invitation"),
    path("accounts/", include("serinus.console.pages.accounts")),
    path("static/<path:name>", assets.serve_asset, name="static"),
    re_path("", find_nothing),
]
