-- Read the next parcels that may be on the radar, that which fell silent last first: those marked as silent, some of
-- which have moved since (no condition says so, as nobody could estimate their share), and those for which
-- Partnerservice lifts a refusal. The first conditions on a parcel are literally those of the indexes
-- `parcel_silent_in_its_shop` and `parcel_silent_of_all`: only so are they used.
-- Parameters: seller, where one is asked for; before_at and before_id, where the page before ended; silent_from and
-- silent_until, between which the policy has parcels of the state that is asked for; most. Parts: of_shop and
-- unit_of_shop, conditions on the seller, or `true`. Returns parcel, seller, order, last update as marked, and whether
-- it still is that.
SELECT id, seller_id, order_id, silent_since, unmoved
  FROM (
        (
         SELECT parcel.id, parcel.seller_id, parcel.order_id, parcel.silent_since,
                parcel.silent_since =
                greatest(parcel.shipped_at, parcel.last_scanned_at, parcel.tracking_number_changed_at) AS unmoved
           FROM lostpost_parcel parcel
          WHERE <of_shop>
            AND parcel.shipping_method = 'own' AND NOT parcel.delivered AND NOT parcel.written_off
            AND parcel.silent_since IS NOT NULL
            AND (parcel.silent_since, parcel.id) < (%(before_at)s, %(before_id)s)
            AND parcel.silent_since BETWEEN %(silent_from)s AND %(silent_until)s
          ORDER BY parcel.silent_since DESC, parcel.id DESC
          LIMIT %(most)s
        )
        UNION
        (
         SELECT parcel.id, parcel.seller_id, parcel.order_id,
                greatest(parcel.shipped_at, parcel.last_scanned_at, parcel.tracking_number_changed_at) AS silent_since,
                true
           FROM lostpost_parcelunit unit
           JOIN lostpost_parcel parcel ON parcel.seller_id = unit.seller_id AND parcel.id = unit.parcel_id
          WHERE <unit_of_shop>
            AND unit.override IS NOT NULL
            AND (greatest(parcel.shipped_at, parcel.last_scanned_at, parcel.tracking_number_changed_at), parcel.id)
                < (%(before_at)s, %(before_id)s)
          ORDER BY silent_since DESC, parcel.id DESC
          LIMIT %(most)s
        )
       ) candidate
 ORDER BY silent_since DESC, id DESC
 LIMIT %(most)s
