"""Labels of known networks, read from a folder: one file a label, one network a line.

`tor.txt` gives the label "tor". A line is a network or an address; blank lines and what follows `#`
do not count. A line that is neither is left out, and the log names the first of each file. Files
are read again when any of them changes.
"""

import logging
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_network
from pathlib import Path

from serinus.alerts.source import LABELS_MAX
from serinus.base.untrusted import readable

FILES_MAX = 64
"""Files of the folder, in the order of their names."""
NETWORKS_MAX = 1_000_000
"""Networks of all files: about 150 MiB; the lists of all great clouds have some 50,000."""
LINE_LENGTH_MAX = 1000
LABEL_LENGTH_MAX = 60
CARRIER_NAT = IPv4Network("100.64.0.0/10")
"""RFC 6598."""

IPAddress = IPv4Address | IPv6Address
_Place = tuple[int, int]
"""IP version and bits to the right of the prefix."""

log = logging.getLogger(__name__)


class LabelBook:
    """The labels of one folder; None is no folder, and then only local networks have labels."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._seen: object = ()
        self._labels: Mapping[_Place, Mapping[int, tuple[str, ...]]] = {}

    def refresh(self) -> bool:
        """Read the files again where any has changed, and say whether it was so."""
        paths, fault = self._paths()
        seen = fault or [_signature(path) for path in paths]
        if seen == self._seen:
            return False
        if fault:
            log.warning("labels: %s cannot be read: %s", self._folder, fault)
        self._seen = seen
        self._labels = _read(paths)
        return True

    def find(self, address: IPAddress) -> list[str]:
        """Return the labels of an address, the narrowest network's first."""
        number = int(address)
        found = list(_local(address))
        # A few dozen lengths at most, each one look-up, however many networks there are.
        for (version, bits), networks in sorted(self._labels.items()):
            if version == address.version:
                found += networks.get(number >> bits, ())
        return list(dict.fromkeys(found))[:LABELS_MAX]

    def _paths(self) -> tuple[list[Path], str]:
        """Return the files, or why there are none."""
        if self._folder is None:
            return [], ""
        try:
            found = [p for p in self._folder.iterdir() if p.is_file() and p.name[0] != "."]
        except OSError as error:
            return [], str(error.strerror)
        return sorted(found)[:FILES_MAX], ""


def _signature(path: Path) -> tuple[str, int, int]:
    try:
        stat = path.stat()
    except OSError:
        return path.name, 0, 0
    return path.name, stat.st_mtime_ns, stat.st_size


def _read(paths: list[Path]) -> dict[_Place, dict[int, tuple[str, ...]]]:
    book: dict[_Place, dict[int, tuple[str, ...]]] = {}
    count = 0
    for path in paths:
        label = readable(path.stem, LABEL_LENGTH_MAX)
        for place, number in _networks(path):
            count += 1
            if count > NETWORKS_MAX:
                log.warning("labels: only the first %d networks are read", NETWORKS_MAX)
                return book
            networks = book.setdefault(place, {})
            networks[number] = (*networks.get(number, ()), label)
    return book


def _networks(path: Path) -> Iterator[tuple[_Place, int]]:
    wrong = 0
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            number = 0
            while line := file.readline(LINE_LENGTH_MAX):
                number += 1
                text = line.partition("#")[0].strip()
                if not text:
                    continue
                try:
                    network = ip_network(text, strict=False)
                except ValueError:
                    wrong += 1
                    if wrong == 1:
                        log.warning("labels: %s, line %d is no network", path, number)
                    continue
                bits = network.max_prefixlen - network.prefixlen
                yield (network.version, bits), int(network.network_address) >> bits
    except OSError as error:
        log.warning("labels: %s cannot be read: %s", path, error.strerror)


def _local(address: IPAddress) -> Iterator[str]:
    if address.is_loopback:
        yield "loopback"
    elif address.is_link_local:
        yield "link-local"
    elif address in CARRIER_NAT:
        yield "carrier-grade NAT"
    elif address.is_private:
        yield "private"
