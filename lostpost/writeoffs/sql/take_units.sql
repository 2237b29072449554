-- A part of the statement that records a write-off: counts units as written off, in their parcel and in their order; what was worked out for the order's queries is stale
-- then: they have less at stake; the job that assesses them says how much, and the deadline that follows. The query in
-- which it was written off is the shop's again where it was put aside: what it waited for has come.
-- Rows are looked up by their order or key, and a count is no EXISTS, so that no plan reads all rows of the shop. Each
-- condition names a column: where one is false for certain, Citus does nothing of the whole statement.
-- Parameters: seller, order, query; lines, rows of what is written off; delivery_minor, refunded with them; items_minor,
-- the rest of the refund; more_eligible, more of the order may be written off; put_aside, the query was; at; never, an
-- instant. Returns nothing.
WITH queries AS (
    UPDATE lostpost_customerquery
       SET stakes_assessed_at = NULL,
           at_stake_minor = CASE WHEN state = 'handled' THEN at_stake_minor
                                 ELSE greatest(at_stake_minor - %(items_minor)s, 0) END,
           eligible_from = CASE WHEN state = 'handled' OR %(more_eligible)s THEN eligible_from ELSE %(never)s END,
           partnerservice_answered_at = CASE WHEN id <> %(query)s THEN partnerservice_answered_at END,
           state = CASE WHEN id = %(query)s AND %(put_aside)s THEN 'open' ELSE state END,
           waits_since = CASE WHEN id = %(query)s AND %(put_aside)s THEN %(at)s ELSE waits_since END,
           follow_up_on = CASE WHEN id = %(query)s AND %(put_aside)s THEN NULL ELSE follow_up_on END,
           closing_announced_at = CASE WHEN id = %(query)s AND %(put_aside)s THEN NULL ELSE closing_announced_at END
     WHERE seller_id = %(seller)s AND order_id = %(order)s
), lost AS (
    SELECT * FROM jsonb_to_recordset(%(lines)s::jsonb)
        AS line (parcel_unit_id uuid, order_item_id uuid, parcel_id uuid, quantity int, refund_minor bigint,
                 commission_minor bigint, commission_vat_minor bigint)
), delivery AS (
    UPDATE lostpost_order
       SET delivery_refunded_minor = delivery_refunded_minor + %(delivery_minor)s
     WHERE seller_id = %(seller)s AND id = %(order)s
       AND delivery_refunded_minor <> delivery_refunded_minor + %(delivery_minor)s
), units AS (
    UPDATE lostpost_parcelunit unit
       SET quantity_written_off = unit.quantity_written_off + lost.quantity,
           given_back_minor = unit.given_back_minor + lost.refund_minor,
           commission_back_minor = unit.commission_back_minor + lost.commission_minor,
           commission_vat_back_minor = unit.commission_vat_back_minor + lost.commission_vat_minor,
           override = NULL  -- It was for this once.
      FROM lost
     WHERE unit.seller_id = %(seller)s AND unit.id = lost.parcel_unit_id
       AND unit.id = ANY(ARRAY(SELECT parcel_unit_id FROM lost))
), parcels AS (
    UPDATE lostpost_parcel parcel
       SET any_written_off = true,
           written_off = parcel.written_off OR 0 = (
               SELECT count(*)
                 FROM lostpost_parcelunit other
                 LEFT JOIN lost ON lost.parcel_unit_id = other.id
                WHERE other.seller_id = %(seller)s AND other.parcel_id = parcel.id
                  AND other.quantity > other.quantity_written_off + other.quantity_returned
                                     + coalesce(lost.quantity, 0)
           )
      FROM (SELECT DISTINCT parcel_id FROM lost) hit
     WHERE parcel.seller_id = %(seller)s AND parcel.order_id = %(order)s AND parcel.id = hit.parcel_id
), items AS (
    UPDATE lostpost_orderitem item
       SET quantity_written_off = item.quantity_written_off + hit.quantity,
           refunded_minor = item.refunded_minor + hit.refund_minor,
           commission_back_minor = item.commission_back_minor + hit.commission_minor,
           commission_vat_back_minor = item.commission_vat_back_minor + hit.vat_minor
      FROM (
            SELECT order_item_id, sum(quantity) AS quantity, sum(refund_minor) AS refund_minor,
                   sum(commission_minor) AS commission_minor, sum(commission_vat_minor) AS vat_minor
              FROM lost GROUP BY order_item_id
           ) hit
     WHERE item.seller_id = %(seller)s AND item.order_id = %(order)s AND item.id = hit.order_item_id
)
SELECT
