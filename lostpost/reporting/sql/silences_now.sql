-- Count the parcels that are silent now by full days of silence; of those whose order is too old to be written off none.
-- Parameters: now; silent_from, before which nobody looks any more; seller. Part: of_shop, a condition on the seller, or
-- `true`. Returns days, parcels.
SELECT floor(extract(epoch FROM %(now)s - silent_since) / 86400)::int, count(*)
  FROM lostpost_parcel
 WHERE <of_shop> AND shipping_method = 'own' AND NOT delivered AND NOT written_off
   AND silent_since BETWEEN %(silent_from)s AND %(now)s
   AND silent_since = greatest(shipped_at, last_scanned_at, tracking_number_changed_at)
 GROUP BY 1
 ORDER BY 1
