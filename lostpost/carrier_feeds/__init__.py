"""Whether carriers' scans still reach us: a feed that fell silent is no silent parcel."""
