from django.db import migrations

# Commission that was given back already was given back at the rate of the write-off's policy; else the rate is that of
# the policy now in force.
RATES = """
    UPDATE lostpost_orderitem item
       SET commission_vat_rate_bp = coalesce(
               (SELECT max(coalesce((policy.values ->> 'commission_vat_rate_bp')::int, 2100))
                  FROM lostpost_writeoffline line
                  JOIN lostpost_writeoff write_off
                    ON write_off.seller_id = line.seller_id AND write_off.id = line.write_off_id
                  LEFT JOIN lostpost_policyversion policy ON policy.version = write_off.policy_version
                 WHERE line.seller_id = item.seller_id AND line.order_item_id = item.id),
               (SELECT (values ->> 'commission_vat_rate_bp')::int
                  FROM lostpost_policyversion ORDER BY version DESC LIMIT 1),
               2100)
     WHERE item.commission_vat_rate_bp IS NULL
       AND EXISTS (
            SELECT FROM lostpost_parcelunit unit
             WHERE unit.seller_id = item.seller_id AND unit.order_item_id = item.id
       )
"""
# What was handed over by then, parcel by parcel in the order in which they were sent, and what came back of it. Every
# unit is worth its rounded-down share, and the last one takes the rest. Orders of which something is booked stay out.
SALES = """
    WITH sold AS (
        SELECT item.seller_id, item.order_id, o.currency, item.item, item.title, item.sku, item.quantity AS ordered,
               item.paid_minor, item.commission_minor, item.commission_vat_rate_bp AS rate,
               (item.commission_minor * item.commission_vat_rate_bp + 5000) / 10000 AS vat_minor,
               parcel.code, parcel.shipped_at, unit.quantity, coalesce(back.quantity, 0) AS returned,
               sum(unit.quantity) OVER sent AS all_sent, sum(coalesce(back.quantity, 0)) OVER sent AS all_returned
          FROM lostpost_orderitem item
          JOIN lostpost_order o ON o.seller_id = item.seller_id AND o.id = item.order_id
          JOIN lostpost_parcelunit unit ON unit.seller_id = item.seller_id AND unit.order_item_id = item.id
          JOIN lostpost_parcel parcel ON parcel.seller_id = unit.seller_id AND parcel.id = unit.parcel_id
          LEFT JOIN (
                SELECT line.seller_id, line.parcel_unit_id, sum(line.quantity) AS quantity
                  FROM lostpost_returnunit line
                  JOIN lostpost_return ret ON ret.seller_id = line.seller_id AND ret.id = line.return_id
                 WHERE ret.status = 'received'
                 GROUP BY line.seller_id, line.parcel_unit_id
               ) back ON back.seller_id = unit.seller_id AND back.parcel_unit_id = unit.id
         WHERE NOT EXISTS (
                SELECT FROM lostpost_sale sale
                 WHERE sale.seller_id = item.seller_id AND sale.order_id = item.order_id
               )
        WINDOW sent AS (PARTITION BY item.seller_id, item.id ORDER BY parcel.shipped_at, parcel.code)
    ), moved AS (
        SELECT sold.*, 'handed_over' AS cause, 1 AS sign, quantity AS count, all_sent AS gone, shipped_at AS effective_at
          FROM sold
        UNION ALL
        SELECT sold.*, 'returned', -1, returned, all_returned, now()
          FROM sold
         WHERE returned > 0
    ), delivered AS (
        SELECT DISTINCT ON (o.seller_id, o.id)
               o.seller_id, o.id, o.currency, o.delivery_costs_minor, parcel.code, parcel.shipped_at
          FROM lostpost_order o
          JOIN lostpost_parcel parcel ON parcel.seller_id = o.seller_id AND parcel.order_id = o.id
         WHERE o.delivery_costs_minor > 0
           AND NOT EXISTS (
                SELECT FROM lostpost_sale sale WHERE sale.seller_id = o.seller_id AND sale.order_id = o.id
               )
         ORDER BY o.seller_id, o.id, parcel.shipped_at, parcel.code
    ), sales AS (
        INSERT INTO lostpost_sale (
            seller_id, id, order_id, item, parcel, title, sku, cause, quantity, turnover_minor, commission_minor,
            commission_vat_minor, commission_vat_rate_bp, currency, effective_at, booked_at
        )
        SELECT seller_id, gen_random_uuid(), order_id, item, code, title, sku, cause, sign * count,
               sign * (paid_minor / ordered * count + CASE WHEN gone = ordered THEN paid_minor % ordered ELSE 0 END),
               sign * (commission_minor / ordered * count
                       + CASE WHEN gone = ordered THEN commission_minor % ordered ELSE 0 END),
               sign * (vat_minor / ordered * count + CASE WHEN gone = ordered THEN vat_minor % ordered ELSE 0 END),
               rate, currency, effective_at, now()
          FROM moved
        UNION ALL
        SELECT seller_id, gen_random_uuid(), id, '', code, '', '', 'handed_over', 0, delivery_costs_minor, 0, 0, 0,
               currency, shipped_at, now()
          FROM delivered
        RETURNING *
    )
    INSERT INTO lostpost_transfer (
        seller_id, id, debit, credit, amount_minor, currency, kind, source_id, vat_rate_bp, effective_at, booked_at
    )
    SELECT sales.seller_id, gen_random_uuid(), side.debit, side.credit, side.amount, sales.currency, side.kind, sales.id,
           side.rate, sales.effective_at, sales.booked_at
      FROM sales
     CROSS JOIN LATERAL (VALUES
            ('turnover', 'provider', 'seller', turnover_minor, NULL::int),
            ('turnover_reversed', 'seller', 'provider', -turnover_minor, NULL),
            ('commission', 'seller', 'commission', commission_minor, commission_vat_rate_bp),
            ('commission_reversed', 'commission', 'seller', -commission_minor, commission_vat_rate_bp),
            ('commission_vat', 'seller', 'commission_vat', commission_vat_minor, commission_vat_rate_bp),
            ('commission_vat_reversed', 'commission_vat', 'seller', -commission_vat_minor, commission_vat_rate_bp)
           ) side (kind, debit, credit, amount, rate)
     WHERE side.amount > 0
"""


class Migration(migrations.Migration):
    """Book what was sold before sales were booked, as `parcels.book_sales` would have done."""

    dependencies = [
        ("lostpost", "0010_refunds_by_providers"),
    ]

    operations = [
        migrations.RunSQL(RATES, migrations.RunSQL.noop, elidable=True),
        migrations.RunSQL(SALES, migrations.RunSQL.noop, elidable=True),
    ]
