-- Find settled cases of which units are to be decided about again, as a restoration of their write-off was withdrawn.
-- Parameters: since, most. Returns seller_id, number of each, the oldest first.
SELECT found.seller_id, found.number
  FROM lostpost_foundcase found
 WHERE found.state = 'settled'
   AND (found.seller_id, found.write_off_id) IN (
        SELECT restoration.seller_id, restoration.write_off_id
          FROM lostpost_restoration restoration
         WHERE restoration.state = 'withdrawn' AND restoration.withdrawn_at > %(since)s
       )
   AND EXISTS (
        SELECT 1
          FROM lostpost_writeoffline line
          JOIN lostpost_parcelunit unit ON unit.seller_id = line.seller_id AND unit.id = line.parcel_unit_id
         WHERE line.seller_id = found.seller_id AND line.write_off_id = found.write_off_id
           AND unit.parcel_id = found.parcel_id
           AND line.quantity > line.quantity_restored + (
                SELECT coalesce(sum(decided.quantity), 0)
                  FROM lostpost_foundoutcomeunit decided
                  JOIN lostpost_foundoutcome outcome
                    ON outcome.seller_id = decided.seller_id AND outcome.id = decided.outcome_id
                 WHERE decided.seller_id = line.seller_id AND decided.write_off_line_id = line.id
                   AND outcome.state IN ('asked', 'done')
               )
       )
 ORDER BY found.opened_at, found.seller_id, found.id
 LIMIT %(most)s
