"""The right dock: the machine, and the plan for one model."""
