"""Draws the Console's offline map: `python tools/draw_world.py SOURCES`.

`SOURCES` is a folder with `countries-110m.json` and `countries-50m.json` of the npm package
world-atlas 2 (Natural Earth, public domain, as TopoJSON), and `codes.json` and `en.json` of the
npm package i18n-iso-countries 7 (MIT). Writes `world.svg` (outlines, one unit a degree, from
84° N, 180° W) and `countries.json` (ISO 3166-1 alpha-2 to name, latitude, longitude).
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parents[1] / "src/serinus/console/pages/static"
NORTH, SOUTH = 84, -58
"""The map ends where nobody lives; Antarctica is left out."""
STEP = 3
"""Tenths of a degree: points nearer to the one before are under half a pixel."""

Point = tuple[float, float]


def main(sources: Path) -> None:
    """Write both files."""
    coarse, fine = (
        json.loads((sources / f"countries-{scale}.json").read_text()) for scale in ("110m", "50m")
    )
    arcs = decode(coarse)
    land = [
        piece
        for ring in rings(coarse["objects"]["land"]["geometries"])
        for piece in on_the_map(stitch(arcs, ring))
    ]
    outline = "".join(draw(piece) + "z" for piece in land)
    uses = Counter(
        index if index >= 0 else ~index
        for country in coarse["objects"]["countries"]["geometries"]
        for ring in rings([country])
        for index in ring
    )
    borders = "".join(draw(arcs[index]) for index, count in uses.items() if count > 1)
    STATIC.joinpath("world.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 142"><g id="world">'
        f'<path transform="scale(.1)" d="{outline}"/>'
        f'<path transform="scale(.1)" class="borders" fill="none" d="{borders}"/>'
        "</g></svg>\n"
    )
    centres = dict(sorted(find_centres(fine, sources)))
    lines = ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in centres.items())
    STATIC.joinpath("countries.json").write_text("{\n" + lines + "\n}\n")


def decode(topology: dict[str, Any]) -> list[list[Point]]:
    """Return the arcs as longitudes and latitudes."""
    (scale_x, scale_y), (left, low) = (topology["transform"][k] for k in ("scale", "translate"))
    found = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            points.append((x * scale_x + left, y * scale_y + low))
        found.append(points)
    return found


def rings(geometries: list[dict[str, Any]]) -> Iterator[list[int]]:
    """Yield the arc numbers of every ring."""
    for geometry in geometries:
        if geometry["type"] == "GeometryCollection":
            yield from rings(geometry["geometries"])
        elif geometry["type"] == "Polygon":
            yield from geometry["arcs"]
        elif geometry["type"] == "MultiPolygon":
            for polygon in geometry["arcs"]:
                yield from polygon


def stitch(arcs: list[list[Point]], ring: list[int]) -> list[Point]:
    """Return a ring's points, without the jump of those that cross the 180th meridian."""
    points: list[Point] = []
    for lon, lat in (p for i in ring for p in (arcs[i] if i >= 0 else arcs[~i][::-1])):
        turns = round((points[-1][0] - lon) / 360) if points else 0
        points.append((lon + 360 * turns, lat))
    return points


def on_the_map(ring: list[Point]) -> Iterator[list[Point]]:
    """Yield the ring, and again one turn away where it leaves the map."""
    if max(lat for _, lat in ring) <= SOUTH:
        return
    yield ring
    for turn in (-360, 360):
        if any(-180 < lon + turn < 180 for lon, _ in ring):
            yield [(lon + turn, lat) for lon, lat in ring]


def draw(points: list[Point]) -> str:
    """Return path data in tenths of a degree; steps too short to be seen are left out."""
    at = [(round((lon + 180) * 10), round((NORTH - lat) * 10)) for lon, lat in points]
    kept = [at[0]]
    for here in at[1:-1]:
        if max(abs(here[0] - kept[-1][0]), abs(here[1] - kept[-1][1])) >= STEP:
            kept.append(here)
    kept.append(at[-1])
    steps = ((b[0] - a[0], b[1] - a[1]) for a, b in pairwise(kept))
    text = " ".join(f"{x} {y}" for x, y in steps).replace(" -", "-")
    return f"M{kept[0][0]} {kept[0][1]}l{text}"


def find_centres(topology: dict[str, Any], sources: Path) -> Iterator[tuple[str, list[Any]]]:
    """Yield each country's code with its name and the middle of its largest piece."""
    codes = {int(n): two for two, _, n, _ in json.loads((sources / "codes.json").read_text())}
    names = json.loads((sources / "en.json").read_text())["countries"]
    arcs = decode(topology)
    for country in topology["objects"]["countries"]["geometries"]:
        code = codes.get(int(country["id"])) if "id" in country else None
        if code is None:
            continue
        area, lon, lat = max(centre(stitch(arcs, ring)) for ring in rings([country]))
        name = names[code] if isinstance(names[code], str) else names[code][0]
        if area > 0:
            yield code, [name, round(lat, 1), round((lon + 180) % 360 - 180, 1)]


def centre(ring: list[Point]) -> tuple[float, float, float]:
    """Return a ring's area and its centroid (the shoelace formula)."""
    double = lon = lat = 0.0
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        cross = x1 * y2 - x2 * y1
        double, lon, lat = double + cross, lon + (x1 + x2) * cross, lat + (y1 + y2) * cross
    return (abs(double) / 2, lon / (3 * double), lat / (3 * double)) if double else (0.0, 0.0, 0.0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
