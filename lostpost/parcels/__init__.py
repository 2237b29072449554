"""Orders, items, parcels, Track & Trace scans and returns."""
