-- Count the parcels that were written off, and those of them that came after all. One that was written off twice counts
-- for both versions.
-- Parameters: since, from which on write-offs count; seller; delivered, of STATUSES. Parts: of_shop, a condition on the
-- seller, or `true`; came, whether one came after all. Returns carrier (as compared), its name, version of the
-- policy, parcels, how many of these came.
SELECT lost.carrier_normalised, max(lost.carrier), lost.policy_version, count(*), count(*) FILTER (WHERE lost.came)
  FROM (
        SELECT parcel.seller_id, parcel.id, parcel.carrier_normalised, parcel.carrier, write_off.policy_version,
               bool_or(
                   <came>
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
