-- Count silences that began within a span, by carrier, country and full days; one without an end counts up to now.
-- Parameters: began_from, until; days_max, the most days that are told apart. Returns carrier, country, full days of
-- silence, full days until the outcome, outcome and parcels.
SELECT carrier_normalised, country, least(coalesce(silent_days, age.days), %(days_max)s),
       least(coalesce(end_days, age.days), %(days_max)s),
       CASE WHEN outcome = '' OR coalesce(end_days, age.days) > %(days_max)s THEN 'open' ELSE outcome END, count(*)
  FROM lostpost_silence
 CROSS JOIN LATERAL (
        SELECT floor(extract(epoch FROM %(until)s::timestamptz - began_at) / 86400)::int AS days
       ) age
 WHERE began_at BETWEEN %(began_from)s AND %(until)s AND coalesce(silent_days, age.days) >= 1
 GROUP BY 1, 2, 3, 4, 5
