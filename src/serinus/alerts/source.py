"""What is known of a source, and how people read it.

`source_facts` of an incident is a dict of JSON values, each of them optional:

| key | value |
|---|---|
| country, country_name | ISO 3166-1 alpha-2 code; its English name |
| city, latitude, longitude | English name; degrees of the city's centre |
| asn, network | number of the autonomous system; who runs it |
| labels | list of what kind of network it is: "private", "tor", … |
| reverse | name that the reverse zone gives the address; whoever runs the zone chose it |
| browser, system, device | as the User-Agent claims |

All texts went through `base.untrusted.readable`.
"""

from collections.abc import Mapping
from typing import Any

from serinus.alerts.alert import Facts
from serinus.base.untrusted import readable

VALUE_LENGTH_MAX = 253
"""Characters of one value: a host name is the longest."""
LABELS_MAX = 16
"""Labels of one source."""


def facts_rows(facts: Mapping[str, Any]) -> Facts:
    """Return the facts as labels and values, most telling first; what is not known is left out."""
    country, name = _text(facts.get("country")), _text(facts.get("country_name"))
    asn, network = facts.get("asn"), _text(facts.get("network"))
    number = f"AS{asn}" if type(asn) is int else ""
    labels = facts.get("labels")
    known = labels[:LABELS_MAX] if isinstance(labels, list) else []
    rows = (
        ("Known as", ", ".join(filter(None, map(_text, known)))),
        ("Country", f"{name} ({country})" if name and country else name or country),
        ("City", _text(facts.get("city"))),
        ("Network", f"{network} ({number})" if network and number else network or number),
        ("Reverse name", _text(facts.get("reverse"))),
        ("Browser", _text(facts.get("browser"))),
        ("System", _text(facts.get("system"))),
        ("Device", _text(facts.get("device"))),
    )
    return tuple((label, value) for label, value in rows if value)


def _text(value: object) -> str:
    return readable(value, VALUE_LENGTH_MAX) if isinstance(value, str) else ""
