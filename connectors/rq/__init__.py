"""Long jobs through RQ: the queue carries ids, a forked process works on each."""
