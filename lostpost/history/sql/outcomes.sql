-- Read what became known in a span of written-off parcels that came after all; without its
-- words.
-- Parameters: from, until. Returns the dataset's columns.
SELECT found.seller_id, found.write_off_id, found.parcel_id, evidence.kind, evidence.at, evidence.noted_at
  FROM lostpost_foundevidence evidence
  JOIN lostpost_foundcase found ON found.seller_id = evidence.seller_id AND found.id = evidence.case_id
 WHERE evidence.noted_at >= %(from)s AND evidence.noted_at < %(until)s
 ORDER BY found.seller_id, found.id, evidence.id
