-- Determine again which scan counts on each of some parcels; one without scans has none.
-- Parameters: seller, parcels; delivered and others of STATUSES. Part: newest, the query newest_scans of the parcels.
-- Returns those of them in which anything was written off.
WITH newest AS (<newest>)
UPDATE lostpost_parcel parcel
   SET last_scanned_at = newest.scanned_at, last_status = coalesce(newest.status, ''),
       last_rank = coalesce(newest.rank, 0), last_fingerprint = newest.fingerprint,
       last_text = coalesce(newest.text, ''), last_location = coalesce(newest.location, ''),
       last_code = coalesce(newest.code, ''),
       delivered = coalesce(newest.status = ANY(%(delivered)s), false)
  FROM unnest(%(parcels)s::uuid[]) AS named (id)
  LEFT JOIN newest ON newest.parcel_id = named.id
 WHERE parcel.seller_id = %(seller)s AND parcel.id = named.id
RETURNING CASE WHEN parcel.any_written_off THEN parcel.id END
