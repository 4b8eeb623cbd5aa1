"""Distances on the earth: great circles on a sphere of its mean radius."""

from collections.abc import Callable
from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0088


def distances_to(place: tuple[float, float]) -> Callable[[float, float], float]:
    """Measures how far a latitude and longitude are from a place: as `great_circle_km`, to one."""
    lat_2, lng_2 = radians(place[0]), place[1]
    cos_lat_2, diameter = cos(lat_2), 2 * EARTH_RADIUS_KM

    def km_from(latitude: float, longitude: float) -> float:
        lat_1 = radians(latitude)
        half_lng = radians(lng_2 - longitude) / 2
        chord = sin((lat_2 - lat_1) / 2) ** 2 + cos(lat_1) * cos_lat_2 * sin(half_lng) ** 2
        return diameter * asin(min(1.0, sqrt(chord)))

    return km_from


def great_circle_km(
    from_place: tuple[float, float],
    to_place: tuple[float, float],
) -> float:
    """Measure the great-circle distance between two places given as (latitude, longitude)."""
    return distances_to(to_place)(*from_place)
