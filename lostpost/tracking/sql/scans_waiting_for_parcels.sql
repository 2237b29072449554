-- Find for each parcel the scans that wait for its number, those that wait for its code, and those that came by its
-- number while only other parcels of its shop had that number.
-- Parameters: seller; parcels, rows of id, code, carrier and number; before_hand_over_seconds, how much earlier than
-- the hand-over a scan may be. Returns parcel, the scan's columns, and whether it came by number.
WITH named AS (
    SELECT * FROM jsonb_to_recordset(%(parcels)s::jsonb) AS row (id uuid, code text, carrier text, number text)
)
SELECT named.id, waiting.scanned_at, waiting.fingerprint, waiting.status, waiting.code, waiting.text,
       waiting.location, waiting.received_at, waiting.utc_offset_minutes, waiting.time_certainty, true
  FROM named
  JOIN lostpost_unmatchedscan waiting
    ON waiting.tracking_number_normalised = named.number AND named.number <> '' AND waiting.parcel_code = ''
   AND (waiting.shop_id IS NULL OR waiting.shop_id = %(seller)s)
   AND (waiting.carrier_normalised = named.carrier OR waiting.carrier_normalised = '' OR named.carrier = '')
UNION ALL
SELECT named.id, waiting.scanned_at, waiting.fingerprint, waiting.status, waiting.code, waiting.text,
       waiting.location, waiting.received_at, waiting.utc_offset_minutes, waiting.time_certainty, false
  FROM named
  JOIN lostpost_unmatchedscan waiting
    ON waiting.shop_id = %(seller)s AND waiting.parcel_code = named.code AND waiting.parcel_code <> ''
UNION ALL
SELECT named.id, scan.scanned_at, scan.fingerprint, scan.status, scan.code, scan.text, scan.location,
       scan.received_at, scan.utc_offset_minutes, scan.time_certainty, true
  FROM named
  JOIN lostpost_parcel parcel ON parcel.seller_id = %(seller)s AND parcel.id = named.id
  JOIN lostpost_order placed ON placed.seller_id = parcel.seller_id AND placed.id = parcel.order_id
  JOIN lostpost_parcel other
    ON other.seller_id = %(seller)s AND other.tracking_number_normalised = named.number
   AND other.tracking_number_normalised <> '' AND other.id <> named.id
   AND (other.carrier_normalised = named.carrier OR other.carrier_normalised = '' OR named.carrier = '')
  JOIN lostpost_scan scan
    ON scan.seller_id = %(seller)s AND scan.parcel_id = other.id AND scan.by_number
   AND scan.scanned_at >= greatest(
           placed.placed_at, parcel.shipped_at - make_interval(secs => %(before_hand_over_seconds)s)
       )
