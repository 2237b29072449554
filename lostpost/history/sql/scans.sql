-- Read the scans that we received in a span.
-- Parameters: from, until; scanned_from, scanned_until, which leave out most of the tables. Returns the dataset's
-- columns.
SELECT seller_id, parcel_id, scanned_at, received_at, status, code, from_future, before_order
  FROM lostpost_scan
 WHERE scanned_at BETWEEN %(scanned_from)s AND %(scanned_until)s
   AND received_at >= %(from)s AND received_at < %(until)s
 ORDER BY seller_id, parcel_id, scanned_at, fingerprint
