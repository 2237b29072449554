-- Find parcels with a silence that has no end yet, and of which a scan came since it was worked out.
-- Parameters: began_from; most. Returns seller and parcel.
SELECT DISTINCT silence.seller_id, silence.parcel_id
  FROM lostpost_silence silence
  JOIN lostpost_parcel parcel ON parcel.seller_id = silence.seller_id AND parcel.id = silence.parcel_id
 WHERE silence.outcome = '' AND silence.began_at >= %(began_from)s
   AND silence.seen_at IS DISTINCT FROM parcel.last_scanned_at
 LIMIT %(most)s
