-- The claim: a question about a found parcel that the customer agreed to has a restoration of the same units and amount
-- (but for delivery costs that were waived) with that consent, and nothing is decided about more units of a line than were written off.
-- Parameters: seller. Returns what, found, expected for each question or line that differs.
WITH units_asked AS (
    SELECT unit.outcome_id,
           string_agg(concat_ws(' x ', unit.quantity, unit.write_off_line_id, unit.amount_minor), ', '
                      ORDER BY unit.write_off_line_id) AS units
      FROM lostpost_foundoutcomeunit unit
     WHERE unit.seller_id = %(seller)s
     GROUP BY unit.outcome_id
), units_restored AS (
    SELECT part.restoration_id,
           string_agg(concat_ws(' x ', part.quantity, part.write_off_line_id, part.refund_minor), ', '
                      ORDER BY part.write_off_line_id) AS units
      FROM lostpost_restorationline part
     WHERE part.seller_id = %(seller)s
     GROUP BY part.restoration_id
), agreed AS (
    SELECT outcome.amount_minor, outcome.consent, outcome.ended_at, outcome.state, outcome.restoration_id,
           found.number, found.write_off_id, units_asked.units
      FROM lostpost_foundoutcome outcome
      JOIN lostpost_foundcase found ON found.seller_id = %(seller)s AND found.id = outcome.case_id
      LEFT JOIN units_asked ON units_asked.outcome_id = outcome.id
     WHERE outcome.seller_id = %(seller)s AND outcome.state IN ('agreed', 'not-paid')
), restored AS (
    SELECT restoration.id, restoration.amount_minor + restoration.delivery_waived_minor AS amount_minor,
           restoration.consent, restoration.consented_at, restoration.state,
           restoration.write_off_id, units_restored.units
      FROM lostpost_restoration restoration
      LEFT JOIN units_restored ON units_restored.restoration_id = restoration.id
     WHERE restoration.seller_id = %(seller)s
), held AS (
    SELECT unit.write_off_line_id, sum(unit.quantity) AS quantity
      FROM lostpost_foundoutcomeunit unit
      JOIN lostpost_foundoutcome outcome ON outcome.seller_id = %(seller)s AND outcome.id = unit.outcome_id
     WHERE unit.seller_id = %(seller)s AND outcome.state IN ('asked', 'done')
     GROUP BY 1
)
SELECT format('found parcel %%s: restored with the consent of the customer', agreed.number),
       concat_ws(' ', restored.amount_minor, restored.units, restored.consented_at, md5(restored.consent)),
       concat_ws(' ', agreed.amount_minor, agreed.units, agreed.ended_at, md5(agreed.consent))
  FROM agreed
  LEFT JOIN restored ON restored.id = agreed.restoration_id
 WHERE (restored.write_off_id, restored.amount_minor, restored.units, restored.consented_at, restored.consent)
       IS DISTINCT FROM (agreed.write_off_id, agreed.amount_minor, agreed.units, agreed.ended_at, agreed.consent)
UNION ALL
SELECT format('found parcel %%s: agreed and not paid', agreed.number), restored.state, 'withdrawn'
  FROM agreed
  JOIN restored ON restored.id = agreed.restoration_id
 WHERE agreed.state = 'not-paid' AND restored.state <> 'withdrawn'
UNION ALL
SELECT format('write-off %%s, item %%s: units decided about', write_off.number, item.item),
       (line.quantity_restored + held.quantity)::text, concat_ws(' ', 'at most', line.quantity)
  FROM held
  JOIN lostpost_writeoffline line ON line.seller_id = %(seller)s AND line.id = held.write_off_line_id
  JOIN lostpost_writeoff write_off ON write_off.seller_id = %(seller)s AND write_off.id = line.write_off_id
  JOIN lostpost_orderitem item ON item.seller_id = %(seller)s AND item.id = line.order_item_id
 WHERE line.quantity_restored + held.quantity > line.quantity
