-- The articles of a shop of which the most parcels were lost, of those handed over since a moment: by the shop's own
-- number of the article (SKU), or by its title where it has none.
-- Parameters: seller, since, most. Returns title, parcels with it that were sent, parcels of which it was written off.
WITH lost AS (
    SELECT coalesce(nullif(item.sku, ''), item.title) AS article
      FROM lostpost_writeoff write_off
      JOIN lostpost_writeoffline line ON line.seller_id = %(seller)s AND line.write_off_id = write_off.id
      JOIN lostpost_orderitem item ON item.seller_id = %(seller)s AND item.id = line.order_item_id
      JOIN lostpost_parcelunit unit ON unit.seller_id = %(seller)s AND unit.id = line.parcel_unit_id
      JOIN lostpost_parcel parcel ON parcel.seller_id = %(seller)s AND parcel.id = unit.parcel_id
     WHERE write_off.seller_id = %(seller)s AND write_off.confirmed_at >= %(since)s
       AND parcel.shipping_method = 'own' AND parcel.shipped_at >= %(since)s
     GROUP BY 1
     ORDER BY count(DISTINCT parcel.id) DESC, 1
     LIMIT %(most)s
)
SELECT max(item.title), count(DISTINCT parcel.id),
       count(DISTINCT parcel.id) FILTER (WHERE unit.quantity_written_off > 0)
  FROM lostpost_orderitem item
  JOIN lostpost_parcelunit unit ON unit.seller_id = %(seller)s AND unit.order_item_id = item.id
  JOIN lostpost_parcel parcel ON parcel.seller_id = %(seller)s AND parcel.id = unit.parcel_id
 WHERE item.seller_id = %(seller)s AND coalesce(nullif(item.sku, ''), item.title) IN (SELECT article FROM lost)
   AND parcel.shipping_method = 'own' AND parcel.shipped_at >= %(since)s
 GROUP BY coalesce(nullif(item.sku, ''), item.title)
 ORDER BY 3 DESC, 1
