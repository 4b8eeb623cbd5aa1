"""Distances on the earth: great circles on a sphere of its mean radius."""

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0088


def great_circle_km(
    from_place: tuple[float, float],
    to_place: tuple[float, float],
) -> float:
    """Measure the great-circle distance between two places given as (latitude, longitude)."""
    lat_1, lat_2 = radians(from_place[0]), radians(to_place[0])
    half_lat = (lat_2 - lat_1) / 2
    half_lng = radians(to_place[1] - from_place[1]) / 2
    chord = sin(half_lat) ** 2 + cos(lat_1) * cos(lat_2) * sin(half_lng) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(chord)))
