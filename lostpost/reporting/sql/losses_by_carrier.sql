-- Orders that were written off as lost since a moment, by the carrier of the parcel that they lay in; "orders" are those
-- with a parcel of that carrier, shipped since.
-- Parameters: since; least, how many must be lost; most, how many rows; of_seller and of_order: only the carriers of this
-- order (NULL: all). Returns name, shop, lost, orders, found.
WITH lost AS (
    SELECT parcel.carrier_normalised AS carrier, max(parcel.carrier) AS name,
           count(DISTINCT (w.seller_id, w.order_id)) AS orders,
           count(DISTINCT (w.seller_id, w.order_id)) FILTER (WHERE restoration.id IS NOT NULL) AS found
      FROM lostpost_writeoff w
      JOIN lostpost_writeoffline line ON line.seller_id = w.seller_id AND line.write_off_id = w.id
      JOIN lostpost_parcelunit unit ON unit.seller_id = line.seller_id AND unit.id = line.parcel_unit_id
      JOIN lostpost_parcel parcel ON parcel.seller_id = unit.seller_id AND parcel.id = unit.parcel_id
      LEFT JOIN lostpost_restoration restoration
        ON restoration.seller_id = w.seller_id AND restoration.write_off_id = w.id AND restoration.state <> 'withdrawn'
     WHERE w.confirmed_at >= %(since)s
       AND (%(of_order)s::uuid IS NULL OR parcel.carrier_normalised IN (
                SELECT carrier_normalised FROM lostpost_parcel
                 WHERE seller_id = %(of_seller)s AND order_id = %(of_order)s))
     GROUP BY 1
    HAVING count(DISTINCT (w.seller_id, w.order_id)) >= %(least)s
     ORDER BY 3 DESC, 1
     LIMIT %(most)s
), shipped AS (
    SELECT parcel.carrier_normalised AS carrier, count(DISTINCT (parcel.seller_id, parcel.order_id)) AS orders
      FROM lostpost_parcel parcel
     WHERE parcel.shipped_at >= %(since)s AND parcel.carrier_normalised IN (SELECT carrier FROM lost)
     GROUP BY 1
)
SELECT lost.name, '', lost.orders, coalesce(shipped.orders, 0), lost.found
  FROM lost
  LEFT JOIN shipped ON shipped.carrier = lost.carrier
 ORDER BY lost.orders DESC, lost.name
