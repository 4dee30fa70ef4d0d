"""What this machine has, what is free now, and what was learned of it."""
