-- Read what decides how much of some orders is sold: items with the VAT at which they were first booked, units by
-- parcel, units that have come back, what is booked so far, the policy, and who the shop is. One JSON value for each, so
-- that it is one round trip.
-- Parameters: seller, orders. Returns one row.
SELECT (
    SELECT json_agg(json_build_array(
               o.id, o.currency, o.delivery_costs_minor, item.id, item.item, item.title, item.sku, item.quantity,
               item.paid_minor, item.commission_minor, item.commission_vat_rate_bp, item.commission_vat_category,
               item.quantity_written_off - item.quantity_paid_again, item.refunded_minor - item.paid_again_minor,
               item.commission_back_minor, item.commission_vat_back_minor, parcel.code, parcel.shipped_at,
               unit.quantity, unit.quantity_received))
      FROM lostpost_order o
      JOIN lostpost_orderitem item ON item.seller_id = o.seller_id AND item.order_id = o.id
      LEFT JOIN lostpost_parcelunit unit ON unit.seller_id = item.seller_id AND unit.order_item_id = item.id
      LEFT JOIN lostpost_parcel parcel ON parcel.seller_id = unit.seller_id AND parcel.id = unit.parcel_id
     WHERE o.seller_id = %(seller)s AND o.id = ANY(%(orders)s)
), (
    SELECT json_agg(json_build_array(order_id, item, parcel, currency, quantity, turnover, commission, vat, rate,
                                     category))
      FROM (
            SELECT order_id, item, parcel, currency, sum(quantity) AS quantity, sum(turnover_minor) AS turnover,
                   sum(commission_minor) AS commission, sum(commission_vat_minor) AS vat,
                   commission_vat_rate_bp AS rate, commission_vat_category AS category
              FROM lostpost_sale
             WHERE seller_id = %(seller)s AND order_id = ANY(%(orders)s)
             GROUP BY order_id, item, parcel, currency, commission_vat_rate_bp, commission_vat_category
           ) booked
), (
    SELECT values::json FROM lostpost_policyversion ORDER BY version DESC LIMIT 1
), (
    SELECT json_build_object('country', country, 'vat_number', coalesce(legal ->> 'vat_number', ''), 'rejected', (
               SELECT coalesce(json_agg(vat_number), '[]')
                 FROM (
                       SELECT DISTINCT ON (vat_number) vat_number, outcome
                         FROM lostpost_vatnumbercheck
                        WHERE seller_id = %(seller)s AND outcome <> 'unreachable'
                        ORDER BY vat_number, checked_at DESC, id DESC
                      ) newest
                WHERE outcome = 'invalid'
           ))
      FROM lostpost_seller WHERE id = %(seller)s
)
