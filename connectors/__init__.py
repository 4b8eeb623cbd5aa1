"""The counterparts outside: one folder each; they import ports, events, errors, kernel and infra."""
