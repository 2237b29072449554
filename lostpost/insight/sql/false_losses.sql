-- Count the parcels that were written off, and those of them that came after all: the carrier says that it delivered it,
-- by a scan that the decision did not know (it may have been made before), or the customer says that it came. One that
-- was written off twice counts for both versions.
-- Parameters: since, from which on write-offs count; seller; delivered, of STATUSES. Part: of_shop, a condition on the
-- seller, or `true`. Returns carrier (as compared), its name, version of the policy, parcels, how many of these came.
SELECT lost.carrier_normalised, max(lost.carrier), lost.policy_version, count(*), count(*) FILTER (WHERE lost.came)
  FROM (
        SELECT parcel.seller_id, parcel.id, parcel.carrier_normalised, parcel.carrier, write_off.policy_version,
               bool_or(
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
               ) AS came
          FROM lostpost_writeoff write_off
          JOIN lostpost_writeoffline line
            ON line.seller_id = write_off.seller_id AND line.write_off_id = write_off.id
          JOIN lostpost_parcelunit unit ON unit.seller_id = line.seller_id AND unit.id = line.parcel_unit_id
          JOIN lostpost_parcel parcel ON parcel.seller_id = unit.seller_id AND parcel.id = unit.parcel_id
         WHERE <of_shop> AND write_off.confirmed_at >= %(since)s
         GROUP BY 1, 2, 3, 4, 5
       ) lost
 GROUP BY 1, 3
 ORDER BY 1, 3
