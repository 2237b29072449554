-- Count the scans of parcels received in a span, by carrier and hour of receiving. What somebody typed in says nothing of
-- a feed.
-- Parameters: since, until; by_hand, the code of such scans. Returns carrier, beginning of the hour, scans, the carrier as
-- a parcel has it, and when the newest was received.
SELECT parcel.carrier_normalised, date_trunc('hour', scan.received_at, 'UTC') AS hour_at, count(*) AS scans,
       min(parcel.carrier), max(scan.received_at)
  FROM lostpost_scan scan
  JOIN lostpost_parcel parcel ON parcel.seller_id = scan.seller_id AND parcel.id = scan.parcel_id
 WHERE scan.received_at >= %(since)s AND scan.received_at < %(until)s AND scan.code <> %(by_hand)s
   AND parcel.carrier_normalised <> ''
 GROUP BY 1, 2
