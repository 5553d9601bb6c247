"""A deployment's settings: typed, read once, each with its unit, bounds and a sentence.

A value comes from the first of: a flag, `SERINUS_NAME`, the file that `SERINUS_NAME_FILE` names,
the TOML file, the default. `Resolved.sources` remembers which. What people change while the
programs run (destinations, incident window, …) is not here but in the Console.
"""

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Any

from serinus.base.errors import OperatorError

PREFIX = "SERINUS_"
PORT_MAX = 65535
LISTENERS = ("dns", "http", "https")
OFF = "off"
"""In place of a listener's addresses: there is no such listener."""
_YES = frozenset({"yes", "true", "on", "1"})
_NO = frozenset({"no", "false", "off", "0"})
NAME_LENGTH_MAX = 180
"""A zone may take 180 of a name's 253 characters: id, carried data and dots need the rest."""


def setting(help: str, default: Any) -> Any:
    """Declare one setting with its sentence; a list or tuple default is separated by commas."""
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True, slots=True)
class Listen:
    """An address and a port to listen on."""

    address: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that is fixed while the programs run."""

    data: str = setting("Folder that holds all state; made with mode 0700.", "data")
    domain: tuple[str, ...] = setting(
        "Zones that are delegated to this deployment; new tokens use the first.",
        ("files.localhost",),
    )
    dns: tuple[str, ...] = setting(
        "Addresses to answer DNS on, UDP and TCP; off: none.", ("127.0.0.1:5354",)
    )
    http: tuple[str, ...] = setting("Addresses to answer HTTP on; off: none.", ("127.0.0.1:8080",))
    https: tuple[str, ...] = setting(
        "Addresses to answer HTTPS on; off: none.", ("127.0.0.1:8443",)
    )
    console: str = setting("Address of the Console and the API.", "127.0.0.1:8000")
    console_url: str = setting(
        "URL under which people reach the Console; links in alerts begin with it. "
        "Empty: http:// and the Console's address.",
        "",
    )
    address: tuple[str, ...] = setting(
        "Public IPv4 and IPv6 addresses of this deployment, given in A and AAAA answers.",
        ("127.0.0.1",),
    )
    url_base: str = setting(
        "What a web token's URL begins with, when a proxy or port mapping stands in front, such "
        "as https://files.example.net. Empty: worked out from domain and http.",
        "",
    )
    certificate: str = setting(
        "PEM file with the certificate chain for HTTPS; read again when it changes. "
        "Empty: a generated one.",
        "",
    )
    certificate_key: str = setting("PEM file with the certificate's private key.", "")
    trusted_proxy: tuple[str, ...] = setting(
        "Networks whose X-Forwarded-For and PROXY protocol headers are believed.", ()
    )
    outgoing_allow: tuple[str, ...] = setting(
        "Internal networks that alerts may be sent to, such as 10.1.2.0/24.", ()
    )
    mmdb: tuple[str, ...] = setting("MaxMind-format files for city and network (ASN).", ())
    labels: str = setting(
        "Folder with lists of known networks (one file a label, one network a line).", ""
    )
    reverse_names: bool = setting(
        "yes: ask DNS for the name of each source. A source that runs its own reverse zone sees "
        "that somebody asked.",
        False,
    )
    ledger_size_max: int = setting(
        "Size in MiB at which the ledger takes no more; an alarm comes at 80 %.", 2048
    )
    log_level: str = setting("debug, info, warning or error.", "info")

    def __post_init__(self) -> None:
        for name in ("dns", "http", "https"):
            for value in getattr(self, name):
                read_listen(value, name)
        read_listen(self.console, "console")
        if not self.domain:
            raise OperatorError("Give at least one zone with --domain.", "domain")
        for zone in self.domain:
            _check_zone(zone)
        for value in self.address:
            try:
                ip_address(value)
            except ValueError:
                raise OperatorError(
                    f"address: {value!r} is not an IP address.", "address"
                ) from None
        for name in ("trusted_proxy", "outgoing_allow"):
            for value in getattr(self, name):
                try:
                    ip_network(value, strict=False)
                except ValueError:
                    raise OperatorError(
                        f"{name}: {value!r} is not a network such as 10.1.2.0/24.", name
                    ) from None
        if bool(self.certificate) != bool(self.certificate_key):
            raise OperatorError(
                "Give both certificate and certificate_key, or neither.", "certificate"
            )
        if not 1 <= self.ledger_size_max <= 1_048_576:
            raise OperatorError(
                "ledger_size_max is a number of MiB from 1 to 1048576.", "ledger_size_max"
            )
        if self.log_level not in ("debug", "info", "warning", "error"):
            raise OperatorError("log_level is debug, info, warning or error.", "log_level")
        for name in ("console_url", "url_base"):
            value = getattr(self, name)
            if value and not value.startswith(("http://", "https://")):
                raise OperatorError(f"{name} begins with http:// or https://.", name)

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones in lower case without a dot at the end."""
        return tuple(zone.lower().rstrip(".") for zone in self.domain)

    @property
    def addresses_v4(self) -> tuple[IPv4Address, ...]:
        """The public IPv4 addresses."""
        found = map(ip_address, self.address)
        return tuple(a for a in found if isinstance(a, IPv4Address))

    @property
    def addresses_v6(self) -> tuple[IPv6Address, ...]:
        """The public IPv6 addresses."""
        found = map(ip_address, self.address)
        return tuple(a for a in found if isinstance(a, IPv6Address))

    @property
    def token_url_base(self) -> str:
        """What a web token's URL begins with, without a slash at the end."""
        if self.url_base:
            return self.url_base.rstrip("/")
        listens = self.http or self.https
        scheme, standard = ("http", 80) if self.http else ("https", 443)
        port = read_listen(listens[0], scheme).port if listens else standard
        return f"{scheme}://{self.zones[0]}" + ("" if port == standard else f":{port}")

    @property
    def console_base(self) -> str:
        """What a link to the Console begins with, without a slash at the end."""
        return (self.console_url or f"http://{self.console}").rstrip("/")


