"""Track & Trace: scans, which parcels they are of, and which of them says where a parcel is."""
