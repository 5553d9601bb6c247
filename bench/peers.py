"""The peers: Knot DNS and nginx, unprivileged, with files of their own, one worker each."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.deployment import ZONE
from bench.processes import PEER_USER, find_program, free_port, started, until

KNOT = """
server:
  rundir: "{folder}"
  listen: 127.0.0.1@{port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: "{folder}"
log:
  - target: stderr
    any: warning
template:
  - id: default
    storage: "{folder}"
    zonefile-sync: -1
    journal-content: none
zone:
  - domain: {zone}
    file: zone
"""
KNOT_ZONE = """
$ORIGIN {zone}.
$TTL 60
@ SOA ns1 hostmaster 1 86400 7200 3600000 60
@ NS ns1
@ NS ns2
@ A 192.0.2.1
* A 192.0.2.1
* AAAA 2001:db8::1
"""
NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
events {{ worker_connections 8192; }}
http {{
  access_log off;
  types {{ image/gif gif; }}
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port} backlog=4096; root {folder}; }}
}}
"""


@contextmanager
def knot(scratch: Path) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """Run Knot with a wildcard zone; yields the process and its port."""
    program = find_program("knotd") or ""
    folder, port = _folder(scratch / "knot"), free_port()
    (folder / "knot.conf").write_text(KNOT.format(folder=folder, port=port, zone=ZONE))
    (folder / "zone").write_text(KNOT_ZONE.format(zone=ZONE))
    _give(folder)
    command = [program, "-c", str(folder / "knot.conf")]
    with started(command, scratch / "knot.log", user=PEER_USER) as process:
        until((folder / "knot.sock").exists, "Knot")
        yield process, port


@contextmanager
def nginx(scratch: Path, pixel: bytes) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """Run nginx with one static file, `/assets/pixel.gif`; yields the process and its port."""
    program = find_program("nginx") or ""
    folder, port = _folder(scratch / "nginx"), free_port()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port))
    (folder / "assets").mkdir()
    (folder / "assets" / "pixel.gif").write_bytes(pixel)
    _give(folder)
    command = [program, "-e", "stderr", "-c", str(folder / "nginx.conf")]
    with started(command, scratch / "nginx.log", user=PEER_USER) as process:
        until((folder / "nginx.pid").exists, "nginx")
        yield process, port


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def _give(folder: Path) -> None:
    """Let the peer's user own its folder."""
    if os.getuid():
        return
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, PEER_USER)
