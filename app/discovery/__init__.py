"""Finding: search, facets, suggestions, product pages and feeds, each as one buyer may see it."""
