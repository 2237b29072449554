"""Statements that check number series, credit notes and restorations: (what, found, expected)."""

SERIES = """
    WITH documents AS (
        SELECT 'sales-invoice' AS series, number FROM lostpost_salesinvoice WHERE seller_id = %(seller)s
        UNION ALL
        SELECT 'credit-note', number FROM lostpost_creditnote WHERE seller_id = %(seller)s
    ), counted AS (
        SELECT series, count(*) AS documents, count(DISTINCT count) AS numbers, min(count) AS first, max(count) AS last
          FROM (SELECT series, substring(number FROM '[0-9]+$')::bigint AS count FROM documents) numbered
         GROUP BY 1
    ), counters AS (
        SELECT series, last FROM lostpost_documentcounter WHERE seller_id = %(seller)s AND last > 0
    )
    SELECT format('number series %%s: documents, numbers, first, last', series),
           concat_ws(' ', counted.documents, counted.numbers, counted.first, counted.last),
           concat_ws(' ', counters.last, counters.last, 1, counters.last)
      FROM counted
      FULL JOIN counters USING (series)
     WHERE (counted.documents, counted.numbers, counted.first, counted.last)
           IS DISTINCT FROM (counters.last, counters.last, 1, counters.last)
"""
CREDIT_NOTES = """
    WITH gross AS (
        SELECT write_off_id, item.item, line.quantity, line.refund_minor AS amount
          FROM lostpost_writeoffline line
          JOIN lostpost_orderitem item ON item.seller_id = %(seller)s AND item.id = line.order_item_id
         WHERE line.seller_id = %(seller)s
        UNION ALL
        SELECT id, '', 1, delivery_refund_minor
          FROM lostpost_writeoff
         WHERE seller_id = %(seller)s AND delivery_refund_minor > 0
    ), due AS (
        SELECT note.id AS note_id, gross.item, sum(gross.quantity) AS quantity, sum(gross.amount) AS amount
          FROM lostpost_creditnote note
          JOIN gross ON gross.write_off_id = note.write_off_id
         WHERE note.seller_id = %(seller)s
         GROUP BY 1, 2
    ), credited AS (
        SELECT credit_note_id AS note_id, item, sum(quantity) AS quantity, sum(net_minor + vat_minor) AS amount
          FROM lostpost_creditnoteline
         WHERE seller_id = %(seller)s
         GROUP BY 1, 2
    )
    SELECT format('credit note %%s, %%s: units and amount', note.number,
                  CASE item WHEN '' THEN 'delivery costs' ELSE 'item ' || item END),
           concat_ws(' ', credited.quantity, credited.amount), concat_ws(' ', due.quantity, due.amount)
      FROM credited
      FULL JOIN due USING (note_id, item)
      JOIN lostpost_creditnote note ON note.seller_id = %(seller)s AND note.id = note_id
     WHERE (credited.quantity, credited.amount) IS DISTINCT FROM (due.quantity, due.amount)
    UNION ALL
    SELECT format('credit note %%s: net, VAT, currency, total and order', note.number),
           concat_ws(' ', note.net_minor, note.vat_minor, note.currency, note.total_minor, note.order_id),
           concat_ws(' ', coalesce(lines.net, 0), coalesce(lines.vat, 0), write_off.currency, write_off.refund_minor,
                     write_off.order_id)
      FROM lostpost_creditnote note
      JOIN lostpost_writeoff write_off ON write_off.seller_id = %(seller)s AND write_off.id = note.write_off_id
      LEFT JOIN (
            SELECT credit_note_id, sum(net_minor) AS net, sum(vat_minor) AS vat
              FROM lostpost_creditnoteline WHERE seller_id = %(seller)s GROUP BY 1
           ) lines ON lines.credit_note_id = note.id
     WHERE note.seller_id = %(seller)s
       AND (note.net_minor, note.vat_minor, note.currency, note.total_minor, note.order_id)
           IS DISTINCT FROM
           (coalesce(lines.net, 0), coalesce(lines.vat, 0), write_off.currency, write_off.refund_minor,
            write_off.order_id)
"""
# The parts of a line that customers pay again, but for those that were withdrawn: never more than was refunded, and
# once every unit is there, all of it.
RESTORED = """
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
"""
