-- The claim: a refund goes back by the payment of its order, or by hand. A payment that was named after the refund was
-- requested may be on the order alone.
-- Parameters: seller, manual (the gateway of refunds by hand). Returns what, found, expected for each that differs.
SELECT format('refund %%s: the payment that it goes back by', refund.number),
       concat_ws(' ', refund.gateway, refund.payment_reference), concat_ws(' ', o.payment_provider, o.payment_reference)
  FROM lostpost_refund refund
  JOIN lostpost_order o ON o.seller_id = refund.seller_id AND o.id = refund.order_id
 WHERE refund.seller_id = %(seller)s
   AND (refund.payment_reference NOT IN ('', o.payment_reference)
        OR refund.gateway NOT IN (%(manual)s, o.payment_provider))
