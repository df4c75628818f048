"""Curves of recall over false alarms as a small picture."""

from collections.abc import Mapping, Sequence
from html import escape

SIDE, LEFT, TOP, FOOT = 400, 60, 30, 130
INK, PALE = "#24292f", "#d0d7de"
COLOURS = ("#0b7a75", "#d3a24c", "#7a8793", "#8250df")

Point = tuple[float, float]


def draw(curves: Mapping[str, Sequence[Point]], marks: Mapping[str, Point]) -> str:
    """Curves of the model alone, and marks where a way of screening stands."""
    lines = [_curve(points, COLOURS[n]) for n, points in enumerate(curves.values())]
    dots = [_dot(place, COLOURS[n]) for n, place in enumerate(marks.values())]
    names = [*(f"model alone, {name} (line)" for name in curves), *(f"{name} (dot)" for name in marks)]
    colours = [*COLOURS[: len(curves)], *COLOURS[: len(marks)]]
    keys = [_key(n, colour, name) for n, (colour, name) in enumerate(zip(colours, names, strict=True))]
    return "\n".join([_HEAD, *_grid(), *lines, *dots, *keys, "</svg>", ""])


_HEAD = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE + LEFT + 40} {SIDE + TOP + FOOT}" role="img"'
    f' font-family="system-ui, sans-serif" font-size="13" fill="{INK}">'
    "<title>Reports found over hard negatives flagged</title>"
    f'<rect width="{SIDE + LEFT + 40}" height="{SIDE + TOP + FOOT}" fill="#ffffff"/>'
)


def _grid() -> list[str]:
    found = [
        '<text x="12" y="18">reports found</text>',
        f'<text x="{LEFT + 220}" y="{TOP + SIDE + 34}">hard negatives flagged</text>',
    ]
    for part in (0, 25, 50, 75, 100):
        x, y = _at((part / 100, part / 100))
        found.append(f'<path d="M{LEFT} {y:.1f}H{LEFT + SIDE}M{x:.1f} {TOP}V{TOP + SIDE}" stroke="{PALE}"/>')
        found.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{part} %</text>')
        found.append(f'<text x="{x:.1f}" y="{TOP + SIDE + 16}" text-anchor="middle">{part} %</text>')
    return found


def _curve(points: Sequence[Point], colour: str) -> str:
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in map(_at, points))
    return f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _dot(place: Point, colour: str) -> str:
    x, y = _at(place)
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}" stroke="{INK}"/>'


def _key(n: int, colour: str, says: str) -> str:
    x, y = 12 + 240 * (n % 2), TOP + SIDE + 56 + 20 * (n // 2)
    box = f'<rect x="{x}" y="{y - 10}" width="12" height="12" fill="{colour}"/>'
    return f'{box}<text x="{x + 18}" y="{y}">{escape(says)}</text>'


def _at(place: Point) -> Point:
    return LEFT + place[0] * SIDE, TOP + (1 - place[1]) * SIDE
