-- Read lines of write-offs in the order of their confirmation, each with the facts that were known then, and whether its
-- parcel came after all.
-- Parameters: since, until; after_at and after_id, behind which to go on; most, how many; seller; delivered, of STATUSES.
-- Parts: of_shop, a condition on the seller, or `true`; came, whether a parcel came after all. Returns the line, its
-- write-off and parcel, when it was confirmed, by which version of the policy, amount, facts, and whether it came.
SELECT line.id, write_off.id, parcel.id, write_off.confirmed_at, write_off.policy_version, write_off.currency,
       line.refund_minor, line.facts, (<came>)
  FROM lostpost_writeoff write_off
  JOIN lostpost_writeoffline line ON line.seller_id = write_off.seller_id AND line.write_off_id = write_off.id
  JOIN lostpost_parcelunit unit ON unit.seller_id = line.seller_id AND unit.id = line.parcel_unit_id
  JOIN lostpost_parcel parcel ON parcel.seller_id = unit.seller_id AND parcel.id = unit.parcel_id
 WHERE <of_shop> AND write_off.confirmed_at >= %(since)s AND write_off.confirmed_at < %(until)s
   AND (write_off.confirmed_at, line.id) > (%(after_at)s, %(after_id)s)
 ORDER BY write_off.confirmed_at, line.id
 LIMIT %(most)s
