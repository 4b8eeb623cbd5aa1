"""What a past period would have been like: its orders decided anew, beside what happened."""
