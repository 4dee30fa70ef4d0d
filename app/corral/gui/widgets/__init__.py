"""Small widgets that all panels share. They know no services."""
