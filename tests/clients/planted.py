"""A host on which tokens are planted: a network namespace of its own, with nothing but an edge.

The edge listens at the usual ports, and is the only name server: a client that follows what was
planted there reaches it as it would in the field.
"""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clients.ground import CLIENTS_PATH, client, lacking, until
from clients.lone_edge import ZONE, LoneEdge
from serinus.ledger.answers import AnswersWriter
from serinus.tokens.catalogue import kind_named
from serinus.tokens.kind import Artefact, Token, Trip, read_options
from serinus.tokens.site import Site

RUN_MAX_S = 120.0
TRIP_MAX_S = 15.0
NAMESPACE_FILES = Path("/etc/netns")
NETWORK = (
    "link set lo up",
    # Without an address of its own, a host looks up no names of others (AI_ADDRCONFIG).
    "link add lan type veth peer name cable",
    "address add 192.0.2.20/24 dev lan",
    "link set lan up",
    "link set cable up",
)


class Host(LoneEdge):
    """The namespace, the edge within it, and what is planted."""

    def __init__(self, root: Path, namespace: str) -> None:
        everywhere = {"dns": ("127.0.0.1:53",), "http": ("127.0.0.1:80",)}
        super().__init__(root, **everywhere, https=("127.0.0.1:443",))
        self.within = ("ip", "netns", "exec", namespace)
        seed = bytes.fromhex(self.folder.site_seed.read_text().strip())
        self.site = Site(ZONE, f"http://{ZONE}", seed)
        self.secure_site = Site(ZONE, f"https://{ZONE}", seed)

    def plant(
        self, kind: str, memo: str = "In the drawer", site: Site | None = None, **options: Any
    ) -> Token:
        """Mint a token as the Console does, and let the edge give its answer."""
        maker = kind_named(kind)
        token = Token(self.mint(), kind, memo, read_options(maker, options), datetime.now(UTC))
        answer = maker.answer(token, site or self.site)
        if answer is not None:
            AnswersWriter(self.folder.answers).put(token.id, answer)
        return token

    def artefacts(self, token: Token, site: Site | None = None) -> dict[str, Artefact]:
        """What there is to plant, by name."""
        found = kind_named(token.kind).artefacts(token, site or self.site)
        return {artefact.name: artefact for artefact in found}

    def text(self, token: Token, name: str, site: Site | None = None) -> str:
        """What an artefact holds, as text."""
        return self.artefacts(token, site)[name].content().decode()

    def save(self, token: Token, folder: Path, site: Site | None = None) -> list[Path]:
        """Save every artefact that is a file; return where."""
        found = self.artefacts(token, site).values()
        saved = [folder / a.file_name for a in found if a.file_name is not None]
        for artefact in found:
            if artefact.file_name is not None:
                path = folder / artefact.file_name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(artefact.content())
        return saved

    def use(
        self,
        *command: str,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        data: bytes = b"",
        seconds: float = RUN_MAX_S,
    ) -> "subprocess.CompletedProcess[bytes]":
        """Run a client on the host, trusting the edge's certificate; most of them fail, and may."""
        trusted = str(self.folder.trial_certificate)
        variables = (
            *("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO"),
            *("NODE_EXTRA_CA_CERTS", "AWS_CA_BUNDLE", "PIP_CERT", "NPM_CONFIG_CAFILE"),
        )
        home = {"HOME": str(folder)} if folder is not None else {}
        return subprocess.run(
            [*self.within, client(command[0]), *command[1:]],
            cwd=folder,
            env={
                **os.environ,
                **dict.fromkeys(variables, trusted),
                **home,
                "PATH": CLIENTS_PATH,
                **(environment or {}),
            },
            input=data,
            capture_output=True,
            timeout=seconds,
            check=False,
        )

    def trips(self, token: Token, channel: str = "") -> list[Trip]:
        """What the token has told so far, on one channel or on all."""
        kind = kind_named(token.kind)
        touches = [t for t in self.touches() if token.id in t.tokens and channel in ("", t.channel)]
        found = [kind.interpret(touch, token) for touch in touches]
        return [trip for trip in found if trip is not None]

    def trip(self, token: Token, words: str = "", channel: str = "") -> Trip:
        """The first trip whose summary or facts hold these words; fail by name without one."""

        def look() -> Trip | None:
            for trip in self.trips(token, channel):
                if words in trip.summary or any(words in f"{a}: {b}" for a, b in trip.facts):
                    return trip
            return None

        return until(look, f"a trip that says {words!r}", TRIP_MAX_S)

    def _listens(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        return "answers for" in self.log.read_text()


@contextmanager
def planted_host(root: Path) -> Iterator[Host]:
    """Make the namespace and start the edge in it; hold it to a clean end; take all away."""
    if os.getuid() != 0:
        lacking("the right to make a network namespace")
    name = f"host{os.getpid()}"
    files = NAMESPACE_FILES / name
    subprocess.run([client("ip"), "netns", "add", name], check=True)
    try:
        for words in NETWORK:
            subprocess.run([client("ip"), "-n", name, *words.split()], check=True)
        files.mkdir(parents=True)
        (files / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:2 attempts:2\n")
        host = Host(root, name)
        host.start()
        try:
            yield host
            assert host.stop() == 0
        finally:
            if host.process.poll() is None:
                host.process.kill()
                host.process.wait()
        assert "traceback" not in host.log.read_text().lower(), host.log.read_text()
    finally:
        subprocess.run([client("ip"), "netns", "delete", name], check=False)
        (files / "resolv.conf").unlink(missing_ok=True)
        files.rmdir()
