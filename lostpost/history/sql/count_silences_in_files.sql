-- Work out the silences of parcels from all their scans and count those that began within a span, as
-- tracking/sql/silences_of_parcels.sql and count_silences.sql do; read by DuckDB from the files.
-- Parameters: began_from, until; days_max, the most days that are told apart; delivered, of STATUSES; going_back,
-- statuses too. Returns carrier, country, full days of silence, full days until the outcome, outcome and parcels.
WITH named AS (
    SELECT seller_id, id, shipped_at, carrier_normalised, country
      FROM parcels
     WHERE shipping_method = 'own' AND tracked
), scanned AS (
    SELECT named.id, greatest(scan.scanned_at, named.shipped_at) AS noted_at, scan.status
      FROM named
      JOIN scans scan ON scan.seller_id = named.seller_id AND scan.parcel_id = named.id
     WHERE NOT scan.from_future AND NOT scan.before_order
), ended AS (
    SELECT DISTINCT ON (id) id, noted_at,
           CASE WHEN status = ANY(%(delivered)s) THEN 'delivered' ELSE 'returned' END AS outcome
      FROM scanned
     WHERE status = ANY(%(delivered)s) OR status = ANY(%(going_back)s)
     ORDER BY id, noted_at, status = ANY(%(delivered)s) DESC
), silences AS (
    SELECT moment.id, moment.noted_at AS began_at, ended.noted_at AS ended_at, coalesce(ended.outcome, '') AS outcome,
           coalesce(
               lead(moment.noted_at) OVER (PARTITION BY moment.id ORDER BY moment.noted_at), ended.noted_at
           ) AS next_at
      FROM (SELECT id, noted_at FROM scanned UNION SELECT id, shipped_at FROM named) moment
      LEFT JOIN ended ON ended.id = moment.id
     WHERE ended.noted_at IS NULL OR moment.noted_at < ended.noted_at
), aged AS (
    SELECT id, outcome, floor((epoch_us(next_at) - epoch_us(began_at)) / 86400000000.0) AS silent_days,
           floor((epoch_us(ended_at) - epoch_us(began_at)) / 86400000000.0) AS end_days,
           floor((epoch_us(%(until)s) - epoch_us(began_at)) / 86400000000.0) AS age_days
      FROM silences
     WHERE began_at BETWEEN %(began_from)s AND %(until)s
)
SELECT named.carrier_normalised, named.country, least(coalesce(silent_days, age_days), %(days_max)s)::int,
       least(coalesce(end_days, age_days), %(days_max)s)::int,
       CASE WHEN outcome = '' OR coalesce(end_days, age_days) > %(days_max)s THEN 'open' ELSE outcome END, count(*)
  FROM aged
  JOIN named ON named.id = aged.id
 WHERE coalesce(silent_days, age_days) >= 1
 GROUP BY 1, 2, 3, 4, 5
