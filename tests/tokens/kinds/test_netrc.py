"""A password in `.netrc`."""

import re
from datetime import UTC, datetime

from serinus.base.ids import TokenId
from serinus.tokens.kind import Options, Token
from serinus.tokens.kinds.netrc import KIND
from serinus.tokens.site import Site

SITE = Site("files.example.net", "https://files.example.net", bytes(32))


def test_the_file_on_the_host_lies_in_a_folder_of_its_package_and_version() -> None:
    for number in range(20):
        at = datetime(2026, 1, 2, tzinfo=UTC)
        token = Token(TokenId(f"id{number}"), "netrc", "memo", Options(), at)
        entry, url = KIND.artefacts(token, SITE)
        assert f"machine id{number}.files.example.net" in str(entry.value)
        found = re.search(r"/([a-z-]+)/(\d+\.\d+\.\d+)/([^/]+)$", str(url.value))
        assert found is not None
        package, version, name = found.groups()
        assert name.startswith(f"{package}-{version}.")
