"""The figures as a picture: `python -m benchmarks.picture < FIGURES > docs/explanation/benchmarks.svg`."""

import json
import sys
from collections.abc import Sequence
from html import escape
from typing import Any

WIDTH, LABELS, BAR, GAP = 760, 220, 18, 8
BARS = WIDTH - LABELS - 110
KEEPS_NOTHING = {"updates/ptb-memory", "updates/aiogram-memory", "updates/ptb-pickle-default"}
INK, OURS, DURABLE, FORGETFUL = "#24292f", "#0b7a75", "#7a8793", "#d3a24c"

Figure = dict[str, Any]


def draw(figures: Sequence[Figure]) -> str:
    """Updates a second as bars; the line in each is the range from the slowest round to the fastest."""
    shown = sorted(
        (one for one in figures if one["name"].startswith("updates/")),
        key=lambda one: float(one["value"]),
        reverse=True,
    )
    most = max(float(one["max"]) for one in shown)
    bars = [_bar(one, 56 + n * (BAR + GAP), BARS / most) for n, one in enumerate(shown)]
    height = 56 + len(shown) * (BAR + GAP) + 16
    return "\n".join(
        [
            _HEAD.format(width=WIDTH, height=height, ink=INK),
            "<title>Updates a second through Hamroh and through what people would use instead</title>",
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            '<text x="12" y="20" font-weight="600">Updates a second</text>',
            *(_key(12 + 235 * n, colour, says) for n, (colour, says) in enumerate(_KEYS)),
            *bars,
            "</svg>",
            "",
        ]
    )


_KEYS = (
    (OURS, "Hamroh, every update kept"),
    (DURABLE, "kept on disk, update by update"),
    (FORGETFUL, "lost when the process dies"),
)


_HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
    ' font-family="system-ui, sans-serif" font-size="13" fill="{ink}">'
)


def _key(x: float, colour: str, says: str) -> str:
    return f'<rect x="{x}" y="30" width="12" height="12" fill="{colour}"/><text x="{x + 18}" y="41">{says}</text>'


def _bar(one: Figure, y: float, scale: float) -> str:
    name, value = one["name"], float(one["value"])
    colour = OURS if "hamroh" in name else FORGETFUL if name in KEEPS_NOTHING else DURABLE
    middle = y + BAR / 2
    low, high = (LABELS + float(one[end]) * scale for end in ("min", "max"))
    return (
        f'<text x="12" y="{y + 14}">{escape(name.removeprefix("updates/"))}</text>'
        f'<rect x="{LABELS}" y="{y}" width="{value * scale:.1f}" height="{BAR}" fill="{colour}"/>'
        f'<path d="M{low:.1f} {middle}H{high:.1f}" stroke="{INK}" stroke-width="2"/>'
        f'<text x="{high + 8:.1f}" y="{y + 14}">{value:,.0f}</text>'
    )


if __name__ == "__main__":
    print(draw([json.loads(line) for line in sys.stdin if line.strip()]), end="")
