"""What inventory reads and writes as JSON."""
