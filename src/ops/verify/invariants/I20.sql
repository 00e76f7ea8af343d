-- I20. Balances are sums of transfers: what each account says of its debits and credits is what its transfers add up to.
WITH moved (account, currency, debits, credits) AS (
  SELECT debit, currency, sum(amount), 0 FROM transfers GROUP BY debit, currency
  UNION ALL
  SELECT credit, currency, 0, sum(amount) FROM transfers GROUP BY credit, currency
),
summed AS (
  SELECT account, currency, sum(debits) AS debits, sum(credits) AS credits FROM moved GROUP BY account, currency
)
SELECT a.account || ' ' || a.currency AS subject,
  'says ' || a.debits_posted || ' debit, ' || a.credits_posted || ' credit; its transfers say '
  || coalesce(s.debits, 0) || ', ' || coalesce(s.credits, 0) AS detail
FROM accounts a
LEFT JOIN summed s ON s.account = a.account AND s.currency = a.currency
WHERE a.debits_posted <> coalesce(s.debits, 0) OR a.credits_posted <> coalesce(s.credits, 0)
UNION ALL
SELECT s.account || ' ' || s.currency, 'has transfers of ' || s.debits || ' debit, ' || s.credits || ' credit, and no row'
FROM summed s
LEFT JOIN accounts a ON a.account = s.account AND a.currency = s.currency
WHERE a.account IS NULL;
