-- The claim: what units, items and orders say that was given back and paid again is what write-offs, compensations and
-- received restorations say.
-- Parameters: seller. Returns what, found, expected for each count or amount that differs.
WITH parts AS (
    SELECT line.parcel_unit_id, line.order_item_id, part.quantity, part.refund_minor AS refund,
           part.commission_minor AS commission, part.commission_vat_minor AS vat
      FROM lostpost_restorationline part
      JOIN lostpost_restoration restoration
        ON restoration.seller_id = part.seller_id AND restoration.id = part.restoration_id
      JOIN lostpost_writeoffline line
        ON line.seller_id = part.seller_id AND line.id = part.write_off_line_id
     WHERE part.seller_id = %(seller)s AND restoration.state = 'received'
), of_items AS (
    SELECT order_item_id, sum(quantity) AS quantity, sum(refund) AS refund, sum(commission) AS commission,
           sum(vat) AS vat
      FROM parts GROUP BY order_item_id
), given_parts AS (
    SELECT parcel_unit_id, order_item_id, refund_minor AS refund, commission_minor AS commission,
           commission_vat_minor AS vat
      FROM lostpost_writeoffline WHERE seller_id = %(seller)s
    UNION ALL
    SELECT parcel_unit_id, order_item_id, items_minor, commission_minor, commission_vat_minor
      FROM lostpost_compensation WHERE seller_id = %(seller)s
), given AS (
    SELECT order_item_id, sum(commission) AS commission, sum(vat) AS vat FROM given_parts GROUP BY order_item_id
), given_of_units AS (
    SELECT parcel_unit_id, sum(refund) AS refund, sum(commission) AS commission, sum(vat) AS vat
      FROM (
            SELECT parcel_unit_id, refund, commission, vat FROM given_parts
            UNION ALL
            SELECT parcel_unit_id, -refund, -commission, -vat FROM parts
           ) part
     GROUP BY parcel_unit_id
), deliveries AS (
    SELECT order_id, sum(minor) AS minor
      FROM (
            SELECT order_id, delivery_refund_minor AS minor FROM lostpost_writeoff WHERE seller_id = %(seller)s
            UNION ALL
            SELECT order_id, delivery_minor FROM lostpost_compensation WHERE seller_id = %(seller)s
            UNION ALL
            SELECT order_id, -delivery_minor FROM lostpost_restoration
             WHERE seller_id = %(seller)s AND state = 'received'
           ) delivery
     GROUP BY order_id
)
SELECT format('parcel %%s, item %%s: units found and paid again', parcel.code, item.item),
       unit.quantity_paid_again::text, coalesce(again.quantity, 0)::text
  FROM lostpost_parcelunit unit
  JOIN lostpost_parcel parcel ON parcel.seller_id = unit.seller_id AND parcel.id = unit.parcel_id
  JOIN lostpost_orderitem item ON item.seller_id = unit.seller_id AND item.id = unit.order_item_id
  LEFT JOIN (
        SELECT parcel_unit_id, sum(quantity) AS quantity FROM parts GROUP BY parcel_unit_id
       ) again ON again.parcel_unit_id = unit.id
 WHERE unit.seller_id = %(seller)s AND unit.quantity_paid_again <> coalesce(again.quantity, 0)
UNION ALL
SELECT format('parcel %%s, item %%s: amount, commission and its VAT given back', parcel.code, item.item),
       concat_ws(' ', unit.given_back_minor, unit.commission_back_minor, unit.commission_vat_back_minor),
       concat_ws(' ', coalesce(back.refund, 0), coalesce(back.commission, 0), coalesce(back.vat, 0))
  FROM lostpost_parcelunit unit
  JOIN lostpost_parcel parcel ON parcel.seller_id = unit.seller_id AND parcel.id = unit.parcel_id
  JOIN lostpost_orderitem item ON item.seller_id = unit.seller_id AND item.id = unit.order_item_id
  LEFT JOIN given_of_units back ON back.parcel_unit_id = unit.id
 WHERE unit.seller_id = %(seller)s
   AND (unit.given_back_minor, unit.commission_back_minor, unit.commission_vat_back_minor)
       IS DISTINCT FROM (coalesce(back.refund, 0), coalesce(back.commission, 0), coalesce(back.vat, 0))
UNION ALL
SELECT format('order %%s, item %%s: units and amount paid again, commission and its VAT given back',
              o.number, item.item),
       concat_ws(' ', item.quantity_paid_again, item.paid_again_minor, item.commission_back_minor,
                 item.commission_vat_back_minor),
       concat_ws(' ', coalesce(of_items.quantity, 0), coalesce(of_items.refund, 0),
                 coalesce(given.commission, 0) - coalesce(of_items.commission, 0),
                 coalesce(given.vat, 0) - coalesce(of_items.vat, 0))
  FROM lostpost_orderitem item
  JOIN lostpost_order o ON o.seller_id = item.seller_id AND o.id = item.order_id
  LEFT JOIN of_items ON of_items.order_item_id = item.id
  LEFT JOIN given ON given.order_item_id = item.id
 WHERE item.seller_id = %(seller)s
   AND (item.quantity_paid_again, item.paid_again_minor, item.commission_back_minor, item.commission_vat_back_minor)
       <> (coalesce(of_items.quantity, 0), coalesce(of_items.refund, 0),
           coalesce(given.commission, 0) - coalesce(of_items.commission, 0),
           coalesce(given.vat, 0) - coalesce(of_items.vat, 0))
UNION ALL
SELECT format('order %%s: delivery costs refunded and not paid again', o.number),
       concat_ws(' ', o.delivery_refunded_minor),
       CASE WHEN deliveries.minor IN (0, o.delivery_costs_minor) THEN deliveries.minor::text
            ELSE format('0 or %%s, not %%s', o.delivery_costs_minor, coalesce(deliveries.minor, 0)) END
  FROM lostpost_order o
  LEFT JOIN deliveries ON deliveries.order_id = o.id
 WHERE o.seller_id = %(seller)s
   AND (o.delivery_refunded_minor <> coalesce(deliveries.minor, 0)
        OR o.delivery_refunded_minor NOT IN (0, o.delivery_costs_minor))
