-- The claim: what is booked as sold of each item is the worth of its units that were handed over and have not come
-- back. Each unit is worth its rounded-down share, and the last one to be written off or returned takes the rest.
-- Before that was the rule, a returned unit did not make a written-off one the last, nor the other way round: where the
-- item has no write-off since, its rest may be booked as sold. Write-offs since then have `paid_again` among their
-- facts. Where a part of the amount was granted, units that come back are worth no more than what that left.
-- Parameters: seller. Returns what, found, expected for each item, or the delivery costs, of an order that differs.
WITH lines AS (
    SELECT line.id, line.order_item_id, line.quantity, line.refund_minor AS refund,
           line.commission_minor AS commission, line.commission_vat_minor AS vat,
           line.facts ? 'paid_again' AS of_now
      FROM lostpost_writeoffline line
     WHERE line.seller_id = %(seller)s
), moved AS (
    SELECT order_item_id, quantity, refund, commission, vat, of_now FROM lines
    UNION ALL
    SELECT lines.order_item_id, -part.quantity, -part.refund_minor, -part.commission_minor,
           -part.commission_vat_minor, NULL
      FROM lostpost_restorationline part
      JOIN lostpost_restoration restoration
        ON restoration.seller_id = part.seller_id AND restoration.id = part.restoration_id
      JOIN lines ON lines.id = part.write_off_line_id
     WHERE part.seller_id = %(seller)s AND restoration.state = 'received'
    UNION ALL
    SELECT order_item_id, 0, items_minor, commission_minor, commission_vat_minor, true
      FROM lostpost_compensation
     WHERE seller_id = %(seller)s
), lost AS (
    SELECT order_item_id, sum(quantity) AS quantity, sum(refund) AS refund, sum(commission) AS commission,
           sum(vat) AS vat, bool_or(of_now) AS of_now
      FROM moved GROUP BY order_item_id
), units AS (
    SELECT unit.order_item_id, sum(unit.quantity) AS shipped, sum(coalesce(back.quantity, 0)) AS returned
      FROM lostpost_parcelunit unit
      LEFT JOIN (
            SELECT line.parcel_unit_id, sum(line.quantity) AS quantity
              FROM lostpost_returnunit line
              JOIN lostpost_return back ON back.seller_id = line.seller_id AND back.id = line.return_id
             WHERE line.seller_id = %(seller)s AND back.status = 'received'
             GROUP BY line.parcel_unit_id
           ) back ON back.parcel_unit_id = unit.id
     WHERE unit.seller_id = %(seller)s
     GROUP BY unit.order_item_id
), items AS (
    SELECT o.id AS order_id, item.item, o.currency, units.shipped, units.shipped - units.returned AS net_quantity,
           units.returned, item.quantity, units.shipped = item.quantity AS all_shipped,
           coalesce(lost.quantity, 0) > 0 AND units.returned > 0
           AND coalesce(lost.quantity, 0) + units.returned = item.quantity AS none_left,
           NOT coalesce(lost.of_now, false) AS of_before, item.paid_minor, item.commission_minor,
           (item.commission_minor * item.commission_vat_rate_bp + 5000) / 10000 AS vat_minor,
           coalesce(lost.refund, 0) AS lost_paid, coalesce(lost.commission, 0) AS lost_commission,
           coalesce(lost.vat, 0) AS lost_vat
      FROM lostpost_order o
      JOIN lostpost_orderitem item ON item.seller_id = o.seller_id AND item.order_id = o.id
      JOIN units ON units.order_item_id = item.id
      LEFT JOIN lost ON lost.order_item_id = item.id
     WHERE o.seller_id = %(seller)s
), shares AS (
    SELECT items.*, all_shipped AND net_quantity > 0 AS takes_rest,
           paid_minor / quantity * net_quantity AS paid_share, paid_minor / quantity * shipped AS paid_sent,
           paid_minor %% quantity AS paid_rest,
           commission_minor / quantity * net_quantity AS commission_share,
           commission_minor / quantity * shipped AS commission_sent,
           commission_minor %% quantity AS commission_rest,
           vat_minor / quantity * net_quantity AS vat_share, vat_minor / quantity * shipped AS vat_sent,
           vat_minor %% quantity AS vat_rest
      FROM items
), by_share AS (
    SELECT shares.*,
           greatest(paid_share + CASE WHEN takes_rest THEN paid_rest ELSE 0 END,
                    least(lost_paid, paid_sent + CASE WHEN all_shipped THEN paid_rest ELSE 0 END)) AS turnover,
           greatest(commission_share + CASE WHEN takes_rest THEN commission_rest ELSE 0 END,
                    least(lost_commission, commission_sent + CASE WHEN all_shipped THEN commission_rest ELSE 0 END))
               AS commission,
           greatest(vat_share + CASE WHEN takes_rest THEN vat_rest ELSE 0 END,
                    least(lost_vat, vat_sent + CASE WHEN all_shipped THEN vat_rest ELSE 0 END)) AS vat
      FROM shares
), due AS (
    SELECT order_id, item, currency, net_quantity AS quantity,
           CASE WHEN none_left THEN lost_paid ELSE turnover END AS turnover,
           CASE WHEN none_left THEN lost_commission ELSE commission END AS commission,
           CASE WHEN none_left THEN lost_vat ELSE vat END AS vat,
           CASE WHEN none_left AND of_before
                THEN concat_ws(' ', net_quantity, turnover, commission, vat, currency) END AS before
      FROM by_share
    UNION ALL
    SELECT o.id, '', o.currency, 0, o.delivery_costs_minor, 0, 0, NULL
      FROM lostpost_order o
     WHERE o.seller_id = %(seller)s
       AND EXISTS (SELECT 1 FROM lostpost_parcel p WHERE p.seller_id = o.seller_id AND p.order_id = o.id)
), booked AS (
    SELECT order_id, item, currency, sum(quantity) AS quantity, sum(turnover_minor) AS turnover,
           sum(commission_minor) AS commission, sum(commission_vat_minor) AS vat
      FROM lostpost_sale
     WHERE seller_id = %(seller)s
     GROUP BY order_id, item, currency
), compared AS (
    SELECT order_id, item,
           concat_ws(' ', coalesce(booked.quantity, 0), coalesce(booked.turnover, 0),
                     coalesce(booked.commission, 0), coalesce(booked.vat, 0), currency) AS found,
           concat_ws(' ', coalesce(due.quantity, 0), coalesce(due.turnover, 0),
                     coalesce(due.commission, 0), coalesce(due.vat, 0), currency) AS expected,
           due.before
      FROM booked
      FULL JOIN due USING (order_id, item, currency)
)
SELECT format('order %%s, %%s: units sold, turnover, commission and its VAT', o.number,
              CASE item WHEN '' THEN 'delivery costs' ELSE 'item ' || item END), found, expected
  FROM compared
  JOIN lostpost_order o ON o.seller_id = %(seller)s AND o.id = compared.order_id
 WHERE found <> expected AND found IS DISTINCT FROM compared.before
