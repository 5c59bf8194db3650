"""The country in cells of about 20 km, so that a search looks only at what is near."""

from __future__ import annotations

from math import asin, ceil, cos, degrees, floor, radians, sin

EARTH_RADIUS_KM = 6371.0
# Degrees; about 20 km each way in Saxony.
CELL_LATITUDE, CELL_LONGITUDE = 0.18, 0.28


def cell_at(latitude: float, longitude: float) -> int:
    """The number of the cell of a point."""
    return _number(floor(latitude / CELL_LATITUDE), floor(longitude / CELL_LONGITUDE))


def cells_around(latitude: float, longitude: float, km: float) -> list[int] | None:
    """Every cell with a point within `km`; None for all of them, where the grid has no use (poles, date line)."""
    angle = km / EARTH_RADIUS_KM
    high = degrees(angle) * 1.001
    if abs(latitude) + high >= 89.0:
        return None
    wide = degrees(asin(sin(angle) / cos(radians(latitude)))) * 1.001
    if abs(longitude) + wide >= 180.0:
        return None
    rows = range(floor((latitude - high) / CELL_LATITUDE), ceil((latitude + high) / CELL_LATITUDE))
    columns = range(floor((longitude - wide) / CELL_LONGITUDE), ceil((longitude + wide) / CELL_LONGITUDE))
    return [_number(row, column) for row in rows for column in columns]


def _number(row: int, column: int) -> int:
    return row * 10_000 + column
