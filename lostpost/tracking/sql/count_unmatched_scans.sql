-- Count the scans received in a span whose parcel is not there yet, by carrier and hour of receiving.
-- Parameters: since, until. Returns carrier, beginning of the hour, scans, the carrier again, and when the newest was
-- received.
SELECT carrier_normalised, date_trunc('hour', received_at, 'UTC') AS hour_at, count(*) AS scans,
       carrier_normalised AS carrier, max(received_at)
  FROM lostpost_unmatchedscan
 WHERE received_at >= %(since)s AND received_at < %(until)s AND matched_at IS NULL AND carrier_normalised <> ''
 GROUP BY 1, 2
