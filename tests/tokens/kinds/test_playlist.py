"""Playlists: three spellings of the same recordings."""

import re
import xml.etree.ElementTree as ElementTree
from configparser import ConfigParser
from datetime import UTC, datetime

from serinus.base.ids import TokenId
from serinus.tokens.kind import Options, Token
from serinus.tokens.kinds.playlist import KIND
from serinus.tokens.site import Site

SITE = Site("files.example.net", "https://files.example.net", bytes(range(32)))


def test_each_list_holds_the_same_recordings() -> None:
    for number in range(20):
        token = Token(TokenId(f"t{number}"), "playlist", "m", Options(), datetime.now(UTC))
        m3u, pls, xspf = (a.content().decode() for a in KIND.artefacts(token, SITE))
        found = re.findall(r"^https:.*$", m3u, re.MULTILINE)
        assert found and all(u.startswith(f"https://t{number}.files.example.net/") for u in found)
        parser = ConfigParser(interpolation=None)
        parser.read_string(pls)
        about = parser["playlist"]
        assert [about[f"File{n + 1}"] for n in range(int(about["NumberOfEntries"]))] == found
        tree = ElementTree.fromstring(xspf)  # noqa: S314 - it is of our own making
        assert [node.text for node in tree.iter("{http://xspf.org/ns/0/}location")] == found
