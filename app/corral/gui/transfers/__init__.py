"""The page of downloads and uploads."""
