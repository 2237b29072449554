-- Find the scan of each parcel that counted at an earlier instant. A scan counts that was received by then; one of a
-- parcel that was itself put in later, a history, counts by its own time.
-- Parameters: seller; parcels and put_in_later, arrays of one length; then; ahead_seconds, how far ahead of us a
-- carrier's clock may be, and uncertain_seconds where a time is a latest reading; journey, final and no_movement of STATUSES. Part: newest, the query newest_scans.
-- Returns parcel, when it was scanned, status, text, location and code.
SELECT parcel_id, scanned_at, status, text, location, code FROM (<newest>) newest
