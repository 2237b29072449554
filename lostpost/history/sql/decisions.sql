-- Read the lines of write-offs that were confirmed in a span; without who confirmed them.
-- Parameters: from, until. Returns the dataset's columns.
SELECT write_off.seller_id, write_off.id, unit.parcel_id, write_off.confirmed_at, write_off.policy_version,
       line.quantity, line.refund_minor, write_off.currency
  FROM lostpost_writeoff write_off
  JOIN lostpost_writeoffline line ON line.seller_id = write_off.seller_id AND line.write_off_id = write_off.id
  JOIN lostpost_parcelunit unit ON unit.seller_id = line.seller_id AND unit.id = line.parcel_unit_id
 WHERE write_off.confirmed_at >= %(from)s AND write_off.confirmed_at < %(until)s
 ORDER BY write_off.seller_id, write_off.id, line.id
