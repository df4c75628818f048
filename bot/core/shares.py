"""Shares with their doubt: what a count out of a few may really be."""

from math import sqrt

Z = 1.96
"""Of one hundred such intervals ninety-five hold the true share."""


def wilson(found: int, of: int) -> tuple[float, float]:
    """Wilson's interval of 95 % for a share; everything is possible when nothing was counted."""
    if not of:
        return 0.0, 1.0
    share, spread = found / of, Z * Z / of
    middle = (share + spread / 2) / (1 + spread)
    reach = Z * sqrt(share * (1 - share) / of + spread / (4 * of)) / (1 + spread)
    return max(middle - reach, 0.0), min(middle + reach, 1.0)
