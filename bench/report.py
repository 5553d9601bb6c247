"""What a run found: rows of one table, printed and written to `RESULTS.md`."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

RESULTS = Path(__file__).with_name("RESULTS.md")
COLUMNS = ("case", "ours", "peer", "value (min to max)", "target", "met")


@dataclass(frozen=True, slots=True)
class Series:
    """The same figure of several rounds."""

    values: Sequence[float]

    @property
    def middle(self) -> float:
        """The median."""
        return median(self.values)

    def shown(self, digits: int = 0) -> str:
        """Return the median, and the range where there were several rounds."""
        text = f"{self.middle:,.{digits}f}"
        if len(self.values) < 2:
            return text
        return f"{text} ({min(self.values):,.{digits}f} to {max(self.values):,.{digits}f})"


def ratios(ours: Series, peer: Series) -> Series:
    """Return the ratio of each round."""
    return Series([a / b for a, b in zip(ours.values, peer.values, strict=True)])


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        met: None where the case did not run; `value` then says why.
    """

    case: str
    ours: str = ""
    peer: str = ""
    value: str = ""
    target: str = ""
    met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        """Return the cells in the order of `COLUMNS`."""
        met = {True: "yes", False: "**missed**", None: "skipped"}[self.met]
        return (self.case, self.ours, self.peer, self.value, self.target, met)


def at_least(case: str, ours: Series, peer: Series | None, bound: float, unit: str) -> Row:
    """Return the row of a rate: by ratio to the peer, or where there is none by itself."""
    if peer is None:
        shown, middle = ours.shown(), ours.middle
        return Row(
            case, f"{ours.middle:,.0f}", "", shown, f"≥ {bound:,.0f} {unit}", middle >= bound
        )
    ratio = ratios(ours, peer)
    return Row(
        case,
        f"{ours.middle:,.0f} {unit}",
        f"{peer.middle:,.0f}",
        ratio.shown(2),
        f"≥ {bound:g} × peer",
        ratio.middle >= bound,
    )


def at_most(case: str, value: float, bound: float, unit: str, digits: int = 0) -> Row:
    """Return the row of a bound from above."""
    shown = f"{value:,.{digits}f} {unit}"
    return Row(case, shown, "", shown, f"≤ {bound:g} {unit}", value <= bound)


@dataclass(slots=True)
class Report:
    """Rows, remarks and facts as they come."""

    rows: list[Row] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def run(self, name: str, case: Callable[[], None]) -> None:
        """Run one case; what goes wrong in it becomes a row, so that the others still run."""
        print(f"… {name}", flush=True)
        try:
            case()
        except Exception as error:
            if os.environ.get("BENCH_RAISE"):
                raise
            words = " ".join(str(error).split())[:300]
            self.rows.append(Row(name, value=f"failed: {type(error).__name__}: {words}"))

    def table(self) -> str:
        """Return the rows as an aligned Markdown table."""
        lines = [COLUMNS, *(row.cells() for row in self.rows)]
        lines = [tuple(cell.replace("|", "/") for cell in line) for line in lines]
        widths = [max(len(line[i]) for line in lines) for i in range(len(COLUMNS))]
        written = [
            "| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |"
            for line in lines
        ]
        written.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
        return "\n".join(written)

    def write(self, facts: Sequence[tuple[str, str]], path: Path = RESULTS) -> None:
        """Write the page of results."""
        lines = [
            "# Results of the bench",
            "",
            "Written by `make bench`; `bench/README.md` says how each figure is taken.",
            "",
            *(f"- {name}: {value}" for name, value in facts),
            "",
            self.table(),
            "",
            "## Remarks of this run",
            "",
            *(f"- {remark}" for remark in self.remarks),
            "",
        ]
        path.write_text("\n".join(lines), encoding="utf-8")
