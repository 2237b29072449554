-- The claim: the parts of a write-off line that customers pay again, but for those that were withdrawn, are never more
-- than was refunded, and once every unit is there, all of it.
-- Parameters: seller. Returns what, found, expected for each line, restoration or write-off that differs.
WITH parts AS (
    SELECT part.write_off_line_id, sum(part.quantity) AS quantity, sum(part.refund_minor) AS refund,
           sum(part.commission_minor) AS commission, sum(part.commission_vat_minor) AS vat
      FROM lostpost_restorationline part
      JOIN lostpost_restoration restoration
        ON restoration.seller_id = %(seller)s AND restoration.id = part.restoration_id
     WHERE part.seller_id = %(seller)s AND restoration.state <> 'withdrawn'
     GROUP BY 1
)
SELECT format('write-off %%s, item %%s: units restored', write_off.number, item.item),
       line.quantity_restored::text, coalesce(parts.quantity, 0)::text
  FROM lostpost_writeoffline line
  JOIN lostpost_writeoff write_off ON write_off.seller_id = %(seller)s AND write_off.id = line.write_off_id
  JOIN lostpost_orderitem item ON item.seller_id = %(seller)s AND item.id = line.order_item_id
  LEFT JOIN parts ON parts.write_off_line_id = line.id
 WHERE line.seller_id = %(seller)s AND line.quantity_restored <> coalesce(parts.quantity, 0)
UNION ALL
SELECT format('write-off %%s, item %%s: refund, commission and its VAT restored', write_off.number, item.item),
       concat_ws(' ', parts.refund, parts.commission, parts.vat),
       concat_ws(' ', CASE WHEN parts.quantity < line.quantity THEN 'at most' END,
                 line.refund_minor, line.commission_minor, line.commission_vat_minor)
  FROM parts
  JOIN lostpost_writeoffline line ON line.seller_id = %(seller)s AND line.id = parts.write_off_line_id
  JOIN lostpost_writeoff write_off ON write_off.seller_id = %(seller)s AND write_off.id = line.write_off_id
  JOIN lostpost_orderitem item ON item.seller_id = %(seller)s AND item.id = line.order_item_id
 WHERE parts.refund > line.refund_minor OR parts.commission > line.commission_minor
    OR parts.vat > line.commission_vat_minor
    OR (parts.quantity = line.quantity
        AND (parts.refund, parts.commission, parts.vat)
            <> (line.refund_minor, line.commission_minor, line.commission_vat_minor))
UNION ALL
SELECT format('restoration %%s: sum of lines and delivery costs', restoration.number),
       restoration.amount_minor::text, (coalesce(sum(part.refund_minor), 0) + restoration.delivery_minor)::text
  FROM lostpost_restoration restoration
  LEFT JOIN lostpost_restorationline part
    ON part.seller_id = %(seller)s AND part.restoration_id = restoration.id
 WHERE restoration.seller_id = %(seller)s
 GROUP BY restoration.seller_id, restoration.id, restoration.number, restoration.amount_minor,
          restoration.delivery_minor
HAVING restoration.amount_minor <> coalesce(sum(part.refund_minor), 0) + restoration.delivery_minor
UNION ALL
SELECT format('write-off %%s: delivery costs restored', write_off.number),
       sum(restoration.delivery_minor)::text, concat_ws(' ', 'at most', write_off.delivery_refund_minor)
  FROM lostpost_restoration restoration
  JOIN lostpost_writeoff write_off ON write_off.seller_id = %(seller)s AND write_off.id = restoration.write_off_id
 WHERE restoration.seller_id = %(seller)s AND restoration.state <> 'withdrawn'
 GROUP BY write_off.number, write_off.delivery_refund_minor
HAVING sum(restoration.delivery_minor) > write_off.delivery_refund_minor
