"""What organizations are told: the event feed."""
