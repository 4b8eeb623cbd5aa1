"""Where buyers shop: access, seller pool, terms of order."""
