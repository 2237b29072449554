"""Orders, parcels, returns and scans from CSV files; docs/importing.md describes the columns."""
