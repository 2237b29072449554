-- Mark parcels of a shop that fell silent with their last update. What somebody else has locked is left for the next
-- time: so this waits for nobody, and no deadlock comes of the order in which it locks.
-- Parameters: seller; shipped_from; silent_until, the last update that counts as long ago; most. Returns a row each.
UPDATE lostpost_parcel parcel
   SET silent_since = greatest(parcel.shipped_at, parcel.last_scanned_at, parcel.tracking_number_changed_at)
 WHERE parcel.seller_id = %(seller)s AND parcel.id IN (
       SELECT silent.id
         FROM lostpost_parcel silent
        WHERE silent.seller_id = %(seller)s
          AND silent.shipping_method = 'own' AND NOT silent.delivered AND NOT silent.written_off
          AND silent.shipped_at BETWEEN %(shipped_from)s AND %(silent_until)s
          AND greatest(silent.shipped_at, silent.last_scanned_at, silent.tracking_number_changed_at)
              <= %(silent_until)s
          AND silent.silent_since IS DISTINCT FROM
              greatest(silent.shipped_at, silent.last_scanned_at, silent.tracking_number_changed_at)
        LIMIT %(most)s
          FOR UPDATE SKIP LOCKED
   )
RETURNING parcel.id
