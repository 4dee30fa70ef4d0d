"""Messages to text and back: templates, stop strings, thinking, fitting the history. Pure."""
