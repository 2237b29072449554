-- The claim: each parcel shows its newest scan, and is flagged as delivered and as written off as its rows say; each
-- scan is flagged as from before its order by the day of that order.
-- Parameters: seller; delivered and others of STATUSES. Part: newest, the query for the scan of each parcel that
-- counts. Returns what, found, expected for each parcel that differs.
SELECT format('parcel %%s: its newest scan', parcel.code),
       concat_ws(' ', parcel.last_scanned_at, parcel.last_status, parcel.last_fingerprint,
                 CASE WHEN parcel.delivered THEN '(delivered)' END),
       concat_ws(' ', newest.scanned_at, newest.status, newest.fingerprint,
                 CASE WHEN newest.status = ANY(%(delivered)s) THEN '(delivered)' END)
  FROM lostpost_parcel parcel
  LEFT JOIN (<newest>) newest ON newest.parcel_id = parcel.id
 WHERE parcel.seller_id = %(seller)s
   AND (
        parcel.last_scanned_at IS DISTINCT FROM newest.scanned_at
        OR parcel.last_fingerprint IS DISTINCT FROM newest.fingerprint
        OR parcel.last_status <> coalesce(newest.status, '')
        OR parcel.delivered <> coalesce(newest.status = ANY(%(delivered)s), false)
   )
UNION ALL
SELECT format('parcel %%s: scans from before its order', parcel.code),
       count(*) FILTER (WHERE scan.before_order)::text,
       count(*) FILTER (WHERE scan.scanned_at < placed.placed_at)::text
  FROM lostpost_scan scan
  JOIN lostpost_parcel parcel ON parcel.seller_id = scan.seller_id AND parcel.id = scan.parcel_id
  JOIN lostpost_order placed ON placed.seller_id = parcel.seller_id AND placed.id = parcel.order_id
 WHERE scan.seller_id = %(seller)s
 GROUP BY parcel.code
HAVING bool_or(scan.before_order <> (scan.scanned_at < placed.placed_at))
UNION ALL
SELECT format('parcel %%s: written off', parcel.code), parcel.written_off::text, counted.written_off::text
  FROM lostpost_parcel parcel
  JOIN (
        SELECT parcel_id,
               bool_or(quantity_written_off > 0)
               AND bool_and(quantity <= quantity_written_off + quantity_returned) AS written_off
          FROM lostpost_parcelunit WHERE seller_id = %(seller)s GROUP BY parcel_id
       ) counted ON counted.parcel_id = parcel.id
 WHERE parcel.seller_id = %(seller)s AND parcel.written_off <> counted.written_off
