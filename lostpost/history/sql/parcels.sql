-- Read the parcels that were handed over in a span, as they are now; no names, addresses or
-- numbers.
-- Parameters: from, until. Returns the dataset's columns.
SELECT parcel.seller_id, parcel.id, parcel.shipped_at, parcel.shipping_method, parcel.carrier,
       parcel.carrier_normalised, placed.customer_country, parcel.tracking_number <> '', parcel.delivered, parcel.last_scanned_at
  FROM lostpost_parcel parcel
  JOIN lostpost_order placed ON placed.seller_id = parcel.seller_id AND placed.id = parcel.order_id
 WHERE parcel.shipped_at >= %(from)s AND parcel.shipped_at < %(until)s
 ORDER BY parcel.seller_id, parcel.id
