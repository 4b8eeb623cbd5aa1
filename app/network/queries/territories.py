"""Which territories a place lies in: a part of larger statements, for whoever asks it with others.

``TERRITORIES_HERE`` selects ``territory_id`` by the binds ``country``, ``subdivision``,
``postal_code``, ``latitude`` and ``longitude``; an unknown place lies in none. (What may be sold
*somewhere* while the place is not known yet is another question, and eligibility's.)
``WITHIN_CIRCLE`` is whether the point lies in an area's circle: null when the point is not known.
``WITHIN_POSTAL`` is whether the code begins as one of its range does: null when it is not known.
"""

WITHIN_CIRCLE = """network_distance_km(
        latitude, longitude, CAST(:latitude AS float8), CAST(:longitude AS float8)
    ) <= radius_km"""

# What `rules.folded_postal` does, once a statement; areas are kept folded.
WITHIN_POSTAL = """left(
        (SELECT translate(upper(CAST(:postal_code AS text)), ' -.', '')), length(postal_from)
    ) BETWEEN postal_from AND postal_to"""

TERRITORIES_HERE = f"""
    SELECT DISTINCT territory_id FROM network_territory_areas
    WHERE country = CAST(:country AS text)
      AND (subdivision IS NULL OR subdivision = CAST(:subdivision AS text))
      AND (postal_from IS NULL OR {WITHIN_POSTAL})
      AND (radius_km IS NULL OR {WITHIN_CIRCLE})
"""  # noqa: S608 - composed of constants only
