-- The claim: the booked commission of an item and its VAT stand at the item's category and rate; of what was booked at
-- another one before, nothing is left.
-- Parameters: seller. Returns what, found, expected for each item, category and rate at which something is left.
SELECT format('order %%s, item %%s: commission and its VAT, %%s at %%s', o.number, sale.item,
              sale.commission_vat_category, sale.commission_vat_rate_bp),
       concat_ws(' ', sum(sale.commission_minor), sum(sale.commission_vat_minor), sale.currency),
       concat_ws(' ', 'all of it', coalesce(nullif(item.commission_vat_category, ''), 'S'), 'at', item.commission_vat_rate_bp)
  FROM lostpost_sale sale
  JOIN lostpost_order o ON o.seller_id = %(seller)s AND o.id = sale.order_id
  LEFT JOIN lostpost_orderitem item
    ON item.seller_id = %(seller)s AND item.order_id = sale.order_id AND item.item = sale.item
 WHERE sale.seller_id = %(seller)s
   AND (sale.commission_vat_category, sale.commission_vat_rate_bp)
       IS DISTINCT FROM (coalesce(nullif(item.commission_vat_category, ''), 'S'), item.commission_vat_rate_bp)
 GROUP BY o.number, sale.item, sale.currency, sale.commission_vat_category, sale.commission_vat_rate_bp,
          item.commission_vat_category, item.commission_vat_rate_bp
HAVING sum(sale.commission_minor) <> 0 OR sum(sale.commission_vat_minor) <> 0
