"""What was planned and what was measured."""
