"""Wrappers on a host, each beside the bare program, and networks in which nothing answers."""

import os
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clients.ground import client, until
from clients.planted import Host
from serinus.tokens.carried.lookup import assemble, read_part
from serinus.tokens.kind import Token

PROBE = Path(__file__).with_name("probe.c")
HOST_NAME = socket.gethostname()
RUN_MAX_S = 20.0
SHELLS = {
    "bash": ("bash", "--norc", "--noprofile"),
    "zsh": ("zsh", "-f"),
    "dash": ("dash",),
    "busybox": ("busybox", "ash"),
}
_IN_SHELL = '[ -z "$1" ] || . "$1"; shift; probe "$@"; exit $?'


@dataclass(frozen=True)
class Way:
    """One way of wrapping; a function has a shell."""

    style: str
    via: str
    shell: str = ""

    def __str__(self) -> str:
        return "-".join(part for part in (self.style, self.shell, self.via) if part)


@dataclass(frozen=True)
class Wrapped:
    """A wrapper and the bare program, as the first words of two commands."""

    way: Way
    token: Token
    bare: tuple[str, ...]
    words: tuple[str, ...]
    path: str
    file: Path

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "PATH": self.path, "PROBED": "a b\nc", "LC_CTYPE": "C.UTF-8"}


def build_probe(folder: Path) -> Path:
    """Compile the program that is wrapped."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "probe"
    subprocess.run([client("gcc"), "-O2", "-o", path, PROBE], check=True)
    return path


def wrap(host: Host, folder: Path, probe: Path, way: Way, **options: Any) -> Wrapped:
    """Mint a wrapper of the probe and put it where its steps would."""
    folder.mkdir(parents=True)
    minted = {"program": str(probe), "style": way.style, "via": way.via, **options}
    token = host.plant("wrapper", **minted)
    (file,) = host.save(token, folder)
    path = f"{probe.parent}:{os.environ['PATH']}"
    if way.style == "shell-function":
        shell, *flags = SHELLS[way.shell]
        begin = (client(shell), *flags, "-c", _IN_SHELL, shell)
        return Wrapped(way, token, (*begin, ""), (*begin, str(file)), path, file)
    name = folder / "probe"
    if way.style == "binary":
        compile_as_told(host, token, folder)
    name.chmod(0o755)
    return Wrapped(way, token, (str(probe),), (str(name),), path, name)


def compile_as_told(host: Host, token: Token, folder: Path) -> None:
    """Do the first of the steps: build the source."""
    told = host.text(token, "install").partition("# Then")[0]
    subprocess.run(["sh", "-ec", told], cwd=folder, check=True)


def messages(host: Host, token: Token, channel: str = "") -> set[str]:
    """What has been said so far; a message whose parts are not all there is not."""
    found, parts = set[str](), dict[str, dict[int, str]]()
    for touch in host.touches():
        if token.id not in touch.tokens or channel not in ("", touch.channel):
            continue
        if touch.channel == "http":
            agents = [v for name, v in touch.detail["headers"] if name.lower() == "user-agent"]
            found.add(agents[0].encode("latin-1").decode())
        elif part := read_part(touch.detail["left"]):
            parts.setdefault(part.message, {})[part.number] = part.text
    whole = [assemble(name, texts) for name, texts in parts.items()]
    return found | {message.text for message in whole if message.is_whole}


def told(host: Host, token: Token, text: str, channel: str = "") -> None:
    """Wait for a message."""
    until(lambda: text in messages(host, token, channel), f"“{text}” by {channel or 'any way'}", 15)


def run(
    words: Sequence[str], environment: dict[str, str], data: bytes = b"", **more: Any
) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        words, env=environment, input=data, capture_output=True, timeout=RUN_MAX_S, **more
    )


def silent_network(folder: Path, *, swallowed: bool) -> tuple[str, ...]:
    """The words that run a command where no resolver answers.

    Args:
        folder: Where its resolv.conf is written.
        swallowed: Whether packets vanish; else the host says that nobody listens.
    """
    server = "192.0.2.66" if swallowed else "127.0.0.1"
    resolver = folder / f"resolv-{server}"
    resolver.write_text(f"nameserver {server}\n")
    lines = [f"mount --bind {resolver} /etc/resolv.conf", "ip link set lo up"]
    if swallowed:
        # Without ARP the packets leave, and the far end of the cable has no address.
        lines += ["ip link add lan type veth peer name cable", "ip link set lan arp off up"]
        lines += ["ip address add 192.0.2.20/24 dev lan", "ip link set cable up"]
    setup = " && ".join(lines) + ' && exec "$@"'
    return (client("unshare"), "-nm", "sh", "-c", setup, "sh")


def processes(marked: str) -> dict[int, list[str]]:
    """The arguments of processes with a text in their environment, by their ids."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes().decode("utf-8", "replace")
            if marked.encode() in (path / "environ").read_bytes():
                found[int(path.name)] = words.rstrip("\0").split("\0")
        except OSError:
            continue
    return found


def in_copy_of(host: Host, folder: Path, script: str) -> "subprocess.CompletedProcess[bytes]":
    """Run lines of bash on a copy of the host that is gone afterwards."""
    done = run(copy_of(host, script), {**os.environ, "HOME": str(folder)}, cwd=folder)
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done


def copy_of(host: Host, script: str) -> list[str]:
    """The words that run lines of bash on a copy of the host, in the folder where they are run."""
    return [*host.within, client("unshare"), "-m", "bash", "-ec", _COPY, script]


_COPY = """
layers=$PWD/layers
mkdir -p "$layers"
mount -t tmpfs none "$layers"
mount -t tmpfs none /run
upper=$layers/upper lower=$layers/lower
for folder in etc usr var root home; do
    mkdir -p "$upper/$folder" "$layers/spare/$folder" "$lower/$folder"
    mount --bind "/$folder" "$lower/$folder"
    mount -t overlay -o "lowerdir=/$folder,upperdir=$upper/$folder,workdir=$layers/spare/$folder" \
        overlay "/$folder"
done
echo nameserver 127.0.0.1 >/etc/resolv.conf
# What is there that was not, without logs and lists of packages.
changed() {
    find "$upper" -path "$upper/var" -prune -o -type d -print | while read -r found; do
        [ -d "$lower${found#"$upper"}" ] || echo "${found#"$upper"}"
    done
    find "$upper" -path "$upper/var" -prune -o ! -type d -print | sort | while read -r found; do
        cmp -s "$found" "$lower${found#"$upper"}" && continue
        echo "${found#"$upper"}"
        [ ! -f "$found" ] || md5sum <"$found"
    done
}
eval "$0"
"""
