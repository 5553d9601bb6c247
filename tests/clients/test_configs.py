"""Configurations without a password for HTTP, each followed by the client that reads it."""

import json
import re
from pathlib import Path

import pytest

from clients.ground import CLIENTS
from clients.planted import Host
from serinus.tokens.kind import Token

PYTHON = str(CLIENTS / "bin" / "python")


def aliases(config: Path) -> list[str]:
    return re.findall(r"^Host (\S+)$", config.read_text(), re.MULTILINE)


@pytest.mark.parametrize("at", [0, -1], ids=["gate", "behind"])
def test_ssh_trips_an_ssh_token(host: Host, tmp_path: Path, at: int) -> None:
    token = host.plant("ssh")
    config = host.save(token, tmp_path)[0]
    host.use("ssh", "-F", str(config), "-o", "BatchMode=yes", aliases(config)[at], folder=tmp_path)
    assert host.trip(token, channel="dns").summary.startswith("A lookup of ")


def test_the_key_of_an_ssh_token_is_one_that_openssh_takes(host: Host, tmp_path: Path) -> None:
    config, key = host.save(host.plant("ssh"), tmp_path)
    key.chmod(0o600)
    assert f"IdentityFile ~/.ssh/{key.name}\n" in config.read_text()
    done = host.use("ssh-keygen", "-y", "-f", str(key))
    assert done.stdout.startswith(b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA"), done.stderr


@pytest.mark.parametrize(
    "command", [("mariadb", "-e", "select 1"), ("mariadb-dump", "--all-databases")]
)
def test_mariadb_trips_a_mysql_token(host: Host, tmp_path: Path, command: tuple[str, ...]) -> None:
    token = host.plant("mysql")
    host.save(token, tmp_path)
    done = host.use(*command, folder=tmp_path)
    assert token.id in done.stderr.decode()
    host.trip(token, "A lookup of ")


def test_psql_trips_a_postgres_token(host: Host, tmp_path: Path) -> None:
    token = host.plant("postgres")
    for path in host.save(token, tmp_path):
        path.chmod(0o600)
    service = host.text(token, "command").partition(" ")[2]
    done = host.use("psql", service, "-c", "select 1", folder=tmp_path)
    assert token.id in done.stderr.decode()
    host.trip(token, "A lookup of ")


def test_what_stands_in_pgpass_is_what_the_service_connects_as(host: Host) -> None:
    token = host.plant("postgres")
    about = dict(re.findall(r"^(\w+)=(.*)$", host.text(token, "service"), re.MULTILINE))
    name, port, _, user, password = host.text(token, "passwords").splitlines()[-1].split(":")
    assert (name, port, user) == (about["host"], about["port"], about["user"])
    assert password


def dotenv(host: Host, word: str) -> tuple[Token, dict[str, str]]:
    """A token whose file holds the word, and its values by key."""
    for _ in range(40):
        token = host.plant("dotenv")
        text = host.text(token, "env")
        if word in text:
            found = re.findall(r'^(\w+)="?(.*?)"?$', text, re.MULTILINE)
            return token, dict(found)
    raise AssertionError(f"no file had {word}")


def value(found: dict[str, str], start: str) -> str:
    return next(value for value in found.values() if value.startswith(start))


def test_redis_cli_trips_a_dotenv_token(host: Host) -> None:
    token, found = dotenv(host, "redis:")
    host.use("redis-cli", "-u", value(found, "redis:"), "ping")
    host.trip(token, "Service: Redis")


@pytest.mark.parametrize("scheme", ["mongodb:", "mongodb+srv:"])
def test_pymongo_trips_a_dotenv_token(host: Host, scheme: str) -> None:
    token, found = dotenv(host, scheme)
    script = (
        "import sys, pymongo; pymongo.MongoClient(sys.argv[1], serverSelectionTimeoutMS=500)"
        ".admin.command('ping')"
    )
    host.use(PYTHON, "-c", script, value(found, scheme))
    trip = host.trip(token, "Service: MongoDB")
    assert trip.summary.startswith("A" if scheme == "mongodb:" else "SRV lookup of _mongodb._tcp.")


def test_psql_trips_a_dotenv_token(host: Host, tmp_path: Path) -> None:
    token, found = dotenv(host, "postgres")
    host.use("psql", value(found, "postgres"), "-c", "select 1", folder=tmp_path)
    host.trip(token, "Service: PostgreSQL")


def test_mariadb_trips_a_dotenv_token(host: Host, tmp_path: Path) -> None:
    token, found = dotenv(host, "mysql")
    user, password, name, port = re.split("[:@/]", value(found, "mysql").partition("//")[2])[:4]
    host.use("mariadb", "-h", name, "-P", port, "-u", user, f"-p{password}", folder=tmp_path)
    host.trip(token, "Service: MySQL")


def test_curl_trips_a_dotenv_token_by_mail_and_by_an_error(host: Host) -> None:
    token, found = dotenv(host, "SENTRY_DSN")
    name = next(value for key, value in found.items() if key.endswith("_HOST"))
    host.use("curl", "-sS", "-m", "5", f"smtp://{name}")
    host.trip(token, "Service: SMTP")
    public, _, address = found["SENTRY_DSN"].partition("//")[2].partition("@")
    name, _, project = address.partition("/")
    signed = f"X-Sentry-Auth: Sentry sentry_version=7, sentry_key={public}"
    host.use("curl", "-sS", "-H", signed, "-d", "{}", f"http://{name}/api/{project}/envelope/")
    host.trip(token, f"POST for /api/{project}/envelope/")


def test_ansible_trips_an_ansible_token(host: Host, tmp_path: Path) -> None:
    token = host.plant("ansible")
    inventory = host.save(token, tmp_path)[0]
    done = host.use(
        *("ansible", "-i", str(inventory), "-f", "9", "all", "-m", "ping"),
        folder=tmp_path,
        environment={"ANSIBLE_HOST_KEY_CHECKING": "False", "ANSIBLE_NOCOLOR": "1"},
    )
    host.trip(token, "A lookup of ")
    hosts = re.findall(r"ansible_host=", inventory.read_text())
    assert done.stdout.count(b"UNREACHABLE!") == len(hosts)


def test_wg_quick_trips_a_wireguard_token(host: Host, tmp_path: Path) -> None:
    token = host.plant("wireguard")
    config = host.save(token, tmp_path)[0]
    host.use(
        *("wg-quick", "up", str(config)),
        folder=tmp_path,
        environment={"WG_QUICK_USERSPACE_IMPLEMENTATION": "wireguard-go"},
    )
    host.use("wg-quick", "down", str(config), folder=tmp_path)
    host.trip(token, "A lookup of ")


def test_openvpn_trips_an_openvpn_token(host: Host, tmp_path: Path) -> None:
    token = host.plant("openvpn")
    profile = host.save(token, tmp_path)[0]
    patience = ("--hand-window", "1", "--connect-retry-max", "1", "--resolv-retry", "1")
    done = host.use("openvpn", "--config", str(profile), *patience, folder=tmp_path)
    assert b"Options error" not in done.stdout
    assert b"UDPv4 link remote" in done.stdout or b"UDP link remote" in done.stdout
    host.trip(token, "A lookup of ")


def test_xfreerdp_trips_an_rdp_token(host: Host, tmp_path: Path) -> None:
    token = host.plant("rdp")
    connection = host.save(token, tmp_path)[0]
    host.use(
        *("xvfb-run", "-a", "xfreerdp", str(connection), "/p:summer", "/gp:summer"),
        *("/cert:ignore", "/timeout:5000"),
        folder=tmp_path,
    )
    host.trip(token, "A lookup of ", channel="dns")
    host.trip(token, channel="http")


@pytest.mark.parametrize("words", [("lint",), ("bundle", "-o", "all.yaml")], ids=["lint", "bundle"])
def test_redocly_trips_an_openapi_token(host: Host, tmp_path: Path, words: tuple[str, ...]) -> None:
    token = host.plant("openapi", site=host.secure_site)
    (document,) = host.save(token, tmp_path, host.secure_site)
    done = host.use(
        *("redocly", *words, document.name),
        folder=tmp_path,
        environment={"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"},
    )
    said = (done.stdout + done.stderr).decode()
    assert "resolve" not in said, said
    host.trip(token, "GET for /", channel="http")


def test_newman_trips_a_postman_token(host: Host, tmp_path: Path) -> None:
    token = host.plant("postman")
    collection = host.save(token, tmp_path)[0]
    host.use("newman", "run", str(collection), folder=tmp_path)
    secret = json.loads(collection.read_text())["variable"][1]["value"]
    trip = host.trip(token, "was used by", channel="http")
    assert trip.summary.startswith("The API bearer token was used by PostmanRuntime/")
    assert secret not in str(trip)


@pytest.mark.parametrize("name", ["m3u", "pls"])
def test_mpv_trips_a_playlist_token(host: Host, tmp_path: Path, name: str) -> None:
    token = host.plant("playlist")
    (found,) = [path for path in host.save(token, tmp_path) if path.suffix == f".{name}"]
    host.use("mpv", "--no-config", "--vo=null", "--ao=null", str(found), folder=tmp_path)
    host.trip(token, "GET for /", channel="http")


def test_newsboat_trips_a_feed_token(host: Host, tmp_path: Path) -> None:
    token = host.plant("feed")
    opml = host.save(token, tmp_path)[0]
    files = ("-u", str(tmp_path / "urls"), "-c", str(tmp_path / "cache.db"))
    (tmp_path / "urls").touch()
    host.use("newsboat", *files, "-i", str(opml), folder=tmp_path)
    host.use("newsboat", *files, "-x", "reload", folder=tmp_path)
    host.trip(token, "newsboat/", channel="http")
    unread = host.use("newsboat", *files, "-x", "print-unread", folder=tmp_path)
    assert re.match(rb"[2-5] unread articles", unread.stdout), unread
