"""Found parcels over the API."""
