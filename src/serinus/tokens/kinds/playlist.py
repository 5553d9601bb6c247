"""Playlists whose recordings are at an address of ours."""

from xml.sax.saxutils import escape

from serinus.tokens.configs import written
from serinus.tokens.drawing import PROJECTS, Draw
from serinus.tokens.kind import Artefact, Group, Token, proven
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site

TOPICS = (
    *("All hands", "Board", "Budget review", "Camera", "Committee", "Demo", "Exit interview"),
    *("Interview", "Kick-off", "Lobby", "Negotiation", "Onboarding", "Planning", "Q&A", "Retro"),
    *("Review", "Roadmap", "Server room", "Steering", "Town hall", "Training", "Works council"),
)


class PlaylistKind(PlainKind):
    """The same recordings as M3U, PLS and XSPF."""

    name = "playlist"
    title = "Playlist"
    summary = "A playlist of recordings that fires when it is played."
    group = Group.CREDENTIAL
    planting = (
        "Put one of the files where recordings are kept: a share, a media folder, a mail, a chat.",
        "It fires when a player opens it and looks for the first recording. There is no recording: "
        "the player shows an error or goes on to the next.",
        "mpv follows the M3U and the PLS list. XSPF is for VLC and other players, which no test "
        "here runs.",
    )
    proof = proven("mpv")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the three lists."""
        draw = Draw(token, site, "playlist")
        folder, ending = draw.one(PROJECTS), draw.one(("mp4", "mp3", "m4a", "mkv", "webm"))
        found: list[tuple[str, str, int]] = []
        for topic in draw.shuffled(TOPICS)[: draw.number(1, 4)]:
            day = draw.before(200)
            file = f"{day:%Y-%m-%d}-{topic.lower().replace(' ', '-').replace('&', 'n')}.{ending}"
            address = f"{site.origin(token.id)}/{folder}/{file}"
            found.append((address, f"{topic} {day:%d %b %Y}", draw.number(240, 5400)))
        name = draw.one((folder, f"{folder}-recordings", "recordings", "playlist", "archive"))
        return [
            Artefact("m3u", "M3U", _m3u(found), "audio/x-mpegurl", f"{name}.m3u"),
            Artefact("pls", "PLS", _pls(found), "audio/x-scpls", f"{name}.pls"),
            Artefact("xspf", "XSPF", _xspf(found), "application/xspf+xml", f"{name}.xspf"),
        ]


def _m3u(found: list[tuple[str, str, int]]) -> str:
    lines = ["#EXTM3U"]
    for address, title, seconds in found:
        lines += [f"#EXTINF:{seconds},{title}", address]
    return written(*lines)


def _pls(found: list[tuple[str, str, int]]) -> str:
    lines = ["[playlist]"]
    for n, (address, title, seconds) in enumerate(found, 1):
        lines += [f"File{n}={address}", f"Title{n}={title}", f"Length{n}={seconds}"]
    return written(*lines, f"NumberOfEntries={len(found)}", "Version=2")


def _xspf(found: list[tuple[str, str, int]]) -> str:
    tracks = [
        f"    <track><location>{escape(address)}</location><title>{escape(title)}</title>"
        f"<duration>{seconds * 1000}</duration></track>"
        for address, title, seconds in found
    ]
    return written(
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<playlist version="1" xmlns="http://xspf.org/ns/0/">',
        "  <trackList>",
        *tracks,
        "  </trackList>",
        "</playlist>",
    )


KIND = PlaylistKind()
