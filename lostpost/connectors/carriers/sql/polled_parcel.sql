-- Read what decides how often a carrier is asked about a parcel.
-- Parameters: seller; parcel. Returns one row, or none if the parcel is gone.
SELECT parcel.id, parcel.tracking_number, parcel.carrier, placed.customer_country,
       greatest(parcel.shipped_at, parcel.last_scanned_at, parcel.tracking_number_changed_at),
       parcel.last_status, placed.placed_at, parcel.shipped_at, parcel.written_off,
       EXISTS (
           SELECT FROM lostpost_customerquery query
            WHERE query.seller_id = parcel.seller_id AND query.order_id = parcel.order_id AND query.state <> 'handled'
       )
  FROM lostpost_parcel parcel
  JOIN lostpost_order placed ON placed.seller_id = parcel.seller_id AND placed.id = parcel.order_id
 WHERE parcel.seller_id = %(seller)s AND parcel.id = %(parcel)s
