-- Read what the sources of transfers are. A transfer names its source by an id that is unique among all tables, so
-- every table is searched for all ids.
-- The ids are rows, not an array that columns are compared with: so PostgreSQL plans it once, and not each time.
-- Parameters: seller, ids. Returns the id and the fields of Source.
WITH named AS (SELECT unnest(%(ids)s::uuid[]) AS id)
SELECT sale.id, o.number, sale.item, sale.sku, sale.title, sale.parcel, '', abs(sale.quantity), o.id
  FROM named
  JOIN lostpost_sale sale ON sale.id = named.id
  JOIN lostpost_order o ON o.seller_id = sale.seller_id AND o.id = sale.order_id
 WHERE sale.seller_id = %(seller)s
UNION ALL
SELECT line.id, o.number, item.item, item.sku, item.title, parcel.code, write_off.number, line.quantity, o.id
  FROM named
  JOIN lostpost_writeoffline line ON line.id = named.id
  JOIN lostpost_writeoff write_off ON write_off.seller_id = line.seller_id AND write_off.id = line.write_off_id
  JOIN lostpost_order o ON o.seller_id = line.seller_id AND o.id = write_off.order_id
  JOIN lostpost_orderitem item ON item.seller_id = line.seller_id AND item.id = line.order_item_id
  JOIN lostpost_parcelunit unit ON unit.seller_id = line.seller_id AND unit.id = line.parcel_unit_id
  JOIN lostpost_parcel parcel ON parcel.seller_id = line.seller_id AND parcel.id = unit.parcel_id
 WHERE line.seller_id = %(seller)s
UNION ALL
SELECT write_off.id, o.number, '', '', '', '', write_off.number, 1, o.id
  FROM named
  JOIN lostpost_writeoff write_off ON write_off.id = named.id
  JOIN lostpost_order o ON o.seller_id = write_off.seller_id AND o.id = write_off.order_id
 WHERE write_off.seller_id = %(seller)s
UNION ALL
SELECT compensation.id, o.number, item.item, item.sku, item.title, parcel.code, compensation.number, 0, o.id
  FROM named
  JOIN lostpost_compensation compensation ON compensation.id = named.id
  JOIN lostpost_order o ON o.seller_id = compensation.seller_id AND o.id = compensation.order_id
  JOIN lostpost_orderitem item ON item.seller_id = compensation.seller_id AND item.id = compensation.order_item_id
  JOIN lostpost_parcelunit unit ON unit.seller_id = compensation.seller_id AND unit.id = compensation.parcel_unit_id
  JOIN lostpost_parcel parcel ON parcel.seller_id = compensation.seller_id AND parcel.id = unit.parcel_id
 WHERE compensation.seller_id = %(seller)s
UNION ALL
SELECT part.id, o.number, item.item, item.sku, item.title, parcel.code, restoration.number, part.quantity, o.id
  FROM named
  JOIN lostpost_restorationline part ON part.id = named.id
  JOIN lostpost_restoration restoration
    ON restoration.seller_id = part.seller_id AND restoration.id = part.restoration_id
  JOIN lostpost_order o ON o.seller_id = part.seller_id AND o.id = restoration.order_id
  JOIN lostpost_writeoffline line ON line.seller_id = part.seller_id AND line.id = part.write_off_line_id
  JOIN lostpost_orderitem item ON item.seller_id = part.seller_id AND item.id = line.order_item_id
  JOIN lostpost_parcelunit unit ON unit.seller_id = part.seller_id AND unit.id = line.parcel_unit_id
  JOIN lostpost_parcel parcel ON parcel.seller_id = part.seller_id AND parcel.id = unit.parcel_id
 WHERE part.seller_id = %(seller)s
UNION ALL
SELECT restoration.id, o.number, '', '', '', '', restoration.number, 1, o.id
  FROM named
  JOIN lostpost_restoration restoration ON restoration.id = named.id
  JOIN lostpost_order o ON o.seller_id = restoration.seller_id AND o.id = restoration.order_id
 WHERE restoration.seller_id = %(seller)s
UNION ALL
SELECT refund.id, o.number, '', '', '', '', refund.number, 0, o.id
  FROM named
  JOIN lostpost_refund refund ON refund.id = named.id
  JOIN lostpost_order o ON o.seller_id = refund.seller_id AND o.id = refund.order_id
 WHERE refund.seller_id = %(seller)s
UNION ALL
SELECT invoice.id, '', '', '', '', '', invoice.number, 0, NULL
  FROM named
  JOIN lostpost_salesinvoice invoice ON invoice.id = named.id
 WHERE invoice.seller_id = %(seller)s
UNION ALL
SELECT line.id, '', '', '', '', '', invoice.number, 0, NULL
  FROM named
  JOIN lostpost_salesinvoiceline line ON line.id = named.id
  JOIN lostpost_salesinvoice invoice ON invoice.seller_id = line.seller_id AND invoice.id = line.invoice_id
 WHERE line.seller_id = %(seller)s
