"""Facts about a source, from files of this machine alone; nobody is asked and nothing waits.

Their shape is in `serinus.alerts.source`. Where country data ships with a library, city and network
come from MaxMind-format files of the operator's, which are opened again when they are replaced
(renamed over, as their updater does).
"""

import logging
from collections.abc import Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any

import iptocc
import maxminddb
from ua_parser import parse

from serinus.alerts.source import VALUE_LENGTH_MAX
from serinus.base.untrusted import readable
from serinus.model.touch import Touch
from serinus.net.labels import LabelBook

REFRESH_S = 30.0
"""Between two looks at whether files have changed."""
CACHE_MAX = 20_000
"""Sources remembered, about 20 MiB; then all are forgotten, because few come back."""
AGENT_LENGTH_MAX = 512
"""Characters of a User-Agent that are parsed; a browser's has about 120."""
AGENTS_MAX = 4096
"""Parsed User-Agents remembered."""
HEADERS_MAX = 128
"""Headers looked through for the User-Agent."""

log = logging.getLogger(__name__)


class SourceBook:
    """Describes sources; for one thread at a time.

    Args:
        mmdb: Paths of MaxMind-format files.
        labels: Folder of label files, or None.
    """

    def __init__(self, mmdb: Sequence[Path] = (), labels: Path | None = None) -> None:
        self._files = [_Database(path) for path in mmdb]
        self._labels = LabelBook(labels)
        self._cache: dict[str, dict[str, Any]] = {}
        self._refresh_at = 0.0

    def refresh(self, now: float) -> None:
        """Look, now and then, whether files have changed; `now` is monotonic seconds."""
        if now < self._refresh_at:
            return
        self._refresh_at = now + REFRESH_S
        # Each of them, so no `any` over a generator.
        if any([self._labels.refresh(), *(file.refresh() for file in self._files)]):
            self._cache.clear()

    def describe(self, touch: Touch) -> dict[str, Any]:
        """Return the facts about where a touch came from."""
        agent = _user_agent(touch)
        return {**self.describe_address(touch.source), **(_read_agent(agent) if agent else {})}

    def describe_address(self, source: str) -> dict[str, Any]:
        """Return the facts about an address; none where it is no address."""
        found = self._cache.get(source)
        if found is None:
            if len(self._cache) >= CACHE_MAX:
                self._cache.clear()
            found = self._cache[source] = self._look_up(source)
        return found

    def _look_up(self, source: str) -> dict[str, Any]:
        try:
            address = ip_address(source)
        except ValueError:
            return {}
        if isinstance(address, IPv6Address):
            address = address.ipv4_mapped or IPv6Address(int(address))
        facts: dict[str, Any] = {}
        country = iptocc.country_code(str(address))
        if country:
            facts["country"] = str(country)
        for file in self._files:
            facts |= file.find(address)
        labels = self._labels.find(address)
        return facts | {"labels": labels} if labels else facts


class _Database:
    """One MaxMind-format file; one that cannot be read knows nothing, and the log says so once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, ...] | None = ()
        self._reader: maxminddb.Reader | None = None

    def refresh(self) -> bool:
        seen = self._look()
        if seen == self._seen:
            return False
        self._seen = seen
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        if seen is not None:
            try:
                self._reader = maxminddb.open_database(self._path)
            except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
                log.warning("mmdb: %s cannot be read: %s", self._path, error)
        return True

    def find(self, address: IPv4Address | IPv6Address) -> dict[str, Any]:
        if self._reader is None:
            return {}
        try:
            record = self._reader.get(address)
        except (ValueError, maxminddb.InvalidDatabaseError) as error:
            log.debug("mmdb: %s: %s", self._path, error)
            return {}
        return _read_record(record) if isinstance(record, dict) else {}

    def _look(self) -> tuple[int, ...] | None:
        try:
            stat = self._path.stat()
        except OSError as error:
            if self._seen is not None:
                log.warning("mmdb: %s cannot be read: %s", self._path, error.strerror)
            return None
        return stat.st_ino, stat.st_mtime_ns, stat.st_size


def _read_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a record of GeoIP2's City or ASN shape says."""
    country, city = _part(record, "country"), _part(record, "city")
    location = _part(record, "location")
    asn = record.get("autonomous_system_number")
    found = {
        "country": country.get("iso_code"),
        "country_name": _part(country, "names").get("en"),
        "city": _part(city, "names").get("en"),
        "network": record.get("autonomous_system_organization"),
    }
    facts: dict[str, Any] = {
        name: readable(value, VALUE_LENGTH_MAX)
        for name, value in found.items()
        if isinstance(value, str) and value
    }
    if isinstance(asn, int):
        facts["asn"] = asn
    latitude, longitude = location.get("latitude"), location.get("longitude")
    if isinstance(latitude, float) and isinstance(longitude, float):
        facts |= {"latitude": latitude, "longitude": longitude}
    return facts


def _part(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = record.get(name)
    return value if isinstance(value, dict) else {}


def _user_agent(touch: Touch) -> str:
    headers = touch.detail.get("headers")
    for pair in headers[:HEADERS_MAX] if isinstance(headers, list) else ():
        match pair:
            case [str(name), str(value)] if name.lower() == "user-agent":
                return value[:AGENT_LENGTH_MAX]
    return ""


@lru_cache(maxsize=AGENTS_MAX)
def _read_agent(agent: str) -> dict[str, Any]:
    parsed = parse(agent)
    browser, system, device = parsed.user_agent, parsed.os, parsed.device
    found = {
        "browser": browser and _version(browser.family, browser.major),
        "system": system and _version(system.family, system.major),
        "device": device and " ".join(filter(None, (device.brand, device.model))),
    }
    return {name: readable(value, VALUE_LENGTH_MAX) for name, value in found.items() if value}


def _version(family: str, major: str | None) -> str:
    return f"{family} {major}" if major else family
