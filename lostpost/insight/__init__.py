"""Read-only views over several packages, for pages about parcels and timelines."""
