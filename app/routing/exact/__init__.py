"""Exact decisions of what branch and price over bundles does not know.

An order with further terms (whole lines, packs, capacities, groups, counts, levels) is decided by
an integer programme (`formulation`, `stages`), by a tree over the open sources when freight is a
fixed cost (`location`), or over the subsets of its lines when it is small and nothing is cut
(`subsets`). Strategies put them together (`app.routing.strategies.optimal`).
"""
