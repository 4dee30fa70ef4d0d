"""Models of other programs, found where they lie and only ever read."""
