-- Say whether a parcel came after it was written off: the carrier says that it delivered it, by a scan that the decision
-- did not know (it may have been made before), or the customer says that it came. An expression on the rows `write_off`
-- and `parcel`. Parameter: delivered, of STATUSES.
(
 parcel.delivered
 AND (
      parcel.last_scanned_at > write_off.confirmed_at
      OR EXISTS (
          SELECT 1
            FROM lostpost_scan scan
           WHERE scan.seller_id = parcel.seller_id AND scan.parcel_id = parcel.id
             AND scan.status = ANY(%(delivered)s) AND scan.received_at > write_off.confirmed_at
             AND NOT scan.from_future AND NOT scan.before_order
      )
 )
)
OR EXISTS (
    SELECT 1
      FROM lostpost_foundcase found
      JOIN lostpost_foundevidence evidence
        ON evidence.seller_id = found.seller_id AND evidence.case_id = found.id
     WHERE found.seller_id = write_off.seller_id AND found.write_off_id = write_off.id
       AND found.parcel_id = parcel.id AND evidence.kind = 'customer'
)