@dataclass(frozen=True, slots=True)
class Resolved:
    """Settings together with where each came from (`flag`, `SERINUS_X`, a file, `default`)."""

    settings: Settings
    sources: Mapping[str, str]


def resolve(
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    toml: str,
    read_file: Callable[[str], str],
) -> Resolved:
    """Return the settings of a deployment.

    Args:
        flags: Values given on the command line; None or () counts as not given.
        environ: The process's environment.
        toml: Text of the settings file, or "".
        read_file: Reads the file that a `SERINUS_NAME_FILE` variable names.

    Raises:
        OperatorError: Names the setting that is wrong and the remedy.
    """
    try:
        from_toml = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise OperatorError(f"The settings file is not TOML: {error}.") from error
    known = {f.name: f for f in fields(Settings)}
    for name in from_toml:
        if name not in known:
            raise OperatorError(f"The settings file names {name!r}, which is no setting.", name)
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name, declared in known.items():
        variable = PREFIX + name.upper()
        given: Any
        if flags.get(name) not in (None, (), []):
            given, source = flags[name], "flag"
        elif environ.get(variable):
            given, source = environ[variable], variable
        elif environ.get(variable + "_FILE"):
            source = variable + "_FILE"
            given = _read_named(read_file, environ[source], source, name)
        elif name in from_toml:
            given, source = from_toml[name], "settings file"
        else:
            given, source = declared.default, "default"
        values[name], sources[name] = _typed(declared, given), source
    return Resolved(Settings(**values), sources)


def write_settings(settings: Settings) -> str:
    """Return settings as JSON, to hand them from `up` to the processes."""
    return json.dumps(asdict(settings), indent=1)


def read_settings(text: str) -> Settings:
    """Return the settings that `write_settings` wrote."""
    known = {f.name for f in fields(Settings)}
    found: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in json.loads(text).items()
        if name in known
    }
    return Settings(**found)


def read_listen(text: str, name: str) -> Listen:
    """Read `ADDRESS:PORT` or `[IPV6]:PORT`; raises OperatorError that names the setting."""
    host, _, port = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        ip_address(bare)
        number = int(port)
        if not 0 < number <= PORT_MAX:
            raise ValueError
    except ValueError:
        raise OperatorError(
            f"{name}: {text!r} is not ADDRESS:PORT, such as 0.0.0.0:53 or [::]:53.", name
        ) from None
    return Listen(bare, number)


def settings_path(data: str) -> Path:
    """The settings file that is read when no other is named."""
    return Path(data) / "serinus.toml"


def _read_named(read_file: Callable[[str], str], path: str, variable: str, name: str) -> str:
    try:
        return read_file(path).strip()
    except (OSError, UnicodeError) as error:
        raise OperatorError(f"{variable}: {path!r} cannot be read: {error}.", name) from error


def _typed(declared: Field[Any], given: Any) -> Any:
    name = declared.name
    if isinstance(declared.default, tuple):
        if not isinstance(given, str | list | tuple):
            raise OperatorError(f"{name}: {given!r} is not a list of texts.", name)
        parts = given.split(",") if isinstance(given, str) else given
        values = tuple(str(part).strip() for part in parts if str(part).strip())
        return () if name in LISTENERS and values == (OFF,) else values
    if isinstance(given, list | tuple | dict):
        raise OperatorError(f"{name}: {given!r} is not one value.", name)
    if isinstance(declared.default, bool):
        word = str(given).strip().lower()
        if word not in _YES | _NO:
            raise OperatorError(f"{name}: {given!r} is neither yes nor no.", name)
        return word in _YES
    if isinstance(declared.default, int):
        try:
            # By way of text: TOML's true, 2.5 and inf are no whole numbers.
            return int(str(given))
        except ValueError:
            raise OperatorError(f"{name}: {given!r} is not a whole number.", name) from None
    return str(given)


def _check_zone(zone: str) -> None:
    labels = zone.rstrip(".").split(".")
    lawful = len(zone) <= NAME_LENGTH_MAX and all(
        0 < len(label) <= 63
        and label.isascii()
        and label.replace("-", "").replace("_", "").isalnum()
        for label in labels
    )
    if not lawful:
        raise OperatorError(
            f"domain: {zone!r} is not a domain name of at most {NAME_LENGTH_MAX} characters "
            "(write an international name in its xn-- form).",
            "domain",
        )
