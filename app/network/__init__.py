"""Organizations and the links between them: agreements, territories, trading accounts."""
