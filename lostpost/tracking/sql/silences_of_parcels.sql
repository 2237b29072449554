-- Work out the silences of parcels from all their scans: from a scan (or the hand-over) to the next one, if that took a
-- day or is still to come, up to the first scan that says that the parcel was delivered or is on its way back. A scan
-- from before the hand-over counts as made then.
-- Parameters: seller, parcels; delivered, of STATUSES; going_back, statuses too. Returns parcel, beginning, carrier,
-- country, full days until the next scan and until the outcome, outcome, and the parcel's newest scan.
WITH named AS (
    SELECT parcel.id, parcel.shipped_at, parcel.carrier_normalised, parcel.last_scanned_at, placed.customer_country
      FROM lostpost_parcel parcel
      JOIN lostpost_order placed ON placed.seller_id = parcel.seller_id AND placed.id = parcel.order_id
     WHERE parcel.seller_id = %(seller)s AND parcel.id = ANY(%(parcels)s)
       AND parcel.shipping_method = 'own' AND parcel.tracking_number <> ''
), scanned AS (
    SELECT named.id, greatest(scan.scanned_at, named.shipped_at) AS at, scan.status
      FROM named
      JOIN lostpost_scan scan ON scan.seller_id = %(seller)s AND scan.parcel_id = named.id
     WHERE NOT scan.from_future AND NOT scan.before_order
), ended AS (
    SELECT DISTINCT ON (id) id, at,
           CASE WHEN status = ANY(%(delivered)s) THEN 'delivered' ELSE 'returned' END AS outcome
      FROM scanned
     WHERE status = ANY(%(delivered)s) OR status = ANY(%(going_back)s)
     ORDER BY id, at, status = ANY(%(delivered)s) DESC
), silences AS (
    SELECT moment.id, moment.at AS began_at, ended.at AS ended_at, coalesce(ended.outcome, '') AS outcome,
           coalesce(lead(moment.at) OVER (PARTITION BY moment.id ORDER BY moment.at), ended.at) - moment.at AS span
      FROM (SELECT id, at FROM scanned UNION SELECT id, shipped_at FROM named) moment
      LEFT JOIN ended ON ended.id = moment.id
     WHERE ended.at IS NULL OR moment.at < ended.at
)
SELECT silences.id, silences.began_at, named.carrier_normalised, named.customer_country,
       floor(extract(epoch FROM silences.span) / 86400)::int,
       floor(extract(epoch FROM silences.ended_at - silences.began_at) / 86400)::int,
       silences.outcome, named.last_scanned_at
  FROM silences
  JOIN named ON named.id = silences.id
 WHERE silences.span IS NULL OR silences.span >= interval '1 day'
