-- Add up the write-offs and compensations of each month and currency from five kinds of rows. Each sum is computed from rows of its own
-- kind, so that none of them can agree by being a copy of another. A transfer belongs to the write-off whose line,
-- delivery costs or restoration it books; it is counted in the write-off's month.
-- Parameters: seller; begin and end, between which it was confirmed; zone, in which months begin. Returns the fields of
-- CheckedMonth, newest month first.
WITH write_offs AS (
    SELECT id, refund_id, currency, refund_minor, 1 AS counted,
           date_trunc('month', confirmed_at AT TIME ZONE %(zone)s)::date AS month
      FROM lostpost_writeoff
     WHERE seller_id = %(seller)s AND confirmed_at >= %(begin)s AND confirmed_at < %(end)s
    UNION ALL
    SELECT id, refund_id, currency, amount_minor, 0, date_trunc('month', granted_at AT TIME ZONE %(zone)s)::date
      FROM lostpost_compensation
     WHERE seller_id = %(seller)s AND granted_at >= %(begin)s AND granted_at < %(end)s
), lines AS (
    SELECT line.id, line.write_off_id, line.refund_minor, line.commission_minor, line.commission_vat_minor
      FROM lostpost_writeoffline line
      JOIN write_offs ON write_offs.id = line.write_off_id
     WHERE line.seller_id = %(seller)s
), of_lines AS (
    SELECT write_off_id, sum(commission_minor + commission_vat_minor) AS commission_minor
      FROM lines GROUP BY write_off_id
    UNION ALL
    SELECT id, commission_minor + commission_vat_minor
      FROM lostpost_compensation
     WHERE seller_id = %(seller)s AND id IN (SELECT id FROM write_offs)
), of_ledger AS (
    SELECT source.write_off_id,
           sum(amount_minor) FILTER (WHERE kind IN ('correction_turnover', 'correction_delivery')) AS refund_minor,
           sum(amount_minor) FILTER (WHERE kind IN ('correction_commission', 'correction_commission_vat'))
               AS commission_minor,
           sum(amount_minor) FILTER (
               WHERE kind IN ('correction_turnover', 'correction_delivery') AND invoice_id IS NOT NULL
           ) AS invoiced_minor
      FROM (SELECT id, id AS write_off_id FROM write_offs UNION ALL SELECT id, write_off_id FROM lines) source
      JOIN lostpost_transfer transfer ON transfer.seller_id = %(seller)s AND transfer.source_id = source.id
     GROUP BY source.write_off_id
), of_payments AS (
    SELECT source.write_off_id,
           sum(CASE transfer.kind WHEN 'refund_paid' THEN amount_minor ELSE -amount_minor END) AS paid_minor
      FROM (
            SELECT id AS write_off_id, refund_id AS id FROM write_offs
            UNION ALL
            SELECT write_offs.id, bounce.id
              FROM write_offs
              JOIN lostpost_refundbounce bounce
                ON bounce.seller_id = %(seller)s AND bounce.refund_id = write_offs.refund_id
           ) source
      JOIN lostpost_transfer transfer
        ON transfer.seller_id = %(seller)s AND transfer.source_id = source.id
       AND transfer.kind IN ('refund_paid', 'refund_bounced')
     GROUP BY source.write_off_id
), of_restorations AS (
    SELECT write_off_id, sum(amount_minor) AS restored_minor
      FROM lostpost_restoration
     WHERE seller_id = %(seller)s AND state = 'received' AND write_off_id IN (SELECT id FROM write_offs)
     GROUP BY write_off_id
)
SELECT write_offs.month, write_offs.currency, sum(write_offs.counted)::bigint,
       sum(write_offs.refund_minor)::bigint, sum(refund.amount_minor)::bigint,
       coalesce(sum(of_ledger.refund_minor), 0)::bigint, coalesce(sum(of_ledger.invoiced_minor), 0)::bigint,
       coalesce(sum(refund.amount_minor) FILTER (WHERE refund.state = 'confirmed'), 0)::bigint,
       coalesce(sum(of_payments.paid_minor), 0)::bigint,
       coalesce(sum(of_lines.commission_minor), 0)::bigint, coalesce(sum(of_ledger.commission_minor), 0)::bigint,
       coalesce(sum(of_restorations.restored_minor), 0)::bigint
  FROM write_offs
  LEFT JOIN lostpost_refund refund ON refund.seller_id = %(seller)s AND refund.id = write_offs.refund_id
  LEFT JOIN of_lines ON of_lines.write_off_id = write_offs.id
  LEFT JOIN of_ledger ON of_ledger.write_off_id = write_offs.id
  LEFT JOIN of_payments ON of_payments.write_off_id = write_offs.id
  LEFT JOIN of_restorations ON of_restorations.write_off_id = write_offs.id
 GROUP BY write_offs.month, write_offs.currency
 ORDER BY write_offs.month DESC, write_offs.currency
