-- The claim: each credit note comes to what the customer was refunded, and adds up.
-- Parameters: seller. Returns what, found, expected for each credit note or line of it that differs.
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
