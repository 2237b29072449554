-- Read every unit group of every parcel of some orders, and the items of which nothing was shipped.
-- Parameters: seller, and order or orders. <orders>: which of them. Returns the columns of an item, its unit (or NULLs),
-- its parcel, the order's id, the unit's override, and the silence of its carrier's feed.
SELECT item.id, item.item, item.title, item.sku, item.quantity, item.quantity_cancelled,
       item.paid_minor, item.commission_minor, item.quantity_written_off, item.commission_vat_rate_bp,
       item.commission_vat_category, item.quantity_paid_again, item.refunded_minor - item.paid_again_minor,
       item.commission_back_minor, item.commission_vat_back_minor,
       unit.id, unit.quantity, unit.quantity_written_off, unit.quantity_returned, unit.quantity_paid_again,
       unit.quantity_received, unit.given_back_minor, unit.commission_back_minor, unit.commission_vat_back_minor,
       parcel.id, parcel.code, parcel.shipping_method, parcel.carrier, parcel.tracking_number,
       parcel.tracking_number_changed_at, parcel.shipped_at,
       parcel.last_scanned_at, parcel.last_status, parcel.last_text, parcel.last_location, parcel.last_code,
       item.order_id, unit.override,
       feed.carrier, feed.since, feed.found_at, feed.lifted_until, feed.lifts -> -1
  FROM lostpost_orderitem item
  LEFT JOIN lostpost_parcelunit unit ON unit.seller_id = item.seller_id AND unit.order_item_id = item.id
  LEFT JOIN lostpost_parcel parcel ON parcel.seller_id = unit.seller_id AND parcel.id = unit.parcel_id
  LEFT JOIN lostpost_silentfeed feed
    ON feed.carrier_normalised = parcel.carrier_normalised AND feed.ended_at IS NULL
 WHERE item.seller_id = %(seller)s AND item.order_id = <orders>
 ORDER BY parcel.shipped_at NULLS LAST, parcel.code, item.item
