-- Add up the transfers on sales invoices as the lines of these should have them. Transfers without a category and a
-- rate, booked before they had one, were invoiced as S at that of the policy then in force.
-- Parameters: seller; kinds, rows that say which line, VAT category and part of it (net or vat) a kind of transfer
-- makes, and with which sign. Returns invoice_id, kind, vat_category, vat_rate_bp, transfers, net, vat.
SELECT transfer.invoice_id, kinds.line AS kind,
       CASE kinds.category WHEN 'B' THEN 'B' ELSE coalesce(nullif(transfer.vat_category, ''), 'S') END AS vat_category,
       CASE kinds.category WHEN 'B' THEN 0 ELSE coalesce(transfer.vat_rate_bp, policy.rate_bp, 2100) END
           AS vat_rate_bp,
       count(*) AS transfers,
       coalesce(sum(kinds.sign * transfer.amount_minor) FILTER (WHERE kinds.part = 'net'), 0) AS net,
       coalesce(sum(kinds.sign * transfer.amount_minor) FILTER (WHERE kinds.part = 'vat'), 0) AS vat
  FROM lostpost_transfer transfer
  JOIN jsonb_to_recordset(%(kinds)s::jsonb) AS kinds (kind text, line text, category text, part text, sign int)
    ON kinds.kind = transfer.kind
  JOIN lostpost_salesinvoice invoice ON invoice.seller_id = %(seller)s AND invoice.id = transfer.invoice_id
  LEFT JOIN LATERAL (
        SELECT (version.values ->> 'commission_vat_rate_bp')::int AS rate_bp
          FROM lostpost_policyversion version
         WHERE version.decided_at <= invoice.issued_at
         ORDER BY version.version DESC
         LIMIT 1
       ) policy ON true
 WHERE transfer.seller_id = %(seller)s AND transfer.invoice_id IS NOT NULL
 GROUP BY 1, 2, 3, 4
