-- Find open cases of which every unit is decided about, as finance restored its payment without the case.
-- Parameters: most. Returns seller_id, number of each, the oldest first.
SELECT found.seller_id, found.number
  FROM lostpost_foundcase found
 WHERE found.state = 'open'
   AND NOT EXISTS (
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
