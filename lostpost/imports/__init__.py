"""Files of orders, parcels and scans: read, checked row by row, and put in."""
