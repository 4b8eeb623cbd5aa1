"""Which territories a place lies in: a part of larger statements, for whoever asks it with others.

``TERRITORIES_HERE`` selects ``territory_id`` by the binds ``country``, ``subdivision`` and
``postal_code``; an unknown place lies in none. (What may be sold *somewhere* while the place is not
known yet is another question, and eligibility's.)
"""

TERRITORIES_HERE = """
    SELECT DISTINCT territory_id FROM network_territory_areas
    WHERE country = CAST(:country AS text)
      AND (subdivision IS NULL OR subdivision = CAST(:subdivision AS text))
      AND (postal_from IS NULL OR CAST(:postal_code AS text) BETWEEN postal_from AND postal_to)
"""
