-- The claim: each credit note comes to what the customer was refunded, each invoice over a restored payment to what
-- they paid again; and each adds up.
-- Parameters: seller. Returns what, found, expected for each credit note or line of it that differs.
WITH gross AS (
    SELECT write_off_id AS decision_id, item.item, line.quantity, line.refund_minor AS amount
      FROM lostpost_writeoffline line
      JOIN lostpost_orderitem item ON item.seller_id = %(seller)s AND item.id = line.order_item_id
     WHERE line.seller_id = %(seller)s
    UNION ALL
    SELECT id, '', 1, delivery_refund_minor
      FROM lostpost_writeoff
     WHERE seller_id = %(seller)s AND delivery_refund_minor > 0
    UNION ALL
    SELECT compensation.id, item.item, 1, compensation.items_minor
      FROM lostpost_compensation compensation
      JOIN lostpost_orderitem item ON item.seller_id = %(seller)s AND item.id = compensation.order_item_id
     WHERE compensation.seller_id = %(seller)s AND compensation.items_minor > 0
    UNION ALL
    SELECT id, '', 1, delivery_minor
      FROM lostpost_compensation
     WHERE seller_id = %(seller)s AND delivery_minor > 0
    UNION ALL
    SELECT part.restoration_id, item.item, part.quantity, part.refund_minor
      FROM lostpost_restorationline part
      JOIN lostpost_writeoffline line ON line.seller_id = %(seller)s AND line.id = part.write_off_line_id
      JOIN lostpost_orderitem item ON item.seller_id = %(seller)s AND item.id = line.order_item_id
     WHERE part.seller_id = %(seller)s
    UNION ALL
    SELECT id, '', 1, delivery_minor
      FROM lostpost_restoration
     WHERE seller_id = %(seller)s AND delivery_minor > 0
), decisions AS (
    SELECT id, currency, refund_minor, order_id FROM lostpost_writeoff WHERE seller_id = %(seller)s
    UNION ALL
    SELECT id, currency, amount_minor, order_id FROM lostpost_compensation WHERE seller_id = %(seller)s
    UNION ALL
    SELECT id, currency, amount_minor, order_id FROM lostpost_restoration WHERE seller_id = %(seller)s
), due AS (
    SELECT note.id AS note_id, gross.item, sum(gross.quantity) AS quantity, sum(gross.amount) AS amount
      FROM lostpost_creditnote note
      JOIN gross ON gross.decision_id = coalesce(note.write_off_id, note.compensation_id, note.restoration_id)
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
       concat_ws(' ', coalesce(lines.net, 0), coalesce(lines.vat, 0), decision.currency, decision.refund_minor,
                 decision.order_id)
  FROM lostpost_creditnote note
  JOIN decisions decision ON decision.id = coalesce(note.write_off_id, note.compensation_id, note.restoration_id)
  LEFT JOIN (
        SELECT credit_note_id, sum(net_minor) AS net, sum(vat_minor) AS vat
          FROM lostpost_creditnoteline WHERE seller_id = %(seller)s GROUP BY 1
       ) lines ON lines.credit_note_id = note.id
 WHERE note.seller_id = %(seller)s
   AND (note.net_minor, note.vat_minor, note.currency, note.total_minor, note.order_id)
       IS DISTINCT FROM
       (coalesce(lines.net, 0), coalesce(lines.vat, 0), decision.currency, decision.refund_minor,
        decision.order_id)
