"""What can be sold: categories, products, variants with identifiers and sizes."""
