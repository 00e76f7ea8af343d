-- I23. Accounts keep to what they are: each has the kind of its name (contract section 11), and what a merchant may withdraw or is
-- withdrawing is never overdrawn. (What is owed to a merchant and not yet settled may be.)
SELECT account || ' ' || currency AS subject, 'is overdrawn by ' || (debits_posted - credits_posted) AS detail
FROM accounts
WHERE debits_posted > credits_posted AND (account LIKE 'merchant_available:%' OR account LIKE 'withdrawal_hold:%')
UNION ALL
SELECT account || ' ' || currency, 'is kept as ' || kind
FROM accounts
WHERE kind <> CASE
  WHEN account = 'bank' OR account LIKE 'channel_clearing:%' THEN 'asset'
  WHEN account LIKE 'merchant_pending:%' OR account LIKE 'merchant_available:%' OR account LIKE 'withdrawal_hold:%' THEN 'liability'
  WHEN account = 'fee_income' OR account = 'withdrawal_fee_income' THEN 'income'
  WHEN account LIKE 'channel_fees:%' THEN 'expense'
  ELSE 'no account'
END;
