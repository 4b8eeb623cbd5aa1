"""Named selections of variants, by rule and by list, for agreements, storefronts and accounts."""
