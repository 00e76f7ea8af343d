-- I19. Balanced by construction: every transfer moves a positive amount between two different accounts of its own currency,
-- and over all accounts of a currency debits equal credits.
SELECT CAST(t.source_event_id AS TEXT) AS subject,
  'leg ' || t.leg || ' moves ' || t.amount || ' ' || t.currency || ' from ' || t.credit || ' to ' || t.debit
  || CASE WHEN d.account IS NULL OR c.account IS NULL THEN ', and there is no such account' ELSE '' END AS detail
FROM transfers t
LEFT JOIN accounts d ON d.account = t.debit AND d.currency = t.currency
LEFT JOIN accounts c ON c.account = t.credit AND c.currency = t.currency
WHERE t.amount <= 0 OR t.debit = t.credit OR d.account IS NULL OR c.account IS NULL
UNION ALL
SELECT currency, 'debits exceed credits by ' || sum(debits_posted - credits_posted)
FROM accounts
GROUP BY currency
HAVING sum(debits_posted - credits_posted) <> 0;
