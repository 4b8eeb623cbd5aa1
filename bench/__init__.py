"""Figures, as ratios measured in one run; ``make bench`` runs what needs no data of its own."""
